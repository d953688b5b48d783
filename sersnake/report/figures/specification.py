"""The figure of the specification curve: accuracies above, what each variant changes below."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sersnake.evaluation.metrics import METRICS
from sersnake.evaluation.published import other_protocol
from sersnake.io.words import count
from sersnake.report.plot_style import house_style, write_title
from sersnake.report.run_context import RunContext
from sersnake.report.specification import SORTED_BY, changes_of, published_values_of
from sersnake.settings.systems import BASE

WIDTH_CM = 17.0  # both columns of a page
PANEL_CM, LINE_CM, FRAME_CM = 3.4, 0.37, 3.2  # heights of a panel, of a line of dots, of the rest
NAMED = 36  # most variants whose names fit under the dots; the table has them all
# Blue and vermilion of Okabe and Ito; the shape tells them apart in grey.
MARKS: dict[bool, dict[str, Any]] = {
    False: {"color": "#0072B2", "marker": "o", "markersize": 3.5},
    True: {"color": "#D55E00", "marker": "D", "markersize": 5},
}
BAND = {"color": "#D55E00", "alpha": 0.12, "linewidth": 0}


def specification_figure(
    specification: pd.DataFrame, variants: pd.DataFrame, context: RunContext
) -> Figure:
    """WA above UA of every variant, and below it a line of dots for each value of an option.

    Args:
        specification: What :func:`sersnake.report.specification.compare_variants` returns.
        variants: Columns variant, option and value, all text: what each variant changes.
        context: The run.

    Returns:
        A figure across both columns of a page. The variants are sorted by UA from left to right;
        the variant ``base`` is marked, and lines mark the published values.
    """
    system, names = specification["system"].iloc[0], list(specification["variant"].unique())
    changes = changes_of(variants, names)
    lines = changes[["option", "value"]].drop_duplicates()
    published = published_values_of(system, context)
    heights = [PANEL_CM, PANEL_CM, LINE_CM * max(len(lines), 1)]
    with house_style():
        size = (WIDTH_CM / 2.54, (sum(heights) + FRAME_CM) / 2.54)
        figure = Figure(figsize=size, layout="constrained")
        *panels, dots = figure.subplots(3, 1, sharex=True, height_ratios=heights)
        panels[1].sharey(panels[0])
        for axes, metric in zip(panels, METRICS, strict=True):
            _draw_metric(axes, specification[specification["metric"] == metric], names)
            axes.set_ylabel(f"{metric} (%)")
            if metric in published:
                _draw_published(axes, published[metric], context)
        _draw_dots(dots, changes, lines, names)
        for axes in (*panels, dots):
            if BASE in names:
                place = names.index(BASE)
                axes.axvspan(place - 0.5, place + 0.5, **BAND)
        dots.set_xlim(-0.6, len(names) - 0.4)
        low, high = panels[0].get_ylim()
        panels[0].set_ylim(max(low, 0), min(high, 101))  # no accuracy is beyond 100 %
        what = f"{context.labels.system(system)}, {count(len(names), 'variant')}"
        means = "one fold" if context.folds == 1 else f"means over {context.folds} folds"
        how = f"{means}, 95 % intervals; sorted by test {SORTED_BY}: do not report the right end"
        write_title(figure, context, what, how)
    return figure


def _draw_metric(axes: Axes, cells: pd.DataFrame, variants: list[str]) -> None:
    places = {variant: place for place, variant in enumerate(variants)}
    for is_base, rows in cells.groupby(cells["variant"] == BASE):
        errors = np.stack([rows["mean"] - rows["low"], rows["high"] - rows["mean"]])
        axes.errorbar(
            rows["variant"].map(places),
            100 * rows["mean"],
            yerr=100 * errors,
            linestyle="",
            elinewidth=0.8,
            **MARKS[bool(is_base)],
        )
    axes.tick_params(axis="x", length=0)
    axes.grid(axis="y", linewidth=0.4, color="0.85")
    axes.set_axisbelow(True)


def _difference(context: RunContext) -> str:
    """The difference of the published values from ours."""
    if other_protocol(context.corpus, context.protocol):
        return "\n(other\nprotocol)"
    return "\n(other\ndata)" if context.published_notes else ""


def _draw_published(axes: Axes, value: float, context: RunContext) -> None:
    axes.axhline(value, color="0.2", linestyle=(0, (4, 2)), linewidth=0.9)
    axes.annotate(
        f"published\n{value:.2f}" + _difference(context),
        (1, value),
        xycoords=("axes fraction", "data"),
        xytext=(3, 0),
        textcoords="offset points",
        va="center",
    )


def _draw_dots(axes: Axes, changes: pd.DataFrame, lines: pd.DataFrame, variants: list[str]) -> None:
    """A dot for each variant that has the value; filled if ``base`` has another one or none."""
    rows = {pair: row for row, pair in enumerate(zip(lines["option"], lines["value"], strict=True))}
    for variant, option, value, changed in changes.itertuples(index=False):
        mark = MARKS[variant == BASE]
        face = mark["color"] if changed else "white"
        where = (variants.index(variant), rows[option, value])
        axes.plot(*where, markerfacecolor=face, **mark)
    for row in range(1, len(rows), 2):
        axes.axhspan(row - 0.5, row + 0.5, color="0.95", linewidth=0, zorder=0)
    axes.set_yticks(range(len(rows)), [f"{option} = {value}" for option, value in rows])
    axes.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    axes.tick_params(length=0)
    if len(variants) <= NAMED:
        axes.set_xticks(range(len(variants)), variants, rotation=90)
        for label in axes.get_xticklabels():
            label.set_fontweight("bold" if label.get_text() == BASE else "normal")
    else:
        axes.set_xticks([])
