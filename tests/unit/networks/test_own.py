"""A user's own network: built, fused with others, and refused where something is missing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from sersnake.errors import SersnakeError
from sersnake.networks import Batch, build_fused, build_network
from sersnake.settings.networks import NetworkChoice, read_network
from tests import own_network
from tests.own_network import MODULE, PLACE


@pytest.fixture(scope="module", autouse=True)
def module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with own_network.importable(tmp_path_factory.mktemp("own")):
        yield


def own(name: str = "Mean", **options: object) -> NetworkChoice:
    return read_network({"module": f"{MODULE}.{name}", **options})


def test_it_is_called_with_width_classes_and_options() -> None:
    network = build_network(own(width=5), 13, 4)
    assert network.embedding_dimension == 5
    frames = Batch(torch.ones(2, 7, 13), torch.tensor([7, 7]))
    assert network.embed(frames).shape == (2, 5)
    assert network(Batch(torch.ones(3, 13))).shape == (3, 4)


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        (("Missing", {}), f"{MODULE}.Missing: .* no attribute 'Missing'; name an importable"),
        (("WithoutEmbed", {}), "WithoutEmbed: has no embed; add embed"),
        (("WithoutDimension", {}), "WithoutDimension: has no embedding_dimension; add embed"),
        (("Plain", {}), "Plain: is not a torch.nn.Module; derive its class"),
        (("Mean", {"depth": 2}), "Mean: .*'depth'; it is called as Mean.inputs, classes"),
    ],
)
def test_what_is_missing_is_said(choice: tuple[str, dict[str, object]], message: str) -> None:
    name, options = choice
    with pytest.raises(SersnakeError, match=message):
        build_network(own(name, **options), 13, 4)


def test_a_module_that_is_nowhere_is_named() -> None:
    with pytest.raises(SersnakeError, match=r"nowhere\.Net: No module named 'nowhere'; name an"):
        build_network(read_network({"module": "nowhere.Net"}), 13, 4)


def test_any_streams_are_fused() -> None:
    """Two of the same features, and one whose output layer has another name than `output`."""
    torch.manual_seed(0)
    choices = {"acln": read_network("acln"), "fcn": read_network("fcn"), "own": own(width=5)}
    network = build_fused(choices, {"acln": 13, "fcn": 24, "own": 24}, 4, width=6).eval()
    vectors = Batch(torch.randn(2, 24))
    batches = {"acln": Batch(torch.randn(2, 30, 13), torch.tensor([30, 9])), "fcn": vectors}
    embedding = network.embed({**batches, "own": vectors})
    assert embedding.shape == (2, 6)
    assert network.fusion.weight.shape == (6, 128 + 1024 + 5)
    parts = {name: each.embed(vectors) for name, each in network.networks.items() if name != "acln"}
    alf = network.networks["acln"].embed(batches["acln"])
    torch.testing.assert_close(embedding, network.fuse([alf, parts["fcn"], parts["own"]]))


def test_a_single_stream_is_fused_too() -> None:
    """Its batches are no dictionary, as those of several are."""
    network = build_fused({"own": own()}, {"own": 24}, 4, width=6)
    vectors = Batch(torch.randn(2, 24))
    assert torch.equal(network(vectors), network({"own": vectors}))


def test_its_place_is_that_of_a_class() -> None:
    assert read_network({"module": PLACE, "width": 3}).as_dict() == {"module": PLACE, "width": 3}
    for place in ("Mean", "own networks.Mean", ".Mean", 3):
        with pytest.raises(SersnakeError, match=r"choose module\.Class"):
            read_network({"module": place})
