"""The figure of the protocol comparison: the price of a leak, in accuracy."""

from __future__ import annotations

import textwrap
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sersnake.evaluation.metrics import METRICS
from sersnake.report.plot_style import column_figure, house_style, left_out, write_title
from sersnake.report.protocol_comparison import protocol_name
from sersnake.report.run_context import RunContext
from sersnake.report.tables.systems import Labels
from sersnake.settings.systems import SELECTED

# Colours of Okabe and Ito, each with its own marker, for the colour-blind and for print in grey.
SYSTEM_MARKS: dict[str, dict[str, Any]] = {
    "is09_svm": {"color": "#000000", "marker": "s"},
    "compare_svm": {"color": "#CC79A7", "marker": "v"},
    "fused_ce": {"color": "#009E73", "marker": "^"},
    "independent_ce": {"color": "#0072B2", "marker": "D"},
    "independent_he": {"color": "#D55E00", "marker": "o"},
    SELECTED: {"color": "#56B4E9", "marker": "P"},
}
LABEL_WIDTH = 10  # characters that fit under a protocol
SPAN = 0.64  # of the marks on one protocol, in distances of two protocols


def protocol_comparison_figure(protocols: pd.DataFrame, context: RunContext) -> Figure:
    """WA above UA over the protocols of the comparison, with 95 % intervals, one mark per system.

    Args:
        protocols: The rows of
            :func:`~sersnake.report.protocol_comparison.measure_protocol`, protocols in their order.
        context: The run.
    """
    names = list(dict.fromkeys(protocols["protocol"]))
    with house_style():
        figure = column_figure(height_cm=10.5)
        panels = figure.subplots(2, 1, sharex=True, sharey=True)
        for axes, metric in zip(panels, METRICS, strict=True):
            _draw_metric(axes, protocols[protocols["metric"] == metric], names, context.labels)
            axes.set_ylabel(f"{metric} (%)")
        panels[-1].set_xticks(
            range(len(names)), [_protocol_label(protocols, protocol) for protocol in names]
        )
        panels[-1].set_xlim(-0.5, len(names) - 0.5)
        more = left_out(len(set(protocols["system"]) - set(SYSTEM_MARKS)))
        how = f"pooled test predictions, 95 % intervals over speakers{more}"
        write_title(figure, context, "the price of a leak", how)
        figure.legend(
            *panels[0].get_legend_handles_labels(), loc="outside lower left", frameon=False
        )
    return figure


def _draw_metric(axes: Axes, cells: pd.DataFrame, names: list[str], labels: Labels) -> None:
    systems = [system for system in SYSTEM_MARKS if system in set(cells["system"])]
    for number, system in enumerate(systems):
        rows = cells[cells["system"] == system].set_index("protocol")
        rows = rows.reindex(names)  # a system may lack a protocol
        shift = SPAN * ((number + 0.5) / len(systems) - 0.5)
        places = [place + shift for place in range(len(names))]
        errors = [rows["value"] - rows["low"], rows["high"] - rows["value"]]
        axes.errorbar(
            places,
            100 * rows["value"],
            yerr=[100 * error for error in errors],
            linestyle="",
            markersize=4,
            capsize=2,
            elinewidth=1,
            label=labels.system(system),
            **SYSTEM_MARKS[system],
        )
    axes.grid(axis="y", linewidth=0.4, color="0.85")
    axes.set_axisbelow(True)


def _protocol_label(protocols: pd.DataFrame, protocol: str) -> str:
    """The protocol's name in narrow lines, and the share of the corpus in its training sets."""
    share = protocols.loc[protocols["protocol"] == protocol, "train_share"].iloc[0]
    words = protocol_name(protocol).replace(" and ", " + ")
    return "\n".join([*textwrap.wrap(words, LABEL_WIDTH), f"({100 * share:.0f} % train)"])
