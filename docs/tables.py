"""Writes the tables of the pages from the records, so that no number is copied by hand.

Usage: ``python docs/tables.py`` after a record was made again; ``--check`` names the pages that it
would change. A table stands in a page between ``<!-- table: NAME -->`` and ``<!-- end -->``; NAME
is a function of this file, which gives its rows, the first of them the header.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pandas as pd

from sersnake.evaluation.published import published_value
from sersnake.io import write_text

ROOT = Path(__file__).parents[1]
RECORDS = ROOT / "docs" / "results"
PAGES = (ROOT / "README.md", *sorted(RECORDS.glob("*.md")))
BLOCK = re.compile(r"(?<=<!-- table: )(\w+)( -->\n).*?(?=<!-- end -->)", re.DOTALL)
METRICS = ("WA", "UA")
CORPORA = {"emodb": "EMODB", "nemo": "nEMO"}
CORRECTED = "corrected resampled t"
Rows = list[list[str]]


# What the records say


@cache
def read(path: str) -> pd.DataFrame:
    """A CSV file below docs/results."""
    return pd.read_csv(RECORDS / path)


def one(table: pd.DataFrame, **values: object) -> pd.Series:
    """The row that has these values."""
    for column, value in values.items():
        table = table[table[column] == value]
    (row,) = (row for _, row in table.iterrows())
    return row


def pair(record: str, system: str, over: str = "speakers") -> str:
    """WA / UA of a system: pooled, or the mean over folds."""
    table = read(f"{record}/intervals.csv")
    rows = [one(table, system=system, over=over, metric=metric) for metric in METRICS]
    return " / ".join(f"{100 * row['value']:.1f}" for row in rows)


def ranges(record: str, system: str, over: str = "speakers") -> str:
    """The intervals of WA / UA: over speakers, or of the mean over folds."""
    table = read(f"{record}/intervals.csv")
    rows = [one(table, system=system, over=over, metric=metric) for metric in METRICS]
    return " / ".join(f"{100 * row['low']:.1f} to {100 * row['high']:.1f}" for row in rows)


def side_by_side(values: str, intervals: str) -> str:
    """WA / UA, each with its interval."""
    pairs = zip(values.split(" / "), intervals.split(" / "), strict=True)
    return " / ".join(f"{value} ({interval})" for value, interval in pairs)


def of_model(record: str) -> tuple[str, str]:
    """WA / UA of a model by its own card, and their intervals over speakers."""
    model = json.loads((RECORDS / record / "model.json").read_text(encoding="utf-8"))
    rows = [model["about"]["measured"][metric] for metric in METRICS]
    values = " / ".join(f"{100 * row['pooled']:.1f}" for row in rows)
    return values, " / ".join(f"{100 * row['low']:.1f} to {100 * row['high']:.1f}" for row in rows)


def published(system: str) -> str:
    """WA / UA of the paper."""
    return " / ".join(f"{published_value('emodb', system, metric):.1f}" for metric in METRICS)


def gain(record: str, system: str, against: str) -> str:
    """Points WA between two systems, over folds, with their interval and what correction leaves."""
    pairs = read(f"{record}/comparisons.csv")
    pairs = pairs[(pairs["test"] == CORRECTED) & (pairs["metric"] == "WA")]
    row = one(pairs, system=system, against=against)
    points = "{:.1f} points WA ({:.1f} to {:.1f})".format(
        *(100 * row[name] for name in ("difference", "low", "high"))
    )
    if row["p_holm"] < 0.05:
        return points
    if row["p"] < 0.05:
        return f"{points}, not significant after correction for {len(pairs)} pairs"
    return f"{points}, not significant"


# The tables


def readme() -> Rows:
    """The README's table."""
    rows = [["", "ten random 80/20 splits", "one speaker left out"]]
    rows.append(["the paper, published", published("independent_he"), "not published"])
    for name, system, random, speakers in (
        ("the paper's method, re-created", "independent_he", "emodb", "emodb-speakers"),
        (
            "ComParE and a linear support vector machine (SVM), no network",
            "compare_svm",
            "emodb",
            "emodb-speakers",
        ),
        ("the same streams, best of eight variants", "selected", "beyond", "beyond-speakers"),
    ):
        pooled = side_by_side(pair(speakers, system), ranges(speakers, system))
        rows.append([name, pair(random, system, "folds"), pooled])
    model = side_by_side(*of_model("best-emodb"))
    rows.append(["frozen Whisper base and linear discriminant analysis", "not measured", model])
    return rows


def summary() -> Rows:
    """What each system reaches under each protocol."""
    fused, ce, he = ("fused training, CE", "independent training, CE", "independent training, HE")
    svm, selected = "ComParE + linear SVM", "selected among eight variants"
    rows = [["protocol and system", "n", "WA / UA", "95 % CI, WA / UA", "published"]]
    for protocol, n, over, *systems in (
        (
            *("ten random 80/20 splits", "1070 tests", "folds"),
            *((fused, "fused_ce", "emodb"), (ce, "independent_ce", "emodb")),
            (f"{he} (the paper's method)", "independent_he", "emodb"),
            *((svm, "compare_svm", "emodb"), (selected, "selected", "beyond")),
        ),
        (
            *("random 10-fold", "535", "speakers"),
            *((svm, "compare_svm", "beyond-ten-fold"), (selected, "selected", "beyond-ten-fold")),
        ),
        (
            *("one speaker left out", "535", "speakers"),
            *((he, "independent_he", "emodb-speakers"), (svm, "compare_svm", "emodb-speakers")),
            (selected, "selected", "beyond-speakers"),
        ),
    ):
        for row, (name, system, record) in enumerate(systems):
            first = [f"{protocol}: {name}", n] if row == 0 else [f"… {name}", ""]
            measured = [pair(record, system, over), ranges(record, system, over)]
            paper = published(system) if over == "folds" else "nan"
            rows.append([*first, *measured, "" if "nan" in paper else paper])
    rows.append(["… selected by `snakemake best`, with Whisper", "", *of_model("best-emodb"), ""])
    return rows


def agreement() -> Rows:
    """Spearman's rho between hard index and listeners."""
    rows = [["network", "random 80/20, 10 splits", "one speaker left out"]]
    for name, network in (("ACLN", "acln"), ("FCN", "fcn"), ("fused", "fused")):
        cells = []
        for record in ("emodb", "emodb-speakers"):
            row = one(read(f"{record}/agreement.csv"), network=network)
            cells.append(f"{row['rho']:.2f} ({row['low']:.2f} to {row['high']:.2f})")
        rows.append([name, *cells])
    return rows


def protocols() -> Rows:
    """The price of a leak."""
    table = read("protocols/protocols.csv")
    names = {"is09_svm": "IS09 + linear SVM", "independent_he": "independent training, HE"}
    rows = [["protocol", "folds", "trained on", "shared", "system", "WA", "UA"]]
    for (protocol, system), cells in table.groupby(["protocol", "system"], sort=False):
        values = 100 * cells.set_index("metric")[["value", "low", "high"]]
        intervals = ["{:.1f} ({:.1f} to {:.1f})".format(*values.loc[metric]) for metric in METRICS]
        facts = cells.iloc[0]
        rows.append(
            [
                str(protocol).replace("_", " "),
                str(facts["folds"]),
                f"{100 * facts['train_share']:.0f} %",
                facts["shared"],
                names[str(system)],
                *intervals,
            ]
        )
    return rows


def encoder_streams() -> Rows:
    """A pretrained encoder as a stream beside the paper's."""
    rows = [["trained", "CE", "HE", "focal"]]
    for name, *systems in (
        ("the paper's two streams, independently", "acln+fcn_ce", "acln+fcn_he"),
        ("three streams, independently", "independent_ce", "independent_he"),
        ("three streams, fused", "fused_ce"),
        ("the encoder's stream alone", "whisper_ce", "whisper_he", "whisper_focal"),
        ("the encoder's stream alone, LDA on its embedding", "whisper_ce_lda", "whisper_he_lda"),
        ("no network: an SVM on the features", "whisper_svm"),
        ("no network: an LDA on the features", "whisper_lda"),
    ):
        cells = [pair("pretrained-speakers", system) for system in systems]
        rows.append([name, *cells, *[""] * (3 - len(cells))])
    return rows


def enrolment_curves() -> Rows:
    """Accuracy by the number of enrolled recordings."""
    points = ("none", "1", "2", "5", "10", "20", "all")
    return by_point(
        dict(zip(points, points, strict=True)), lambda row: f"{row['wa_value']} / {row['ua_value']}"
    )


def failures_of_enrolment() -> Rows:
    """What wrong recordings cost."""
    return by_point(
        {
            "10": "ten at random",
            "10, one emotion": "ten of one emotion",
            "10, wrong speaker": "ten of a wrong speaker",
        },
        gain_of,
    )


def gain_of(row: pd.Series) -> str:
    """Points WA, with their interval."""
    return f"{row['wa_gain']} ({row['wa_gain_low']} to {row['wa_gain_high']})"


def by_point(points: dict[str, str], cell: Callable[[pd.Series], str]) -> Rows:
    """A row per corpus and system of the enrolment curves, and a column per point."""
    rows = [["", *points.values()]]
    for corpus, name in CORPORA.items():
        curve = read(f"enrolment/{corpus}.csv")
        for system in curve["system"].unique():
            cells = [cell(one(curve, system=system, enrolled=point)) for point in points]
            short = system.replace(" +", ",").replace("linear SVM", "SVM")
            rows.append([f"{name}: {short}", *cells])
    return rows


def cross_corpus() -> Rows:
    """Within a corpus, across, and trained on both."""
    rows = [["trained on", "tested on", "ComParE, SVM", "Whisper, LDA"]]
    table = read("corpora/cross_corpus.csv")
    for trained, tested in dict.fromkeys(zip(table["trained_on"], table["tested_on"], strict=True)):
        cells = []
        for system in ("compare_svm", "whisper_lda"):
            values = [
                one(table, trained_on=trained, tested_on=tested, system=system, metric=metric)
                for metric in METRICS
            ]
            pairs = " / ".join(f"{100 * row['value']:.1f}" for row in values)
            intervals = [f"{100 * row['low']:.1f} to {100 * row['high']:.1f}" for row in values]
            cells.append(f"{pairs} ({' / '.join(intervals)})")
        rows.append([*(CORPORA.get(name, "both") for name in (trained, tested)), *cells])
    return rows


def robustness_emodb() -> Rows:
    """EMODB under each condition."""
    return by_condition("emodb")


def robustness_nemo() -> Rows:
    """The same of nEMO under each condition."""
    return by_condition("nemo")


def by_condition(corpus: str) -> Rows:
    """WA of each system under each condition."""
    table = read(f"robustness/{corpus}.csv")
    conditions = list(table["condition"].unique())
    rows = [["WA in percent", *conditions]]
    for system in table["system"].unique():
        values = [one(table, system=system, condition=name)["wa_value"] for name in conditions]
        rows.append([system, *map(str, values)])
    return rows


def rehearsal_iemocap() -> Rows:
    """IEMOCAP's size."""
    return rehearsal("iemocap")


def rehearsal(name: str) -> Rows:
    """Time and memory of each rule at a size, and how the time grows."""
    rows = [["rule", "jobs", "CPU time", "memory of the largest job", "exponent"]]
    for _, row in read(f"benchmarks/rehearsal_{name}.csv").iterrows():
        memory = f"{row['memory_mib']:.0f} MiB"
        cells = [f"`{row['rule']}`", str(row["jobs"]), f"{row['cpu_seconds']:.0f} s", memory]
        rows.append([*cells, f"{row['exponent']:.2f}"])
    return rows


def rehearsal_msp() -> Rows:
    """A user's own 25,000 utterances."""
    return rehearsal("msp")


def beside() -> Rows:
    """What a user would take instead."""
    names = {
        "sersnake": "this workflow, linear SVM",
        "opensmile + scikit-learn": "script of opensmile and scikit-learn, linear SVM",
        "nkululeko, SVM": "nkululeko 1.14.1, SVM",
        "nkululeko, MLP": "nkululeko 1.14.1, MLP, 50 epochs",
    }
    rows = [["tool", "one thread", "two threads", "largest process", "WA / UA"]]
    table = read("benchmarks/beside.csv")
    for tool, name in names.items():
        runs = [one(table, tool=tool, threads=threads) for threads in (1, 2)]
        times = [f"{run['seconds']:.0f} s" for run in runs]
        memory = f"{max(run['memory_mib'] for run in runs):.0f} MiB"
        rows.append([name, *times, memory, f"{runs[0]['wa']:.1f} / {runs[0]['ua']:.1f}"])
    return rows


def prediction() -> Rows:
    """How long `sersnake predict` takes, and each stage of it on one thread."""
    rows = [["what", "recordings", "time"]]
    for _, row in read("benchmarks/predict.csv").iterrows():
        rows.append([row["what"], str(row["files"]), f"{row['seconds']:.2f} s"])
    return rows


def long_recordings() -> Rows:
    """Time and memory by the length of a recording."""
    rows = [["length", "scored", "time", "CPU time", "peak memory"]]
    for _, row in read("benchmarks/predict_long.csv").iterrows():
        seconds = [f"{row[name]:.1f} s" for name in ("seconds", "cpu_seconds")]
        rows.append(
            [f"{row['minutes']} min", row["scored"], *seconds, f"{row['memory_mib']:.0f} MiB"]
        )
    return rows


def epoch_avx2() -> Rows:
    """An epoch of ACLN held to AVX2."""
    table = read("benchmarks/training_epoch_avx2.csv")
    loops = {
        "plain_padded": "padded to the corpus' longest",
        "plain_batches": "to the batch's longest",
        "plain_sorted": "batches of like lengths",
        "sersnake_auto": "sersnake",
    }
    rows = [["coefficients", *loops.values()]]
    for coefficients in table["coefficients"].unique():
        seconds = [one(table, coefficients=coefficients, loop=name)["seconds"] for name in loops]
        rows.append([str(coefficients), *(f"{each:.1f} s" for each in seconds)])
    return rows


TABLES: dict[str, Callable[[], Rows]] = {
    table.__name__: table
    for table in (
        *(readme, summary, agreement, protocols, encoder_streams, enrolment_curves),
        *(failures_of_enrolment, cross_corpus, robustness_emodb, robustness_nemo),
        *(rehearsal_iemocap, rehearsal_msp, beside, prediction, long_recordings, epoch_avx2),
    )
}


# Into the pages


def as_markdown(rows: Rows) -> str:
    """A table of Markdown."""
    header, *body = ("|" + "|".join(map(as_cell, cells)) + "|" for cells in rows)
    return "\n".join([header, "|" + "---|" * len(rows[0]), *body]) + "\n\n"


def as_cell(text: str) -> str:
    """A cell whose lines break neither within an interval nor within a pair of numbers alone."""
    text = re.sub(r"(?<=\d) to (?=-?\d)", "\u00a0to\u00a0", text)
    text = re.sub(r"^([\d.]+) / ([\d.]+)$", "\\1\u00a0/\u00a0\\2", text)
    return f" {text} " if text else " "


def renewed(text: str) -> str:
    """A page with its tables as the records have them."""
    return BLOCK.sub(lambda block: block[1] + block[2] + as_markdown(TABLES[block[1]]()), text)


def main() -> int:
    """Writes, or checks, all pages."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail if a page differs"
    )
    arguments = parser.parse_args()
    old = {page: page.read_text(encoding="utf-8") for page in PAGES}
    changed = {page: text for page in PAGES if (text := renewed(old[page])) != old[page]}
    for page, text in changed.items():
        print(page.relative_to(ROOT))
        if not arguments.check:
            write_text(page, text)
    return int(arguments.check and bool(changed))


if __name__ == "__main__":
    sys.exit(main())
