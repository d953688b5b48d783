"""z-scores over blocks are those of the whole, even where the mean dwarfs the deviation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sersnake.errors import SersnakeError
from sersnake.io import Features
from sersnake.training.scaling import ZScore

NAMES = [f"{i:03}" for i in range(200)]


def make_features(center: float, dimension: int = 5) -> Features:
    generator = np.random.default_rng(0)
    rows = [
        (center + generator.normal(size=(n, dimension)) * np.arange(1, dimension + 1)).astype(
            np.float32
        )
        for n in generator.integers(0, 60, len(NAMES))
    ]
    return Features.stack(NAMES, rows, {})


PARTS = {
    "all": np.arange(200),
    "most": np.delete(np.arange(200), [3, 50, 51, 120]),
    "scattered": np.random.default_rng(1).permutation(200)[:80],
}


@pytest.mark.parametrize("block", [1, 7, 1000, 1 << 20])
@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
@pytest.mark.parametrize("center", [0.0, -3.0, 1e5])
def test_blocks_give_the_z_score_of_the_whole(
    center: float, part: np.ndarray, block: int, tmp_path: Path
) -> None:
    features = make_features(center)
    features.save(tmp_path / "pack")
    rows = np.concatenate([features.rows(i) for i in part]).astype(np.float64)
    for source in (features, Features.load(tmp_path / "pack")):
        fitted = ZScore.fit_utterances(source, part, block=block)
        np.testing.assert_allclose(fitted.mean, rows.mean(axis=0), rtol=1e-6, atol=1e-7)
        np.testing.assert_allclose(fitted.scale, rows.std(axis=0), rtol=1e-6)
        assert fitted.mean.dtype == fitted.scale.dtype == np.float32


def test_the_same_part_gives_the_same_bytes() -> None:
    features = make_features(100)
    first, second = (ZScore.fit_utterances(features, PARTS["most"]) for _ in range(2))
    assert first.mean.tobytes() == second.mean.tobytes()
    assert first.scale.tobytes() == second.scale.tobytes()


@pytest.mark.parametrize("value", [0.0, 0.1, -1e6])
def test_a_constant_column_keeps_a_scale_of_one(value: float) -> None:
    rows = np.full((1000, 2), value, np.float32)
    rows[:, 1] = np.arange(1000)
    features = Features.stack(["a", "b"], [rows[:300], rows[300:]], {})
    whole = ZScore.fit(rows)
    parts = ZScore.fit_utterances(features, np.arange(2), block=64)
    assert whole.scale[0] == parts.scale[0] == 1
    np.testing.assert_allclose(parts.mean, whole.mean, rtol=1e-6)
    np.testing.assert_allclose(parts.scale, whole.scale, rtol=1e-6)


def test_utterances_without_rows_are_refused() -> None:
    features = Features.stack(["a", "b"], [np.zeros((0, 2)), np.ones((3, 2))], {})
    with pytest.raises(SersnakeError, match="no rows"):
        ZScore.fit_utterances(features, np.array([0]))
