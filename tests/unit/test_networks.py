"""Tables 1 and 2, each network against plain PyTorch, and that neighbours and gaps do nothing."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from sersnake.networks import ACLN, FCN, NETWORKS, Batch, Draw, FusedNetwork, build_network
from sersnake.networks.packing import pack
from tests.unit.plain_networks import PlainMember

FUNCTIONALS, CLASSES = 24, 4
LENGTHS = [[1, 17, 50, 32], [20, 5, 16]]  # of two members
LABELS = torch.tensor([[0, 1, 2, 3], [2, 0, 1, 0]])


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


def make_network(name: str, members: int = 1) -> ACLN | FCN | FusedNetwork:
    return build_network(name, Draw(range(members)), FUNCTIONALS, CLASSES)


def keep_of(network: ACLN | FCN | FusedNetwork, batch: Batch) -> Tensor:
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


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("members", [1, 2])
def test_embeddings_are_those_of_plain_pytorch_without_neighbours(name: str, members: int) -> None:
    """Also where they lie on two strips."""
    utterances, vectors = make_utterances([[*LENGTHS[0], 900, 700], LENGTHS[1]][:members])
    batch, network = packed(utterances, vectors), make_network(name, members)
    with torch.no_grad():
        network(batch, keep_of(network, batch))  # running statistics that are not the initial ones
        found = network.eval().embed(batch)
    for member in range(members):
        plain = PlainMember(name, network, member, FUNCTIONALS, CLASSES)
        expected = plain.embed(utterances[member], vectors[member])
        torch.testing.assert_close(found[member, : len(expected)], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("members", [1, 2])
def test_a_step_of_training_is_that_of_plain_pytorch(name: str, members: int) -> None:
    """Losses, gradients and running statistics, over exactly the frames that there are."""
    utterances, vectors = make_utterances(LENGTHS[:members])
    batch, network = packed(utterances, vectors), make_network(name, members)
    plains = [PlainMember(name, network, m, FUNCTIONALS, CLASSES) for m in range(members)]
    keep = keep_of(network, batch)
    logits = network(batch, keep)
    losses = []
    for member, plain in enumerate(plains):
        size = len(vectors[member])
        labels = LABELS[member, :size]
        losses.append(F.cross_entropy(logits[member, :size], labels))
        found = plain(utterances[member], vectors[member], keep[member, :size])
        expected = F.cross_entropy(found, labels)
        expected.backward()
        torch.testing.assert_close(losses[member], expected, rtol=1e-5, atol=1e-6)
    torch.stack(losses).sum().backward()
    for (key, parameter), (member, plain) in product(network.named_parameters(), enumerate(plains)):
        assert parameter.grad is not None
        own, gradient = parameter.grad[member], plain.weights[key].grad
        assert gradient is not None
        # A bias before batch norm has the gradient 0, and nothing but rounding here.
        atol = 1e-4 * float(gradient.abs().max()) + 1e-5
        torch.testing.assert_close(own, gradient, rtol=1e-3, atol=atol, msg=key)
    for (key, buffer), (member, plain) in product(network.named_buffers(), enumerate(plains)):
        torch.testing.assert_close(buffer[member], plain.weights[key], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("coefficients", [1, 9, 13, 16, 17, 40])
def test_acln_takes_any_number_of_coefficients(coefficients: int) -> None:
    """Of more than one coefficient that the poolings leave, LSTM and attention see the mean."""
    utterances, vectors = make_utterances([[1, 30]], coefficients)
    batch, network = packed(utterances, vectors), make_network("acln").eval()
    expected = PlainMember("acln", network, 0, FUNCTIONALS, CLASSES).embed(
        utterances[0], vectors[0]
    )
    with torch.no_grad():
        found = network.embed(batch)[batch.present]
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("members", [1, 2])
def test_what_stands_in_gaps_reaches_nothing(members: int) -> None:
    """Rubbish in gaps, but for the two zeros that the convolution itself sees beyond an end."""
    plain = packed(*make_utterances(LENGTHS[:members]))
    assert plain.frames is not None and plain.packing is not None
    near = F.max_pool1d(plain.packing.masks[0].transpose(1, 2).float(), 5, 1, 2).transpose(1, 2)
    rubbish = 1e3 * (1 - near)[:, None].expand_as(plain.frames)
    assert rubbish.any()
    results = []
    for batch in (plain, replace(plain, frames=plain.frames + rubbish)):
        network = make_network("acln", members)
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


@pytest.mark.parametrize("name", NETWORKS)
def test_a_batch_of_one_can_be_trained_on(name: str) -> None:
    batch, network = packed(*make_utterances([[5]])), make_network(name)
    network(batch, keep_of(network, batch))[batch.present].sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())
