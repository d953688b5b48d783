"""The comparisons as a table."""

from __future__ import annotations

import pandas as pd

from sersnake.evaluation.comparisons import BOOTSTRAP, MCNEMAR, PUBLISHED, RESAMPLED
from sersnake.evaluation.verdicts import NO_SPREAD, verdict
from sersnake.io.words import count
from sersnake.report.run_context import RunContext
from sersnake.report.table_format import Column, Table

Cells = dict[str, str | float]

NAN = float("nan")
SMALLEST_PRINTED = 0.00005  # p has four digits


def comparison_table(comparisons: pd.DataFrame, context: RunContext) -> Table:
    """One row per pair and metric: the difference over folds and over speakers, and McNemar's p.

    Args:
        comparisons: What :func:`sersnake.evaluation.compare_systems` returns.
        context: The run.

    Returns:
        Differences and bounds in percentage points; p values adjusted by Holm.
    """
    keys = ["system", "against", "metric"]
    rows = [
        _table_row(str(system), str(against), str(metric), cells, context)
        for (system, against, metric), cells in comparisons.groupby(keys, sort=False)
    ]
    return Table(
        "Comparisons",
        f"comparisons-{context.corpus}",
        f"Differences between systems on {context.corpus_name}: weighted (WA) and unweighted "
        f"accuracy (UA) in percentage points, with 95 % intervals. {context.setting}",
        _columns(context),
        pd.DataFrame(rows),
        tuple(_notes(comparisons, context)),
    )


def _columns(context: RunContext) -> tuple[Column, ...]:
    over_folds = f"Mean over {count(context.folds, 'fold')}"
    return (
        Column("comparison", "Comparison"),
        Column("fold_difference", "Diff.", over_folds),
        Column("fold_low", "from", over_folds),
        Column("fold_high", "to", over_folds),
        Column("fold_p", "p", over_folds, decimals=4),
        Column("pooled_difference", "Diff.", "Pooled, by speakers"),
        Column("pooled_low", "from", "Pooled, by speakers"),
        Column("pooled_high", "to", "Pooled, by speakers"),
        Column("mcnemar_p", "p", "McNemar", decimals=4),
    )


def _table_row(
    system: str, against: str, metric: str, cells: pd.DataFrame, context: RunContext
) -> Cells:
    by_test = cells.set_index("test")
    ending = "" if against != PUBLISHED or context.published_notes else _verdict(by_test)
    pair = " against ".join(_short(name, context) for name in (system, against))
    row: Cells = {"comparison": f"{pair}: {metric}{ending}"}
    for test, prefix in ((RESAMPLED, "fold"), (BOOTSTRAP, "pooled")):
        for name in ("difference", "low", "high"):
            row[f"{prefix}_{name}"] = 100 * _cell(by_test, test, name)
    row["fold_p"] = _cell(by_test, RESAMPLED, "p_holm")
    row["mcnemar_p"] = _cell(by_test, MCNEMAR, "p_holm")
    return row


def _verdict(by_test: pd.DataFrame) -> str:
    low, high = (_cell(by_test, RESAMPLED, name) for name in ("low", "high"))
    return f" ({verdict(0.0, low, high)})"


def _cell(by_test: pd.DataFrame, test: str, name: str) -> float:
    return float(by_test[name].get(test, NAN))


def _short(system: str, context: RunContext) -> str:
    return system if system == PUBLISHED else context.labels.short(system).replace(" training", "")


def _notes(comparisons: pd.DataFrame, context: RunContext) -> list[str]:
    beside = comparisons["against"] == PUBLISHED
    pairs = len(comparisons[~beside].drop_duplicates(["system", "against"]))
    notes = [
        "Mean over folds: corrected resampled t (Nadeau and Bengio 2003). Pooled, by speakers: "
        "percentiles of a bootstrap that draws the same speakers for both systems. McNemar: one "
        "vote per utterance, for the system that was right in more folds. Only the first includes "
        "variation between folds and trainings; the other two take the trained networks as given.",
        f"p: adjusted by Holm over {count(pairs, 'pair')}, separately per test and metric. The "
        "intervals are not adjusted.",
    ]
    if (comparisons["p_holm"] < SMALLEST_PRINTED).any():
        notes.append("A p of 0.0000 is below 0.00005.")
    if beside.any() and context.published_notes:
        notes += [*context.published_notes, "They therefore get no verdict."]
    elif beside.any():
        notes.append(
            "Against published: ours agrees if the 95 % interval of its mean over folds "
            f"(corrected resampled t) includes the published value; {NO_SPREAD}."
        )
    return notes
