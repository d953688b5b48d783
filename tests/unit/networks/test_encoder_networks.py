"""The networks that read an encoder's layers: their weighted mean, ALN, and FCN upon it."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence

from sersnake.errors import SersnakeError
from sersnake.networks import Batch, Network, build_network
from sersnake.networks.layer_weights import LayerWeights
from sersnake.settings.networks import read_network

LAYERS, WIDTH, CLASSES = 3, 8, 4
INPUTS = LAYERS * WIDTH
LENGTHS = [1, 9, 5]
ALNS = [
    {"name": "aln", "layers": LAYERS},
    {"name": "aln", "layers": LAYERS, "lstm": False, "attention": "dot", "heads": 4},
    {"name": "aln"},
]
FCN = {"name": "fcn", "layers": LAYERS}

alns = pytest.mark.parametrize("options", ALNS)


def make_network(options: dict[str, Any]) -> Network:
    torch.manual_seed(0)
    return build_network(read_network(options), INPUTS, CLASSES)


def make_batch(lengths: list[int], filling: float = 0.0) -> Batch:
    """Frames of utterances, with something behind the end of each."""
    generator = torch.Generator().manual_seed(1)
    frames = [torch.randn(length, INPUTS, generator=generator) for length in lengths]
    padded = pad_sequence(frames, batch_first=True, padding_value=filling)
    return Batch(padded, torch.tensor(lengths))


# ---- The weighted mean


def test_layer_weights_start_as_the_mean() -> None:
    values = torch.randn(2, 5, INPUTS)
    mean = values.unflatten(-1, (LAYERS, WIDTH)).mean(-2)
    torch.testing.assert_close(LayerWeights(INPUTS, LAYERS)(values), mean)


def test_layer_weights_learn_which_layer_counts() -> None:
    generator = torch.Generator().manual_seed(0)
    weights = LayerWeights(INPUTS, LAYERS)
    optimizer = torch.optim.SGD(weights.parameters(), lr=5)
    for _ in range(50):
        values = torch.randn(16, INPUTS, generator=generator)
        loss = F.mse_loss(weights(values), values[:, WIDTH : 2 * WIDTH])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert weights.energies.softmax(0)[1] > 0.9


@pytest.mark.parametrize("name", ["aln", "fcn"])
def test_layers_of_different_widths_are_refused(name: str) -> None:
    with pytest.raises(SersnakeError, match="layers: 24 values are not 5 layers of one width; set"):
        make_network({"name": name, "layers": 5})


# ---- ALN


@alns
def test_what_lies_behind_an_utterance_changes_nothing(options: dict[str, Any]) -> None:
    network = make_network(options).eval()
    together = network.embed(make_batch(LENGTHS))
    assert together.shape == (len(LENGTHS), network.embedding_dimension) == (3, 128)
    assert torch.equal(network.embed(make_batch(LENGTHS, filling=1e3)), together)
    batch = make_batch(LENGTHS)
    for place, length in enumerate(LENGTHS):
        alone = Batch(batch.values[place : place + 1, :length], torch.tensor([length]))
        torch.testing.assert_close(network.embed(alone)[0], together[place])
        assert network(alone).shape == (1, CLASSES)


@alns
def test_every_weight_of_aln_is_trained_by_one_utterance(options: dict[str, Any]) -> None:
    network = make_network(options)
    network(make_batch([9])).square().sum().backward()
    for name, weight in network.named_parameters():
        assert weight.grad is not None and weight.grad.isfinite().all(), name
        assert weight.grad.any(), name


def test_aln_without_lstm_does_not_hear_the_order() -> None:
    batch = make_batch([9])
    turned = Batch(batch.values.flip(1), batch.lengths)
    with_lstm, without = (make_network(options).eval() for options in ALNS[:2])
    torch.testing.assert_close(without.embed(turned), without.embed(batch))
    assert not torch.allclose(with_lstm.embed(turned), with_lstm.embed(batch), atol=1e-3)


# ---- FCN


def test_fcn_reads_the_weighted_mean() -> None:
    network = make_network(FCN)
    values = torch.randn(5, INPUTS)
    logits = network(Batch(values))
    mean = values.unflatten(-1, (LAYERS, WIDTH)).mean(-2)
    plain = build_network(read_network("fcn"), WIDTH, CLASSES)
    plain.load_state_dict({k: v for k, v in network.state_dict().items() if "energies" not in k})
    torch.testing.assert_close(plain(Batch(mean)), logits)
    logits.square().sum().backward()
    assert network.layers.energies.grad.any()
    network(Batch(values[:1])).sum().backward()


def test_without_layers_it_has_the_weights_of_table_2_alone() -> None:
    names = {name.partition(".")[0] for name in make_network({"name": "fcn"}).state_dict()}
    assert names == {"linears", "norms", "output"}
