"""Figure 6: test accuracy over the epochs, with and without re-training on hard examples."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sersnake.errors import SersnakeError
from sersnake.evaluation.metrics import METRICS
from sersnake.report.plot_style import LOSS_COLORS, column_figure, house_style, write_title
from sersnake.report.run_context import RunContext
from sersnake.report.tables.systems import LOSSES
from sersnake.settings.systems import loss_of

SYSTEMS = ("independent_he", "independent_ce")  # with re-training and without
RUNS = 5  # folds that are drawn, as many as in the paper
ROW_CM, FRAME_CM = 2.7, 2.6  # height of a row of panels, and of all around them
PICTURE_ALONE = "Recorded for this figure alone, never used for selection."


class Row(NamedTuple):
    """A row of panels with the curve of one network in one system.

    Attributes:
        network: Name of the network.
        system: Name of the system.
        curve: Rows of curve.csv.
    """

    network: str
    system: str
    curve: pd.DataFrame


def figure6(curve: pd.DataFrame, context: RunContext) -> Figure:
    """Test WA and UA of each network's own softmax over the epochs (Figure 6 of the paper).

    Args:
        curve: Columns network, system, fold, phase, epoch (from 1, counted over the phases), wa and
            ua (fractions).
        context: The run.

    Returns:
        A figure with WA on the left and UA on the right, and one row per network and system: a thin
            line for each of the first five folds, the mean of all folds bold, a dotted line at the
            start of phase 2. No epoch is selected by these curves.

    Raises:
        SersnakeError: A system has no curve, or an epoch appears twice in a fold.
    """
    rows = _rows(curve, tuple(context.streams))
    with house_style():
        figure = column_figure(FRAME_CM + ROW_CM * len(rows))
        panels = figure.subplots(len(rows), 2, squeeze=False)
        leaders: dict[str, Axes] = {}  # a network's panels have one scale, that of its first
        for row, of_row in zip(rows, panels, strict=True):
            for axes, metric in zip(of_row, METRICS, strict=True):
                if (leader := leaders.setdefault(row.network, axes)) is not axes:
                    axes.sharey(leader)
                _draw_panel(axes, row, metric)
            of_row[1].tick_params(labelleft=False)
            name = context.labels.network(row.network)
            of_row[0].set_title(f"{name}, {_training(row.system)}", loc="left", fontsize="medium")
        figure.supylabel("Test accuracy (%)", fontsize="medium")
        figure.supxlabel(f"Epoch (dotted: phase 2 begins)\n{PICTURE_ALONE}", fontsize="medium")
        write_title(figure, context, "accuracy on the test sets", _how(curve["fold"].nunique()))
    return figure


def _how(folds: int) -> str:
    """The description of the curves: whose accuracy, and which folds."""
    if folds == 1:
        return "each network alone, one fold"
    shown = f"{RUNS} of {folds} folds, mean of all" if folds > RUNS else f"{folds} folds, mean"
    return f"each network alone, {shown} in bold"


def _rows(curve: pd.DataFrame, networks: tuple[str, ...]) -> list[Row]:
    """Network by network, with re-training and without."""
    for system in SYSTEMS:
        if system not in set(curve["system"]):
            raise SersnakeError(
                f"curve: system {system} is missing; add it to the systems of the config"
            )
    drawn = curve[curve["system"].isin(SYSTEMS)]
    twice = drawn[drawn.duplicated(["network", "system", "fold", "epoch"])]
    if len(twice):
        network, system, fold, epoch = twice.iloc[0][["network", "system", "fold", "epoch"]]
        raise SersnakeError(
            f"curve: epoch {epoch} of {network}, system {system}, fold {fold} appears twice; "
            "train again"
        )
    return [
        Row(network, system, drawn[(drawn["network"] == network) & (drawn["system"] == system)])
        for network in networks
        if network in set(drawn["network"])
        for system in SYSTEMS
    ]


def _training(system: str) -> str:
    """The label of what follows phase 1."""
    loss = loss_of(system)
    how = "with" if loss == "he" else "without"
    return f"{how} re-training ({LOSSES[loss]})"


def _draw_panel(axes: Axes, row: Row, metric: str) -> None:
    color = LOSS_COLORS[loss_of(row.system)]
    of_folds = 100 * row.curve.pivot(index="epoch", columns="fold", values=metric.lower())
    drawn = row.curve["fold"].unique()[:RUNS]
    marker = "o" if len(of_folds) == 1 else ""  # a line through one point is not seen
    epochs = of_folds.index.to_numpy(float)
    axes.plot(
        epochs, of_folds[drawn].to_numpy(), color=color, alpha=0.5, linewidth=0.5, marker=marker
    )
    mean = of_folds.dropna().mean(axis=1)  # of the epochs that all folds reached
    axes.plot(mean.index.to_numpy(float), mean.to_numpy(), color=color, linewidth=1.6)
    second = row.curve[(row.curve["phase"] == 2) & row.curve["fold"].isin(drawn)]
    for start in second.groupby("fold")["epoch"].min().unique():
        axes.axvline(start - 0.5, color="0.3", linestyle=":", linewidth=0.8)
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
    axes.margins(x=0)
    axes.text(0.97, 0.06, metric, transform=axes.transAxes, ha="right", weight="bold")
    axes.grid(axis="y", linewidth=0.4, color="0.85")
    axes.set_axisbelow(True)
