"""The hard index against values worked out by hand, with every edge."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sersnake.cli import main
from sersnake.errors import SersnakeError
from sersnake.io import read_csv, write_csv
from sersnake.losses import class_shares, hard_example_weights
from sersnake.mining import choose_beta, hard_index, mine_fold


def index_of(misclassified: list[int], epochs: int) -> np.ndarray:
    return hard_index(np.array(misclassified), np.full(len(misclassified), epochs))


def test_by_hand() -> None:
    # R = -log2(1 - m/8) of m = 0, 4, 6, 7 is 0, 1, 2, 3.
    np.testing.assert_allclose(index_of([0, 4, 6, 7], 8), [0, 1 / 3, 2 / 3, 1])


def test_always_wrong_is_one_and_stays_out_of_the_range() -> None:
    np.testing.assert_allclose(index_of([0, 4, 6, 8], 8), [0, 0.5, 1, 1])


def test_smallest_index_is_zero_even_if_nobody_was_always_right() -> None:
    np.testing.assert_allclose(index_of([4, 6], 8), [0, 1])


@pytest.mark.parametrize("count", [0, 3])
def test_all_equal_gives_zero(count: int) -> None:
    np.testing.assert_array_equal(index_of([count] * 4, 8), np.zeros(4))


def test_all_always_wrong_gives_one() -> None:
    np.testing.assert_array_equal(index_of([8, 8], 8), [1, 1])


def test_one_utterance() -> None:
    np.testing.assert_array_equal(index_of([3], 8), [0])


@pytest.mark.parametrize(("m", "c"), [(-1, 8), (9, 8), (0, 0)])
def test_impossible_counts_are_refused(m: int, c: int) -> None:
    with pytest.raises(SersnakeError, match="misclassified"):
        hard_index(np.array([m]), np.array([c]))


def test_beta_comes_closest_to_the_share() -> None:
    index = np.array([0.0, 0.1, 0.2, 0.6, 0.6, 1.0])
    assert np.mean(index >= choose_beta(index, 0.5)) == 0.5
    # 4 of 6 and 3 of 6 are equally far from 7 of 12: the larger share wins.
    assert np.mean(index >= choose_beta(index, 7 / 12)) == 4 / 6


def test_utterances_of_index_zero_are_never_hard() -> None:
    index = np.array([0.0, 0.0, 0.0, 0.5])
    assert list(index >= choose_beta(index, 1.0)) == [False, False, False, True]


def counts(misclassified: list[int], epochs: int) -> pd.DataFrame:
    names = [f"u{i}" for i in range(len(misclassified))]
    return pd.DataFrame({"utterance": names, "misclassified": misclassified, "epochs": epochs})


def test_mining_marks_from_beta_on() -> None:
    mined, beta = mine_fold(counts([0, 4, 6, 7], 8), beta=2 / 3, hard_share=0.5)
    assert beta == 2 / 3
    assert mined["hard"].tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize("beta", [None, 0.0])
def test_nothing_is_hard_where_all_are_equal(beta: float | None) -> None:
    mined, _ = mine_fold(counts([2, 2, 2], 8), beta=beta, hard_share=0.506)
    assert mined["hard"].sum() == 0


@pytest.mark.parametrize(("beta", "share"), [(1.0, 0.5), (-0.1, 0.5), (None, 0.0), (None, 1.1)])
def test_thresholds_out_of_range_are_refused(beta: float | None, share: float) -> None:
    with pytest.raises(SersnakeError, match="must lie in"):
        mine_fold(counts([0, 1], 8), beta=beta, hard_share=share)


def test_the_verb_mines_each_fold_by_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tables = {"b": counts([0, 4, 6, 7], 8), "a": counts([2, 2, 2], 4)}
    group = pd.concat(tables, names=["fold"]).reset_index(level="fold")
    write_csv(tmp_path / "counts.csv", group)
    arguments = [tmp_path / "counts.csv", "--network", "fcn", "--output", tmp_path / "hard.csv"]
    assert not main(["mine", *map(str, arguments)])
    mined = read_csv(tmp_path / "hard.csv", ["hard_index", "hard"])
    assert list(mined)[:3] == ["network", "fold", "utterance"]
    assert set(mined["network"]) == {"fcn"}
    assert mined["fold"].tolist() == ["b"] * 4 + ["a"] * 3
    assert mined["hard_index"].tolist() == pytest.approx([0, 1 / 3, 2 / 3, 1, 0, 0, 0])
    assert mined["hard"].tolist() == [0, 0, 1, 1, 0, 0, 0]
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(":")[0] for line in lines] == ["fcn fold b", "fcn fold a"]


def test_hard_example_weights_by_hand() -> None:
    labels = np.array([0, 0, 0, 1])
    shares = class_shares(labels, 3)
    np.testing.assert_allclose(shares, [0.75, 0.25, 0])
    weights = hard_example_weights(np.array([1.0, 0.5, 0.0, 1.0]), labels, shares)
    np.testing.assert_allclose(weights, [0.25, 0.125, 0, 0.75])
