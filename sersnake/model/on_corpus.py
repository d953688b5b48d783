"""The accuracy of a model on a labelled corpus."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sersnake.corpora.base import title_of
from sersnake.corpora.segments import segments_of
from sersnake.errors import SersnakeError
from sersnake.io.audio import SAMPLE_RATE, Segment
from sersnake.model.card_data import measure
from sersnake.model.prediction.inputs import Recording
from sersnake.model.prediction.rows import Row, predict_rows
from sersnake.model.prediction.segments import Places

if TYPE_CHECKING:
    from sersnake.model.model import Model

MEASURED = "corpora"  # where a model keeps what was measured, in what is told about it
FOLD = "all"


class Utterances:
    """Cuts each recording to the utterance of the same name."""

    whole = True

    def __init__(self, segments: Mapping[str, Segment]) -> None:
        """Takes start and end of each in s."""
        self._segments = segments

    def places(self, recording: str, signal: NDArray[np.float32]) -> Places:
        """The only segment of a recording."""
        start, end = self._segments[recording]
        last = len(signal) if end is None else min(len(signal), round(end * SAMPLE_RATE))
        return [(round(start * SAMPLE_RATE), last)]


def answer_corpus(
    model: Model,
    manifest: pd.DataFrame,
    report: Callable[[], None] = lambda: None,
    threads: int = 1,
) -> pd.DataFrame:
    """Predicts the emotion of each utterance whose labelled emotion the model knows.

    Only emotions that model and corpus share are predicted.

    Args:
        model: The model.
        manifest: Columns utterance, path and emotion, and start and end for segments.
        report: Called for each prediction.
        threads: Number of recordings whose features are extracted at a time.

    Returns:
        Columns system (the model's name), fold, utterance, emotion and predicted; silent utterances
        have no prediction and no row.

    Raises:
        SersnakeError: The corpus has fewer than two emotions that the model knows, or a recording
            cannot be used.
    """
    known = shared_emotions(model, manifest)
    asked = manifest[manifest["emotion"].isin(known)]
    names = asked["utterance"].tolist()
    recordings = [Recording(*pair) for pair in zip(names, map(Path, asked["path"]), strict=True)]
    cutting = Utterances(dict(zip(names, segments_of(asked), strict=True)))
    columns = [model.labels.index(name) for name in known]
    answers: dict[str, str] = {}
    for rows in predict_rows(model.ready(), recordings, cutting, _refuse, threads):
        answers |= {row.file: known[_best(row, columns)] for row in rows if not row.silent}
        for _ in rows:
            report()
    answered = asked[asked["utterance"].isin(answers)]
    return pd.DataFrame(
        {
            "system": model.about["name"],
            "fold": FOLD,
            "utterance": answered["utterance"],
            "emotion": answered["emotion"],
            "predicted": answered["utterance"].map(answers),
        }
    )


def _best(row: Row, columns: Sequence[int]) -> int:
    return int(np.argmax([row.scores[column] for column in columns]))


def _refuse(why: str) -> None:
    raise SersnakeError(why)


def shared_emotions(model: Model, manifest: pd.DataFrame) -> list[str]:
    """The emotions of a model that a corpus has too, in the model's order.

    Raises:
        SersnakeError: There are fewer than two.
    """
    labels = sorted(set(manifest["emotion"]))
    known = [name for name in model.labels if name in labels]
    if len(known) < 2:
        raise SersnakeError(
            f"the model knows {', '.join(model.labels)}, and {title_of(manifest)} labels "
            f"{', '.join(labels)}: they must share two names; map names with the setting "
            "labels={merge: {ANGER: anger}}"
        )
    return known


def about_answers(
    model: Model, manifest: pd.DataFrame, answers: pd.DataFrame, seed: int
) -> dict[str, Any]:
    """The result for a model card.

    Args:
        model: The model.
        manifest: As for :func:`answer_corpus`, and the column speaker.
        answers: Of :func:`answer_corpus`.
        seed: Of the bootstrap.
    """
    known = shared_emotions(model, manifest)
    speakers = set(manifest["speaker"])
    return {
        "corpus": title_of(manifest),
        "of_training": title_of(manifest) == model.about["corpus"]["name"],
        "utterances": len(answers),
        "of": len(manifest),
        "speakers": 0 if "" in speakers else len(speakers),
        "emotions": known,
        "measured": measure(answers, manifest, known, seed),
    }


def with_answers(about: Mapping[str, Any], of_corpus: Mapping[str, Any]) -> dict[str, Any]:
    """The facts about a model, with its accuracy on a corpus added or replaced."""
    earlier = [each for each in about.get(MEASURED, []) if each["corpus"] != of_corpus["corpus"]]
    return {**about, MEASURED: [*earlier, of_corpus]}
