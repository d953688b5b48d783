"""The figure of the enrolment curve."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sersnake.evaluation.enrolment_curve import NONE, POINT, curve_intervals
from sersnake.evaluation.metrics import METRICS
from sersnake.report.enrolment_curve import FAILURES, point_name
from sersnake.report.plot_style import (
    LINES,
    MARKERS,
    column_figure,
    house_style,
    left_out,
    write_title,
)
from sersnake.report.run_context import RunContext
from sersnake.report.tables.systems import Labels

Places = dict[tuple[str, str], float]  # of the points of a curve

SPAN = 0.4  # of the marks of one point, in distances of two points
GAP = 0.8  # more, before each failure


def enrolment_figure(enrolment_curve: pd.DataFrame, context: RunContext) -> Figure:
    """WA above UA by the number of enrolled recordings, with the failures on the right.

    Args:
        enrolment_curve: Counts, as :func:`~sersnake.evaluation.enrolment_curve.curve_intervals`
            takes them.
        context: The run.
    """
    intervals = curve_intervals(enrolment_curve, context.seed)
    places = _places(intervals)
    with house_style():
        figure = column_figure(height_cm=11.5)
        panels = figure.subplots(2, 1, sharex=True, sharey=True)
        for axes, metric in zip(panels, METRICS, strict=True):
            _draw_metric(axes, intervals[intervals["metric"] == metric], places, context.labels)
            axes.set_ylabel(f"{metric} (%)")
        panels[-1].set_xticks(list(places.values()), [_tick(*point) for point in places])
        panels[-1].set_xlabel("Enrolled recordings of each test speaker")
        more = left_out(intervals["system"].nunique() - len(LINES))
        how = f"95 % intervals over speakers{more}"
        write_title(figure, context, "enrolment curve", how)
        figure.legend(
            *panels[0].get_legend_handles_labels(), loc="outside lower left", frameon=False
        )
    return figure


def _places(intervals: pd.DataFrame) -> Places:
    """The position of each point; failures are apart, as wide as their names."""
    places: Places = {}
    place = 0.0
    for condition, enrolled in intervals[POINT].drop_duplicates().itertuples(index=False):
        place += 1 + GAP * (condition in FAILURES)
        places[condition, enrolled] = place
    return places


def _tick(condition: str, enrolled: str) -> str:
    return point_name(condition, enrolled).replace(", ", "\n").replace(" ", "\n")


def _draw_metric(axes: Axes, intervals: pd.DataFrame, places: Places, labels: Labels) -> None:
    systems = list(intervals["system"].unique())[: len(LINES)]
    for number, system in enumerate(systems):
        shift = SPAN * ((number + 0.5) / len(systems) - 0.5)
        shifted = {point: place + shift for point, place in places.items()}
        style = {**LINES[number], "marker": MARKERS[number], "label": labels.short(str(system))}
        _draw_system(axes, intervals[intervals["system"] == system], shifted, style)
    axes.grid(axis="y", linewidth=0.4, color="0.85")
    axes.set_axisbelow(True)


def _draw_system(
    axes: Axes, intervals: pd.DataFrame, places: Places, style: dict[str, Any]
) -> None:
    """The curve as a line with bars, the failures as marks alone, and the level of none."""
    none = intervals.loc[intervals["enrolled"] == NONE[1], "value"].iloc[0]
    axes.axhline(100 * none, color=style["color"], linewidth=0.6, linestyle=":")
    failed = intervals["condition"].isin(FAILURES)
    for part, changes in ((~failed, {}), (failed, {"linestyle": "", "label": None})):
        rows = intervals[part]
        axes.errorbar(
            [places[point] for point in zip(rows["condition"], rows["enrolled"], strict=True)],
            100 * rows["value"],
            yerr=[100 * (rows["value"] - rows["low"]), 100 * (rows["high"] - rows["value"])],
            markersize=3.5,
            capsize=2,
            elinewidth=0.8,
            **(style | changes),
        )
