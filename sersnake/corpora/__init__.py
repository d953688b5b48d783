"""The corpora that sersnake knows, and how one is read and certified."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

import pandas as pd

from sersnake.corpora.base import COLUMNS, SEGMENT, Corpus
from sersnake.corpora.certificate import Certificate, differences
from sersnake.errors import SersnakeError
from sersnake.settings.readers import READERS

__all__ = [
    "COLUMNS",
    "CORPORA",
    "READERS",
    "SEGMENT",
    "Certificate",
    "Corpus",
    "certify",
    "differences",
    "emotion_order",
    "get_corpus",
    "option_text",
    "read_corpus",
]


class _Corpora(Mapping[str, Corpus]):
    """The corpora and the general readers by their names, each imported when it is asked for."""

    def __getitem__(self, name: str) -> Corpus:
        corpus: Corpus = import_module(f"sersnake.corpora.{READERS[name]}").CORPUS
        return corpus

    def __iter__(self) -> Iterator[str]:
        return iter(READERS)

    def __len__(self) -> int:
        return len(READERS)


CORPORA = _Corpora()


def get_corpus(name: str) -> Corpus:
    """The corpus, or the general reader, of a name.

    Raises:
        SersnakeError: There is none of that name.
    """
    if name not in CORPORA:
        raise SersnakeError(f"corpus {name!r} is none of {', '.join(CORPORA)}")
    return CORPORA[name]


def read_corpus(
    name: str, root: Path, *, reader: str = "", options: Mapping[str, object] | None = None
) -> pd.DataFrame:
    """Reads names and labels of a corpus; no recording is opened.

    Args:
        name: What the corpus is called in the manifest and the tables.
        root: Its folder.
        reader: Name of the reader, where it is not the corpus' own.
        options: The reader's options that differ from their defaults.

    Returns:
        Columns ``COLUMNS``, all text, one row per utterance, sorted by utterance; with
        ``SEGMENT`` behind path where utterances are segments of recordings.

    Raises:
        SersnakeError: The reader or an option is unknown, or the corpus is not as published.
    """
    corpus = get_corpus(reader or name)
    frame = corpus.read(root, resolve_options(corpus, options or {}))
    return frame.assign(corpus=name)


def resolve_options(corpus: Corpus, options: Mapping[str, object]) -> dict[str, str]:
    """All options of a reader as text, the defaults included.

    Raises:
        SersnakeError: The reader has no such option.
    """
    unknown = sorted(set(options) - set(corpus.options))
    if unknown:
        known = ", ".join(corpus.options) or "none"
        raise SersnakeError(
            f"corpus_options: {unknown[0]} is no option of {corpus.name}; it has {known}"
        )
    return {**corpus.options, **{key: option_text(value) for key, value in options.items()}}


def option_text(value: object) -> str:
    """The value of a reader's option as text; a mapping is JSON."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, Mapping) else str(value)


def certify(
    name: str, frame: pd.DataFrame, *, reader: str = "", options: Mapping[str, object] | None = None
) -> list[str]:
    """Compares a corpus with its certificate.

    Args:
        name: As for :func:`read_corpus`.
        frame: What :func:`read_corpus` gave.
        reader: As for :func:`read_corpus`.
        options: As for :func:`read_corpus`.

    Returns:
        What is missing or too many and the likely cause, a sentence each; empty for a corpus that
        is whole, or of which no numbers are published.

    Raises:
        SersnakeError: There is no utterance at all, or the reader or an option is unknown.
    """
    corpus = get_corpus(reader or name)
    if frame.empty:
        raise SersnakeError(f"{name}: no utterance was found; it is expected as {corpus.layout}")
    certificate = corpus.certificate(resolve_options(corpus, options or {}))
    return differences(certificate, frame) if certificate else []


def emotion_order(manifest: pd.DataFrame) -> tuple[str, ...]:
    """The emotions of a manifest in the order of every table.

    That is the order of the published corpus, then the alphabet for what a corpus brings itself.

    Args:
        manifest: Columns emotion and corpus, at least one row.
    """
    corpus = CORPORA.get(manifest["corpus"].iloc[0])
    known = corpus.emotions if corpus else ()
    emotions = set(manifest["emotion"])
    return (*(name for name in known if name in emotions), *sorted(emotions - set(known)))
