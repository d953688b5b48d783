"""The ablation: the contribution of each part of the method."""

from __future__ import annotations

import pandas as pd

from sersnake.report.run_context import RunContext
from sersnake.report.table_format import Table
from sersnake.report.tables.accuracy import accuracy_columns, accuracy_rows, measured_systems
from sersnake.report.tables.systems import explain, explain_classifiers
from sersnake.settings.systems import ordered


def ablation(metrics: pd.DataFrame, context: RunContext) -> Table:
    """WA and UA of every measured system, including single networks and other classifiers.

    Args:
        metrics: What :func:`sersnake.evaluation.metrics.score` returns.
        context: The run.

    Returns:
        One row per system, with the columns of Table 3 except the published ones.

    Raises:
        SersnakeError: No system was measured, or one has another number of folds.
    """
    named = ordered(list(dict.fromkeys(metrics["system"])), tuple(context.streams))
    systems = measured_systems(metrics, named, context.folds, "the ablation")
    rows = accuracy_rows(metrics, systems, context.labels, lambda system, metric: float("nan"))
    return Table(
        "Ablation",
        f"ablation-{context.corpus}",
        f"Contribution of each part of the method on {context.corpus_name}: weighted (WA) and "
        f"unweighted accuracy (UA) in percent. {context.setting} {explain_classifiers(systems)} "
        f"{explain(systems)}",
        accuracy_columns(context, rows),
        rows,
    )
