"""The picture of the protocol ladder: what a leak is worth, in points of accuracy."""

from __future__ import annotations

import textwrap
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sersnake.io.words import count
from sersnake.report.ladder import METRICS, rung_name
from sersnake.report.plot_style import FONT_PT, column_figure, house_style
from sersnake.report.run_context import RunContext
from sersnake.report.tables.arms import ARM_NAMES
from sersnake.settings.arms import BEYOND

# Colours of Okabe and Ito, each with its own marker, for the colour-blind and for print in grey.
ARM_MARKS: dict[str, dict[str, Any]] = {
    "is09_svm": {"color": "#000000", "marker": "s"},
    "compare_svm": {"color": "#CC79A7", "marker": "v"},
    "fused_ce": {"color": "#009E73", "marker": "^"},
    "independent_ce": {"color": "#0072B2", "marker": "D"},
    "independent_he": {"color": "#D55E00", "marker": "o"},
    BEYOND: {"color": "#56B4E9", "marker": "P"},
}
LABEL_WIDTH = 10  # characters that fit under a rung
SPAN = 0.64  # of the marks on one rung, in distances of two rungs


def ladder_figure(ladder: pd.DataFrame, context: RunContext) -> Figure:
    """WA above UA over the rungs of the ladder, with 95 % intervals, one mark an arm.

    Args:
        ladder: The rows of :func:`sersnake.report.ladder.measure_rung`, the rungs in their order.
        context: The run.
    """
    rungs = list(dict.fromkeys(ladder["rung"]))
    with house_style():
        figure = column_figure(height_cm=10.5)
        panels = figure.subplots(2, 1, sharex=True, sharey=True)
        for axes, metric in zip(panels, METRICS, strict=True):
            _draw_metric(axes, ladder[ladder["metric"] == metric], rungs)
            axes.set_ylabel(f"{metric} (%)")
        panels[-1].set_xticks(range(len(rungs)), [_rung_label(ladder, rung) for rung in rungs])
        panels[-1].set_xlim(-0.5, len(rungs) - 0.5)
        corpus = context.corpus_name.removeprefix("the ")
        figure.suptitle(
            f"{corpus[0].upper()}{corpus[1:]}: the price of a leak\n(pooled test predictions, 95 % "
            f"intervals over speakers{_others(ladder)})",
            x=0.01,
            ha="left",
            fontsize=FONT_PT,
        )
        figure.legend(
            *panels[0].get_legend_handles_labels(), loc="outside lower left", frameon=False
        )
    return figure


def _others(ladder: pd.DataFrame) -> str:
    """How many arms only the table has."""
    left_out = set(ladder["arm"]) - set(ARM_MARKS)
    return f";\n{count(len(left_out), 'more method')} in the table" if left_out else ""


def _draw_metric(axes: Axes, cells: pd.DataFrame, rungs: list[str]) -> None:
    arms = [arm for arm in ARM_MARKS if arm in set(cells["arm"])]
    for number, arm in enumerate(arms):
        rows = cells[cells["arm"] == arm].set_index("rung").reindex(rungs)  # an arm may lack a rung
        shift = SPAN * ((number + 0.5) / len(arms) - 0.5)
        places = [place + shift for place in range(len(rungs))]
        errors = [rows["value"] - rows["low"], rows["high"] - rows["value"]]
        axes.errorbar(
            places,
            100 * rows["value"],
            yerr=[100 * error for error in errors],
            linestyle="",
            markersize=4,
            capsize=2,
            elinewidth=1,
            label=ARM_NAMES[arm],
            **ARM_MARKS[arm],
        )
    axes.grid(axis="y", linewidth=0.4, color="0.85")
    axes.set_axisbelow(True)


def _rung_label(ladder: pd.DataFrame, rung: str) -> str:
    """The rung's name in narrow lines, and the share of the corpus that is trained on."""
    share = ladder.loc[ladder["rung"] == rung, "train_share"].iloc[0]
    words = rung_name(rung).replace(" and ", " + ")
    return "\n".join([*textwrap.wrap(words, LABEL_WIDTH), f"({100 * share:.0f} % train)"])
