"""The figure of robustness."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sersnake.evaluation.metrics import METRICS
from sersnake.evaluation.robustness import robustness_intervals
from sersnake.fusion.robustness import CLEAN
from sersnake.report.plot_style import (
    LINES,
    MARKERS,
    column_figure,
    house_style,
    left_out,
    write_title,
)
from sersnake.report.robustness import condition_name
from sersnake.report.run_context import RunContext

SPAN = 0.6  # of the marks of one condition, in distances of two conditions
MARGIN_CM, ROW_CM = 4.0, 0.62  # height of the figure: all else, and a condition


def robustness_figure(robustness: pd.DataFrame, context: RunContext) -> Figure:
    """WA and UA, with a row per condition; dotted lines are the clean recordings.

    Args:
        robustness: Counts, as :func:`~sersnake.evaluation.robustness.robustness_intervals` takes
            them.
        context: The run.
    """
    intervals = robustness_intervals(robustness, context.seed)
    conditions = list(intervals["condition"].unique())
    systems = list(intervals["system"].unique())
    with house_style():
        figure = column_figure(height_cm=MARGIN_CM + ROW_CM * len(conditions))
        panels = figure.subplots(1, 2, sharex=True, sharey=True)
        for axes, metric in zip(panels, METRICS, strict=True):
            of_metric = intervals[intervals["metric"] == metric]
            for number, system in enumerate(systems[: len(LINES)]):
                shift = SPAN * ((number + 0.5) / min(len(systems), len(LINES)) - 0.5)
                look = {"color": LINES[number]["color"], "marker": MARKERS[number]}
                label = context.labels.short(str(system))
                rows = of_metric[of_metric["system"] == system]
                _draw_system(axes, rows, shift, {**look, "label": label})
            axes.grid(axis="x", linewidth=0.4, color="0.85")
            axes.set_axisbelow(True)
            axes.set_xlabel(f"{metric} (%)")
        panels[0].set_yticks(range(len(conditions)), list(map(condition_name, conditions)))
        panels[0].invert_yaxis()
        more = left_out(len(systems) - len(LINES))
        write_title(figure, context, "robustness", f"95 % intervals over speakers{more}")
        figure.legend(
            *panels[0].get_legend_handles_labels(), loc="outside lower left", frameon=False
        )
    return figure


def _draw_system(axes: Axes, rows: pd.DataFrame, shift: float, look: dict[str, Any]) -> None:
    """A mark with its interval per condition, and the level of the clean recordings."""
    clean = rows.loc[rows["condition"] == CLEAN, "value"].iloc[0]
    axes.axvline(100 * clean, color=look["color"], linewidth=0.6, linestyle=":")
    axes.errorbar(
        100 * rows["value"],
        np.arange(len(rows)) + shift,
        xerr=[100 * (rows["value"] - rows["low"]), 100 * (rows["high"] - rows["value"])],
        linestyle="",
        markersize=3.5,
        capsize=2,
        elinewidth=0.8,
        **look,
    )
