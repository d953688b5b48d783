"""Networks in NumPy give what PyTorch's give."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from sersnake.model import forward
from sersnake.networks import Batch, build_network
from sersnake.settings.networks import read_network

ACLN = [
    {},
    {"attention": "dot", "heads": 4},
    {"leaky_slope": 0.1},
    {"coefficient_pooling": "floor"},
]
ALN = [{}, {"layers": 3}, {"lstm": False, "heads": 2}]


def drawn(name: str, options: dict[str, Any], inputs: int) -> tuple[Any, Any]:
    """A network of random weights and statistics, in PyTorch and in NumPy."""
    torch.manual_seed(3)
    choice = read_network({"name": name, **options})
    network = build_network(choice, inputs, 5).eval()
    with torch.no_grad():
        for key, value in network.state_dict().items():
            if "running_var" in key:
                value.uniform_(0.5, 2)
            elif "running_mean" in key or "energies" in key:
                value.normal_()
    weights = {key: value.numpy() for key, value in network.state_dict().items()}
    return network, getattr(forward, name)(weights, choice.options)


@pytest.mark.parametrize("options", ACLN)
@pytest.mark.parametrize("length", [1, 17, 300, 3 * forward.STRETCH + 5])
def test_acln(options: dict[str, Any], length: int) -> None:
    network, see = drawn("acln", options, 21)
    frames = np.random.default_rng(length).normal(size=(length, 21)).astype(np.float32)
    batch = Batch(torch.from_numpy(frames)[None], torch.tensor([length]))
    with torch.no_grad():
        embedding, weights = network.embed_and_weigh(batch)
    seen = see(frames)
    np.testing.assert_allclose(seen.embedding, embedding[0], atol=2e-6)
    assert len(seen.weights) == -(-length // forward.STEP)
    np.testing.assert_allclose(seen.weights, weights[0, : len(seen.weights)].mean(1), atol=2e-6)


@pytest.mark.parametrize("layers", [1, 3])
def test_fcn(layers: int) -> None:
    network, see = drawn("fcn", {"layers": layers}, 30)
    vectors = np.random.default_rng(0).normal(size=(7, 30)).astype(np.float32)
    with torch.no_grad():
        embedding = network.embed(Batch(torch.from_numpy(vectors)))
    seen = [see(vector[None]).embedding for vector in vectors]
    np.testing.assert_allclose(seen, embedding, atol=2e-5)


@pytest.mark.parametrize("options", ALN)
def test_aln(options: dict[str, Any]) -> None:
    network, see = drawn("aln", options, 24)
    frames = np.random.default_rng(1).normal(size=(40, 24)).astype(np.float32)
    with torch.no_grad():
        embedding = network.embed(Batch(torch.from_numpy(frames)[None], torch.tensor([40])))
    np.testing.assert_allclose(see(frames).embedding, embedding[0], atol=2e-6)
