"""The paper's tables: which cells stand in them, and what their captions say."""

from __future__ import annotations

import pandas as pd

from sersnake.errors import SersnakeError
from sersnake.metrics import POOLED, summarise
from sersnake.published import contradictions, published_value
from sersnake.run_context import RunContext
from sersnake.typeset import Column, Table

# The arms of Table 3 in its order, the baseline that the paper lacks first.
ARM_NAMES = {
    "is09_svm": "IS09 + linear SVM (baseline)",
    "fused_ce": "Fused training (CE)",
    "independent_ce": "Independent training (CE)",
    "independent_he": "Independent training (HE)",
}
ARM_NOTE = (
    "CE: cross entropy; HE: hard-example mining and re-training with the hard-example loss. "
    "The last epoch counts, and the test part selects nothing."
)


def table3(metrics: pd.DataFrame, context: RunContext) -> Table:
    """The paper's Table 3, with the baseline and with hard examples, beside published values.

    Args:
        metrics: What :func:`sersnake.metrics.score` returns.
        context: The run.

    Returns:
        One row an arm that was measured. Percent throughout: the published WA and UA (left out
        where there are none, or the corpus is synthetic), mean and sample standard deviation over
        folds (the latter left out for one fold), and the values pooled over all test predictions.

    Raises:
        SersnakeError: No arm of Table 3 was measured, or one on another number of folds.
    """
    arms = _measured_arms(metrics, context.folds)
    frame = pd.DataFrame([_table3_row(arm, metrics, context.corpus) for arm in arms])
    published = not context.synthetic and bool(frame["published_wa"].notna().any())
    columns = _table3_columns(context, published)
    notes = [*context.notes]
    if published:
        notes.append("Published: Tables 3 (CE) and 5 (HE) of the paper.")
        notes += [
            f"{ARM_NAMES[arm]}: {sentence}"
            for arm in arms
            for sentence in contradictions(context.corpus, arm)
        ]
    return Table(
        "Table 3",
        f"table3-{context.corpus}",
        f"Independent against fused training on {context.corpus_name}: weighted (WA) and "
        f"unweighted accuracy (UA) in percent. {context.setting} {ARM_NOTE}",
        columns,
        frame[[column.name for column in columns]],
        tuple(notes),
    )


def _measured_arms(metrics: pd.DataFrame, folds: int) -> list[str]:
    accuracies = metrics[(metrics["metric"] == "WA") & (metrics["fold"] != POOLED)]
    counts = accuracies["arm"].value_counts()
    arms = [arm for arm in ARM_NAMES if arm in counts]
    if not arms:
        raise SersnakeError(f"metrics: none of the arms of Table 3 ({', '.join(ARM_NAMES)})")
    for arm in arms:
        if counts[arm] != folds:
            raise SersnakeError(
                f"metrics: arm {arm} has {counts[arm]} folds where the run has {folds}; "
                "make the metrics again"
            )
    return arms


def _table3_row(arm: str, metrics: pd.DataFrame, corpus: str) -> dict[str, str | float]:
    kinds = ["mean", "std", "pooled"]
    summary = summarise(metrics[metrics["arm"] == arm]).set_index("metric")
    row: dict[str, str | float] = {"method": ARM_NAMES[arm]}
    for metric in ("WA", "UA"):
        row[f"published_{metric.lower()}"] = published_value(corpus, arm, metric)
        values = summary.loc[[metric], kinds].to_numpy(float)[0]
        for kind, value in zip(kinds, values, strict=True):
            row[f"{metric.lower()}_{kind}"] = 100 * value
    return row


def _table3_columns(context: RunContext, published: bool) -> tuple[Column, ...]:
    several = context.folds > 1
    columns = [Column("method", "Method")]
    if published:
        columns += [Column(f"published_{m.lower()}", m, "Published") for m in ("WA", "UA")]
    group = f"Mean ± std over {context.folds} folds" if several else "One fold"
    for metric in ("WA", "UA"):
        columns.append(Column(f"{metric.lower()}_mean", metric, group))
        if several:
            columns.append(Column(f"{metric.lower()}_std", "±", group, spread=True))
    columns += [Column(f"{m.lower()}_pooled", m, "Pooled") for m in ("WA", "UA")]
    return tuple(columns)
