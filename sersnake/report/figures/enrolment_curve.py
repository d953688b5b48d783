"""The figure of the enrolment curve."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sersnake.evaluation.enrolment_curve import METRICS, NONE, POINT, curve_intervals
from sersnake.io.words import count
from sersnake.report.enrolment_curve import FAILURES, point_name
from sersnake.report.plot_style import LINES, column_figure, house_style, write_title
from sersnake.report.run_context import RunContext

MARKERS = "osD^vP"  # of the systems, in their order, as their lines
SPAN = 0.4  # of the marks of one point, in distances of two points
GAP = 0.8  # more, before each failure


def enrolment_figure(enrolment_curve: pd.DataFrame, context: RunContext) -> Figure:
    """WA above UA over the number of enrolled recordings, and the failures right of them.

    Args:
        enrolment_curve: Counts, as :func:`~sersnake.evaluation.enrolment_curve.curve_intervals`
            takes them.
        context: The run.
    """
    intervals = curve_intervals(enrolment_curve, context.seed)
    places = _places(intervals)
    systems = list(intervals["system"].unique())
    shown = systems[: len(LINES)]
    with house_style():
        figure = column_figure(height_cm=11.5)
        panels = figure.subplots(2, 1, sharex=True, sharey=True)
        for axes, metric in zip(panels, METRICS, strict=True):
            of_metric = intervals[intervals["metric"] == metric]
            for number, system in enumerate(shown):
                rows = of_metric[of_metric["system"] == system]
                shift = SPAN * ((number + 0.5) / len(shown) - 0.5)
                _draw_system(axes, rows, places, shift, number, context.labels.short(str(system)))
            axes.set_ylabel(f"{metric} (%)")
            axes.grid(axis="y", linewidth=0.4, color="0.85")
            axes.set_axisbelow(True)
        panels[-1].set_xticks(list(places.values()), [_tick(*point) for point in places])
        panels[-1].set_xlabel("Enrolled recordings of each test speaker")
        more = len(systems) - len(shown)
        left_out = f";\n{count(more, 'more method')} in the table" if more else ""
        write_title(figure, context, "Enrolment curve", f"95 % intervals over speakers{left_out}")
        figure.legend(
            *panels[0].get_legend_handles_labels(), loc="outside lower left", frameon=False
        )
    return figure


def _places(intervals: pd.DataFrame) -> dict[tuple[str, str], float]:
    """Where each point stands; failures apart, as wide as their names."""
    places: dict[tuple[str, str], float] = {}
    place = 0.0
    for condition, enrolled in intervals[POINT].drop_duplicates().itertuples(index=False):
        place += 1 + GAP * (condition in FAILURES)
        places[condition, enrolled] = place
    return places


def _tick(condition: str, enrolled: str) -> str:
    return point_name(condition, enrolled).replace(", ", "\n").replace(" ", "\n")


def _draw_system(
    axes: Axes,
    rows: pd.DataFrame,
    places: dict[tuple[str, str], float],
    shift: float,
    number: int,
    label: str,
) -> None:
    """The curve as a line with bars, the failures as marks alone, and the level of none."""
    style = LINES[number]
    axes.axhline(
        100 * float(rows[rows["enrolled"] == NONE[1]]["value"].iloc[0]),
        color=style["color"],
        linewidth=0.6,
        linestyle=":",
    )
    for failed, part in rows.groupby(rows["condition"].isin(FAILURES)):
        axes.errorbar(
            [
                places[point] + shift
                for point in zip(part["condition"], part["enrolled"], strict=True)
            ],
            100 * part["value"],
            yerr=[100 * (part["value"] - part["low"]), 100 * (part["high"] - part["value"])],
            color=style["color"],
            linestyle="" if failed else style["linestyle"],
            marker=MARKERS[number],
            markersize=3.5,
            capsize=2,
            elinewidth=0.8,
            label=None if failed else label,
        )
