"""Figures 3 and 4: confusion matrices."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.evaluation.metrics import confusion_counts
from sersnake.report.plot_style import SEQUENTIAL, color_on, column_figure, house_style, write_title
from sersnake.report.run_context import RunContext

MISSING = "\N{EN DASH}"


def figure3(predictions: pd.DataFrame, context: RunContext) -> Figure:
    """Confusions of independent training without hard examples (Figure 3 of the paper).

    Args:
        predictions: Columns system, emotion and predicted, of all folds.
        context: The run.

    Returns:
        A figure with the confusion matrix in percent of the true class.

    Raises:
        SersnakeError: There are no predictions of the system independent_ce.
    """
    return _confusion_figure(predictions, context, "independent_ce")


def figure4(predictions: pd.DataFrame, context: RunContext) -> Figure:
    """Confusions of independent training with hard examples (Figure 4 of the paper).

    Arguments, result and errors as for :func:`figure3`, of the system independent_he.
    """
    return _confusion_figure(predictions, context, "independent_he")


def _confusion_figure(predictions: pd.DataFrame, context: RunContext, system: str) -> Figure:
    emotions = context.emotions
    chosen = predictions[predictions["system"] == system]
    if chosen.empty:
        raise SersnakeError(
            f"predictions: system {system} is missing; add it to the systems of the config"
        )
    counts = confusion_counts(chosen, emotions)
    totals = counts.sum(axis=1)
    shares = 100 * counts / np.where(totals, totals, np.nan)[:, None]
    labels = [f"{name}\nn = {total}" for name, total in zip(emotions, totals, strict=True)]
    with house_style():
        figure = column_figure(height_cm=9.6)
        axes = figure.add_subplot()
        axes.imshow(shares, cmap=SEQUENTIAL, vmin=0, vmax=100)
        axes.set_xticks(
            range(len(emotions)), emotions, rotation=45, ha="right", rotation_mode="anchor"
        )
        axes.set_yticks(range(len(emotions)), labels)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        axes.set_xlabel("Predicted emotion")
        axes.set_ylabel("True emotion")
        how = "one fold" if context.folds == 1 else f"{context.folds} folds pooled"
        write_title(figure, context, context.labels.system(system), f"% of true class, {how}")
        write_shares(axes, shares)
    return figure


def write_shares(axes: Axes, shares: NDArray[np.float64], digits: int = 1) -> None:
    """The percentages in their cells, white on the dark ones."""
    for (row, column), share in np.ndenumerate(shares):
        missing = bool(np.isnan(share))
        text = MISSING if missing else _percent(share, digits)
        color = "black" if missing else color_on(share)
        axes.text(column, row, text, color=color, ha="center", va="center")


def _percent(share: float, digits: int) -> str:
    """Without decimals for 100 and 0, which would not fit or only clutter."""
    return f"{share:.0f}" if share in (0, 100) else f"{share:.{digits}f}"
