"""The hard index against values worked out by hand, with every edge."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sersnake.cli import main
from sersnake.errors import SersnakeError
from sersnake.io import read_csv, write_csv
from sersnake.training.losses import class_shares, hard_example_weights
from sersnake.training.mining import choose_beta, hard_for_either, hard_index, mine_fold, why_missed


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


def test_smoothing_by_hand() -> None:
    # (m + 1) / (c + 2) of m = 0, 6 in c = 6 is 1/8 and 7/8, whose 1 - x are 7/8 and 1/8.
    index = hard_index(np.array([0, 3, 6]), np.full(3, 6), smoothing=1.0)
    span = np.log2(7)
    np.testing.assert_allclose(index, [0, np.log2(7 / 4) / span, 1], atol=1e-15)


def test_smoothing_trusts_few_epochs_less() -> None:
    """Wrong in 2 of 2 epochs is 3/4, wrong in 14 of 14 is 15/16; without smoothing both are 1."""
    counts, epochs = np.array([0, 2, 14]), np.array([2, 2, 14])
    np.testing.assert_array_equal(hard_index(counts, epochs), [0, 1, 1])
    smooth = hard_index(counts, epochs, smoothing=1.0)
    # R of 1/4, 3/4 and 15/16: -log2 of 3/4, 1/4 and 1/16.
    lowest = np.log2(4 / 3)
    np.testing.assert_allclose(smooth, [0, (2 - lowest) / (4 - lowest), 1])


@pytest.mark.parametrize("count", [0, 3, 8])
def test_all_equal_gives_zero_with_smoothing(count: int) -> None:
    index = hard_index(np.full(3, count), np.full(3, 8), smoothing=1.0)
    np.testing.assert_array_equal(index, np.zeros(3))


def test_smoothing_keeps_the_order_of_equal_epochs() -> None:
    wrong = np.random.default_rng(0).permutation(41)
    plain, smooth = (hard_index(wrong, np.full(41, 40), smoothing) for smoothing in (0.0, 0.5))
    assert (np.diff(smooth[np.argsort(wrong)]) > 0).all()
    assert (np.diff(plain[np.argsort(wrong)])[:-1] > 0).all()


@pytest.mark.parametrize("smoothing", [1e-320, 1e-17])
def test_smoothing_lost_in_rounding_leaves_no_infinity(smoothing: float) -> None:
    index = hard_index(np.array([0, 4, 6, 8]), np.full(4, 8), smoothing)
    np.testing.assert_allclose(index, [0, 0.5, 1, 1])


@pytest.mark.parametrize("smoothing", [-0.1, np.inf, np.nan])
def test_impossible_smoothing_is_refused(smoothing: float) -> None:
    with pytest.raises(SersnakeError, match="smoothing"):
        hard_index(np.array([1]), np.array([2]), smoothing)


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
    with pytest.raises(SersnakeError, match="must be in"):
        mine_fold(counts([0, 1], 8), beta=beta, hard_share=share)


def test_a_share_that_ties_keep_out_of_reach_is_explained() -> None:
    tied, _ = mine_fold(counts([0] * 3 + [4] * 6 + [6], 8), beta=None, hard_share=0.5)
    assert tied["hard"].mean() == pytest.approx(0.7)
    assert why_missed(tied, 0.5).startswith("the hard index has 3 values and equal ones cannot")
    assert why_missed(tied, 0.6) == why_missed(tied, 0.7) == ""  # missed by 10 points, and by none


def test_the_verb_says_which_share_was_asked_for_and_why_it_is_missed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_csv(tmp_path / "counts.csv", counts([0, 4, 4, 4], 8).assign(fold="a"))
    assert mine(tmp_path, str(tmp_path / "counts.csv")) == 0
    assert capsys.readouterr().err.endswith(
        "3 of 4 utterances are hard (75.0%; 50.6% asked, but the hard index has 2 values and equal "
        "ones cannot be separated; a lower learning rate gives more values)\n"
    )
    assert mine(tmp_path, str(tmp_path / "counts.csv"), "--set", "beta=0.5") == 0
    assert capsys.readouterr().err.endswith("are hard (75.0%)\n")


def test_hard_for_either_keeps_the_networks_own_index() -> None:
    mined, _ = mine_fold(counts([0, 4, 6, 7], 8), beta=0.9, hard_share=0.5)
    other, _ = mine_fold(counts([7, 6, 4, 0], 8), beta=0.6, hard_share=0.5)
    assert mined["hard"].tolist() == [0, 0, 0, 1]
    both = hard_for_either(mined, other.sample(frac=1, random_state=0))
    assert both["hard"].tolist() == [1, 1, 0, 1]
    pd.testing.assert_frame_equal(both.drop(columns="hard"), mined.drop(columns="hard"))


def test_what_nobody_finds_hard_is_not() -> None:
    easy, _ = mine_fold(counts([2, 2], 8), beta=None, hard_share=0.5)
    assert hard_for_either(easy, easy)["hard"].tolist() == [0, 0]


@pytest.mark.parametrize("names", [["u0"], ["u0", "u9"], ["u0", "u1", "u1"]])
def test_networks_of_different_utterances_are_not_united(names: list[str]) -> None:
    mined, _ = mine_fold(counts([0, 4], 8), beta=None, hard_share=0.5)
    other = pd.DataFrame({"utterance": names, "hard": 0})
    with pytest.raises(SersnakeError, match="different utterances"):
        hard_for_either(mined, other)


@pytest.fixture
def two_networks(tmp_path: Path) -> list[str]:
    """Two folds of a network in one file and of another in two, the latter in another order."""
    pd.concat([counts([0, 4, 6, 7], 8).assign(fold=fold) for fold in "ab"]).to_csv(
        tmp_path / "acln.csv", index=False
    )
    for fold, wrong in (("b", [8, 0, 0, 0]), ("a", [0, 0, 0, 8])):
        theirs = counts(wrong, 8).assign(fold=fold).iloc[::-1]
        theirs.to_csv(tmp_path / f"fcn-{fold}.csv", index=False)
    return [str(tmp_path / name) for name in ("acln.csv", "fcn-b.csv", "fcn-a.csv")]


def mine(tmp_path: Path, *words: str) -> int:
    return main(["mine", *words, "--network", "acln", "--output", str(tmp_path / "hard.csv")])


def test_the_verb_unites_streams_fold_by_fold(
    two_networks: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert mine(tmp_path, two_networks[0], *two_networks[1:]) == 0
    mined = read_csv(tmp_path / "hard.csv", ["hard_index", "hard"])
    assert mined["fold"].tolist() == ["a"] * 4 + ["b"] * 4
    assert mined["hard"].tolist() == [0, 0, 1, 1, 1, 0, 1, 1]
    assert mined["hard_index"].tolist() == pytest.approx([0, 1 / 3, 2 / 3, 1] * 2)
    lines = capsys.readouterr().err.splitlines()
    assert lines[2].endswith(
        "3 of 4 utterances are hard (75.0%; 50.6% asked), with those of other streams"
    )


def test_the_verb_smooths(two_networks: list[str], tmp_path: Path) -> None:
    assert mine(tmp_path, two_networks[1], "--set", "smoothing=1") == 0
    mined = read_csv(tmp_path / "hard.csv", ["hard_index"])
    assert mined["hard_index"].tolist() == [0, 0, 0, 1]
    assert mine(tmp_path, two_networks[1], "--set", "smoothing=-1") == 2


def test_a_fold_that_the_other_streams_lack_is_named(
    two_networks: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert mine(tmp_path, two_networks[0], two_networks[1]) == 2
    assert "counts of other streams: none for fold a" in capsys.readouterr().err
    assert not (tmp_path / "hard.csv").exists()


def test_counts_that_a_file_has_twice_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_csv(tmp_path / "counts.csv", pd.concat([counts([0, 4], 8).assign(fold="a")] * 2))
    assert mine(tmp_path, str(tmp_path / "counts.csv")) == 2
    assert "counts.csv: an utterance occurs twice in a fold" in capsys.readouterr().err


def test_the_verb_unites_any_number_of_streams(two_networks: list[str], tmp_path: Path) -> None:
    third = {"a": counts([0, 8, 0, 0], 8), "b": counts([0, 0, 0, 8], 8)}
    write_csv(tmp_path / "third.csv", pd.concat(frame.assign(fold=f) for f, frame in third.items()))
    assert mine(tmp_path, *two_networks, str(tmp_path / "third.csv")) == 0
    assert read_csv(tmp_path / "hard.csv", ["hard"])["hard"].tolist() == [0, 1, 1, 1, 1, 0, 1, 1]


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
    assert [line.split(":")[0] for line in lines] == ["sersnake mine", "fcn fold b", "fcn fold a"]


def test_hard_example_weights_by_hand() -> None:
    labels = np.array([0, 0, 0, 1])
    shares = class_shares(labels, 3)
    np.testing.assert_allclose(shares, [0.75, 0.25, 0])
    weights = hard_example_weights(np.array([1.0, 0.5, 0.0, 1.0]), labels, shares)
    np.testing.assert_allclose(weights, [0.25, 0.125, 0, 0.75])
