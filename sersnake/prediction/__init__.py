"""From a model and some recordings to rows: what `sersnake predict` does."""

from __future__ import annotations

from sersnake.prediction.inputs import find_recordings
from sersnake.prediction.rows import Row, predict_rows
from sersnake.prediction.segments import Segments

__all__ = ["Row", "Segments", "find_recordings", "predict_rows"]
