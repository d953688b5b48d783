"""The readers by their names, each imported when it is needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

import pandas as pd

from sersnake.corpora.base import Corpus, corpora_of
from sersnake.errors import SersnakeError
from sersnake.settings.readers import READERS


class _Corpora(Mapping[str, Corpus]):
    """The corpora and the general readers by their names, each imported when it is needed."""

    def __getitem__(self, name: str) -> Corpus:
        corpus: Corpus = import_module(f"sersnake.corpora.{READERS[name]}").CORPUS
        return corpus

    def __iter__(self) -> Iterator[str]:
        return iter(READERS)

    def __len__(self) -> int:
        return len(READERS)


CORPORA = _Corpora()


def get_corpus(name: str) -> Corpus:
    """The corpus, or the general reader, with a given name.

    Raises:
        SersnakeError: There is none of that name.
    """
    if name not in CORPORA:
        raise SersnakeError(f"corpus {name!r} is not one of {', '.join(CORPORA)}")
    return CORPORA[name]


def license_of(manifest: pd.DataFrame) -> str:
    """The licence of the corpora of a manifest: ``other`` for several, empty if one has none."""
    corpora = [CORPORA.get(name) for name in corpora_of(manifest)]
    licences = {corpus.license if corpus else "" for corpus in corpora}
    if "" in licences:
        return ""
    return licences.pop() if len(licences) == 1 else "other"


def speech_of(manifest: pd.DataFrame) -> str:
    """What is spoken in the corpus of a manifest; empty for several corpora, or if unknown."""
    names = corpora_of(manifest)
    corpus = CORPORA.get(names[0]) if len(names) == 1 else None
    return corpus.speech if corpus else ""
