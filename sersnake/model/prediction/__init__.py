"""From a model and recordings to rows, for `sersnake predict`."""

from __future__ import annotations

from sersnake.model.prediction.inputs import find_recordings
from sersnake.model.prediction.rows import Row, predict_rows
from sersnake.model.prediction.segments import Segments

__all__ = ["Row", "Segments", "find_recordings", "predict_rows"]
