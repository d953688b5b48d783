"""Figure 5: the number of hard examples per class."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sersnake.evaluation.hard_examples import count_classes
from sersnake.report.plot_style import HARD_BARS, column_figure, house_style, write_title
from sersnake.report.run_context import RunContext

BAR_CM, PANEL_CM, FRAME_CM = 0.48, 0.8, 2.4  # height of a bar, around a panel, around them all
ROOM = 1.4  # length of the axis in longest bars, so that the percentages fit behind them


def figure5(hard_index: pd.DataFrame, manifest: pd.DataFrame, context: RunContext) -> Figure:
    """Hard and easy training examples of each class (Figure 5 of the paper).

    Args:
        hard_index: Columns network, fold, utterance and hard (1 or 0); one row per training
            utterance.
        manifest: Columns utterance and emotion.
        context: The run, with the target share of hard examples, if there is one.

    Returns:
        A figure with one panel per network and one bar per class, hard examples first: mean numbers
            per fold, and the percentage of the class that is hard. The share reached and the target
            are above each panel.

    Raises:
        SersnakeError: Nothing was mined, or an utterance has no label.
    """
    emotions = context.emotions
    labels = manifest.set_index("utterance")["emotion"]
    counts = count_classes(hard_index, labels, emotions)
    folds = hard_index["fold"].nunique()
    height = FRAME_CM + len(counts) * (PANEL_CM + BAR_CM * len(emotions))
    with house_style():
        figure = column_figure(height)
        panels = figure.subplots(len(counts), 1, sharex=True, squeeze=False)[:, 0]
        for axes, (network, of_classes) in zip(panels, counts.items(), strict=True):
            _draw_panel(
                axes, of_classes / folds, context.labels.network(network), context.hard_share
            )
        panels[-1].set_xlabel("Training utterances")
        longest = max(frame.sum(axis=1).max() for frame in counts.values()) / folds
        ticks = MaxNLocator(6, integer=True).tick_values(0, longest)
        panels[-1].set_xticks([tick for tick in ticks if 0 <= tick <= longest])
        panels[-1].set_xlim(0, ROOM * longest)
        how = "one fold" if folds == 1 else f"mean of {folds} folds"
        write_title(figure, context, "hard and easy training examples", how)
        handles, names = panels[0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside lower center", ncols=2, frameon=False)
    return figure


def _draw_panel(axes: Axes, counts: pd.DataFrame, network: str, hard_share: float | None) -> None:
    places = range(len(counts))
    axes.barh(places, counts["hard"], label="Hard", **HARD_BARS["hard"])
    axes.barh(places, counts["easy"], left=counts["hard"], label="Easy", **HARD_BARS["easy"])
    totals = counts.sum(axis=1)
    for place, (hard, total) in enumerate(zip(counts["hard"], totals, strict=True)):
        if total:
            axes.annotate(
                f"{100 * hard / total:.0f} % hard",
                (total, place),
                xytext=(3, 0),
                textcoords="offset points",
                va="center",
            )
    share = 100 * counts["hard"].sum() / totals.sum()
    asked = "" if hard_share is None else f" (target {100 * hard_share:.1f} %)"
    title = f"{network}: {share:.1f} % hard{asked}"
    axes.set_title(title, loc="left", fontsize="medium")
    axes.set_yticks(places, counts.index)
    axes.tick_params(axis="y", length=0)
    axes.invert_yaxis()
