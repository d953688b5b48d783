"""The protocol ladder: what the same arms reach as the protocol leaks less and less."""

from __future__ import annotations

import pandas as pd

from sersnake.evaluation.intervals import pooled_bounds
from sersnake.evaluation.metrics import score
from sersnake.report.run_context import RunContext
from sersnake.report.tables.arms import ARM_NAMES
from sersnake.report.typeset import Column, Table
from sersnake.settings.protocol import POOLED

METRICS = ("WA", "UA")


def measure_rung(
    rung: str,
    predictions: pd.DataFrame,
    context: RunContext,
    manifest: pd.DataFrame,
    seed: int,
) -> pd.DataFrame:
    """Pooled WA and UA of every arm under one protocol, with 95 % intervals.

    Args:
        rung: Name of the rung in the config.
        predictions: Columns arm, fold, utterance, emotion, predicted.
        context: The run under this protocol.
        manifest: Columns utterance and speaker.
        seed: Seed of the bootstrap.

    Returns:
        Columns rung, folds, train_share, shared, arm, metric, value, low, high: train_share is the
        mean share of the corpus that is trained on, shared names what stands on both sides of a
        fold ("speakers, sentences", or "nothing"); value, low and high are fractions.
    """
    pooled = score(predictions, context.emotions)
    pooled = pooled[(pooled["fold"] == POOLED) & pooled["metric"].isin(METRICS)]
    speakers = manifest.set_index("utterance")["speaker"]
    bounds = {
        arm: pooled_bounds(rows, speakers, seed=seed)
        for arm, rows in predictions.groupby("arm", sort=False)
    }
    keys = zip(pooled["arm"], pooled["metric"], strict=True)
    pairs = [bounds[arm][metric] for arm, metric in keys]
    return pd.DataFrame(
        {
            "rung": rung,
            "folds": context.folds,
            "train_share": context.train_share,
            "shared": shared_groups(context),
            "arm": pooled["arm"].to_numpy(),
            "metric": pooled["metric"].to_numpy(),
            "value": pooled["value"].to_numpy(),
            "low": [low for low, _ in pairs],
            "high": [high for _, high in pairs],
        }
    )


def shared_groups(context: RunContext) -> str:
    """Which of speakers and sentences stand on both sides of any fold."""
    groups = {"speakers": context.shared_speakers, "sentences": context.shared_sentences}
    shared = [group for group, is_so in groups.items() if is_so]
    shared += [f"{group} unknown" for group, is_so in groups.items() if is_so is None]
    return ", ".join(shared) or "nothing"


def rung_name(rung: str) -> str:
    """A rung's name in the config, as it is printed."""
    return rung.replace("_", " ")


def ladder_table(ladder: pd.DataFrame, context: RunContext) -> Table:
    """One row a rung and arm: what is shared, what is trained on, WA and UA with intervals.

    Args:
        ladder: The rows of :func:`measure_rung`, the rungs in their order.
        context: The run.
    """
    rows = [
        _row(str(rung), str(arm), cells)
        for (rung, arm), cells in ladder.groupby(["rung", "arm"], sort=False)
    ]
    columns = [Column("protocol", "Protocol and method"), Column("train", "Train")]
    for metric in METRICS:
        for kind, header in (("value", metric), ("low", "from"), ("high", "to")):
            columns.append(Column(f"{metric.lower()}_{kind}", header, f"{metric}, 95 % interval"))
    return Table(
        "Protocol ladder",
        f"ladder-{context.corpus}",
        f"The price of a leak on {context.corpus_name}: weighted (WA) and unweighted accuracy "
        "(UA) in percent, pooled over all test predictions, and the share of the corpus that a "
        f"fold trains on, in percent. {context.setting_of_protocols}",
        tuple(columns),
        pd.DataFrame(rows),
        tuple(_notes(ladder)),
    )


def _row(rung: str, arm: str, cells: pd.DataFrame) -> dict[str, str | float]:
    row: dict[str, str | float] = {
        "protocol": f"{rung_name(rung)}: {ARM_NAMES[arm].removesuffix(' (baseline)')}",
        "train": 100 * float(cells["train_share"].iloc[0]),
    }
    for metric in METRICS:
        found = cells[cells["metric"] == metric]
        for kind in ("value", "low", "high"):
            row[f"{metric.lower()}_{kind}"] = 100 * float(found[kind].iloc[0])
    return row


def _notes(ladder: pd.DataFrame) -> list[str]:
    rungs = ladder.drop_duplicates("rung")
    cells = zip(rungs["rung"], rungs["folds"], rungs["shared"], strict=True)
    shared = "; ".join(f"{rung_name(rung)} ({folds} folds): {what}" for rung, folds, what in cells)
    return [
        f"Shared between training and test part: {shared}.",
        "Intervals: percentiles of a bootstrap that draws speakers with replacement.",
    ]
