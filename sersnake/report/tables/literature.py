"""Table 7: published results on the corpus, each with its protocol."""

from __future__ import annotations

import pandas as pd

from sersnake.errors import SersnakeError
from sersnake.evaluation.metrics import METRICS, summarise
from sersnake.evaluation.published import PAPER_PROTOCOLS, literature, published_values, reported
from sersnake.report.run_context import RunContext
from sersnake.report.table_format import Column, Table
from sersnake.report.tables.accuracy import measured_systems
from sersnake.report.tables.systems import explain
from sersnake.settings.systems import SELECTED

# The systems of the paper's Table 7, by their names in published.csv.
CITED = {
    "ref27": "3-D CRNN with attention",
    "ref32": "Joint representation learning",
    "ref33": "CNN, DNN and kernel ELM",
    "ref37": "Residual CRNN, focal loss",
    "ref50": "Random deep belief networks",
    "ref51": "Deep belief network and SVM",
    "ref52": "SVM and deep belief network",
    "proposed": "Independent training (HE)",
}
NOT_STATED = "not stated"  # of the systems that it cites the paper names no protocol
# What the sources of literature.csv are.
REFERENCES = {
    "Ye et al. 2023": "arXiv:2211.08233",
    "Lu et al. 2022": "doi:10.1109/TASLP.2022.3178232",
    "Ma et al. 2024": "arXiv:2406.07162",
}
OURS = ("is09_svm", "compare_svm", "fused_ce", "independent_ce", "independent_he", SELECTED)
CORPORA = tuple(PAPER_PROTOCOLS)


def table7(metrics: pd.DataFrame, context: RunContext) -> Table:
    """The paper's Table 7, later results and ours, each with its protocol.

    Args:
        metrics: What :func:`sersnake.evaluation.metrics.score` returns.
        context: The run.

    Returns:
        WA and UA in percent; ours are means over folds.

    Raises:
        SersnakeError: No published result on this corpus is known, no system to compare was
            measured, or one has another number of folds.
    """
    if context.synthetic or context.corpus not in CORPORA:
        raise SersnakeError(
            f"{context.corpus}: no published results; Table 7 exists for {', '.join(CORPORA)}"
        )
    systems = measured_systems(metrics, OURS, context.folds, "Table 7")
    later = _later(context.corpus)
    rows = [*_cited(context.corpus), *later, *_ours(metrics, systems, context)]
    columns = (
        Column("system", "System"),
        *(Column(metric, metric) for metric in METRICS),
        Column("protocol", "Protocol", decimals=None),
        Column("source", "Source", decimals=None),
    )
    return Table(
        "Table 7",
        f"table7-{context.corpus}",
        f"Published results and ours on {context.corpus_name}: weighted (WA) and unweighted "
        "accuracy (UA) in percent. Compare only rows with the same protocol. Ours: "
        f"{context.setting} {explain(systems)}",
        columns,
        pd.DataFrame(rows),
        (
            "[n]: reference n as cited in the paper's Table 7, which names no protocols.",
            *_references({str(row["source"]) for row in later}),
        ),
        wide=True,
    )


def _cited(corpus: str) -> list[dict[str, str | float]]:
    """The rows of the paper's Table 7, its own method last."""
    frame = published_values()
    here = frame[(frame["table"] == 7) & (frame["corpus"].str.lower() == corpus)]
    return [
        {
            "system": CITED[method],
            **{metric: reported(7, corpus, method, metric) for metric in METRICS},
            "protocol": PAPER_PROTOCOLS[corpus][0] if method == "proposed" else NOT_STATED,
            "source": "the paper" if method == "proposed" else f"[{method.removeprefix('ref')}]",
        }
        for method in dict.fromkeys(here["method"])
    ]


def _later(corpus: str) -> list[dict[str, str | float]]:
    """The rows of literature.csv."""
    frame = literature()
    here = frame[frame["corpus"] == corpus].drop(columns="corpus")
    rows = here.replace({"source": {"": float("nan")}}).to_dict("records")
    return [{str(name): cell for name, cell in row.items()} for row in rows]


def _references(sources: set[str]) -> list[str]:
    """A sentence with the locations of these sources."""
    known = [f"{name}: {where}" for name, where in REFERENCES.items() if name in sources]
    return [f"{'; '.join(known)}."] if known else []


def _ours(
    metrics: pd.DataFrame, systems: list[str], context: RunContext
) -> list[dict[str, str | float]]:
    summary = summarise(metrics).set_index(["system", "metric"])["mean"]
    return [
        {
            "system": context.labels.short(system),
            **{metric: 100 * float(summary[system, metric]) for metric in METRICS},
            "protocol": context.protocol,
            "source": "this run",
        }
        for system in systems
    ]
