"""Across corpora: accuracy by training and test corpora."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sersnake.evaluation.metrics import METRICS
from sersnake.evaluation.system_intervals import pooled_intervals
from sersnake.report.protocol_comparison import protocol_name, shared_groups
from sersnake.report.run_context import RunContext
from sersnake.report.table_format import Column, Table
from sersnake.settings.corpus import JOINED, join_names, written_name

KINDS = {"value": "Value", "low": "from", "high": "to"}


def measure_corpora(
    protocol: str,
    predictions: pd.DataFrame,
    folds: pd.DataFrame,
    context: RunContext,
    manifest: pd.DataFrame,
) -> pd.DataFrame:
    """WA and UA of every system under one protocol, per test corpus and training corpora.

    Args:
        protocol: Name of the protocol in the config.
        predictions: Columns system, fold, utterance, emotion, predicted.
        folds: Columns fold, utterance and part.
        context: The run under this protocol.
        manifest: Columns utterance, speaker and corpus.

    Returns:
        Columns protocol, description, shared, trained_on, tested_on, system, metric, value, low,
        high: shared is what training and test set share; trained_on are the corpora of the training
        set, as :func:`~sersnake.settings.corpus.join_names` writes them, and the predictions of all
        folds that were trained on them are pooled; value, low and high (95 %) are fractions.
    """
    known = manifest.set_index("utterance")
    train = folds[folds["part"] == "train"]
    corpora = train["utterance"].map(known["corpus"]).groupby(train["fold"])
    trained_on = corpora.agg(lambda names: join_names(sorted(set(names))))
    keys = [
        predictions["fold"].map(trained_on).rename("trained_on"),
        predictions["utterance"].map(known["corpus"]).rename("tested_on"),
    ]
    cells = [
        pooled_intervals(rows, known["speaker"], context.emotions, context.seed).assign(
            trained_on=str(trained), tested_on=str(tested)
        )
        for (trained, tested), rows in predictions.groupby(keys)
    ]
    rows = pd.concat(cells, ignore_index=True)
    columns = ["trained_on", "tested_on", "system", "metric", *KINDS]
    about = {
        "protocol": protocol,
        "description": context.protocol,
        "shared": shared_groups(context),
    }
    return rows.assign(**about)[[*about, *columns]]


@dataclass
class Row:
    """The training corpora, with one result per test corpus.

    Attributes:
        trained_on: The training corpora.
        protocols: The protocol of each cell, by test corpus.
    """

    trained_on: str
    protocols: dict[str, str] = field(default_factory=dict)

    @property
    def described(self) -> dict[str, str]:
        """The training corpora, and the protocols in the order of the test corpora."""
        protocols = dict.fromkeys(self.protocols[corpus] for corpus in sorted(self.protocols))
        return {
            "trained_on": written_name(self.trained_on),
            "protocol": ", ".join(map(protocol_name, protocols)),
        }


def rows_of(cells: pd.DataFrame) -> list[Row]:
    """The rows of the matrix: single training corpora come first.

    A training set has several rows where several protocols give a result for the same corpus.

    Args:
        cells: What :func:`measure_corpora` returns, the protocols in their order.
    """
    rows: list[Row] = []
    keys = cells[["protocol", "trained_on", "tested_on"]].drop_duplicates()
    for protocol, trained, tested in keys.itertuples(index=False):
        free = [r for r in rows if r.trained_on == trained and tested not in r.protocols]
        if not free:
            free = [Row(trained)]
            rows += free
        free[0].protocols[tested] = protocol
    return sorted(rows, key=lambda row: (row.trained_on.count(JOINED), row.trained_on))


def tested_corpora(cells: pd.DataFrame) -> list[str]:
    """The columns of the matrix."""
    return sorted(set(cells["tested_on"]))


def values_of(cells: pd.DataFrame, system: str, metric: str) -> dict[str, NDArray[np.float64]]:
    """Value, low and high of a system in percent, NaN if there is no such cell.

    Args:
        cells: What :func:`measure_corpora` returns, the protocols in their order.
        system: The system.
        metric: WA or UA.

    Returns:
        Arrays with a row per entry of :func:`rows_of` and a column per entry of
        :func:`tested_corpora`.
    """
    rows, tested = rows_of(cells), tested_corpora(cells)
    chosen = cells[(cells["system"] == system) & (cells["metric"] == metric)]
    results = chosen.set_index(["protocol", "trained_on", "tested_on"])
    keys = [(row.protocols.get(name, ""), row.trained_on, name) for row in rows for name in tested]
    in_order = results.reindex(pd.MultiIndex.from_tuples(keys))
    shape = len(rows), len(tested)
    return {kind: 100 * in_order[kind].to_numpy(float).reshape(shape) for kind in KINDS}


def cross_corpus_table(cross_corpus: pd.DataFrame, context: RunContext) -> Table:
    """A row for each system, metric and training set: accuracy on each corpus, with intervals.

    Args:
        cross_corpus: The rows of :func:`measure_corpora`, the protocols in their order.
        context: The run.
    """
    tested, rows = tested_corpora(cross_corpus), []
    for system in dict.fromkeys(cross_corpus["system"]):
        for metric in METRICS:
            values = values_of(cross_corpus, system, metric)
            for number, row in enumerate(rows_of(cross_corpus)):
                cells = {
                    f"{corpus}_{kind}": values[kind][number, place]
                    for place, corpus in enumerate(tested)
                    for kind in KINDS
                }
                name = f"{context.labels.short(system)}: {metric}"
                rows.append({"system": name, **row.described, **cells})
    columns = [
        Column("system", "Method"),
        Column("trained_on", "Trained on", decimals=None),
        Column("protocol", "Protocol", decimals=None),
    ]
    for corpus in tested:
        group = f"Tested on {written_name(corpus)}"
        columns += [Column(f"{corpus}_{kind}", head, group) for kind, head in KINDS.items()]
    return Table(
        "Across corpora",
        f"cross-corpus-{context.corpus}",
        f"Across the corpora {context.corpus_name}: weighted (WA) and unweighted accuracy (UA) in "
        "percent by training corpora (rows) and test corpus (columns), pooled over all test "
        f"predictions. {context.setting_of_protocols}",
        tuple(columns),
        pd.DataFrame(rows),
        tuple(_notes(cross_corpus)),
        wide=True,
    )


def _notes(cells: pd.DataFrame) -> list[str]:
    firsts = cells.drop_duplicates("protocol")[["protocol", "description", "shared"]]
    protocols = "; ".join(
        f"{protocol_name(name)}: {description} (training and test set share {shared})"
        for name, description, shared in firsts.itertuples(index=False)
    )
    return [
        f"Protocols: {protocols}.",
        "Intervals: percentiles of a bootstrap over the speakers of the test corpus.",
    ]
