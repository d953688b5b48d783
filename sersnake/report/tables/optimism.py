"""How far selecting the epoch on the test set would have inflated the score, as a table."""

from __future__ import annotations

import pandas as pd

from sersnake.evaluation.optimism import METRICS
from sersnake.report.run_context import RunContext
from sersnake.report.table_format import Column, Table
from sersnake.report.tables.systems import LOSS_SENTENCES, LOSSES
from sersnake.settings.systems import loss_of

NO_RESULT = "not a result: selected on the test set"
VALUES = ["last_epoch", "optimistic_best_epoch", "optimism", "low", "high"]


def optimism_table(optimism: pd.DataFrame, context: RunContext) -> Table:
    """One row per network and loss: the last epoch, the best one on the test set, the difference.

    Systems that share a network's training (independent_ce, acln_ce) share its row.

    Args:
        optimism: Result of :func:`sersnake.evaluation.optimism`.
        context: The run.

    Returns:
        WA and UA in percent, the difference and its bounds in percentage points.
    """
    losses = optimism["system"].map(loss_of)
    cells = optimism.assign(loss=losses).drop_duplicates(["network", "loss", "metric"])
    rows = [
        _row(context.labels.network(str(network)), str(loss), of_row.set_index("metric"))
        for (network, loss), of_row in cells.groupby(["network", "loss"], sort=False)
    ]
    used = [sentence for loss, sentence in LOSS_SENTENCES.items() if loss in set(cells["loss"])]
    return Table(
        "Optimism",
        f"optimism-{context.corpus}",
        "How far selecting each fold's epoch on the test set would inflate the score on "
        f"{context.corpus_name} ({NO_RESULT}): weighted (WA) and unweighted accuracy (UA) of each "
        f"network's own softmax, means over folds in percent. {context.setting} {' '.join(used)}",
        _columns(),
        pd.DataFrame(rows),
        (
            "Last: the epoch that counts in all other results. Best: per fold, separately for WA "
            "and UA, over both phases. Gain: best minus last in percentage points, with a 95 % "
            "interval (corrected resampled t). A gain is never negative, though its symmetric "
            "interval may reach below zero; it does not show a better training.",
        ),
        wide=True,
    )


def _row(network: str, loss: str, of_metrics: pd.DataFrame) -> dict[str, str | float]:
    row: dict[str, str | float] = {"method": f"{network} ({LOSSES[loss]})"}
    for metric in METRICS.values():
        row |= {f"{metric.lower()}_{name}": 100 * of_metrics[name][metric] for name in VALUES}
    return row


def _columns() -> tuple[Column, ...]:
    """The columns of the last epoch and, marked as no result, of the best one."""
    columns = [Column("method", "Network")]
    columns += [Column(f"{metric}_last_epoch", metric.upper(), "Last epoch") for metric in METRICS]
    heads = {"optimistic_best_epoch": "", "optimism": "gain", "low": "from", "high": "to"}
    for metric in METRICS:
        columns += [
            Column(f"{metric}_{name}", head or metric.upper(), f"Best epoch ({NO_RESULT})")
            for name, head in heads.items()
        ]
    return tuple(columns)
