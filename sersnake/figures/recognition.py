"""Figure 6: test accuracy over the epochs, with and without re-training on hard examples."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sersnake.errors import SersnakeError
from sersnake.plot_style import LOSS_COLORS, column_figure, house_style, write_title
from sersnake.run_context import RunContext
from sersnake.tables.arms import ARM_NAMES, loss_of

ARMS = ("independent_he", "independent_ce")


def figure6(recognition: pd.DataFrame, context: RunContext, arms: tuple[str, str] = ARMS) -> Figure:
    """Test WA over the epochs of every fold (Figure 6 of the paper).

    Args:
        recognition: Columns arm, fold, epoch (from 1) and wa (a fraction).
        context: The run.
        arms: The arm with re-training, drawn above, and the one without.

    Returns:
        A figure with a panel an arm on the same axes: a thin line a fold, their mean bold. The
        curves are for the eye: no epoch is chosen by them.

    Raises:
        SersnakeError: An arm has no curve.
    """
    curves = {arm: _curves(recognition, arm) for arm in arms}
    with house_style():
        figure = column_figure(height_cm=9.6)
        panels = figure.subplots(2, 1, sharex=True, sharey=True)
        for axes, (arm, of_folds) in zip(panels, curves.items(), strict=True):
            _draw_panel(axes, arm, of_folds)
        panels[-1].set_xlabel("Epoch")
        panels[-1].xaxis.set_major_locator(
            MaxNLocator(steps=[1, 2, 5, 10], integer=True, min_n_ticks=1)
        )
        panels[-1].margins(x=0)
        how = "one fold" if context.folds == 1 else f"{context.folds} folds, mean in bold"
        write_title(figure, context, "accuracy on the test parts", how)
    return figure


def _curves(recognition: pd.DataFrame, arm: str) -> pd.DataFrame:
    """WA in percent of one epoch a row and one fold a column."""
    chosen = recognition[recognition["arm"] == arm]
    if chosen.empty:
        raise SersnakeError(f"recognition: no curve of arm {arm}; train it first")
    return 100 * chosen.pivot(index="epoch", columns="fold", values="wa")


def _draw_panel(axes: Axes, arm: str, of_folds: pd.DataFrame) -> None:
    color = LOSS_COLORS[loss_of(arm)]
    marker = "o" if len(of_folds) == 1 else ""  # a line through one point is not seen
    epochs = of_folds.index.to_numpy(float)
    axes.plot(epochs, of_folds.to_numpy(), color=color, alpha=0.4, linewidth=0.6, marker=marker)
    mean = of_folds.dropna().mean(axis=1)  # of the epochs that all folds reached
    axes.plot(mean.index.to_numpy(float), mean.to_numpy(), color=color, linewidth=1.8)
    axes.set_title(ARM_NAMES[arm], loc="left", fontsize="medium")
    axes.set_ylabel("WA (%)")
    axes.grid(axis="y", linewidth=0.4, color="0.85")
    axes.set_axisbelow(True)
