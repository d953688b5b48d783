"""Who a system works for, as a figure: UA, calibration and recalls of each group, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sersnake.evaluation.grouping import CONFIDENCE, GAP
from sersnake.report.figures.confusion import write_shares
from sersnake.report.plot_style import LINES, SEQUENTIAL, house_style, write_title
from sersnake.report.run_context import RunContext
from sersnake.report.tables.groups import Bounded, by_group, label_of, shown_groups

WIDTH_CM, ROW_CM, FRAME_CM = 17.0, 0.42, 3.2  # both columns of a page; a group; all around them
WIDTHS = (3, 3, 4)  # of the panels
BLUE = LINES[0]["color"]
CHANCE = {"color": "0.45", "marker": "|", "linestyle": "", "markersize": 7, "markeredgewidth": 1.2}


def group_figure(groups: pd.DataFrame, context: RunContext) -> Figure:
    """UA and ECE of each group with their intervals, and the recall of each emotion.

    Args:
        groups: As of :func:`sersnake.report.tables.groups.group_table`.
        context: The run.

    Returns:
        A figure across both columns of a page; a line separates the kinds, and lines mark the
        values of the whole corpus.
    """
    shown = shown_groups(groups[~groups["kind"].isin([CONFIDENCE, GAP])])
    each = list(by_group(shown))
    kinds = [str(rows["kind"].iloc[0]) for rows in each]
    names = [
        label_of(kind, str(rows["group"].iloc[0])) for kind, rows in zip(kinds, each, strict=True)
    ]
    with house_style():
        size = (WIDTH_CM / 2.54, (FRAME_CM + ROW_CM * len(each)) / 2.54)
        figure = Figure(figsize=size, layout="constrained")
        panels = figure.subplots(1, 3, sharey=True, width_ratios=WIDTHS)
        _draw_measure(panels[0], each, "UA")
        _draw_measure(panels[1], each, "ECE")
        expected = [100 * float(rows["value"]["ECE_expected"]) for rows in each]
        panels[1].plot(expected, range(len(each)), **CHANCE)
        panels[1].set_xlabel("ECE (%), grey: by chance")
        _draw_recalls(panels[2], each, context.emotions)
        panels[0].set_yticks(range(len(each)), names)
        panels[0].set_ylim(len(each) - 0.5, -0.5)
        ends = [place + 0.5 for place, (one, other) in enumerate(pairwise(kinds)) if one != other]
        for axes in panels:
            for end in ends:
                axes.axhline(end, color="0.3", linewidth=0.6)
        system = context.labels.system(str(groups["system"].iloc[0]))
        how = (
            "all test predictions pooled; 95 % intervals over speakers, or one speaker's recordings"
        )
        write_title(figure, context, f"who it works for, {system}", how)
    return figure


def _draw_measure(axes: Axes, each: Sequence[pd.DataFrame], metric: str) -> None:
    values, lows, highs = 100 * np.array([Bounded.of(rows, metric) for rows in each]).T
    axes.axvline(values[0], color=BLUE, linewidth=0.6, alpha=0.5)
    errors = np.nan_to_num(np.clip([values - lows, highs - values], 0, None))
    places = np.arange(len(each))
    axes.errorbar(
        values,
        places,
        xerr=errors,
        linestyle="",
        marker="o",
        markersize=3.5,
        color=BLUE,
        elinewidth=1,
    )
    axes.set_xlabel(f"{metric} (%)")
    axes.grid(axis="x", linewidth=0.4, color="0.85")
    axes.set_axisbelow(True)


def _draw_recalls(axes: Axes, each: Sequence[pd.DataFrame], emotions: Sequence[str]) -> None:
    recalls = np.array(
        [[100 * float(rows["value"][f"recall_{name}"]) for name in emotions] for rows in each]
    )
    axes.imshow(recalls, cmap=SEQUENTIAL, vmin=0, vmax=100, aspect="auto")
    write_shares(axes, recalls, digits=0)
    axes.set_xticks(range(len(emotions)), emotions, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_xlabel("Recall (%)")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
