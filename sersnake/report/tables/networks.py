"""Tables 1 and 2: the layers of ACLN and FCN, read from the networks themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from sersnake.io import Features
from sersnake.networks import ACLN, FCN, Batch
from sersnake.networks.acln import KERNEL
from sersnake.report.run_context import RunContext
from sersnake.report.table_format import Column, Table
from sersnake.settings.acln import AclnOptions
from sersnake.settings.networks import read_network

PAPER_CLASSES, PAPER_FUNCTIONALS = 4, 384  # of the paper's Tables 1 and 2
STRIDE = "(1, 1)"
TIMES = "\N{MULTIPLICATION SIGN}"

Row = dict[str, str | int]
Shape = tuple[int, ...]


def table1(acln_features: Features, context: RunContext) -> Table:
    """The paper's Table 1: layers, kernels, shapes and parameters of ACLN.

    Args:
        acln_features: Packed input features of the first stream with ACLN.
        context: The run, with the options of the network.

    Returns:
        One row per layer, and the total; shapes come from a real pass of an utterance of median
        length.
    """
    coefficients = acln_features.values.shape[1]
    frames = int(np.median(np.diff(acln_features.offsets)))
    classes, options = len(context.emotions), _acln_options(context)
    network = ACLN(coefficients, classes, options=options)
    shapes = _acln_shapes(network, coefficients, frames)
    rows: list[Row] = [
        _row(f"Conv block {number}", block, shapes[number - 1 : number + 1])
        | {"kernel": f"({_product(KERNEL, KERNEL)}) {TIMES} {shapes[number][-1]}", "stride": STRIDE}
        for number, block in enumerate(network.blocks, start=1)
    ]
    maps, steps, states, alf, output = shapes[len(rows) :]
    rows += [
        _row("Flatten", nn.Identity(), [maps, steps]),
        _row("LSTM", network.lstm, [steps, states]) | {"kernel": str(states[-1])},
        _row("Attention", network.attention, [states, alf]) | {"kernel": str(alf[-1])},
        _row("Softmax output", network.output, [alf, output]),
    ]
    return Table(
        "Table 1",
        f"table1-{context.corpus}",
        "Layers of ACLN (attention-based convolution LSTM network) as trained on "
        f"{context.corpus_name}. Input and output: "
        f"{_product('coefficients', 'steps', 'channels')}, for an utterance of {frames} frames, "
        "the median of the corpus.",
        _columns({"kernel": "Kernel", "stride": "Stride"}),
        _frame(rows, network),
        (
            _describe(options),
            *_differences(classes, PAPER_CLASSES, "emotions"),
        ),
    )


def _describe(options: AclnOptions) -> str:
    slope, heads = options.leaky_slope, options.heads
    rectifier = f"leaky ReLU with a slope of {slope:g}" if slope else "ReLU"
    down = ", but down for coefficients" if options.coefficient_pooling == "floor" else ""
    attention = options.attention + (f", {heads} heads" if heads > 1 else "")
    return (
        f"A block is a convolution without bias, batch norm, {rectifier} and 2 by 2 max pooling; "
        f"the poolings round up{down}. Attention: {attention}. Dropout before the softmax has no "
        "parameters."
    )


def _acln_options(context: RunContext) -> AclnOptions:
    """Those of the first stream with ACLN."""
    choices = (read_network(stream["network"]) for stream in context.streams.values())
    options = (each.options for each in choices if isinstance(each.options, AclnOptions))
    return next(options, AclnOptions())


def table2(fcn_features: Features, context: RunContext) -> Table:
    """The paper's Table 2: layers, weights and parameters of FCN.

    Args:
        fcn_features: Packed input features of the first stream with FCN.
        context: The run.

    Returns:
        One row per layer, and the total.
    """
    width, classes = fcn_features.values.shape[1], len(context.emotions)
    network = FCN(width, classes)
    rows: list[Row] = []
    pairs = zip(network.linears, network.norms, strict=True)
    for number, (linear, norm) in enumerate(pairs, start=1):
        assert isinstance(linear, nn.Linear) and isinstance(norm, nn.BatchNorm1d)
        rows.append(_connected(f"Fully connected {number}", linear))
        values = (norm.num_features,)
        rows.append(_row(f"Batch norm {number}", norm, [values, values]))
    assert isinstance(network.output, nn.Linear)
    rows.append(_connected("Softmax output", network.output))
    return Table(
        "Table 2",
        f"table2-{context.corpus}",
        f"Layers of FCN (fully connected network) as trained on {context.corpus_name}. Input and "
        "output: values per utterance.",
        _columns({"weights": "Weights", "bias": "Bias"}),
        _frame(rows, network),
        (
            "ReLU follows each batch norm, which has a scale and a shift per value. Dropout "
            "before the softmax has no parameters.",
            *_differences(width, PAPER_FUNCTIONALS, "functionals"),
            *_differences(classes, PAPER_CLASSES, "emotions"),
        ),
    )


def _acln_shapes(network: ACLN, coefficients: int, frames: int) -> list[Shape]:
    """Shapes before, between and after the layers, from a pass of one utterance of zeros."""
    shape_of: dict[nn.Module, Shape] = {}

    def note(module: nn.Module, inputs: tuple[Tensor, ...], output: Any) -> None:
        # LSTM and attention give more beside.
        shape_of[module] = tuple((output if isinstance(output, Tensor) else output[0]).shape)

    for module in (*network.blocks, network.lstm, network.attention, network.output):
        module.register_forward_hook(note)
    network.eval()
    with torch.no_grad():
        network(Batch(torch.zeros(1, frames, coefficients), torch.tensor([frames])))
    shapes: list[Shape] = [(coefficients, frames, 1)]
    left = frames
    for block in network.blocks:
        left = -(-left // 2)  # the steps of the utterance, without the gaps of the packing
        _, channels, rows, _ = shape_of[block]
        shapes.append((rows, left, channels))
    shapes.append(shapes[-1][1:])
    shapes.append((left, shape_of[network.lstm][-1]))
    return [*shapes, *((shape_of[layer][-1],) for layer in (network.attention, network.output))]


def _product(*sizes: object) -> str:
    return f" {TIMES} ".join(map(str, sizes))


def _connected(name: str, layer: nn.Linear) -> Row:
    """A fully connected layer with the sizes of its weights and bias."""
    outputs, inputs = layer.weight.shape
    row = _row(name, layer, [(inputs,), (outputs,)])
    return row | {"weights": _product(inputs, outputs), "bias": str(len(layer.bias))}


def _row(name: str, layer: nn.Module, shapes: list[Shape]) -> Row:
    inputs, outputs = (_product(*shape) for shape in shapes)
    return {"layer": name, "input": inputs, "output": outputs, "parameters": _parameters(layer)}


def _parameters(module: nn.Module) -> int:
    """Trained parameters: PyTorch's LSTM has a second bias, which stays zero."""
    return sum(weight.numel() for weight in module.parameters() if weight.requires_grad)


def _frame(rows: list[Row], network: nn.Module) -> pd.DataFrame:
    """The rows with the total; NaN if a layer has no such property."""
    total: Row = {"layer": "Total", "parameters": _parameters(network)}
    return pd.DataFrame([*rows, total])


def _columns(of_layers: dict[str, str]) -> tuple[Column, ...]:
    names = {**of_layers, "input": "Input", "output": "Output"}
    return (
        Column("layer", "Layer"),
        *(Column(name, header, decimals=None) for name, header in names.items()),
        Column("parameters", "Parameters", decimals=0),
    )


def _differences(ours: int, papers: int, what: str) -> list[str]:
    """A note if the paper's table is for another number."""
    return (
        []
        if ours == papers
        else [f"The paper's table is for {papers} {what}, this one for {ours}."]
    )
