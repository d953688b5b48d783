"""Tables 1 and 2, each network against plain PyTorch, and that neighbours and gaps do nothing."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from sersnake.errors import SersnakeError
from sersnake.networks import (
    NETWORKS,
    Architecture,
    Batch,
    Draw,
    Network,
    build_network,
)
from sersnake.networks.packing import pack
from sersnake.settings.architecture import DEFAULT_ARCHITECTURE
from sersnake.settings.base import fields_of
from sersnake.settings.recipe import Recipe
from tests.unit.networks.plain_networks import PlainMember

FUNCTIONALS, CLASSES = 24, 4
WIDTHS = {"functionals": FUNCTIONALS}
LENGTHS = [[1, 17, 50, 32], [20, 5, 16]]  # of two members
LABELS = torch.tensor([[0, 1, 2, 3], [2, 0, 1, 0]])
CHOICES = [
    Architecture(attention="dot"),
    Architecture(heads=4),
    Architecture(attention="dot", heads=128),
    Architecture(leaky_slope=0.01),
    Architecture(leaky_slope=0.5, coefficient_pooling="floor"),
    Architecture(coefficient_pooling="floor"),
    Architecture("dot", 2, 0.2, "floor", 40),
]
# Of each network with each of its options; the numbers of coefficients are often odd.
VARIANTS = [
    *((name, DEFAULT_ARCHITECTURE, 13) for name in ("acln", "fcn", "fused")),
    *(("acln", options, 27) for options in CHOICES),
    ("fused", Architecture(fusion_width=24), 13),
    ("fused", CHOICES[-1], 39),
]

variants = pytest.mark.parametrize(("name", "options", "coefficients"), VARIANTS)


def make_utterances(
    lengths: list[list[int]], coefficients: int = 13
) -> tuple[list[list[Tensor]], list[Tensor]]:
    """Frames of each utterance and functionals of all, of each member."""
    generator = torch.Generator().manual_seed(1)
    frames = [
        [torch.randn(length, coefficients, generator=generator) for length in member]
        for member in lengths
    ]
    vectors = [torch.randn(len(member), FUNCTIONALS, generator=generator) for member in lengths]
    return frames, vectors


def packed(utterances: list[list[Tensor]], vectors: list[Tensor]) -> Batch:
    """The batch of these utterances."""
    sizes = [np.array([len(frames) for frames in member], np.int64) for member in utterances]
    corpus = torch.cat([frames for member in utterances for frames in member])
    firsts = np.cumsum(np.append(0, np.concatenate(sizes)))[:-1]
    starts = np.split(firsts, np.cumsum([len(member) for member in sizes])[:-1])
    packing = pack(starts, sizes)
    frames = (corpus[packing.frames] * packing.masks[0][..., None]).permute(0, 3, 1, 2).contiguous()
    present = packing.lengths > 0
    padded = torch.zeros(*present.shape, FUNCTIONALS)
    padded[present] = torch.cat(vectors)
    return Batch(frames, packing, padded, present)


def make_network(
    name: str, members: int = 1, options: Architecture = DEFAULT_ARCHITECTURE
) -> Network:
    return build_network(name, Draw(range(members)), WIDTHS, CLASSES, options)


def keep_of(network: Network, batch: Batch) -> Tensor:
    """Dropout's factors."""
    generator = torch.Generator().manual_seed(2)
    shape = (*batch.present.shape, network.embedding_dimension)
    return 2.0 * (torch.rand(shape, generator=generator) < 0.5)


def shapes(network: torch.nn.Module, kind: str) -> list[tuple[int, ...]]:
    """Shapes of one member's weights whose names end so."""
    return [tuple(p.shape[1:]) for name, p in network.named_parameters() if name.endswith(kind)]


def test_acln_has_the_layers_of_table_1() -> None:
    network = make_network("acln", 2)
    kernels = [(32, 1, 5, 5), (64, 32, 5, 5), (128, 64, 5, 5), (256, 128, 5, 5)]
    assert shapes(network, "convolution.weight") == kernels
    assert shapes(network, "lstm.inputs") == [(256, 4 * 128)]
    assert shapes(network, "lstm.recurrent") == [(128, 4 * 128)]
    assert shapes(network, "output.weight") == [(CLASSES, 128)]


def test_fcn_has_the_layers_of_table_2() -> None:
    widths = [(256, FUNCTIONALS), (512, 256), (1024, 512)]
    assert shapes(make_network("fcn"), "weight")[:3] == widths
    assert shapes(make_network("fcn"), "output.weight") == [(CLASSES, 1024)]


def test_fused_network_has_one_softmax() -> None:
    assert shapes(make_network("fused"), "fusion.weight") == [(256, 128 + 1024)]
    assert shapes(make_network("fused"), "output.weight") == [(CLASSES, 256)]


@variants
@pytest.mark.parametrize("members", [1, 2])
def test_embeddings_are_those_of_plain_pytorch_without_neighbours(
    name: str, options: Architecture, coefficients: int, members: int
) -> None:
    """Also where they lie on two strips."""
    lengths = [[*LENGTHS[0], 900, 700], LENGTHS[1]][:members]
    utterances, vectors = make_utterances(lengths, coefficients)
    batch, network = packed(utterances, vectors), make_network(name, members, options)
    with torch.no_grad():
        network(batch, keep_of(network, batch))  # running statistics that are not the initial ones
        embeddings = network.eval().embed(batch)
    for member in range(members):
        plain = PlainMember(name, network, member, FUNCTIONALS, CLASSES, options)
        expected = plain.embed(utterances[member], vectors[member])
        torch.testing.assert_close(
            embeddings[member, : len(expected)], expected, rtol=1e-4, atol=1e-5
        )


@variants
@pytest.mark.parametrize("members", [1, 2])
def test_a_step_of_training_is_that_of_plain_pytorch(
    name: str, options: Architecture, coefficients: int, members: int
) -> None:
    """Losses, gradients and running statistics, over exactly the frames that there are."""
    utterances, vectors = make_utterances(LENGTHS[:members], coefficients)
    batch, network = packed(utterances, vectors), make_network(name, members, options)
    plains = [PlainMember(name, network, m, FUNCTIONALS, CLASSES, options) for m in range(members)]
    keep = keep_of(network, batch)
    logits = network(batch, keep)
    losses = []
    for member, plain in enumerate(plains):
        size = len(vectors[member])
        labels = LABELS[member, :size]
        losses.append(F.cross_entropy(logits[member, :size], labels))
        plain_logits = plain(utterances[member], vectors[member], keep[member, :size])
        expected = F.cross_entropy(plain_logits, labels)
        expected.backward()
        torch.testing.assert_close(losses[member], expected, rtol=1e-5, atol=1e-6)
    torch.stack(losses).sum().backward()
    for (key, parameter), (member, plain) in product(network.named_parameters(), enumerate(plains)):
        assert parameter.grad is not None
        stacked, gradient = parameter.grad[member], plain.weights[key].grad
        assert gradient is not None
        # A bias before batch norm has the gradient 0, and nothing but rounding here.
        atol = 1e-4 * float(gradient.abs().max()) + 1e-5
        torch.testing.assert_close(stacked, gradient, rtol=1e-3, atol=atol, msg=key)
    for (key, buffer), (member, plain) in product(network.named_buffers(), enumerate(plains)):
        torch.testing.assert_close(buffer[member], plain.weights[key], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("pooling", "coefficients"),
    [*product(["ceil"], [1, 9, 13, 16, 17, 40]), *product(["floor"], [16, 17, 31, 32, 39])],
)
def test_acln_takes_any_number_of_coefficients(pooling: str, coefficients: int) -> None:
    """Of more than one coefficient that the poolings leave, LSTM and attention see the mean."""
    utterances, vectors = make_utterances([[1, 30]], coefficients)
    options = Architecture(coefficient_pooling=pooling)
    batch, network = packed(utterances, vectors), make_network("acln", 1, options).eval()
    plain = PlainMember("acln", network, 0, FUNCTIONALS, CLASSES, options)
    expected = plain.embed(utterances[0], vectors[0])
    with torch.no_grad():
        embeddings = network.embed(batch)[batch.present]
    torch.testing.assert_close(embeddings, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("options", [DEFAULT_ARCHITECTURE, CHOICES[-1]])
@pytest.mark.parametrize("members", [1, 2])
def test_what_stands_in_gaps_reaches_nothing(members: int, options: Architecture) -> None:
    """Rubbish in gaps, but for the two zeros that the convolution itself sees beyond an end."""
    plain = packed(*make_utterances(LENGTHS[:members], 16))
    assert plain.frames is not None and plain.packing is not None
    near = F.max_pool1d(plain.packing.masks[0].transpose(1, 2).float(), 5, 1, 2).transpose(1, 2)
    rubbish = 1e3 * (1 - near)[:, None].expand_as(plain.frames)
    assert rubbish.any()
    results = []
    for batch in (plain, replace(plain, frames=plain.frames + rubbish)):
        network = make_network("acln", members, options)
        logits = network(batch, keep_of(network, batch))
        logits[batch.present].square().sum().backward()
        gradients = [p.grad for p in network.parameters()]
        results.append([logits[batch.present], *gradients, *network.buffers()])
    for one, other in zip(*results, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-6, atol=0)


def test_gradients_end_where_a_convolution_ends() -> None:
    batch = packed(*make_utterances([[10, 40]]))
    assert batch.frames is not None and batch.packing is not None
    frames = batch.frames.requires_grad_()
    network = make_network("acln")
    network(batch, keep_of(network, batch))[batch.present].sum().backward()
    reached = F.max_pool1d(batch.packing.masks[0].transpose(1, 2).float(), 5, 1, 2).transpose(1, 2)
    assert frames.grad is not None
    assert torch.equal(frames.grad.abs().amax(1) > 0, reached > 0)


@variants
def test_a_batch_of_one_can_be_trained_on(
    name: str, options: Architecture, coefficients: int
) -> None:
    batch = packed(*make_utterances([[5]], coefficients))
    network = make_network(name, 1, options)
    network(batch, keep_of(network, batch))[batch.present].sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())


@variants
def test_a_member_of_a_stack_is_what_it_is_alone(
    name: str, options: Architecture, coefficients: int
) -> None:
    utterances, vectors = make_utterances([*LENGTHS, [7]], coefficients)
    batch, stack = packed(utterances, vectors), make_network(name, 3, options)
    keep = keep_of(stack, batch)
    together = stack(batch, keep)
    together[batch.present].square().sum().backward()
    for member in range(3):
        place = slice(member, member + 1)
        alone = build_network(name, Draw([member]), WIDTHS, CLASSES, options)
        part = packed(utterances[place], vectors[place])
        size = len(vectors[member])
        logits = alone(part, keep[place])
        torch.testing.assert_close(together[place, :size], logits[:, :size], rtol=1e-4, atol=1e-5)
        logits[part.present].square().sum().backward()
        arrays = zip(stack.parameters(), alone.parameters(), strict=True)
        for one, other in arrays:
            assert one.grad is not None and other.grad is not None
            atol = 1e-4 * float(other.grad.abs().max()) + 1e-5
            torch.testing.assert_close(one.grad[place], other.grad, rtol=1e-3, atol=atol)


@pytest.mark.parametrize("options", [DEFAULT_ARCHITECTURE, *CHOICES])
def test_autocast_trains_in_bfloat16(options: Architecture) -> None:
    """Gradients are float32, and point where those of float32 do."""
    batch = packed(*make_utterances(LENGTHS, 27))
    gradients = []
    for enabled in (True, False):
        network = make_network("acln", 2, options)
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            logits = network(batch, keep_of(network, batch))
        logits[batch.present].float().square().sum().backward()
        of_network = [p.grad for p in network.parameters() if p.grad is not None]
        assert {gradient.dtype for gradient in of_network} == {torch.float32}
        gradients.append(torch.cat([gradient.flatten() for gradient in of_network]))
    assert F.cosine_similarity(*gradients, dim=0) > 0.95


@pytest.mark.parametrize("options", CHOICES)
def test_what_an_option_does_not_concern_is_drawn_as_without(options: Architecture) -> None:
    usual, drawn = (
        make_network("acln", 2, choice).state_dict() for choice in (DEFAULT_ARCHITECTURE, options)
    )
    same = {name for name in drawn if not name.startswith(("attention", "output"))}
    if options.attention == "additive" and options.heads == 1:
        same = set(drawn)
    assert all(torch.equal(drawn[name], usual[name]) for name in same)


def test_a_network_reads_what_its_entry_says() -> None:
    kinds = {"frames": "mfcc", "vectors": "functionals"}
    for name, entry in NETWORKS.items():
        widths = {"mfcc": 13, "functionals": FUNCTIONALS}
        network = build_network(name, Draw([0]), widths, CLASSES)
        assert {kinds[read] for read in network.reads} == set(entry.reads)
        options = {field.name for model in (Recipe, Architecture) for field in fields_of(model)}
        assert set(entry.without_effect) <= options


def test_floor_needs_sixteen_coefficients() -> None:
    batch = packed(*make_utterances([[5]], 15))
    with pytest.raises(SersnakeError, match="n_mfcc to 16 or more"):
        make_network("acln", 1, Architecture(coefficient_pooling="floor")).embed(batch)
