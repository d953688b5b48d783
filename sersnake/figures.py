"""The paper's figures: training loss and confusion matrices."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.metrics import confusion_counts
from sersnake.plot_style import (
    FONT_PT,
    NETWORK_LINES,
    SEQUENTIAL,
    column_figure,
    house_style,
    save_figure,
)
from sersnake.run_context import RunContext
from sersnake.tables import ARM_NAMES

__all__ = ["figure2", "figure3", "figure4", "save_figure"]

MISSING = "\N{EN DASH}"
LOG_RANGE = 10.0  # a loss that falls by more is drawn on a logarithmic axis
LABEL_GAP = 0.09  # smallest distance of two labels at the lines' ends, in heights of the axes


def figure2(history: pd.DataFrame, context: RunContext) -> Figure:
    """The training loss of ACLN and FCN in phase 1 (Figure 2 of the paper).

    Args:
        history: Columns network, arm, fold, phase, epoch (from 1) and loss (mean cross entropy).
        context: The run.

    Returns:
        A figure with one line a network, the mean over folds, in a band from the lowest to the
        highest fold.

    Raises:
        SersnakeError: The history lacks phase 1 of ACLN or FCN.
    """
    losses = {network: _losses(history, network) for network in ("acln", "fcn")}
    with house_style():
        figure = column_figure(height_cm=6.0)
        axes = figure.add_subplot()
        for network, of_folds in losses.items():
            _draw_loss(axes, network, of_folds)
        if _falls_far([frame.to_numpy() for frame in losses.values()]):
            axes.set_yscale("log")
            axes.yaxis.set_major_formatter("{x:g}")  # 0.01, since an exponent's digits are small
        axes.set_xlabel("Epoch")
        axes.set_ylabel("Training loss (cross entropy)")
        axes.xaxis.set_major_locator(MaxNLocator(steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
        axes.margins(x=0)
        how = "one fold" if context.folds == 1 else f"mean and range of {context.folds} folds"
        _write_title(figure, context, "loss in phase 1", how)
        _label_ends(axes, {name.upper(): frame.mean(axis=1) for name, frame in losses.items()})
    return figure


def figure3(predictions: pd.DataFrame, emotions: Sequence[str], context: RunContext) -> Figure:
    """Confusions of independent training without hard examples (Figure 3 of the paper).

    Args:
        predictions: Columns arm, emotion and predicted, of all folds.
        emotions: The classes, in the order of rows and columns.
        context: The run.

    Returns:
        A figure with the confusion matrix in percent of the true class.

    Raises:
        SersnakeError: There are no predictions of the arm independent_ce.
    """
    return _confusion_figure(predictions, emotions, context, "independent_ce")


def figure4(predictions: pd.DataFrame, emotions: Sequence[str], context: RunContext) -> Figure:
    """Confusions of independent training with hard examples (Figure 4 of the paper).

    Arguments, result and errors as for :func:`figure3`, of the arm independent_he.
    """
    return _confusion_figure(predictions, emotions, context, "independent_he")


def _write_title(figure: Figure, context: RunContext, what: str, how: str) -> None:
    """Corpus and content, then how the folds were joined; a synthetic corpus is called so."""
    corpus = context.corpus_name.removeprefix("the ")
    title = f"{corpus[0].upper()}{corpus[1:]}: {what[0].lower()}{what[1:]}\n({how})"
    figure.suptitle(title, x=0.01, ha="left", fontsize=FONT_PT)


def _losses(history: pd.DataFrame, network: str) -> pd.DataFrame:
    """Loss of one epoch a row and one fold a column, for the epochs that all folds reached."""
    chosen = history[(history["network"] == network) & (history["phase"].astype(str) == "1")]
    if chosen.empty:
        raise SersnakeError(f"history: no phase 1 of network {network}; train it first")
    chosen = chosen[chosen["arm"] == chosen["arm"].iloc[0]]  # the independent arms share phase 1
    return chosen.pivot(index="epoch", columns="fold", values="loss").dropna()


def _draw_loss(axes: Axes, network: str, of_folds: pd.DataFrame) -> None:
    epochs, line = of_folds.index.to_numpy(float), NETWORK_LINES[network]
    lowest, highest = of_folds.min(axis=1).to_numpy(), of_folds.max(axis=1).to_numpy()
    axes.fill_between(epochs, lowest, highest, color=line["color"], alpha=0.2, linewidth=0)
    marker = "o" if len(epochs) == 1 else ""  # a line through one point is not seen
    axes.plot(epochs, of_folds.mean(axis=1).to_numpy(), marker=marker, **line)


def _falls_far(losses: Sequence[NDArray[np.float64]]) -> bool:
    """Whether the losses are positive and span more than :data:`LOG_RANGE`."""
    lowest, highest = min(map(np.min, losses)), max(map(np.max, losses))
    return bool(lowest > 0 and highest / lowest > LOG_RANGE)


def _label_ends(axes: Axes, lines: dict[str, pd.Series]) -> None:
    """Writes each line's name at its right end, moved apart where two would touch."""
    axes.autoscale_view()  # else the data would still be placed by the empty axes' limits
    transform = axes.transData + axes.transAxes.inverted()
    ends = {
        name: transform.transform((line.index[-1], line.iloc[-1])) for name, line in lines.items()
    }
    height = dict.fromkeys({x for x, _ in ends.values()}, -np.inf)
    for name, (x, y) in sorted(ends.items(), key=lambda item: item[1][1]):
        height[x] = max(float(y), height[x] + LABEL_GAP)
        color = NETWORK_LINES[name.lower()]["color"]
        axes.text(
            *(x + 0.02, height[x], name),
            color=color,
            transform=axes.transAxes,
            va="center",
            weight="bold",
        )


def _confusion_figure(
    predictions: pd.DataFrame, emotions: Sequence[str], context: RunContext, arm: str
) -> Figure:
    chosen = predictions[predictions["arm"] == arm]
    if chosen.empty:
        raise SersnakeError(f"predictions: none of arm {arm}; add it to the arms of the config")
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
        _write_title(figure, context, ARM_NAMES[arm], f"% of true class, {how}")
        _write_shares(axes, shares)
    return figure


def _write_shares(axes: Axes, shares: NDArray[np.float64]) -> None:
    """The percentages in their cells, white on the dark ones."""
    for (row, column), share in np.ndenumerate(shares):
        missing = bool(np.isnan(share))
        text = MISSING if missing else _percent(share)
        color = "white" if not missing and _is_dark(share) else "black"
        axes.text(column, row, text, color=color, ha="center", va="center")


def _is_dark(share: float) -> bool:
    """Whether white stands out more than black from a cell (relative luminance of WCAG 2)."""
    rgb = np.array(colormaps[SEQUENTIAL](share / 100)[:3])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return bool(linear @ [0.2126, 0.7152, 0.0722] < 0.179)


def _percent(share: float) -> str:
    """One decimal; none for all and nothing, which would not fit or would only clutter."""
    return f"{share:.0f}" if share in (0, 100) else f"{share:.1f}"
