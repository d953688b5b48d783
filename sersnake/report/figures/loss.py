"""Figure 2: the training loss of each stream's network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.report.plot_style import LINES, column_figure, house_style, write_title
from sersnake.report.run_context import RunContext
from sersnake.report.tables.systems import Labels

Line = Mapping[str, Any]

LOG_RANGE = 10.0  # a loss that falls by more is drawn on a logarithmic axis
LABEL_GAP = 0.09  # smallest distance of two labels at the lines' ends, in heights of the axes


def figure2(history: pd.DataFrame, context: RunContext) -> Figure:
    """The training loss of each stream in phase 1 (Figure 2 of the paper).

    Args:
        history: Columns network, system, fold, phase, epoch (from 1) and loss (mean cross entropy).
        context: The run.

    Returns:
        A figure with one line per stream (mean over folds) in a band from the lowest to the highest
        fold.

    Raises:
        SersnakeError: The history lacks phase 1 of a stream.
    """
    losses = {name: _losses(history, name) for name in context.streams}
    lines = dict(zip(losses, cycle(LINES), strict=False))
    with house_style():
        figure = column_figure(height_cm=6.0)
        axes = figure.add_subplot()
        for network, of_folds in losses.items():
            _draw_loss(axes, lines[network], of_folds)
        if _falls_far([frame.to_numpy() for frame in losses.values()]):
            axes.set_yscale("log")
            axes.yaxis.set_major_formatter("{x:g}")  # 0.01, since an exponent's digits are small
        axes.set_xlabel("Epoch")
        axes.set_ylabel("Training loss (cross entropy)")
        axes.xaxis.set_major_locator(MaxNLocator(steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
        axes.margins(x=0)
        how = "one fold" if context.folds == 1 else f"mean and range of {context.folds} folds"
        write_title(figure, context, "loss in phase 1", how)
        means = {name: frame.mean(axis=1) for name, frame in losses.items()}
        _label_ends(axes, means, lines, context.labels)
    return figure


def _losses(history: pd.DataFrame, network: str) -> pd.DataFrame:
    """Loss with one row per epoch and one column per fold, up to the shortest fold."""
    chosen = history[(history["network"] == network) & (history["phase"].astype(str) == "1")]
    if chosen.empty:
        raise SersnakeError(f"history: phase 1 of network {network} is missing; train it first")
    chosen = chosen[
        chosen["system"] == chosen["system"].iloc[0]
    ]  # the independent systems share phase 1
    return chosen.pivot(index="epoch", columns="fold", values="loss").dropna()


def _draw_loss(axes: Axes, line: Line, of_folds: pd.DataFrame) -> None:
    epochs = of_folds.index.to_numpy(float)
    lowest, highest = of_folds.min(axis=1).to_numpy(), of_folds.max(axis=1).to_numpy()
    axes.fill_between(epochs, lowest, highest, color=line["color"], alpha=0.2, linewidth=0)
    marker = "o" if len(epochs) == 1 else ""  # a line through one point is not seen
    axes.plot(epochs, of_folds.mean(axis=1).to_numpy(), marker=marker, **line)


def _falls_far(losses: Sequence[NDArray[np.float64]]) -> bool:
    """Whether the losses are positive and span more than :data:`LOG_RANGE`."""
    lowest, highest = min(map(np.min, losses)), max(map(np.max, losses))
    return bool(lowest > 0 and highest / lowest > LOG_RANGE)


def _label_ends(
    axes: Axes, means: Mapping[str, pd.Series], lines: Mapping[str, Line], labels: Labels
) -> None:
    """Writes each line's name at its right end, with room between names."""
    axes.autoscale_view()  # else the data would still be placed by the empty axes' limits
    transform = axes.transData + axes.transAxes.inverted()
    ends = {
        name: transform.transform((mean.index[-1], mean.iloc[-1])) for name, mean in means.items()
    }
    height = dict.fromkeys({x for x, _ in ends.values()}, -np.inf)
    for name, (x, y) in sorted(ends.items(), key=lambda item: item[1][1]):
        height[x] = max(float(y), height[x] + LABEL_GAP)
        axes.text(
            *(x + 0.02, height[x], labels.network(name)),
            color=lines[name]["color"],
            transform=axes.transAxes,
            va="center",
            weight="bold",
        )
