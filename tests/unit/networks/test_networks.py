"""Tables 1 and 2, each network against plain layers, and that neighbours and gaps do nothing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence

from sersnake.errors import SersnakeError
from sersnake.networks import ACLN, Batch, Network, build_fused, build_network
from sersnake.networks.acln import FirstConvolution
from sersnake.networks.batch import valid_steps
from sersnake.networks.fused import FusedNetwork
from sersnake.settings.acln import DEFAULT_OPTIONS, AclnOptions
from sersnake.settings.networks import FUSED, NetworkChoice, read_network

FUNCTIONALS, CLASSES, FUSION_WIDTH = 24, 4, 40
LENGTHS = [1, 17, 50, 32]
CHOICES = [
    AclnOptions(attention="dot"),
    AclnOptions(heads=4),
    AclnOptions(attention="dot", heads=128),
    AclnOptions(leaky_slope=0.01),
    AclnOptions(leaky_slope=0.5, coefficient_pooling="floor"),
    AclnOptions(coefficient_pooling="floor"),
    AclnOptions("dot", 2, 0.2, "floor"),
]
# Of each network with each of ACLN's options; the numbers of coefficients are often odd.
VARIANTS = [
    *((name, DEFAULT_OPTIONS, 13) for name in ("acln", "fcn", "fused")),
    *(("acln", options, 27) for options in CHOICES),
    ("fused", CHOICES[-1], 39),
]

variants = pytest.mark.parametrize(("name", "options", "coefficients"), VARIANTS)


def make_batches(
    lengths: Sequence[int], coefficients: int = 13, dtype: torch.dtype = torch.float32
) -> dict[str, Batch]:
    """Frames and functionals of utterances, by stream."""
    generator = torch.Generator().manual_seed(1)
    frames = [torch.randn(n, coefficients, generator=generator, dtype=dtype) for n in lengths]
    vectors = torch.randn(len(lengths), FUNCTIONALS, generator=generator, dtype=dtype)
    return {
        "acln": Batch(pad_sequence(frames, batch_first=True), torch.tensor(lengths)),
        "fcn": Batch(vectors),
    }


def input_of(name: str, batches: dict[str, Batch]) -> Any:
    """What a network is given of them."""
    return batches if name == FUSED else batches[name]


def make_network(
    name: str, options: AclnOptions = DEFAULT_OPTIONS, coefficients: int = 13
) -> Network:
    torch.manual_seed(0)
    choices = {"acln": NetworkChoice("acln", "", options), "fcn": read_network("fcn")}
    widths = {"acln": coefficients, "fcn": FUNCTIONALS}
    if name == FUSED:
        return build_fused(choices, widths, CLASSES, FUSION_WIDTH)
    return build_network(choices[name], widths[name], CLASSES)


class PlainACLN:
    """An ACLN computed on padded batches by PyTorch's own layers; batch norm sees no padding."""

    def __init__(self, network: ACLN) -> None:
        self.network = network

    def embed(self, batch: Batch) -> Tensor:
        assert batch.lengths is not None
        maps, lengths = batch.values.transpose(1, 2)[:, None], batch.lengths
        for block in self.network.blocks:
            maps = F.conv2d(maps, block.convolution.weight.contiguous(), padding=2)
            columns, valid = maps.movedim(3, 1), valid_steps(lengths, maps.shape[3])
            # Of other strides the gradient of PyTorch 2.13 is another one.
            normal = block.norm(columns[valid][..., None].contiguous())[..., 0]
            active = F.leaky_relu(normal, block.options.leaky_slope)
            filled = torch.full_like(columns, -torch.inf).index_put((valid,), active)
            maps = filled.movedim(1, 3)
            if block.options.coefficient_pooling == "floor":
                maps = maps[:, :, : maps.shape[2] // 2 * 2]
            maps = F.max_pool2d(maps, 2, ceil_mode=True)
            maps, lengths = maps.masked_fill(maps == -torch.inf, 0), (lengths + 1) // 2
        states, _ = self.network.lstm(maps.mean(2).transpose(1, 2))
        embedding: Tensor = self.network.attention(states, valid_steps(lengths, states.shape[1]))[0]
        return embedding


def plain_embedding(network: Any, batches: dict[str, Batch]) -> Tensor:
    """What a network's embedding should be."""
    if isinstance(network, ACLN):
        return PlainACLN(network).embed(batches["acln"])
    if isinstance(network, FusedNetwork):
        parts: Any = network.networks
        alf = PlainACLN(parts["acln"]).embed(batches["acln"])
        return network.fuse([alf, parts["fcn"].embed(batches["fcn"])])
    vectors = batches["fcn"].values
    for linear, norm in zip(network.linears, network.norms, strict=True):
        vectors = F.relu(norm(linear(vectors)))
    return vectors


def shapes(network: torch.nn.Module, kind: str) -> list[tuple[int, ...]]:
    """Shapes of the weights whose names end so."""
    return [tuple(p.shape) for name, p in network.named_parameters() if name.endswith(kind)]


def test_acln_has_the_layers_of_table_1() -> None:
    network = make_network("acln")
    kernels = [(32, 1, 5, 5), (64, 32, 5, 5), (128, 64, 5, 5), (256, 128, 5, 5)]
    assert shapes(network, "convolution.weight") == kernels
    assert shapes(network, "lstm.weight_ih_l0") == [(4 * 128, 256)]
    assert shapes(network, "lstm.weight_hh_l0") == [(4 * 128, 128)]
    assert shapes(network, "output.weight") == [(CLASSES, 128)]


def test_the_lstm_has_one_bias() -> None:
    network = make_network("acln")
    trained = [name for name, weight in network.named_parameters() if weight.requires_grad]
    assert [name for name in trained if "bias" in name and "lstm" in name] == ["lstm.bias_ih_l0"]
    assert not dict(network.named_parameters())["lstm.bias_hh_l0"].any()


def test_fcn_has_the_layers_of_table_2() -> None:
    widths = [(256, FUNCTIONALS), (512, 256), (1024, 512)]
    assert shapes(make_network("fcn"), "weight")[:3] == widths
    assert shapes(make_network("fcn"), "output.weight") == [(CLASSES, 1024)]


def test_fused_network_has_one_softmax() -> None:
    assert shapes(make_network("fused"), "fusion.weight") == [(FUSION_WIDTH, 128 + 1024)]
    assert shapes(make_network("fused"), "output.weight") == [(CLASSES, FUSION_WIDTH)]


@variants
@pytest.mark.parametrize(
    ("lengths", "dtype", "rtol"),
    [(LENGTHS, torch.float32, 1e-3), ([*LENGTHS, 900, 700], torch.float64, 1e-8)],
    ids=["by the kernel", "on two strips"],
)
def test_a_step_of_training_is_that_of_plain_layers(
    name: str,
    options: AclnOptions,
    coefficients: int,
    lengths: list[int],
    dtype: torch.dtype,
    rtol: float,
) -> None:
    """Loss, gradients and running statistics, over exactly the frames that there are."""
    batches, labels = make_batches(lengths, coefficients, dtype), torch.arange(len(lengths)) % 4
    network, plain = (make_network(name, options, coefficients).to(dtype) for _ in range(2))
    losses = [
        F.cross_entropy(network(input_of(name, batches)), labels),
        F.cross_entropy(plain.output(plain_embedding(plain, batches)), labels),
    ]
    torch.testing.assert_close(*losses, rtol=rtol / 100, atol=0)
    for loss in losses:
        loss.backward()
    weights = zip(network.named_parameters(), plain.parameters(), strict=True)
    for (key, weight), expected in weights:
        if weight.requires_grad:
            assert weight.grad is not None and expected.grad is not None
            # A bias before batch norm has the gradient 0, and nothing but rounding here.
            atol = rtol / 10 * float(expected.grad.abs().max()) + rtol / 100
            torch.testing.assert_close(weight.grad, expected.grad, rtol=rtol, atol=atol, msg=key)
    for (key, buffer), other in zip(network.named_buffers(), plain.buffers(), strict=True):
        if "num_batches" not in key:
            torch.testing.assert_close(buffer, other, rtol=rtol, atol=rtol / 100, msg=key)


@variants
def test_embeddings_are_those_of_plain_layers_without_neighbours(
    name: str, options: AclnOptions, coefficients: int
) -> None:
    batches = make_batches(LENGTHS, coefficients)
    network = make_network(name, options, coefficients)
    with torch.no_grad():
        network(input_of(name, batches))  # running statistics that are not the initial ones
        embeddings = network.eval().embed(input_of(name, batches))
        for place, length in enumerate(LENGTHS):
            frames = batches["acln"].values[place : place + 1, :length]
            alone = {
                "acln": Batch(frames, torch.tensor([length])),
                "fcn": Batch(batches["fcn"].values[place : place + 1]),
            }
            expected = plain_embedding(network, alone)
            torch.testing.assert_close(embeddings[place], expected[0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("pooling", "coefficients"),
    [*product(["ceil"], [1, 9, 13, 16, 17, 40]), *product(["floor"], [16, 17, 31, 32, 39])],
)
def test_acln_takes_any_number_of_coefficients(pooling: str, coefficients: int) -> None:
    """Of more than one coefficient that the poolings leave, LSTM and attention see the mean."""
    batches = make_batches([1, 30], coefficients)
    network = make_network("acln", AclnOptions(coefficient_pooling=pooling), coefficients).eval()
    with torch.no_grad():
        embeddings = network.embed(batches["acln"])
        expected = plain_embedding(network, batches)
    torch.testing.assert_close(embeddings, expected, rtol=1e-4, atol=1e-5)


def test_gradients_end_where_an_utterance_ends() -> None:
    batch = make_batches([10, 40])["acln"]
    frames = batch.values.requires_grad_()
    make_network("acln")(batch).sum().backward()
    assert batch.lengths is not None and frames.grad is not None
    valid = valid_steps(batch.lengths, frames.shape[1])
    assert torch.equal(frames.grad.abs().amax(2) > 0, valid)


@variants
def test_a_batch_of_one_can_be_trained_on(
    name: str, options: AclnOptions, coefficients: int
) -> None:
    network = make_network(name, options, coefficients)
    network(input_of(name, make_batches([5], coefficients))).sum().backward()
    weights = [p for p in network.parameters() if p.requires_grad]
    assert all(p.grad is not None and p.grad.isfinite().all() for p in weights)


@pytest.mark.parametrize("options", [DEFAULT_OPTIONS, *CHOICES])
def test_autocast_trains_in_bfloat16(options: AclnOptions) -> None:
    """Gradients are float32, and point where those of float32 do."""
    batch = make_batches(LENGTHS, 27)["acln"]
    gradients = []
    for enabled in (True, False):
        network = make_network("acln", options, 27)
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            logits = network(batch)
        logits.float().square().sum().backward()
        of_network = [p.grad for p in network.parameters() if p.grad is not None]
        assert {gradient.dtype for gradient in of_network} == {torch.float32}
        gradients.append(torch.cat([gradient.flatten() for gradient in of_network]))
    assert F.cosine_similarity(*gradients, dim=0) > 0.95


@pytest.mark.parametrize("autocast", [False, True])
def test_the_first_convolution_is_conv2d(autocast: bool) -> None:
    generator = torch.Generator().manual_seed(0)
    dtype = torch.float32 if autocast else torch.float64
    layer = FirstConvolution(1, 6, 5, padding=2, bias=False).to(dtype)
    maps = torch.randn((2, 1, 7, 20), generator=generator, dtype=dtype, requires_grad=True)
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        output = layer(maps)
        expected = F.conv2d(maps, layer.weight, padding=2)
    assert output.dtype == expected.dtype
    tolerance = {"rtol": 0, "atol": 0.02} if autocast else {"rtol": 1e-12, "atol": 1e-12}
    torch.testing.assert_close(output, expected, **tolerance)
    upstream = torch.randn(expected.shape, generator=generator).to(output.dtype)
    leaves = (maps, layer.weight)
    gradients = torch.autograd.grad(output, leaves, upstream)
    tolerance = {"rtol": 0.02, "atol": 0.1} if autocast else tolerance
    torch.testing.assert_close(
        gradients, torch.autograd.grad(expected, leaves, upstream), **tolerance
    )


def test_floor_needs_sixteen_coefficients() -> None:
    with pytest.raises(SersnakeError, match="n_mfcc to 16 or more"):
        make_network("acln", AclnOptions(coefficient_pooling="floor"), 15)
