"""Table 3: independent against fused training."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from sersnake.evaluation.published import contradictions, published_value
from sersnake.report.run_context import RunContext
from sersnake.report.table_format import Table
from sersnake.report.tables.accuracy import (
    accuracy_columns,
    accuracy_rows,
    has_published,
    measured_systems,
)
from sersnake.report.tables.systems import LOSSES, explain
from sersnake.settings.systems import SELECTED, is_baseline, loss_of

# Both ways to train with every loss, and the selected variant.
SYSTEMS = (
    *("fused_ce", "fused_focal", "fused_he"),
    *("independent_ce", "independent_focal", "independent_he"),
    SELECTED,
)
SOURCES = {"ce": 3, "focal": 5, "he": 5}  # the paper's table of each loss


def systems_of_table3(systems: Iterable[str]) -> list[str]:
    """The systems of Table 3; baselines that the paper lacks come first."""
    named = list(dict.fromkeys(systems))
    return [*filter(is_baseline, named), *(name for name in SYSTEMS if name in named)]


def table3(metrics: pd.DataFrame, context: RunContext) -> Table:
    """The paper's Table 3, with the baselines and with every loss, and the published values.

    Args:
        metrics: What :func:`sersnake.evaluation.metrics.score` returns.
        context: The run.

    Returns:
        One row per system that was measured. Percent throughout: the published WA and UA (left out
        where there are none, or the corpus is synthetic), mean and sample standard deviation over
        folds (the latter left out for one fold), and the values pooled over all test predictions.

    Raises:
        SersnakeError: No system of Table 3 was measured, or one has another number of folds.
    """
    shown = systems_of_table3(metrics["system"])
    systems = measured_systems(metrics, shown or SYSTEMS, context.folds, "Table 3")
    rows = accuracy_rows(
        metrics,
        systems,
        context.labels,
        lambda system, metric: (
            float("nan") if context.synthetic else published_value(context.corpus, system, metric)
        ),
    )
    notes: list[str] = []
    if has_published(rows):
        notes += [_sources(systems), *context.published_notes]
        notes += [
            f"{context.labels.system(system)}: {sentence}"
            for system in systems
            for sentence in contradictions(context.corpus, system)
        ]
    return Table(
        "Table 3",
        f"table3-{context.corpus}",
        f"Independent against fused training on {context.corpus_name}: weighted (WA) and "
        f"unweighted accuracy (UA) in percent. {context.setting} {explain(systems)}",
        accuracy_columns(context, rows),
        rows,
        tuple(notes),
    )


def _sources(systems: list[str]) -> str:
    """The paper's tables that have the published values of these systems."""
    losses = {loss_of(system) for system in systems}
    tables: dict[int, list[str]] = {}
    for loss, table in SOURCES.items():
        if loss in losses:
            tables.setdefault(table, []).append(LOSSES[loss])
    listed = " and ".join(f"{table} ({', '.join(names)})" for table, names in tables.items())
    return f"Published: Table{'s' if len(tables) > 1 else ''} {listed} of the paper."
