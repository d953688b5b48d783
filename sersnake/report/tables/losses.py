"""Table 5: the loss functions under independent training."""

from __future__ import annotations

import pandas as pd

from sersnake.evaluation.published import reported
from sersnake.report.run_context import RunContext
from sersnake.report.table_format import Table
from sersnake.report.tables.accuracy import (
    accuracy_columns,
    accuracy_rows,
    has_published,
    measured_systems,
)
from sersnake.report.tables.systems import explain

# The systems of the three losses, and what published.csv calls each loss.
METHODS = {
    "independent_ce": "cross_entropy",
    "independent_focal": "focal",
    "independent_he": "hard_example",
}


def table5(metrics: pd.DataFrame, context: RunContext) -> Table:
    """The paper's Table 5: cross entropy, focal loss and HE loss, and the published values.

    Args:
        metrics: What :func:`sersnake.evaluation.metrics.score` returns.
        context: The run.

    Returns:
        One row per loss that was measured, with the columns of Table 3.

    Raises:
        SersnakeError: No loss was measured, or one has another number of folds.
    """
    systems = measured_systems(metrics, tuple(METHODS), context.folds, "Table 5")
    rows = accuracy_rows(
        metrics,
        systems,
        context.labels,
        lambda system, metric: (
            float("nan")
            if context.synthetic
            else reported(5, context.corpus, METHODS[system], metric)
        ),
    )
    published = ["Published: Table 5 of the paper."] if has_published(rows) else []
    if published:
        published += context.published_notes
    return Table(
        "Table 5",
        f"table5-{context.corpus}",
        f"Loss functions under independent training on {context.corpus_name}: weighted (WA) and "
        f"unweighted accuracy (UA) in percent. {context.setting} {explain(systems)}",
        accuracy_columns(context, rows),
        rows,
        tuple(published),
    )
