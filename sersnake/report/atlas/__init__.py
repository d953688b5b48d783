"""The hard-example atlas: every utterance of a run on one page that opens from disk."""

from __future__ import annotations

from sersnake.report.atlas.writing import write_atlas

__all__ = ["write_atlas"]
