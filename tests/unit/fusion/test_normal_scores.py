"""Ranks as values of the normal distribution."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sersnake.cli import main
from sersnake.fusion.normal_scores import NormalScores
from sersnake.io import Features, write_csv

RNG = np.random.default_rng(0)
ROWS = np.maximum(RNG.normal(size=(40, 5)), [-9, -9, 0, 1, 9]).astype(np.float32)  # ever more ties


def test_of_the_training_part_they_are_those_of_its_mean_ranks() -> None:
    ranks = stats.rankdata(ROWS, axis=0)
    expected = stats.norm.ppf((ranks - 0.5) / len(ROWS))[:, :4]
    scaled = NormalScores.fit(ROWS)(ROWS)
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled[:, :4], stats.zscore(expected), atol=1e-5)
    assert (scaled[:, 4] == 0).all()  # a constant column


def test_only_the_order_counts() -> None:
    fitted, other = NormalScores.fit(ROWS), NormalScores.fit(np.exp(3 * ROWS))
    rows = RNG.normal(size=(30, 5)).astype(np.float32)
    assert (fitted(rows) == other(np.exp(3 * rows))).all()


def test_what_lies_beyond_has_the_outermost_rank_and_what_lies_between_one_between() -> None:
    column = np.array([[1], [2], [4], [8]], np.float32)
    lowest, low, high, highest = NormalScores.fit(column)(column).ravel()
    below, between, above = NormalScores.fit(column)(np.float32([[-1e30], [3], [9]])).ravel()
    assert (below, above) == (lowest, highest)
    assert low < between < high
    assert between == pytest.approx(0, abs=1e-6)


def write_inputs(folder: Path, values: np.ndarray) -> list[str]:
    """Features of 90 utterances, and a fold that tests 30 of them, as options of the verb."""
    names = [f"u{number:02d}" for number in range(len(values))]
    emotions = np.array(["angry", "happy", "sad"])[np.arange(len(values)) % 3]
    manifest = pd.DataFrame({"utterance": names, "emotion": emotions, "corpus": "mine"})
    write_csv(folder / "manifest.csv", manifest)
    parts = np.where(np.arange(len(values)) < 60, "train", "test")
    write_csv(folder / "folds.csv", pd.DataFrame({"fold": "0", "utterance": names, "part": parts}))
    Features.stack(names, list(values[:, None]), {}).save(folder / "features.safetensors")
    paths = [f"--{name}={folder / name}.csv" for name in ("manifest", "folds")]
    return [str(folder / "features.safetensors"), "--fold", "0", *paths]


@pytest.mark.parametrize("scaling", ["z_scores", "normal_scores"])
def test_the_verb_scales_everything_that_it_classifies_by(scaling: str, tmp_path: Path) -> None:
    """The classifier and that beside it: neither sees more than ranks."""
    values = RNG.normal(size=(90, 6)).astype(np.float32)
    values[np.arange(90), np.arange(90) % 3] += 1
    answers = []
    for name, rows in {"plain": values, "skewed": np.exp(2 * values)}.items():
        (tmp_path / name).mkdir()
        features, *words = write_inputs(tmp_path / name, rows)
        output = tmp_path / f"{name}.csv"
        words += ["--system", "a", "--set", f"scaling={scaling}", "--set", "features=[late]"]
        words += ["--late", f"late={features}"]
        assert main(["classify", features, *words, "--output", str(output)]) == 0
        answers.append(output.read_bytes())
    assert (answers[0] == answers[1]) == (scaling == "normal_scores")
