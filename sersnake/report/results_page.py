"""One page for all records: accuracy and protocol of each run."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from sersnake.evaluation.metrics import METRICS, summarise
from sersnake.io import read_csv, read_json, write_text
from sersnake.io.words import count
from sersnake.report.encoders import encoder_sentences
from sersnake.report.record import commit_name
from sersnake.report.tables.systems import PAPER
from sersnake.settings.corpus import join_names, written_name
from sersnake.settings.merging import merge
from sersnake.settings.protocol import POOLED, protocol_of
from sersnake.settings.systems import SELECTED

# Systems of the page, in this order; the records have the others too.
SHOWN = (
    "is09_svm",
    "compare_svm",
    "fused_ce",
    "independent_ce",
    "independent_focal",
    "independent_he",
    SELECTED,
)


def write_results_page(records: Path, page: Path) -> Path:
    """Writes WA and UA of the main systems of every record.

    Args:
        records: Folder of the folders that :func:`sersnake.report.record.write_record` wrote.
        page: Markdown file to write.

    Returns:
        The page.

    Raises:
        SersnakeError: A record's metrics.csv cannot be read.
    """
    lines = [
        "# Records",
        "",
        "Written by `sersnake record` from the records that it lists. WA and UA in percent: mean "
        "over folds ± standard deviation, and in brackets pooled over all test predictions. The "
        "last epoch counts; test sets are never used for selection.",
    ]
    for provenance in sorted(records.glob("*/provenance.json")):
        lines += _record(provenance.parent, page.parent)
    write_text(page, "\n".join([*lines, ""]))
    return page


def _record(record: Path, base: Path) -> Iterator[str]:
    provenance = read_json(record / "provenance.json")
    config = provenance["config"]
    link = Path(os.path.relpath(record / "README.md", base)).as_posix()
    yield from ["", f"## [{record.name}]({link})", ""]
    yield (
        f"Corpus {config['corpus']}, preset {config['preset']}, seed {config['seed']}, commit "
        f"{commit_name(provenance, 8)}, {provenance['written'][:10]}."
    )
    corpus = written_name(join_names(config.get("corpora", ())) or config["corpus"], "or")
    if sentences := encoder_sentences(_encoders(provenance), corpus):
        yield from ["", " ".join(sentences)]
    for folder, run in _protocols(record, config):
        table = _table(read_csv(folder / "metrics.csv", ["system", "fold", "metric", "value"]))
        yield from [
            "",
            f"{protocol_of(run['folds'], run['seed']).description.capitalize()}:",
            "",
            *table,
        ]


def _encoders(provenance: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The pretrained encoders of a record, as captions name them."""
    for key, facts in provenance.get("encoders", {}).items():
        *variants, name = key.split("/")
        feature_set = provenance["config"]["features"].get(name, {})  # a variant may bring its own
        yield {**facts, "label": feature_set.get("label", name), "variants": variants}


def _protocols(record: Path, config: dict[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The run itself and its compared protocols, each with its settings."""
    yield record, config
    for protocol, folds in config["protocols"].items():
        folder = record / "protocols" / protocol
        if (folder / "metrics.csv").is_file():
            yield folder, merge(config, {"folds": folds})


def _table(metrics: pd.DataFrame) -> Iterator[str]:
    folds = metrics.loc[metrics["fold"] != POOLED, "fold"].nunique()
    summary = summarise(metrics).set_index(["system", "metric"]).to_dict("index")
    yield f"| {count(folds, 'fold')} | WA | UA |"
    yield "|---|---|---|"
    for system in SHOWN:
        if (system, "WA") in summary:
            cells = [_cell(summary[system, metric]) for metric in METRICS]
            yield f"| {PAPER.system(system)} | {cells[0]} | {cells[1]} |"


def _cell(row: Mapping[Any, float]) -> str:
    mean, std, pooled = (100 * row[name] for name in ("mean", "std", "pooled"))
    spread = "" if pd.isna(std) else f" ± {std:.2f}"
    return f"{mean:.2f}{spread} ({pooled:.2f})"
