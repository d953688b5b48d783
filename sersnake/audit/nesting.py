"""Whether inner folds stay within the training parts of their outer folds."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from sersnake.audit.verdict import BROKEN, HOLDS, Verdict, shorten
from sersnake.errors import SersnakeError
from sersnake.protocols import outer_name
from sersnake.protocols.words import count, some


def judge_nesting(inner: pd.DataFrame, outer: pd.DataFrame) -> Verdict:
    """Whether every inner fold holds training utterances of its outer fold alone.

    A choice by the inner folds then knows nothing of the outer test parts.

    Args:
        inner: Columns fold (``<outer>-<inner>``), utterance, part (train, test, unused).
        outer: The same columns of the folds that are split again.

    Returns:
        ``BROKEN`` also where an outer fold has no inner fold, or an inner fold no outer fold.
    """
    wrong = list(_wrong(inner[inner["part"] != "unused"], outer))
    if wrong:
        return Verdict(BROKEN, "inner folds do not split the outer training parts", shorten(wrong))
    folds = count(inner["fold"].nunique(), "inner fold")
    return Verdict(HOLDS, f"{folds}: none holds anything of its outer test part")


def _wrong(inner: pd.DataFrame, outer: pd.DataFrame) -> Iterator[str]:
    """One line for every inner fold that is wrong and every outer fold that is not split."""
    unsplit = dict(iter(outer.groupby("fold", sort=False)))
    outer_folds = dict(unsplit)
    for fold, rows in inner.groupby("fold", sort=False):
        name = str(fold)
        try:
            of_outer = outer_name(name)
        except SersnakeError as error:
            yield str(error)
            continue
        unsplit.pop(of_outer, None)
        if of_outer not in outer_folds:
            yield f"fold {name}: there is no fold {of_outer} to split"
        elif strange := set(rows["utterance"]) - _train_only(outer_folds[of_outer]):
            yield f"fold {name}: {some(sorted(strange))} not in the training part of {of_outer}"
    yield from (f"fold {fold} has no inner fold" for fold in map(str, unsplit))


def _train_only(rows: pd.DataFrame) -> set[str]:
    """Utterances of the training part, but those that stand in the test part too."""
    parts = rows["utterance"].groupby(rows["part"]).agg(set)
    return parts.get("train", set()) - parts.get("test", set())
