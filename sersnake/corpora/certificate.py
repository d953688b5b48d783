"""A certificate: what is published about the size of a corpus, to be checked on every run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import pandas as pd

from sersnake.io.words import first_of

PART = 10  # utterances: this many missing from one or two speakers, or renamed, are no accident
PAIR = 2  # speakers of a session of IEMOCAP


@dataclass(frozen=True)
class Certificate:
    """Published numbers of utterances of one edition of a corpus.

    Attributes:
        edition: What was counted, in words ("improvised turns, four classes"); empty if there is
            only one edition.
        classes: Utterances of each emotion.
        speakers: Utterances of each speaker; empty where that is not published.
        names: Names of all utterances; empty where they are not published.
        alternatives: Other editions that the corpus may be; the edition of the nearest size counts.
    """

    edition: str
    classes: Mapping[str, int]
    speakers: Mapping[str, int] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    alternatives: tuple[Certificate, ...] = ()

    @property
    def size(self) -> int:
        """Number of utterances."""
        return sum(self.classes.values())

    def nearest(self, size: int) -> Certificate:
        """This edition or the alternative whose size is nearest to ``size`` utterances."""
        editions = (self, *self.alternatives)
        return min(editions, key=lambda edition: abs(edition.size - size))

    def merged(self, classes: Mapping[str, str]) -> Certificate:
        """The same numbers, for the classes into which emotions are merged."""
        sizes: Counter[str] = Counter()
        for emotion, size in self.classes.items():
            sizes[classes[emotion]] += size
        alternatives = tuple(edition.merged(classes) for edition in self.alternatives)
        return replace(self, classes=sizes, alternatives=alternatives)


def differences(certificate: Certificate, frame: pd.DataFrame) -> list[str]:
    """What is missing or too many in a corpus' frame, with the likely cause.

    Args:
        certificate: What is published.
        frame: Columns utterance, speaker and emotion, one row per utterance.

    Returns:
        Empty for a complete corpus; otherwise one sentence on what differs and why.
    """
    comparison = Comparison(certificate.nearest(len(frame)), frame)
    return [f"{comparison.summary()}; {comparison.cause()}"] if comparison.differs() else []


@dataclass(frozen=True)
class Comparison:
    """A comparison of a corpus' frame with one certificate.

    Attributes:
        certificate: What is published.
        frame: Columns utterance, speaker and emotion, one row per utterance.
    """

    certificate: Certificate
    frame: pd.DataFrame

    @cached_property
    def missing(self) -> list[str]:
        """Published names that are missing."""
        return sorted(self.certificate.names - set(self.frame["utterance"]))

    @cached_property
    def foreign(self) -> list[str]:
        """Names that were not published."""
        names = self.certificate.names
        return sorted(set(self.frame["utterance"]) - names) if names else []

    @cached_property
    def classes(self) -> dict[str, tuple[int, int]]:
        """Numbers of present and published utterances of each emotion where they differ."""
        return _changes(self.frame["emotion"], self.certificate.classes)

    @cached_property
    def speakers(self) -> dict[str, tuple[int, int]]:
        """The same for each speaker, as "speaker NAME"."""
        published = self.certificate.speakers
        changes = _changes(self.frame["speaker"], published) if published else {}
        return {f"speaker {name}": numbers for name, numbers in changes.items()}

    def differs(self) -> bool:
        """Whether the corpus is not as published."""
        return bool(self.missing or self.foreign or self.classes or self.speakers)

    def summary(self) -> str:
        """Numbers and names that differ."""
        edition = f" ({self.certificate.edition})" if self.certificate.edition else ""
        details = self._names() or self._numbers()
        return f"{len(self.frame)} of {self.certificate.size} utterances{edition}: {details}"

    def _names(self) -> str:
        parts = []
        if self.foreign:
            parts.append(
                f"{first_of(self.foreign)} {_be(self.foreign)} not of the published corpus"
            )
        if self.missing:
            where = "" if self.foreign else f" ({self._numbers()})"
            parts.append(f"{first_of(self.missing)} {_be(self.missing)} missing{where}")
        return " and ".join(parts)

    def _numbers(self) -> str:
        """The classes or the speakers that differ, whichever tells more, or both if one of each."""
        axes = sorted(filter(None, (self.classes, self.speakers)), key=_spread)
        if len(self.missing) == 1:
            return ", ".join(name for axis in axes for name in axis)
        shown = axes if all(len(axis) == 1 for axis in axes) else axes[:1]
        return ", ".join(
            first_of(
                f"{number} of {published} of {name}" for name, (number, published) in axis.items()
            )
            for axis in shown
        )

    def cause(self) -> str:
        """The likely cause and the remedy."""
        if self.foreign:
            return self._renamed() if self.missing else self._foreign()
        short, over = self._sum(-1), self._sum(+1)
        if over:
            return (
                "utterances were relabelled or moved, or are of another edition: unpack the corpus "
                f"again{self._options()}"
            )
        if part := self._part(short):
            return f"{part} was moved, renamed or not unpacked: unpack that part again"
        relabelled = "" if self.certificate.names else ", relabelled"
        return f"{_they(short)} deleted{relabelled} or not unpacked: unpack the corpus again"

    def _renamed(self) -> str:
        if len(self.foreign) == len(self.missing) < PART:
            names = "its published name" if len(self.missing) == 1 else "their published names"
            return f"{_they(len(self.missing))} probably renamed: give back {names}"
        return (
            "files were renamed or are of another edition: move other files out of the corpus' "
            "folder and unpack the corpus again"
        )

    def _foreign(self) -> str:
        one = len(self.foreign) == 1
        these, them = ("it is a copy", "it") if one else ("they are copies", "them")
        return (
            f"{these} or of another edition: move {them} out of the corpus' folder{self._options()}"
        )

    def _options(self) -> str:
        """A further remedy where the user may choose the edition."""
        edition = self.certificate.edition
        return ", or set corpus_options to the edition that it is" if edition else ""

    def _sum(self, sign: int) -> int:
        """Utterances too many (+1) or too few (-1), over the classes or over the speakers."""
        return max(
            sum(max(0, sign * (number - published)) for number, published in changes.values())
            for changes in (self.classes, self.speakers)
        )

    def _part(self, short: int) -> str:
        """The speakers or classes of which all, or very many, are missing, in words; or nothing."""
        for axis in (self.speakers, self.classes):
            names = [name for name, (number, _) in axis.items() if number == 0]
            if not names and len(axis) <= PAIR and short >= PART:
                names = [*axis]
            if names:
                return f"a whole part ({first_of(names)})"
        if short >= PART and set(self.classes) == set(self.certificate.classes):
            return "a whole part (of every class)"
        return ""


def _spread(changes: Mapping[str, tuple[int, int]]) -> tuple[bool, int]:
    """A sort key: first where a class or speaker is missing altogether, then where few differ."""
    return all(number for number, _ in changes.values()), len(changes)


def _changes(labels: pd.Series, published: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    counts = Counter(labels)
    names = [*published, *sorted(set(counts) - set(published))]
    pairs = {name: (counts[name], published.get(name, 0)) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _be(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _they(number: int) -> str:
    return "it was" if number == 1 else "they were"
