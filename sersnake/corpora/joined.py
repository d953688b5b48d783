"""The corpora that a run reads: one, or several that it joins."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from sersnake.corpora.base import COLUMNS, SEGMENT, Corpus, order_frame
from sersnake.corpora.certificate import Certificate, differences
from sersnake.corpora.classes import check_labels, class_of_each
from sersnake.corpora.registry import get_corpus
from sersnake.errors import SersnakeError
from sersnake.settings.corpus import CorpusReader, CorpusSettings, Labels
from sersnake.settings.readers import READERS

# Columns of names that are only unique within their corpus, such as speaker 03.
NAMED = ("utterance", "speaker", "session", "sentence")


@dataclass(frozen=True)
class Member:
    """A corpus of a run.

    Attributes:
        name: Its name in the manifest and the tables.
        root: Its folder.
        corpus: Its reader.
        options: Those of the reader, including defaults.
        labels: What is kept and merged.
        prefix: Prefix of names in a run that joins several corpora; empty for a single one.
    """

    name: str
    root: Path
    corpus: Corpus
    options: Mapping[str, str]
    labels: Labels
    prefix: str = ""

    def read(self) -> pd.DataFrame:
        """All rows of the reader, whatever ``labels`` keeps."""
        return self.corpus.read(self.root, self.options).assign(corpus=self.name)

    def choose(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The utterances whose emotion is kept, each with its class; unknown names stay empty."""
        classes = class_of_each(self.labels, set(frame["emotion"]), self.corpus.kept)
        rows = frame[frame["emotion"].isin(list(classes))].reset_index(drop=True)
        names = {
            column: (self.prefix + rows[column]).where(rows[column] != "", "") for column in NAMED
        }
        return rows.assign(emotion=rows["emotion"].map(classes), **(names if self.prefix else {}))

    @cached_property
    def certificate(self) -> Certificate | None:
        """The published numbers of the utterances that are kept, by merged class."""
        classes = class_of_each(self.labels, self.corpus.emotions, self.corpus.kept)
        whole = self.corpus.certificate(self.options, tuple(classes))
        return whole.merged(classes) if whole else None

    def differences(self, frame: pd.DataFrame) -> list[str]:
        """How the rows of a run differ from what is published, one sentence each.

        Raises:
            SersnakeError: There is no utterance of this corpus.
        """
        rows = frame[frame["corpus"] == self.name]
        if rows.empty:
            raise SersnakeError(
                f"{self.name}: no utterance was found; put the corpus at {self.corpus.layout}"
            )
        names = {column: rows[column].str.removeprefix(self.prefix) for column in NAMED}
        wrong = differences(self.certificate, rows.assign(**names)) if self.certificate else []
        return [f"{self.name}: {sentence}" for sentence in wrong] if self.prefix else wrong


def members_of(name: str, root: Path, settings: CorpusSettings) -> list[Member]:
    """The corpora of a run.

    Args:
        name: The run's name of its corpus, or of all that it joins.
        root: The corpus' folder; of joined corpora the folder that holds them.
        settings: How they are read.

    Raises:
        SersnakeError: A reader or an option is unknown.
    """
    if not settings.corpora:
        return [_member(name, root, settings, settings.labels)]
    return [
        _member(
            part,
            root / Path(how.folder or part).expanduser(),
            how,
            settings.labels,
            prefix=f"{part}-",
        )
        for part, how in settings.corpora.items()
    ]


def _member(name: str, root: Path, how: CorpusReader, labels: Labels, prefix: str = "") -> Member:
    corpus = get_corpus(how.reader or name)
    return Member(name, root, corpus, _resolve_options(corpus, how.corpus_options), labels, prefix)


def read_members(members: Sequence[Member], name: str) -> pd.DataFrame:
    """The utterances of a run whose emotions are kept.

    Args:
        members: Its corpora.
        name: The run's name of them.

    Raises:
        SersnakeError: A corpus cannot be read, ``labels`` names an unknown emotion, or two
            utterances would have the same name.
    """
    frames = [member.read() for member in members]
    if members[0].labels != Labels():
        emotions = [emotion for member in members for emotion in member.corpus.emotions]
        brought = sorted({emotion for frame in frames for emotion in frame["emotion"]})
        check_labels(members[0].labels, list(dict.fromkeys([*emotions, *brought])), name)
    chosen = [member.choose(frame) for member, frame in zip(members, frames, strict=True)]
    return _join(chosen, name) if members[0].prefix else chosen[0]


def _join(frames: Sequence[pd.DataFrame], name: str) -> pd.DataFrame:
    """One frame; values that only some corpora have are empty elsewhere."""
    rows = pd.concat(frames, ignore_index=True).fillna("")
    segments = [column for column in SEGMENT if column in rows]
    return order_frame(rows[[*COLUMNS[:2], *segments, *COLUMNS[2:]]], name)


def asked_readers(name: str, settings: CorpusSettings) -> set[str]:
    """The readers that a run may use: its own, and those that its corpora are named after."""
    parts: Mapping[str, CorpusReader] = settings.corpora or {name: settings}
    asked = {*parts, *(how.reader for how in parts.values())}
    # The reader of EmoBox gets speakers from the others.
    return set(READERS) if "emobox" in asked else asked & set(READERS)


def _resolve_options(corpus: Corpus, options: Mapping[str, object]) -> dict[str, str]:
    """All options of a reader as text, including defaults."""
    unknown = sorted(set(options) - set(corpus.options))
    if unknown:
        known = ", ".join(corpus.options) or "none"
        raise SersnakeError(
            f"corpus_options: {unknown[0]} is not an option of {corpus.name}; it has {known}"
        )
    return {**corpus.options, **{key: _option_text(value) for key, value in options.items()}}


def _option_text(value: object) -> str:
    """The value of a reader's option as text; a mapping is JSON."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, Mapping) else str(value)
