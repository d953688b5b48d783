"""The findings in one fold: what is in several parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from sersnake.io.words import NAMED
from sersnake.protocols.audit.catalogue import Catalogue, Labels, Positions
from sersnake.protocols.splits import PARTS, TEST, TRAIN, UNUSED, VALIDATION, Parts

SEVERAL = len(PARTS)  # the code of an utterance that stands in several parts
PART_NAMES = (*PARTS, "several parts")
COMPARED = ("test", "validation", "train")  # parts of which no two may share what is claimed
PART_OF_SIDES = np.array(
    [UNUSED, TEST, VALIDATION, SEVERAL, TRAIN, SEVERAL, SEVERAL, SEVERAL], np.int8
)


@dataclass(frozen=True)
class Shared:
    """A speaker, sentence or session in several parts.

    Attributes:
        sizes: Number of its utterances in each part that has some.
        few: The utterances of the smallest part where they are at most five: often a slip.
    """

    sizes: dict[str, int]
    few: list[str]

    @property
    def smallest(self) -> str:
        """The part with the fewest of its utterances."""
        return min(self.sizes, key=self.sizes.__getitem__)


@dataclass(frozen=True)
class Findings:
    """All about one fold.

    Attributes:
        train: Utterances of the training set.
        test: Utterances of the test set.
        validation: Utterances of the validation set.
        tested: Number of speakers, sentences and sessions in the test set.
        validated: Number of them in the validation set.
        shared: Those of them that are in several parts.
        unknown: Utterances in any part whose speaker, sentence or session is not known.
        both_sides: Utterances in several parts.
        identical: Utterances with the same samples, by part.
        of_one_recording: Segments of the same recording, by part.
        near_identical: Utterances that sound nearly the same, by part.
        missing_classes: Classes that a part lacks, by part.
        unlisted: Utterances in any part that the manifest does not have.
        repeated: Utterances with more than one row.
        changed: Utterance, the part where it is, and the part where the protocol puts it.
    """

    train: int
    test: int
    validation: int
    tested: dict[str, int]
    validated: dict[str, int]
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

    def sharing(self, claim: str, first: str, second: str) -> list[str]:
        """The speakers, sentences or sessions in both of two parts."""
        both = {first, second}
        return [name for name, shared in self.shared[claim].items() if both <= shared.sizes.keys()]

    def as_dict(self) -> dict[str, Any]:
        """Everything, for JSON; of what is shared, the numbers of utterances in each part."""
        shared = {
            claim: {name: shared.sizes for name, shared in names.items()}
            for claim, names in self.shared.items()
        }
        return {**vars(self), "shared": shared}


@dataclass(frozen=True)
class Fold:
    """One fold as positions in the catalogue, each once and ascending."""

    name: str
    train: Positions
    test: Positions
    validation: Positions
    repeated: Positions

    def parts(self, utterances: int) -> Parts:
        """The part of each utterance; ``SEVERAL`` is one of them."""
        sides = np.zeros(utterances, np.int8)
        for number, part in enumerate(COMPARED):
            sides[getattr(self, part)] += 1 << number
        return PART_OF_SIDES[sides]


def each_fold(rows: pd.DataFrame, catalogue: Catalogue) -> Iterator[Fold]:
    """The folds of a fold file.

    Args:
        rows: Columns fold, utterance, part (train, test, validation, unused).
        catalogue: With all utterances of the rows.
    """
    positions = pd.Index(catalogue.utterances).get_indexer(pd.Index(rows["utterance"]))
    in_part = {part: (rows["part"] == part).to_numpy(bool) for part in COMPARED}
    folds, names = pd.factorize(rows["fold"])
    order = np.argsort(folds, kind="stable")
    for name, chosen in zip(
        names, np.split(order, np.cumsum(np.bincount(folds))[:-1]), strict=True
    ):
        yield Fold(
            str(name),
            **{
                part: np.flatnonzero(np.bincount(positions[chosen[rows_in[chosen]]]))
                for part, rows_in in in_part.items()
            },
            repeated=np.flatnonzero(np.bincount(positions[chosen]) > 1),
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
    several, used = np.flatnonzero(parts == SEVERAL), np.flatnonzero(parts != UNUSED)
    train, test, validation = (np.flatnonzero(parts == part) for part in (TRAIN, TEST, VALIDATION))
    once = replace(fold, train=train, test=test, validation=validation)
    return Findings(
        train=len(fold.train),
        test=len(fold.test),
        validation=len(fold.validation),
        tested=_count_groups(catalogue, fold.test),
        validated=_count_groups(catalogue, fold.validation),
        shared={
            claim: _shared(labels, fold, catalogue) for claim, labels in catalogue.groups.items()
        },
        unknown={claim: labels.unknown(used) for claim, labels in catalogue.groups.items()},
        both_sides=names[several].tolist(),
        identical=_identical(once, catalogue.recordings, catalogue),
        of_one_recording=_identical(once, catalogue.files, catalogue),
        near_identical=_near_identical(once, catalogue),
        missing_classes={
            part: _missing(catalogue.classes, positions, in_use)
            for part, positions in (("train", fold.train), ("test", fold.test))
        },
        unlisted=names[used[used >= catalogue.listed]].tolist(),
        repeated=names[fold.repeated].tolist(),
    )


def changes(fold: Fold, catalogue: Catalogue, made: Parts) -> list[tuple[str, str, str]]:
    """Utterances that the protocol puts elsewhere: name, part found and part expected."""
    listed = fold.parts(len(catalogue.utterances))[: catalogue.listed]
    return [
        (catalogue.utterances[i], PART_NAMES[listed[i]], PART_NAMES[made[i]])
        for i in np.flatnonzero(listed != made)
    ]


def _count_groups(catalogue: Catalogue, positions: Positions) -> dict[str, int]:
    """Number of speakers, sentences and sessions among some utterances."""
    return {
        claim: int((labels.counts(positions) > 0).sum())
        for claim, labels in catalogue.groups.items()
    }


def _in_several(labels: Labels, fold: Fold) -> list[int]:
    """Codes of the values in several parts."""
    parts = sum((labels.counts(getattr(fold, part)) > 0).astype(int) for part in COMPARED)
    return np.flatnonzero(parts > 1).tolist()


def _shared(labels: Labels, fold: Fold, catalogue: Catalogue) -> dict[str, Shared]:
    counts = {part: labels.counts(getattr(fold, part)) for part in COMPARED}
    members = {part: labels.members(getattr(fold, part)) for part in COMPARED}

    def shared(code: int) -> Shared:
        sizes = {part: int(count[code]) for part, count in counts.items() if count[code]}
        smallest = min(sizes, key=sizes.__getitem__)
        few = members[smallest].of(code)[: NAMED * (sizes[smallest] <= NAMED)]
        return Shared(sizes, catalogue.utterances[few].tolist())

    return {labels.names[code]: shared(code) for code in _in_several(labels, fold)}


def _identical(fold: Fold, labels: Labels, catalogue: Catalogue) -> list[dict[str, list[str]]]:
    """Utterances with the same label in several parts, by part."""
    members = {part: labels.members(getattr(fold, part)) for part in COMPARED}
    return [
        {
            part: catalogue.utterances[of_part.of(code)].tolist()
            for part, of_part in members.items()
            if len(of_part.of(code))
        }
        for code in _in_several(labels, fold)
    ]


def _near_identical(fold: Fold, catalogue: Catalogue) -> list[dict[str, str]]:
    parts = fold.parts(len(catalogue.utterances))[catalogue.near]
    apart = np.isin(parts, [TRAIN, TEST, VALIDATION]).all(axis=1) & (parts[:, 0] != parts[:, 1])
    return [
        {
            PART_NAMES[part]: catalogue.utterances[position]
            for part, position in zip(parts[row], catalogue.near[row], strict=True)
        }
        for row in np.flatnonzero(apart)
    ]


def _missing(classes: Labels, positions: Positions, in_use: Positions) -> list[str]:
    return classes.names[(in_use > 0) & (classes.counts(positions) == 0)].tolist()
