"""Whether inner folds stay within the training sets of their outer folds."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from sersnake.errors import SersnakeError
from sersnake.io.words import count, some
from sersnake.protocols import outer_names
from sersnake.protocols.audit.verdict import BROKEN, HOLDS, Verdict, shorten


def judge_nesting(inner: pd.DataFrame, outer: pd.DataFrame) -> Verdict:
    """Whether every inner fold holds training utterances of its outer fold alone.

    A choice by the inner folds then knows nothing of the outer test sets. An inner fold that outer
    folds share may test what one of them tests, which a choice for that one leaves out.

    Args:
        inner: Columns fold (``<outer>-<inner>``, or the outer folds joined by ``+``), utterance,
            part (train, test, unused).
        outer: The same columns of the folds that are split again.

    Returns:
        ``BROKEN`` also where an outer fold has no inner fold, or an inner fold no outer fold.
    """
    wrong = list(_wrong(inner[inner["part"] != "unused"], outer))
    if wrong:
        return Verdict(BROKEN, "inner folds do not split the outer training sets", shorten(wrong))
    folds = count(inner["fold"].nunique(), "inner fold")
    return Verdict(HOLDS, f"{folds}: none {_verb(inner)} anything of its outer test set")


def _verb(inner: pd.DataFrame) -> str:
    shared = inner["fold"].map(lambda name: len(outer_names(str(name))) > 1)
    return "trains on" if shared.any() else "holds"


def _wrong(inner: pd.DataFrame, outer: pd.DataFrame) -> Iterator[str]:
    """One line for every inner fold that is wrong and every outer fold that is not split."""
    unsplit = dict(iter(outer.groupby("fold", sort=False)))
    outer_folds = dict(unsplit)
    for fold, rows in inner.groupby("fold", sort=False):
        name = str(fold)
        try:
            of_outer = outer_names(name)
        except SersnakeError as error:
            yield str(error)
            continue
        for outer_fold in of_outer:
            unsplit.pop(outer_fold, None)
            if outer_fold not in outer_folds:
                yield f"fold {name}: there is no fold {outer_fold} to split"
                continue
            held = rows if len(of_outer) == 1 else _without_test(rows, outer_folds[outer_fold])
            if strange := set(held["utterance"]) - _train_only(outer_folds[outer_fold]):
                listed = some(sorted(strange))
                yield f"fold {name}: {listed} not in the training set of {outer_fold}"
    yield from (f"fold {fold} has no inner fold" for fold in map(str, unsplit))


def _without_test(rows: pd.DataFrame, outer: pd.DataFrame) -> pd.DataFrame:
    """What of a shared inner fold counts for an outer fold: it may test what that one tests."""
    tested = set(outer.loc[outer["part"] == "test", "utterance"])
    return rows[(rows["part"] != "test") | ~rows["utterance"].isin(tested)]


def _train_only(rows: pd.DataFrame) -> set[str]:
    """Utterances of the training set, but those that stand in the test set too."""
    parts = rows["utterance"].groupby(rows["part"]).agg(set)
    return parts.get("train", set()) - parts.get("test", set())
