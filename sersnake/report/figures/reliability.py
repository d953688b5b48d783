"""The reliability diagram: accuracy by confidence of a prediction."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sersnake.evaluation.grouping import ALL, CONFIDENCE
from sersnake.evaluation.tallies import BINS, bins_of
from sersnake.report.plot_style import HARD_BARS, LINES, column_figure, house_style, write_title
from sersnake.report.run_context import RunContext
from sersnake.report.tables.groups import Bounded, percent

HEIGHTS = (4, 1)  # of both panels


def reliability_figure(groups: pd.DataFrame, context: RunContext) -> Figure:
    """Accuracy by confidence, bin by bin, above the numbers of utterances.

    Args:
        groups: As of :func:`sersnake.report.tables.groups.group_table`.
        context: The run.
    """
    binned = groups[groups["kind"] == CONFIDENCE]
    confidence, accuracy = (
        binned[binned["metric"] == metric].set_index("group") for metric in ("confidence", "WA")
    )
    places = 100 * confidence["value"].to_numpy()
    values, lows, highs = (100 * accuracy[name].to_numpy() for name in ("value", "low", "high"))
    with house_style():
        figure = column_figure(height_cm=9.6)
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=HEIGHTS)
        above.plot([0, 100], [0, 100], color="0.5", linewidth=0.8, linestyle="--")
        errors = np.nan_to_num(np.clip([values - lows, highs - values], 0, None))
        above.errorbar(
            places,
            values,
            yerr=errors,
            marker="o",
            markersize=4,
            elinewidth=1,
            capsize=2,
            **LINES[0],
        )
        above.set(ylabel="Right (%)", xlim=(0, 100), ylim=(0, 102))
        above.grid(linewidth=0.4, color="0.85")
        middles = 100 * (bins_of(places / 100) + 0.5) / BINS
        below.bar(middles, accuracy["utterances"], width=80 / BINS, **HARD_BARS["easy"])
        below.set(
            ylabel="Utterances", xlabel="Confidence: probability of the predicted emotion (%)"
        )
        system = context.labels.system(str(groups["system"].iloc[0]))
        write_title(figure, context, f"reliability, {system}", _summary(groups))
    return figure


def _summary(groups: pd.DataFrame) -> str:
    every = groups[groups["kind"] == ALL].set_index("metric")
    ece, expected = Bounded.of(every, "ECE"), float(every["value"]["ECE_expected"])
    if np.isnan(ece.value):
        return "no other fold tests the training utterances of a fold"
    bounds = "" if np.isnan(ece.low) else f", {percent(ece.low)} to {percent(ece.high)}"
    return f"ECE {percent(ece.value)} %{bounds}; by chance {percent(expected)} %"
