"""A reading chosen for every fold by its inner folds, which hold nothing of the outer test part."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from sersnake.errors import SersnakeError
from sersnake.io.words import some
from sersnake.protocols import outer_names

INNER = "inner_ua_"  # prefix of a column: UA of a reading on the inner folds
DIGITS = 9  # values that agree to this many are a tie


def choose_readings(
    predictions: Mapping[str, pd.DataFrame], folds: pd.DataFrame, arm: str
) -> pd.DataFrame:
    """Picks for each outer fold the reading with the highest UA on its inner folds together.

    Of an inner fold that outer folds share, each leaves out what it tests itself.

    Args:
        predictions: By the reading's name the predictions of its inner run: columns arm, fold (an
            inner one), utterance, emotion, predicted. Of equal readings the first is picked.
        folds: Columns fold, utterance, part of the outer folds.
        arm: The arm whose UA counts.

    Returns:
        Columns fold (the outer one), reading (the one that is picked) and, for each reading,
        ``inner_ua_<reading>`` (a fraction); a row an outer fold.

    Raises:
        SersnakeError: There is no reading, one lacks the arm or was predicted on other inner folds
            than another, a fold is no inner one, or an outer fold has none.
    """
    if not predictions:
        raise SersnakeError("there is no reading to choose from; name at least one")
    of_arm = {name: _of_arm(name, rows, arm) for name, rows in predictions.items()}
    _check_same(of_arm)
    scores = pd.DataFrame({name: _inner_ua(rows, folds) for name, rows in of_arm.items()})
    scores = scores.reindex(folds["fold"].unique())
    if lacking := list(scores.index[scores.isna().any(axis=1)]):
        raise SersnakeError(f"fold {lacking[0]} has no inner fold; give the folds of the outer run")
    picked = scores.round(DIGITS).idxmax(axis=1)  # the first of those that are highest
    chosen = pd.DataFrame({"fold": scores.index, "reading": picked.to_numpy()})
    return pd.concat([chosen, scores.add_prefix(INNER).reset_index(drop=True)], axis=1)


def chosen_predictions(
    choice: pd.DataFrame, predictions: Mapping[str, pd.DataFrame], arm: str, name: str
) -> pd.DataFrame:
    """The predictions of each outer fold's chosen reading as an arm of their own.

    Args:
        choice: Columns fold and reading, of :func:`choose_readings`.
        predictions: By the reading's name the predictions of its outer run, with columns arm, fold
            and utterance, and the same further columns for all readings.
        arm: The arm to take from them.
        name: The arm's name in the result.

    Returns:
        The rows of the chosen readings, fold by fold in the order of ``choice``.

    Raises:
        SersnakeError: A reading was not predicted, or on other folds than those of the choice, or
            the readings were tested on different utterances.
    """
    first: pd.DataFrame | None = None
    of_arm = {}
    for reading, rows in predictions.items():
        of_arm[reading] = rows[rows["arm"] == arm]
        _check_folds(reading, of_arm[reading], set(choice["fold"]), arm)
        tested = of_arm[reading][["fold", "utterance"]].sort_values(["fold", "utterance"])
        first = tested if first is None else first
        if not tested.reset_index(drop=True).equals(first.reset_index(drop=True)):
            raise SersnakeError(
                f"predictions of reading {reading}: of other utterances than those of "
                f"{next(iter(predictions))}; run both with the same protocol and seed"
            )
    missing = sorted(set(choice["reading"]) - set(of_arm))
    if missing:
        raise SersnakeError(f"predictions: none of reading {missing[0]}; give those of all")
    parts = [
        of_arm[reading][of_arm[reading]["fold"] == fold]
        for fold, reading in zip(choice["fold"], choice["reading"], strict=True)
    ]
    return pd.concat(parts, ignore_index=True).assign(arm=name)


def _of_arm(reading: str, predictions: pd.DataFrame, arm: str) -> pd.DataFrame:
    """What was predicted on the inner folds of a reading."""
    rows = predictions[predictions["arm"] == arm]
    if rows.empty:
        raise SersnakeError(
            f"predictions of reading {reading}: none of arm {arm}; add it to the arms of its config"
        )
    if rows.duplicated(["fold", "utterance"]).any():
        raise SersnakeError(
            f"predictions of reading {reading}: arm {arm} predicts an utterance twice in a fold; "
            "predict again"
        )
    return rows


def _check_same(predictions: Mapping[str, pd.DataFrame]) -> None:
    """Stops where the readings were not predicted on the same utterances of the same folds."""
    tested = {
        name: pd.MultiIndex.from_frame(rows[["fold", "utterance"]])
        for name, rows in predictions.items()
    }
    first, *others = tested
    for other in others:
        if len(apart := tested[first].symmetric_difference(tested[other], sort=False)):
            raise SersnakeError(
                f"readings {first} and {other} were not measured on the same inner folds "
                f"({some(apart.get_level_values('fold').unique())}); run both with the same "
                "protocol and seed"
            )


def _inner_ua(predictions: pd.DataFrame, folds: pd.DataFrame) -> pd.Series:
    """UA on the inner folds of each outer fold, without what that one tests."""
    outer = predictions.assign(outer=predictions["fold"].map(outer_names)).explode("outer")
    tested = pd.MultiIndex.from_frame(folds.loc[folds["part"] == "test", ["fold", "utterance"]])
    counted = outer[~pd.MultiIndex.from_frame(outer[["outer", "utterance"]]).isin(tested)]
    right = counted["predicted"] == counted["emotion"]
    recalls = right.groupby([counted["outer"], counted["emotion"]]).mean()
    return recalls.groupby(level="outer").mean()


def _check_folds(reading: str, rows: pd.DataFrame, folds: set[str], arm: str) -> None:
    apart = sorted(folds.symmetric_difference(rows["fold"]))
    if apart:
        raise SersnakeError(
            f"predictions of reading {reading}: arm {arm} is not of the outer folds that were "
            f"chosen for (first difference: fold {apart[0]}); give those of the outer run"
        )
