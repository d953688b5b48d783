"""The protocol comparison: the same systems under protocols with fewer and fewer leaks."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sersnake.evaluation.metrics import METRICS
from sersnake.evaluation.system_intervals import pooled_intervals
from sersnake.report.run_context import RunContext
from sersnake.report.table_format import Column, Table


def measure_protocol(
    protocol: str,
    predictions: pd.DataFrame,
    context: RunContext,
    manifest: pd.DataFrame,
) -> pd.DataFrame:
    """Pooled WA and UA of every system under one protocol, with 95 % intervals.

    Args:
        protocol: Name of the protocol in the config.
        predictions: Columns system, fold, utterance, emotion, predicted.
        context: The run under this protocol.
        manifest: Columns utterance and speaker.

    Returns:
        Columns protocol, folds, train_share, shared, system, metric, value, low, high: train_share
        is the mean share of the corpus in the training set, shared names what training and test set
        share ("speakers, sentences", or "nothing"); value, low and high are fractions.
    """
    speakers = manifest.set_index("utterance")["speaker"]
    rows = pooled_intervals(predictions, speakers, context.emotions, context.seed)
    about: dict[str, Any] = {
        "protocol": protocol,
        "folds": context.folds,
        "train_share": context.train_share,
        "shared": shared_groups(context),
    }
    return rows.assign(**about)[[*about, *rows]]


def shared_groups(context: RunContext) -> str:
    """The shared ones of speakers and sentences, between training and test set of any fold."""
    groups = {"speakers": context.shared_speakers, "sentences": context.shared_sentences}
    shared = [group for group, is_so in groups.items() if is_so]
    shared += [f"{group} unknown" for group, is_so in groups.items() if is_so is None]
    return ", ".join(shared) or "nothing"


def protocol_name(protocol: str) -> str:
    """The printed form of a protocol's name in the config."""
    return protocol.replace("_", " ")


def protocol_comparison_table(protocols: pd.DataFrame, context: RunContext) -> Table:
    """One row per protocol and system: training share, WA and UA with intervals.

    Args:
        protocols: The rows of :func:`measure_protocol`, the protocols in their order.
        context: The run.
    """
    rows = [
        _row(str(protocol), context.labels.short(str(system)), cells)
        for (protocol, system), cells in protocols.groupby(["protocol", "system"], sort=False)
    ]
    columns = [Column("protocol", "Protocol and method"), Column("train", "Train")]
    for metric in METRICS:
        for kind, header in (("value", metric), ("low", "from"), ("high", "to")):
            columns.append(Column(f"{metric.lower()}_{kind}", header, f"{metric}, 95 % interval"))
    return Table(
        "Protocol comparison",
        f"protocols-{context.corpus}",
        f"The price of a leak on {context.corpus_name}: weighted (WA) and unweighted accuracy "
        "(UA) in percent, pooled over all test predictions, and the share of the corpus in the "
        f"training set of a fold, in percent. {context.setting_of_protocols}",
        tuple(columns),
        pd.DataFrame(rows),
        tuple(_notes(protocols)),
    )


def _row(protocol: str, name: str, cells: pd.DataFrame) -> dict[str, str | float]:
    row: dict[str, str | float] = {
        "protocol": f"{protocol_name(protocol)}: {name}",
        "train": 100 * float(cells["train_share"].iloc[0]),
    }
    for metric in METRICS:
        of_metric = cells[cells["metric"] == metric]
        for kind in ("value", "low", "high"):
            row[f"{metric.lower()}_{kind}"] = 100 * float(of_metric[kind].iloc[0])
    return row


def _notes(protocols: pd.DataFrame) -> list[str]:
    firsts = protocols.drop_duplicates("protocol")
    cells = zip(firsts["protocol"], firsts["folds"], firsts["shared"], strict=True)
    shared = "; ".join(
        f"{protocol_name(protocol)} ({folds} folds): {what}" for protocol, folds, what in cells
    )
    return [
        f"Shared between training and test set: {shared}.",
        "Intervals: percentiles of a bootstrap over speakers.",
    ]
