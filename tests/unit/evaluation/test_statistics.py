"""Tests and intervals of differences: hand-computed numbers, properties, and null data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_1samp

from sersnake.errors import SersnakeError
from sersnake.evaluation.mcnemar import mcnemar_p, utterance_votes
from sersnake.evaluation.optimism import optimism
from sersnake.evaluation.resampled_t import corrected_resampled_t, train_ratio
from sersnake.evaluation.verdicts import verdict
from sersnake.report.run_context import RunContext
from sersnake.report.tables.optimism import optimism_table

DIFFERENCES = st.lists(st.integers(-30, 30).map(lambda n: n / 100), min_size=2, max_size=12)
COUNTS = st.integers(0, 60)


def test_corrected_t_by_hand() -> None:
    # Mean 0.02, s = 0.02, factor 1/4 + 1/4, so the error is 0.02 / sqrt(2) and t is sqrt(2).
    steps = np.array([-1, -1, 1, 1]) * 0.02 * np.sqrt(3) / 2
    value, low, high, p = corrected_resampled_t(0.02 + steps, 0.25)
    assert value == pytest.approx(0.02)
    half = 3.182446305 * 0.02 / 2**0.5  # t of 3 degrees of freedom, 97.5 %
    assert (low, high) == (pytest.approx(0.02 - half), pytest.approx(0.02 + half))
    # The distribution of t with 3 degrees of freedom in closed form, at sqrt(2).
    x = np.sqrt(2 / 3)
    assert p == pytest.approx(1 - 2 / np.pi * (np.arctan(x) + x / (1 + x**2)))


def test_without_shared_training_it_is_the_paired_t_test() -> None:
    differences = [0.03, -0.01, 0.04, 0.02, 0.0]
    ours, usual = corrected_resampled_t(differences, 0), ttest_1samp(differences, 0)
    interval = usual.confidence_interval(0.95)
    assert ours.p == pytest.approx(usual.pvalue)
    assert (ours.low, ours.high) == pytest.approx((interval.low, interval.high))


@settings(deadline=None)
@given(differences=DIFFERENCES, ratio=st.floats(0.01, 1))
def test_corrected_t_is_antisymmetric_and_more_careful(
    differences: list[float], ratio: float
) -> None:
    estimate = corrected_resampled_t(differences, ratio)
    turned = corrected_resampled_t(np.negative(differences), ratio)
    assert turned == pytest.approx(
        (-estimate.value, -estimate.high, -estimate.low, estimate.p), nan_ok=True
    )
    if np.ptp(differences) > 0:
        naive = corrected_resampled_t(differences, 0)
        assert estimate.low < naive.low <= estimate.value <= naive.high < estimate.high
        assert estimate.p >= naive.p
        # The interval and the test are one statement.
        assert (estimate.low > 0 or estimate.high < 0) == (estimate.p < 0.05)


@pytest.mark.parametrize(
    ("differences", "p"), [([0.0, 0.0, 0.0], 1.0), ([0.1, 0.1], np.nan), ([0.1], np.nan)]
)
def test_without_spread_nothing_is_claimed(differences: list[float], p: float) -> None:
    estimate = corrected_resampled_t(differences, 0.25)
    assert estimate.p == pytest.approx(p, nan_ok=True)
    assert estimate.value == pytest.approx(differences[0])


def null_run(
    rng: np.random.Generator, noise: float, utterances: int = 200
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two trained thresholds over ten random 80/20 splits, neither of them better.

    Each sees a feature of its own that tells as much about the class as the other's. ``noise`` is
    how far a training may end from where it should.
    """
    truth = np.arange(utterances) % 2
    features = rng.normal(size=(2, utterances)) + 1.8 * truth
    parts: list[list[pd.DataFrame]] = [[], []]
    for fold in range(10):
        order = rng.permutation(utterances)
        train, test = order[: utterances * 4 // 5], order[utterances * 4 // 5 :]
        for system, values in enumerate(features):
            means = [values[train[truth[train] == label]].mean() for label in (0, 1)]
            threshold = np.mean(means) + noise * rng.normal()
            cells = {"emotion": truth[test], "predicted": (values[test] > threshold).astype(int)}
            parts[system].append(pd.DataFrame({"fold": fold, "utterance": test, **cells}))
    return pd.concat(parts[0]), pd.concat(parts[1])


def p_values_of(run: tuple[pd.DataFrame, pd.DataFrame]) -> tuple[float, float, float]:
    """Of the paired t test as it is and corrected, and of McNemar's test."""
    right = [(rows["predicted"] == rows["emotion"]).groupby(rows["fold"]).mean() for rows in run]
    naive, corrected = (corrected_resampled_t(right[0] - right[1], ratio).p for ratio in (0, 0.25))
    votes = utterance_votes(*run)
    return naive, corrected, mcnemar_p(int((votes > 0).sum()), int((votes < 0).sum()))


@pytest.mark.parametrize("noise", [pytest.param(0.0, marks=pytest.mark.slow), 1.0])
def test_on_null_data_the_corrected_t_keeps_its_promise(noise: float) -> None:
    rng = np.random.default_rng(0)
    runs = [p_values_of(null_run(rng, noise)) for _ in range(400)]
    naive, corrected, mcnemar = (np.array(runs) < 0.05).mean(axis=0)
    error = np.sqrt(0.05 * 0.95 / len(runs))
    assert corrected < 0.05 + 3 * error
    if noise:  # McNemar's test takes what was trained as it is
        assert mcnemar > 0.05 + 3 * error
    else:
        assert naive > 0.15
        assert mcnemar < 0.05 + 3 * error


def test_ratio_is_the_mean_over_folds_of_what_is_used() -> None:
    parts = {"a": "test train train train train", "b": "test test train train unused"}
    rows = [
        (fold, f"u{number}", part)
        for fold, of_fold in parts.items()
        for number, part in enumerate(of_fold.split())
    ]
    folds = pd.DataFrame(rows, columns=["fold", "utterance", "part"])
    assert train_ratio(folds) == (1 / 4 + 2 / 2) / 2
    with pytest.raises(SersnakeError, match="fold a has no training set"):
        train_ratio(folds[folds["part"] == "test"])


@pytest.mark.parametrize(
    ("won", "lost", "p"),
    [
        (0, 0, 1.0),
        (8, 1, 2 * (1 + 9) / 2**9),
        (3, 3, 1.0),
        (0, 5, 2 / 2**5),
        (20, 5, 0.005110260660855),  # chi-square (15 - 1)^2 / 25 = 7.84
        (13, 13, 1.0),
    ],
)
def test_mcnemar_by_hand(won: int, lost: int, p: float) -> None:
    assert mcnemar_p(won, lost) == pytest.approx(p)


@settings(deadline=None)
@given(won=COUNTS, lost=COUNTS)
def test_mcnemar_has_no_favourite(won: int, lost: int) -> None:
    assert mcnemar_p(won, lost) == pytest.approx(mcnemar_p(lost, won))
    assert 0 < mcnemar_p(won, lost) <= 1


def outcomes(rights: dict[tuple[str, str], int]) -> pd.DataFrame:
    """Fold and utterance to whether it was recognised."""
    keys = pd.DataFrame(list(rights), columns=["fold", "utterance"])
    predicted = ["sad" if right else "angry" for right in rights.values()]
    return keys.assign(emotion="sad", predicted=predicted)


def test_an_utterance_votes_once_however_often_it_was_tested() -> None:
    one = {("0", "u"): 1, ("1", "u"): 1, ("2", "u"): 0, ("0", "v"): 1, ("1", "w"): 0, ("1", "x"): 1}
    two = {("0", "u"): 0, ("1", "u"): 0, ("2", "u"): 1, ("0", "v"): 1, ("1", "w"): 1, ("1", "x"): 1}
    votes = utterance_votes(outcomes(one), outcomes(two).iloc[::-1])
    assert votes.to_dict() == {"u": 1, "v": 0, "w": -1, "x": 0}


def test_as_often_right_in_other_folds_is_no_vote() -> None:
    one, two = {("0", "u"): 1, ("1", "u"): 0}, {("0", "u"): 0, ("1", "u"): 1}
    assert utterance_votes(outcomes(one), outcomes(two)).to_dict() == {"u": 0}


@pytest.mark.parametrize(
    ("low", "high", "says"),
    [
        (80.0, 84.0, "agrees"),
        (81.0, 84.0, "agrees"),
        (81.1, 84.0, "above"),
        (78.0, 80.9, "below"),
        (np.nan, np.nan, "undecided"),
    ],
)
def test_verdict_of_an_interval(low: float, high: float, says: str) -> None:
    assert verdict(81.0, low, high) == says


def curve_of(accuracies: dict[tuple[str, int], float], system: str = "fused_ce") -> pd.DataFrame:
    """WA of a fold and epoch; UA is half of it."""
    rows = [
        ("fused", system, fold, epoch, value, value / 2)
        for (fold, epoch), value in accuracies.items()
    ]
    return pd.DataFrame(rows, columns=["network", "system", "fold", "epoch", "wa", "ua"])


# The best is 0.1 above the last in fold a and in fold b nothing. Fold b comes with its epochs
# turned round: the last is told by its number.
TWO_FOLDS = {("a", 0): 0.5, ("a", 1): 0.9, ("a", 2): 0.8, ("b", 1): 0.6, ("b", 0): 0.6}


def test_optimism_is_the_best_epoch_of_each_fold_less_the_last() -> None:
    wa, ua = optimism(curve_of(TWO_FOLDS), 0.25).itertuples(index=False)
    assert wa[:3] == ("fused", "fused_ce", "WA") and ua[:3] == ("fused", "fused_ce", "UA")
    assert wa[3:6] == pytest.approx((0.7, 0.75, 0.05))
    assert ua[3:6] == pytest.approx((0.35, 0.375, 0.025))
    # s^2 = 0.005, factor 1/2 + 1/4; t of one degree of freedom is a Cauchy distribution.
    half = np.tan(0.475 * np.pi) * np.sqrt(0.75 * 0.005)
    assert (wa.low, wa.high) == pytest.approx((0.05 - half, 0.05 + half))


def test_optimism_is_named_so_and_of_one_fold_has_no_interval() -> None:
    table = optimism(curve_of({("a", 0): 0.6, ("a", 1): 0.5}), 0.25)
    assert list(table.columns[3:]) == [
        *("last_epoch", "optimistic_best_epoch", "optimism", "low", "high")
    ]
    assert table[["low", "high"]].isna().all(axis=None)


def test_a_curve_that_is_not_whole_is_refused() -> None:
    curve = curve_of({("a", 0): 0.5, ("a", 1): np.nan})
    message = "epoch 1 of fused, system fused_ce, fold a has no test accuracy"
    with pytest.raises(SersnakeError, match=message):
        optimism(curve, 0.25)
    with pytest.raises(SersnakeError, match=r"epoch 0 .* appears twice"):
        optimism(pd.concat([curve[:1], curve[:1]]), 0.25)
    with pytest.raises(SersnakeError, match="contains no epoch"):
        optimism(curve[:0], 0.25)


def test_the_table_of_optimism_calls_it_no_result() -> None:
    shared = pd.concat([curve_of(TWO_FOLDS, system) for system in ("fused_ce", "fused_he")])
    context = RunContext("emodb", 2, "stratified random 80/20 split", True, "quick")
    table = optimism_table(optimism(shared, 0.25), context)
    assert table.frame["method"].tolist() == ["Fused (CE)", "Fused (HE)"]
    assert table.frame["wa_optimism"].tolist() == pytest.approx([5, 5])
    assert "not a result: selected on the test set" in table.caption
    for column in table.columns[1:]:
        chosen = "not a result: selected on the test set" in column.group
        assert chosen == ("last_epoch" not in column.name)


def test_a_training_that_systems_share_has_one_row() -> None:
    systems = ("independent_ce", "acln_ce")
    shared = pd.concat([curve_of(TWO_FOLDS, system) for system in systems]).assign(network="acln")
    context = RunContext("emodb", 2, "stratified random 80/20 split", True, "quick")
    assert optimism_table(optimism(shared, 0.25), context).frame["method"].tolist() == ["ACLN (CE)"]
