"""Table 6: the recall of each class under each loss."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sersnake.evaluation.metrics import summarise
from sersnake.evaluation.published import reported
from sersnake.report.run_context import RunContext
from sersnake.report.table_format import Column, Table
from sersnake.report.tables.accuracy import measured_systems
from sersnake.report.tables.losses import METHODS
from sersnake.report.tables.systems import LOSSES, explain
from sersnake.settings.systems import loss_of


def table6(metrics: pd.DataFrame, context: RunContext) -> Table:
    """The paper's Table 6, transposed: one row per class, and its recall under each loss.

    Args:
        metrics: What :func:`sersnake.evaluation.metrics.score` returns.
        context: The run.

    Returns:
        Mean and sample standard deviation over folds in percent (the latter left out for one
        fold), a last row with UA, and on IEMOCAP the published recalls.

    Raises:
        SersnakeError: No loss was measured, or one has another number of folds.
    """
    systems = measured_systems(metrics, tuple(METHODS), context.folds, "Table 6")
    summary = summarise(metrics).set_index(["system", "metric"])[["mean", "std"]]
    names = {emotion: f"recall_{emotion}" for emotion in context.emotions}
    rows = [
        {"emotion": name, **_cells(summary, systems, metric, name, context)}
        for name, metric in [*names.items(), ("UA", "UA")]
    ]
    frame = pd.DataFrame(rows)
    published = bool(frame.filter(regex="^published_").notna().any(axis=None))
    over = f"mean ± standard deviation over {context.folds} folds" if context.folds > 1 else ""
    notes = ["Published: Tables 6 (classes) and 5 (UA) of the paper."] if published else []
    if published:
        notes += context.published_notes
    return Table(
        "Table 6",
        f"table6-{context.corpus}",
        f"Recall of each class under independent training on {context.corpus_name} in "
        f"percent{f', {over}' if over else ''}; unweighted accuracy (UA) is their mean. "
        f"{context.setting} {explain(systems)}",
        _columns(systems, published, context.folds > 1),
        frame,
        tuple(notes),
    )


def _cells(
    summary: pd.DataFrame, systems: Sequence[str], metric: str, emotion: str, context: RunContext
) -> dict[str, float]:
    """One row: the recall of a class, or UA, under every loss."""
    cells = {}
    for system in systems:
        loss = loss_of(system)
        cells[f"published_{loss}"] = _published(context, METHODS[system], emotion)
        for kind in ("mean", "std"):
            cells[f"{loss}_{kind}"] = 100 * float(summary[kind][system, metric])
    return cells


def _published(context: RunContext, method: str, emotion: str) -> float:
    """The published recall; UA only if the paper has recalls too."""
    table, metric, of = (5, "UA", "all") if emotion == "UA" else (6, "recall", emotion)
    known = not context.synthetic and context.corpus == "iemocap"  # all that Table 6 is about
    return reported(table, context.corpus, method, metric, of) if known else float("nan")


def _columns(systems: Sequence[str], published: bool, several: bool) -> tuple[Column, ...]:
    columns = [Column("emotion", "Class")]
    for system in systems:
        loss = loss_of(system)
        group = f"{LOSSES[loss][0].upper()}{LOSSES[loss][1:]} loss"
        if published:
            columns.append(Column(f"published_{loss}", "Published", group))
        columns.append(Column(f"{loss}_mean", "Recall", group))
        if several:
            columns.append(Column(f"{loss}_std", "±", group, spread=True))
    return tuple(columns)
