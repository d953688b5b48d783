"""What stands on both sides of one fold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from sersnake.audit.catalogue import Catalogue, Labels, Positions
from sersnake.protocols.splits import PARTS, TEST, TRAIN, UNUSED, Parts
from sersnake.protocols.words import NAMED

BOTH = len(PARTS)  # the code of an utterance that stands in two parts
PART_NAMES = (*PARTS, "both train and test")


@dataclass(frozen=True)
class Shared:
    """A speaker, sentence or session on both sides.

    Attributes:
        train: Number of its utterances in the training part.
        test: Number of its utterances in the test part.
        few: The utterances on the smaller side where they are at most five: often a slip.
    """

    train: int
    test: int
    few: list[str]


@dataclass(frozen=True)
class Findings:
    """All about one fold.

    Attributes:
        train: Utterances of the training part.
        test: Utterances of the test part.
        tested: Number of speakers, sentences and sessions in the test part.
        shared: Which of them stand in the training part too.
        unknown: Utterances in either part whose speaker, sentence or session is not known.
        both_sides: Utterances in both parts.
        identical: Utterances with the same samples, by part.
        of_one_recording: Segments of the same recording, by part.
        near_identical: Utterances that sound nearly the same, by part.
        missing_classes: Classes that a part lacks, by part.
        unlisted: Utterances in either part that the manifest does not have.
        repeated: Utterances with more than one row.
        changed: Utterance, the part where it is, and the part where the protocol puts it.
    """

    train: int
    test: int
    tested: dict[str, int]
    shared: dict[str, dict[str, Shared]]
    unknown: dict[str, int]
    both_sides: list[str]
    identical: list[dict[str, list[str]]]
    of_one_recording: list[dict[str, list[str]]]
    near_identical: list[dict[str, str]]
    missing_classes: dict[str, list[str]]
    unlisted: list[str]
    repeated: list[str]
    changed: list[tuple[str, str, str]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Everything, for JSON; of what is shared, the numbers of utterances on either side."""
        shared = {
            claim: {name: {"test": s.test, "train": s.train} for name, s in names.items()}
            for claim, names in self.shared.items()
        }
        return {**vars(self), "shared": shared}


@dataclass(frozen=True)
class Fold:
    """One fold as positions in the catalogue, each once and ascending."""

    name: str
    train: Positions
    test: Positions
    repeated: Positions

    def parts(self, utterances: int) -> Parts:
        """The part of each utterance; ``BOTH`` is one of them."""
        sides = np.zeros(utterances, np.int8)
        sides[self.train] += 1
        sides[self.test] += 2
        return np.array([UNUSED, TRAIN, TEST, BOTH], np.int8)[sides]


def each_fold(rows: pd.DataFrame, catalogue: Catalogue) -> Iterator[Fold]:
    """The folds of a fold file.

    Args:
        rows: Columns fold, utterance, part (train, test, unused).
        catalogue: With all utterances of the rows.
    """
    positions = pd.Index(catalogue.utterances).get_indexer(pd.Index(rows["utterance"]))
    train, test = ((rows["part"] == part).to_numpy(bool) for part in ("train", "test"))
    folds, names = pd.factorize(rows["fold"])
    order = np.argsort(folds, kind="stable")
    for name, chosen in zip(
        names, np.split(order, np.cumsum(np.bincount(folds))[:-1]), strict=True
    ):
        yield Fold(
            str(name),
            np.flatnonzero(np.bincount(positions[chosen[train[chosen]]])),
            np.flatnonzero(np.bincount(positions[chosen[test[chosen]]])),
            np.flatnonzero(np.bincount(positions[chosen]) > 1),
        )


def examine(fold: Fold, catalogue: Catalogue, in_use: Positions) -> Findings:
    """Finds what one fold shares and lacks.

    Args:
        fold: The fold.
        catalogue: What is known of its utterances.
        in_use: Number of utterances of each class that any fold trains or tests on.
    """
    names = catalogue.utterances
    parts = fold.parts(len(names))
    both, either = np.flatnonzero(parts == BOTH), np.flatnonzero(parts != UNUSED)
    used = replace(fold, train=np.flatnonzero(parts == TRAIN), test=np.flatnonzero(parts == TEST))
    return Findings(
        train=len(fold.train),
        test=len(fold.test),
        tested={
            claim: int((labels.counts(fold.test) > 0).sum())
            for claim, labels in catalogue.groups.items()
        },
        shared={
            claim: _shared(labels, fold, catalogue) for claim, labels in catalogue.groups.items()
        },
        unknown={claim: labels.unknown(either) for claim, labels in catalogue.groups.items()},
        both_sides=names[both].tolist(),
        identical=_identical(used, catalogue.recordings, catalogue),
        of_one_recording=_identical(used, catalogue.files, catalogue),
        near_identical=_near_identical(used, catalogue),
        missing_classes={
            part: _missing(catalogue.classes, positions, in_use)
            for part, positions in (("train", fold.train), ("test", fold.test))
        },
        unlisted=names[either[either >= catalogue.listed]].tolist(),
        repeated=names[fold.repeated].tolist(),
    )


def changes(fold: Fold, catalogue: Catalogue, made: Parts) -> list[tuple[str, str, str]]:
    """Utterances that the protocol puts elsewhere: name, part found and part expected."""
    found = fold.parts(len(catalogue.utterances))[: catalogue.listed]
    return [
        (catalogue.utterances[i], PART_NAMES[found[i]], PART_NAMES[made[i]])
        for i in np.flatnonzero(found != made)
    ]


def _shared(labels: Labels, fold: Fold, catalogue: Catalogue) -> dict[str, Shared]:
    train, test = labels.counts(fold.train), labels.counts(fold.test)
    in_train, in_test = labels.members(fold.train), labels.members(fold.test)

    def few(code: int) -> list[str]:
        if min(train[code], test[code]) > NAMED:
            return []
        smaller = in_train if train[code] < test[code] else in_test
        return catalogue.utterances[smaller.of(code)].tolist()

    return {
        labels.names[code]: Shared(int(train[code]), int(test[code]), few(code))
        for code in np.flatnonzero((train > 0) & (test > 0)).tolist()
    }


def _identical(fold: Fold, labels: Labels, catalogue: Catalogue) -> list[dict[str, list[str]]]:
    """Utterances with the same label on both sides, by part."""
    on_both = (labels.counts(fold.train) > 0) & (labels.counts(fold.test) > 0)
    in_train, in_test = labels.members(fold.train), labels.members(fold.test)
    return [
        {
            "train": catalogue.utterances[in_train.of(code)].tolist(),
            "test": catalogue.utterances[in_test.of(code)].tolist(),
        }
        for code in np.flatnonzero(on_both).tolist()
    ]


def _near_identical(fold: Fold, catalogue: Catalogue) -> list[dict[str, str]]:
    parts = fold.parts(len(catalogue.utterances))[catalogue.near]
    apart = np.sort(parts, axis=1) == [TRAIN, TEST]
    return [
        {
            PART_NAMES[part]: catalogue.utterances[position]
            for part, position in zip(parts[row], catalogue.near[row], strict=True)
        }
        for row in np.flatnonzero(apart.all(axis=1))
    ]


def _missing(classes: Labels, positions: Positions, in_use: Positions) -> list[str]:
    return classes.names[(in_use > 0) & (classes.counts(positions) == 0)].tolist()
