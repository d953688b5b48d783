"""A reading chosen for every fold by its inner folds, which hold nothing of the outer test part."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from sersnake.errors import SersnakeError
from sersnake.metrics import POOLED
from sersnake.protocols import outer_name
from sersnake.protocols.words import some

INNER = "inner_ua_"  # prefix of a column: mean UA of a reading over the inner folds
DIGITS = 9  # means that agree to this many are a tie


def choose_readings(metrics: Mapping[str, pd.DataFrame], arm: str) -> pd.DataFrame:
    """Picks for each outer fold the reading with the highest mean UA over its inner folds.

    Args:
        metrics: By the reading's name what :func:`sersnake.metrics.score` returns of its inner
            run, whose folds are named ``<outer>-<inner>``. Of equal readings the first is picked.
        arm: The arm whose UA counts.

    Returns:
        Columns fold (the outer one), reading (the one that is picked) and, for each reading,
        ``inner_ua_<reading>`` (a fraction); a row an outer fold.

    Raises:
        SersnakeError: There is no reading, one lacks the arm or an inner fold that another has,
            or a fold is no inner one.
    """
    if not metrics:
        raise SersnakeError("there is no reading to choose from; name at least one")
    by_reading = {name: _inner_ua(name, of_reading, arm) for name, of_reading in metrics.items()}
    first, *others = by_reading
    for other in others:
        apart = by_reading[first].index.symmetric_difference(by_reading[other].index, sort=False)
        if len(apart):
            raise SersnakeError(
                f"readings {first} and {other} were not measured on the same inner folds "
                f"({some(apart)}); run both with the same protocol and seed"
            )
    inner = pd.DataFrame(by_reading)
    means = inner.groupby(inner.index.map(outer_name), sort=False).mean()
    picked = means.round(DIGITS).idxmax(axis=1)  # the first of those that are highest
    chosen = pd.DataFrame({"fold": means.index, "reading": picked.to_numpy()})
    return pd.concat([chosen, means.add_prefix(INNER).reset_index(drop=True)], axis=1)


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


def _inner_ua(reading: str, metrics: pd.DataFrame, arm: str) -> pd.Series:
    """UA of one arm, indexed by the inner fold."""
    of_arm = metrics[(metrics["arm"] == arm) & (metrics["fold"] != POOLED)]
    found = of_arm[of_arm["metric"] == "UA"].set_index("fold")["value"]
    if found.empty:
        raise SersnakeError(
            f"metrics of reading {reading}: no UA of arm {arm}; add it to the arms of its config"
        )
    if found.isna().any() or found.index.has_duplicates:
        raise SersnakeError(
            f"metrics of reading {reading}: not one UA of arm {arm} a fold; score them again"
        )
    return found


def _check_folds(reading: str, rows: pd.DataFrame, folds: set[str], arm: str) -> None:
    apart = sorted(folds.symmetric_difference(rows["fold"]))
    if apart:
        raise SersnakeError(
            f"predictions of reading {reading}: arm {arm} is not of the outer folds that were "
            f"chosen for (first difference: fold {apart[0]}); give those of the outer run"
        )
