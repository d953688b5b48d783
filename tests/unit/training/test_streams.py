"""Streams other than the paper's: networks of a user's own, any number of them, what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from sersnake.errors import SersnakeError
from sersnake.settings.schedule import Schedule
from sersnake.settings.streams import Streams
from sersnake.training.fold_training import FoldTraining
from tests import own_network
from tests.unit.training.test_training import COUNT, assert_same_weights, make_fold, train

EPOCH = Schedule(epochs=1, batch_size=8, learning_rate=1e-2)
OWN = Streams({name: own_network.stream(name) for name in ("mfcc", "is09")})


@pytest.fixture(scope="module", autouse=True)
def module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with own_network.importable(tmp_path_factory.mktemp("own")):
        yield


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("name", ["mfcc", "is09"])
def test_a_network_of_the_users_own_is_trained_on_frames_and_on_vectors(
    name: str, precision: str
) -> None:
    one, other = (make_fold(name, precision=precision, streams=OWN) for _ in range(2))
    before = one.state()["network.hidden.weight"].copy()
    (row,) = train(one, EPOCH).history
    assert np.isfinite(row["loss"]) and not np.array_equal(
        before, one.state()["network.hidden.weight"]
    )
    train(other, EPOCH)
    assert_same_weights(one, other)
    assert one.embed().shape == (COUNT, 8)
    expected = np.tanh(means(one) @ weights(one, "hidden.weight").T + weights(one, "hidden.bias"))
    np.testing.assert_allclose(one.embed(), expected, atol=1e-5)


def weights(fold: FoldTraining, name: str) -> Any:
    return fold.state()[f"network.{name}"]


def means(fold: FoldTraining) -> Any:
    """The mean of each utterance's scaled frames, or its scaled vector."""
    (table,) = fold.dataset.tables.values()
    batch = table.batch(np.arange(COUNT))
    if batch.lengths is None:
        return batch.values.numpy()
    return batch.values.sum(1).numpy() / batch.lengths.numpy()[:, None]


@pytest.mark.parametrize(
    ("streams", "width"),
    [
        ({"own": own_network.stream("is09", width=5)}, 128 + 1024 + 5),
        ({"acln": None, "more": {"features": "is09", "network": "fcn"}}, 2 * 1024),
        ({"acln": None}, 1024),
    ],
    ids=["three", "two of one network", "one"],
)
def test_all_streams_that_there_are_are_fused(streams: dict[str, Any], width: int) -> None:
    fold = make_fold("fused", streams=Streams(streams, fusion_width=6))
    assert np.isfinite(train(fold, EPOCH).history[0]["loss"])
    assert weights(fold, "fusion.weight").shape == (6, width)
    assert fold.embed().shape == (COUNT, 6)


@pytest.mark.parametrize(
    ("network", "streams", "message"),
    [
        ("gru", {}, "network 'gru' is not one of acln, fcn, fused"),
        ("acln", {"acln": None}, "network 'acln' is not one of fcn, fused"),
        ("fcn", {"fcn": {"features": "egemaps"}}, "reads egemaps, .* --features egemaps=FILE"),
        ("fcn", {"fcn": {"features": "mfcc"}}, "fcn reads a vector per utterance, but mfcc has"),
    ],
)
def test_streams_that_cannot_be_trained_are_refused(
    network: str, streams: dict[str, Any], message: str
) -> None:
    with pytest.raises(SersnakeError, match=message):
        make_fold(network, streams=Streams(streams))
