"""A module of PyTorch as an ONNX file."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from sersnake.errors import SersnakeError
from sersnake.io.files import atomic_path
from sersnake.model.onnx_lstm import with_onnx_lstms

OPERATORS = 18  # version of ONNX's operator set, as of 2022

Program = torch.onnx.ONNXProgram


def make_program(
    module: nn.Module, example: Tensor, free: Mapping[int, str], takes: str, gives: Sequence[str]
) -> Program:
    """A module in ONNX's operators.

    Args:
        module: The module, in evaluation.
        example: An input.
        free: Axes of the input with any length, with their names.
        takes: Name of the input.
        gives: Names of the outputs.

    Raises:
        SersnakeError: A free axis would have the length of the example.
    """
    with _quiet():
        program = torch.onnx.export(
            with_onnx_lstms(module),
            (example,),
            dynamo=True,
            opset_version=OPERATORS,
            input_names=[takes],
            output_names=list(gives),
            dynamic_shapes=({axis: torch.export.Dim(name) for axis, name in free.items()},),
            verbose=False,
        )
    assert program is not None
    (given,) = program.model.graph.inputs
    assert given.shape is not None
    for axis, name in free.items():
        if isinstance(given.shape[axis], int):
            raise SersnakeError(f"PyTorch's exporter fixes the number of {name}")
    return program


def write_program(program: Program, about: Mapping[str, Any], path: Path) -> None:
    """Writes a file whose metadata hold what is known about it, as JSON."""
    _strip(program.model)
    program.model.metadata_props["sersnake"] = json.dumps(about)
    with atomic_path(path) as temporary:
        program.save(temporary, external_data=False)


def _strip(exported: Any) -> None:
    """Removes where in whose files each operation was written."""
    exported.metadata_props.clear()
    exported.graph.metadata_props.clear()
    for node in exported.graph:
        node.metadata_props.clear()
    for value in [*exported.graph.inputs, *exported.graph.outputs]:
        value.metadata_props.clear()


@contextmanager
def _quiet() -> Iterator[None]:
    """PyTorch's exporter warns of itself, and of packages that are not needed."""
    log = logging.getLogger("torch.onnx")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)
