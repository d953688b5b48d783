"""The figure across corpora: accuracy by training and test corpus, as a heat map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from sersnake.evaluation.metrics import METRICS
from sersnake.report.cross_corpus import rows_of, tested_corpora, values_of
from sersnake.report.plot_style import (
    FONT_PT,
    SEQUENTIAL,
    color_on,
    column_figure,
    house_style,
    left_out,
    write_title,
)
from sersnake.report.run_context import RunContext
from sersnake.settings.corpus import written_name

SHOWN = 4  # systems; all are in the table
LETTERS = "ᵃᵇᶜᵈᵉᶠᵍʰ"  # of protocols
# Heights of a row of cells, what is above those of a system, a protocol's line, and the rest.
ROW_CM, TITLE_CM, KEY_CM, EDGES_CM = 1.0, 1.1, 0.45, 2.4


def cross_corpus_figure(cross_corpus: pd.DataFrame, context: RunContext) -> Figure:
    """WA and UA of each system: trained on (rows), tested on (columns), with 95 % intervals.

    Args:
        cross_corpus: The rows of :func:`~sersnake.report.cross_corpus.measure_corpora`, the
            protocols in their order.
        context: The run.
    """
    systems = list(dict.fromkeys(cross_corpus["system"]))
    shown, rows, tested = systems[:SHOWN], rows_of(cross_corpus), tested_corpora(cross_corpus)
    protocols = cross_corpus.drop_duplicates("protocol").set_index("protocol")["description"]
    letters = dict(zip(protocols.index, LETTERS, strict=False))
    marks = [[letters.get(row.protocols.get(name, ""), "") for name in tested] for row in rows]
    height = EDGES_CM + KEY_CM * len(protocols) + len(shown) * (TITLE_CM + ROW_CM * len(rows))
    with house_style():
        figure = column_figure(height)
        panels = figure.subplots(len(shown), 2, sharex=True, sharey=True, squeeze=False)
        for system, pair in zip(shown, panels, strict=True):
            for metric, axes in zip(METRICS, pair, strict=True):
                _draw_cells(axes, values_of(cross_corpus, system, metric), marks)
                axes.set_title(f"{metric} (%)", fontsize=FONT_PT, loc="left")
            name = context.labels.short(system)
            pair[0].set_ylabel("Trained on")
            pair[0].set_title(f"{name}\n{pair[0].get_title('left')}", fontsize=FONT_PT, loc="left")
        panels[0, 0].set_xticks(range(len(tested)), [written_name(name) for name in tested])
        trained = [row.described["trained_on"].replace(" and ", "\nand ") for row in rows]
        panels[0, 0].set_yticks(range(len(rows)), trained)
        for axes in panels[-1]:
            axes.set_xlabel("Tested on")
        more = left_out(len(systems) - len(shown), " ")
        write_title(figure, context, "across corpora", f"with 95 % intervals over speakers{more}")
        _write_key(figure, {letters.get(name, ""): what for name, what in protocols.items()})
    return figure


def _draw_cells(
    axes: Axes, values: Mapping[str, NDArray[np.float64]], marks: Sequence[Sequence[str]]
) -> None:
    """Each result in its cell with its protocol's letter, above its interval."""
    low, high = values["low"], values["high"]
    axes.imshow(values["value"], cmap=SEQUENTIAL, vmin=0, vmax=100, aspect="auto")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    for (row, column), share in np.ndenumerate(values["value"]):
        if not np.isnan(share):
            bounds = low[row, column], high[row, column]
            interval = "" if np.isnan(bounds).any() else "\n{:.0f} to {:.0f}".format(*bounds)
            text = f"{share:.1f}{marks[row][column]}{interval}"
            axes.text(column, row, text, color=color_on(share), ha="center", va="center")


def _write_key(figure: Figure, protocols: Mapping[str, str]) -> None:
    """The meaning of the letters, below the panels."""
    lines = [Line2D([], [], linestyle="", label=f"{k} {what}") for k, what in protocols.items()]
    figure.legend(
        handles=lines, loc="outside lower left", frameon=False, handlelength=0, handletextpad=0
    )
