"""The corpora that sersnake knows."""

from __future__ import annotations

import pandas as pd

from sersnake.corpora import casia, demo, emodb, iemocap
from sersnake.corpora.base import COLUMNS, Corpus
from sersnake.errors import SersnakeError

__all__ = ["COLUMNS", "CORPORA", "Corpus", "check_counts", "emotion_order", "get_corpus"]

CORPORA = {module.CORPUS.name: module.CORPUS for module in (demo, emodb, casia, iemocap)}


def get_corpus(name: str) -> Corpus:
    """The corpus of a name.

    Raises:
        SersnakeError: There is none of that name.
    """
    if name not in CORPORA:
        raise SersnakeError(f"corpus {name!r} is none of {', '.join(CORPORA)}")
    return CORPORA[name]


def check_counts(corpus: Corpus, frame: pd.DataFrame) -> None:
    """Checks that every class has as many utterances as published.

    Raises:
        SersnakeError: A class has too few or too many, or, where editions differ, none.
    """
    found = frame["emotion"].value_counts()
    counts = {emotion: int(found.get(emotion, 0)) for emotion in corpus.emotions}
    if corpus.expected is None:
        empty = [emotion for emotion, count in counts.items() if count == 0]
        if empty:
            raise SersnakeError(
                f"{corpus.name}: no utterance of {', '.join(empty)}; unpack the corpus again"
            )
        return
    wrong = [
        f"{emotion} {count} of {corpus.expected[emotion]}"
        for emotion, count in counts.items()
        if count != corpus.expected[emotion]
    ]
    if wrong:
        total = sum(corpus.expected.values())
        raise SersnakeError(
            f"{corpus.name}: {len(frame)} utterances, {total} expected: {', '.join(wrong)}; "
            "unpack the corpus again, with nothing taken away or added"
        )


def emotion_order(manifest: pd.DataFrame) -> tuple[str, ...]:
    """The corpus' emotions in the order of every table.

    Args:
        manifest: Columns emotion and corpus, at least one row.

    Raises:
        SersnakeError: The corpus is unknown or has an emotion that it does not know.
    """
    corpus = get_corpus(manifest["corpus"].iloc[0])
    unknown = sorted(set(manifest["emotion"]) - set(corpus.emotions))
    if unknown:
        raise SersnakeError(f"{corpus.name} has no emotion {unknown[0]!r}; make the manifest again")
    return corpus.emotions
