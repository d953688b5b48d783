"""Rows of systems and columns of values, for all tables of WA and UA."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from sersnake.errors import SersnakeError
from sersnake.evaluation.metrics import METRICS, summarise
from sersnake.report.run_context import RunContext
from sersnake.report.table_format import Column
from sersnake.report.tables.systems import Labels
from sersnake.settings.protocol import POOLED

KINDS = ["mean", "std", "pooled"]  # of what summarise gives


def measured_systems(
    metrics: pd.DataFrame, systems: Sequence[str], folds: int, table: str
) -> list[str]:
    """The measured systems of a table; each must have all folds of the run.

    Args:
        metrics: What :func:`sersnake.evaluation.metrics.score` returns.
        systems: Names of systems, in the order of the table.
        folds: Number of folds of the run.
        table: Name of the table in errors.

    Raises:
        SersnakeError: None of the systems was measured, or one has another number of folds.
    """
    accuracies = metrics[(metrics["metric"] == "WA") & (metrics["fold"] != POOLED)]
    counts = accuracies["system"].value_counts()
    measured = [system for system in systems if system in counts]
    if not measured:
        raise SersnakeError(
            f"metrics: no system of {table}; add one to the systems of the config: "
            f"{', '.join(systems)}"
        )
    for system in measured:
        if counts[system] != folds:
            raise SersnakeError(
                f"metrics: system {system} has {counts[system]} folds, the run has {folds}; "
                "compute the metrics again"
            )
    return measured


def accuracy_rows(
    metrics: pd.DataFrame,
    systems: Sequence[str],
    labels: Labels,
    published: Callable[[str, str], float],
) -> pd.DataFrame:
    """One row per system, in percent.

    Args:
        metrics: What :func:`sersnake.evaluation.metrics.score` returns.
        systems: The systems, in order.
        labels: Their labels.
        published: Gives the published value in percent of a system and a metric, NaN for none.

    Returns:
        Columns method, and for WA and UA published_<metric>, <metric>_mean, <metric>_std and
        <metric>_pooled.
    """
    summary = summarise(metrics).set_index(["system", "metric"])[KINDS].to_dict("index")
    rows = []
    for system in systems:
        row: dict[str, str | float] = {"method": labels.system(system)}
        for metric in METRICS:
            row[f"published_{metric.lower()}"] = published(system, metric)
            for kind in KINDS:
                row[f"{metric.lower()}_{kind}"] = 100 * summary[system, metric][kind]
        rows.append(row)
    return pd.DataFrame(rows)


def accuracy_columns(context: RunContext, rows: pd.DataFrame) -> tuple[Column, ...]:
    """The columns of :func:`accuracy_rows` that have values.

    Published values are left out if there are none, the spread if there is one fold.
    """
    several = context.folds > 1
    columns = [Column("method", "Method")]
    if has_published(rows):
        columns += [Column(f"published_{m.lower()}", m, "Published") for m in METRICS]
    group = f"Mean ± std over {context.folds} folds" if several else "One fold"
    for metric in METRICS:
        columns.append(Column(f"{metric.lower()}_mean", metric, group))
        if several:
            columns.append(Column(f"{metric.lower()}_std", "±", group, spread=True))
    columns += [Column(f"{m.lower()}_pooled", m, "Pooled") for m in METRICS]
    return tuple(columns)


def has_published(rows: pd.DataFrame) -> bool:
    """Whether a row has a published value, of :func:`accuracy_rows`."""
    return bool(rows[[f"published_{metric.lower()}" for metric in METRICS]].notna().any(axis=None))
