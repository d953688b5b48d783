"""The corpora that sersnake knows, and how those of a run are read and certified."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from sersnake.corpora.base import COLUMNS, SEGMENT, corpora_of
from sersnake.corpora.joined import members_of, read_members
from sersnake.corpora.registry import CORPORA, get_corpus
from sersnake.settings.corpus import CorpusSettings
from sersnake.settings.readers import READERS

__all__ = [
    "COLUMNS",
    "CORPORA",
    "READERS",
    "SEGMENT",
    "certify",
    "emotion_order",
    "get_corpus",
    "read_corpus",
]

USUAL = CorpusSettings()


def read_corpus(name: str, root: Path, settings: CorpusSettings = USUAL) -> pd.DataFrame:
    """Reads names and labels of a corpus, or of several; no recording is opened.

    Args:
        name: Name of the corpus, or of all that are joined, in the manifest and the tables.
        root: Its folder; of joined corpora the folder that holds them.
        settings: How it is read, and which emotions are kept.

    Returns:
        Columns ``COLUMNS``, all text, one row per utterance, sorted by utterance; with
        ``SEGMENT`` behind path where utterances are segments of recordings.

    Raises:
        SersnakeError: The reader, an option or an emotion is unknown, or the corpus is not as
            published.
    """
    return read_members(members_of(name, root, settings), name)


def certify(name: str, frame: pd.DataFrame, settings: CorpusSettings = USUAL) -> list[str]:
    """Compares the utterances kept of a corpus, or of several, with the certificates.

    Args:
        name: As for :func:`read_corpus`.
        frame: What :func:`read_corpus` gave.
        settings: As for :func:`read_corpus`.

    Returns:
        One sentence per corpus that differs, with the likely cause; empty for a complete corpus, or
        one of which no numbers are published.

    Raises:
        SersnakeError: There is no utterance at all, or the reader or an option is unknown.
    """
    members = members_of(name, Path(), settings)
    return [sentence for member in members for sentence in member.differences(frame)]


def emotion_order(manifest: pd.DataFrame) -> tuple[str, ...]:
    """The classes of a manifest in the order of every table.

    That is the order of the published corpora, then alphabetical order for any other emotions.

    Args:
        manifest: Columns emotion and corpus, at least one row.
    """
    emotions = set(manifest["emotion"])
    corpora = [CORPORA[name] for name in corpora_of(manifest) if name in CORPORA]
    known = dict.fromkeys(emotion for corpus in corpora for emotion in corpus.emotions)
    return (*(name for name in known if name in emotions), *sorted(emotions - set(known)))
