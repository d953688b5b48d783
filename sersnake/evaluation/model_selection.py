"""Nested model selection: a variant per outer fold, by inner folds without its test utterances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from sersnake.errors import SersnakeError
from sersnake.io.words import some
from sersnake.protocols import outer_names

INNER = "inner_ua_"  # prefix of a column: UA of a variant on the inner folds
DIGITS = 9  # values that agree to this many are a tie


def select_variants(
    predictions: Mapping[str, pd.DataFrame], folds: pd.DataFrame, system: str
) -> pd.DataFrame:
    """Selects for each outer fold the variant with the highest UA pooled over its inner folds.

    Where outer folds share an inner fold, each leaves out its own test utterances.

    Args:
        predictions: By the variant's name, the predictions of its inner run: columns system, fold
            (an inner one), utterance, emotion, predicted. On a tie the first variant is selected.
        folds: Columns fold, utterance, part of the outer folds.
        system: The system whose UA counts.

    Returns:
        Columns fold (the outer one), variant (the selected one) and, for each variant,
        ``inner_ua_<variant>`` (a fraction); one row per outer fold.

    Raises:
        SersnakeError: There is no variant, one lacks the system or was predicted on other inner
            folds than another, a fold is not an inner fold, or an outer fold has no inner fold.
    """
    if not predictions:
        raise SersnakeError("no variant to select from; name at least one")
    of_system = {name: _of_system(name, rows, system) for name, rows in predictions.items()}
    _check_same(of_system)
    scores = pd.DataFrame({name: _inner_ua(rows, folds) for name, rows in of_system.items()})
    scores = scores.reindex(folds["fold"].unique())
    if lacking := list(scores.index[scores.isna().any(axis=1)]):
        raise SersnakeError(f"fold {lacking[0]} has no inner fold; give the folds of the outer run")
    best = scores.round(DIGITS).idxmax(axis=1)  # the first of those that are highest
    selected = pd.DataFrame({"fold": scores.index, "variant": best.to_numpy()})
    return pd.concat([selected, scores.add_prefix(INNER).reset_index(drop=True)], axis=1)


def best_over_folds(predictions: Sequence[pd.DataFrame]) -> int:
    """Which of several systems has the highest UA pooled over all folds; on a tie the first.

    This repeats on the whole corpus the procedure of :func:`select_variants` on each training set.
    The UA of the selected system is optimistic; :func:`selected_predictions` give the estimate.

    Args:
        predictions: Those of each system, on the same folds: columns emotion and predicted.

    Raises:
        SersnakeError: There is none.
    """
    if not predictions:
        raise SersnakeError("no model to choose from; give at least one")
    recalls = [
        (rows["predicted"] == rows["emotion"]).groupby(rows["emotion"]).mean()
        for rows in predictions
    ]
    return int(np.argmax([round(of_classes.mean(), DIGITS) for of_classes in recalls]))


def selected_predictions(
    selected: pd.DataFrame, predictions: Mapping[str, pd.DataFrame], system: str, name: str
) -> pd.DataFrame:
    """The predictions of each outer fold's selected variant, as one system.

    Args:
        selected: Columns fold and variant, of :func:`select_variants`.
        predictions: By the variant's name, the predictions of its outer run, with columns system,
            fold and utterance, and the same further columns for all variants.
        system: The system to take from them.
        name: The system's name in the result.

    Returns:
        The rows of the selected variants, fold by fold in the order of ``selected``.

    Raises:
        SersnakeError: A variant has no predictions, or those of other folds than ``selected``, or
            the variants were tested on different utterances.
    """
    first: pd.DataFrame | None = None
    of_system = {}
    for variant, rows in predictions.items():
        of_system[variant] = rows[rows["system"] == system]
        _check_folds(variant, of_system[variant], set(selected["fold"]), system)
        tested = of_system[variant][["fold", "utterance"]].sort_values(["fold", "utterance"])
        first = tested if first is None else first
        if not tested.reset_index(drop=True).equals(first.reset_index(drop=True)):
            raise SersnakeError(
                f"predictions of variant {variant}: their utterances differ from those of "
                f"{next(iter(predictions))}; run both with the same protocol and seed"
            )
    missing = sorted(set(selected["variant"]) - set(of_system))
    if missing:
        raise SersnakeError(f"predictions: variant {missing[0]} is missing; give those of all")
    parts = [
        of_system[variant][of_system[variant]["fold"] == fold]
        for fold, variant in zip(selected["fold"], selected["variant"], strict=True)
    ]
    return pd.concat(parts, ignore_index=True).assign(system=name)


def _of_system(variant: str, predictions: pd.DataFrame, system: str) -> pd.DataFrame:
    """The predictions of a variant on its inner folds."""
    rows = predictions[predictions["system"] == system]
    if rows.empty:
        raise SersnakeError(
            f"predictions of variant {variant}: system {system} is missing; add it to the systems "
            "of its config"
        )
    if rows.duplicated(["fold", "utterance"]).any():
        raise SersnakeError(
            f"predictions of variant {variant}: system {system} predicts an utterance twice in a "
            "fold; predict again"
        )
    return rows


def _check_same(predictions: Mapping[str, pd.DataFrame]) -> None:
    """Stops where the variants were not predicted on the same utterances of the same folds."""
    tested = {
        name: pd.MultiIndex.from_frame(rows[["fold", "utterance"]])
        for name, rows in predictions.items()
    }
    first, *rest = tested
    for other in rest:
        if len(apart := tested[first].symmetric_difference(tested[other], sort=False)):
            raise SersnakeError(
                f"variants {first} and {other} were not measured on the same inner folds "
                f"({some(apart.get_level_values('fold').unique())}); run both with the same "
                "protocol and seed"
            )


def _inner_ua(predictions: pd.DataFrame, folds: pd.DataFrame) -> pd.Series:
    """UA pooled over the inner folds of each outer fold, without its test utterances."""
    outer = predictions.assign(outer=predictions["fold"].map(outer_names)).explode("outer")
    tested = pd.MultiIndex.from_frame(folds.loc[folds["part"] == "test", ["fold", "utterance"]])
    counted = outer[~pd.MultiIndex.from_frame(outer[["outer", "utterance"]]).isin(tested)]
    right = counted["predicted"] == counted["emotion"]
    recalls = right.groupby([counted["outer"], counted["emotion"]]).mean()
    return recalls.groupby(level="outer").mean()


def _check_folds(variant: str, rows: pd.DataFrame, folds: set[str], system: str) -> None:
    apart = sorted(folds.symmetric_difference(rows["fold"]))
    if apart:
        raise SersnakeError(
            f"predictions of variant {variant}: system {system} was not predicted on the "
            f"outer folds (first difference: fold {apart[0]}); give those of the outer run"
        )
