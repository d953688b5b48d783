"""The ablation: what each part of the method is worth."""

from __future__ import annotations

import pandas as pd

from sersnake.report.run_context import RunContext
from sersnake.report.tables.accuracy import accuracy_columns, accuracy_rows, measured_arms
from sersnake.report.tables.arms import ARM_NAMES, explain
from sersnake.report.typeset import Table


def ablation(metrics: pd.DataFrame, context: RunContext) -> Table:
    """WA and UA of every arm that was measured: single networks and other classifiers too.

    Args:
        metrics: What :func:`sersnake.evaluation.metrics.score` returns.
        context: The run.

    Returns:
        One row an arm, with the columns of Table 3 but the published ones.

    Raises:
        SersnakeError: No arm was measured, or one on another number of folds.
    """
    arms = measured_arms(metrics, tuple(ARM_NAMES), context.folds, "the ablation")
    rows = accuracy_rows(metrics, arms, lambda arm, metric: float("nan"))
    return Table(
        "Ablation",
        f"ablation-{context.corpus}",
        f"What each part of the method is worth on {context.corpus_name}: weighted (WA) and "
        f"unweighted accuracy (UA) in percent. {context.setting} ALF: features of "
        "ACLN; ELF: features of FCN. The classifier "
        "is a linear SVM where no other (ELM: extreme learning machine; MLP: multi-layer "
        f"perceptron) is named. {explain(arms)}",
        accuracy_columns(context, rows),
        rows,
    )
