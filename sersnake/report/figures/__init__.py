"""The paper's figures, one kind a file."""

from __future__ import annotations

from sersnake.report.figures.confusion import figure3, figure4
from sersnake.report.figures.hard_examples import figure5
from sersnake.report.figures.loss import figure2
from sersnake.report.figures.recognition import figure6
from sersnake.report.figures.saving import save_figure

__all__ = ["figure2", "figure3", "figure4", "figure5", "figure6", "save_figure"]
