"""The predictions of a model as a data frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from sersnake.errors import SersnakeError
from sersnake.model.prediction.inputs import find_recordings
from sersnake.model.prediction.output import Columns
from sersnake.model.prediction.rows import predict_rows
from sersnake.model.prediction.segments import Segments

if TYPE_CHECKING:
    from sersnake.model.model import Model


def predict_frame(model: Model, recordings: Sequence[str], probabilities: bool) -> pd.DataFrame:
    """A row per recording.

    Args:
        model: The model.
        recordings: Files, folders or patterns.
        probabilities: Whether to return probabilities instead of scores.

    Raises:
        SersnakeError: A recording cannot be read.
    """
    columns = Columns(model.labels, probabilities)
    answers = predict_rows(model.ready(), find_recordings(recordings), Segments(), _refuse)
    rows = [columns.cells(row) for batch in answers for row in batch]
    return pd.DataFrame(rows, columns=columns.names)


def _refuse(why: str) -> None:
    raise SersnakeError(why)
