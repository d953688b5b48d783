"""What the records say: their CSV files as numbers of the pages."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from sersnake.evaluation.published import published_value
from sersnake.evaluation.verdicts import verdict

RECORDS = Path(__file__).parents[1] / "results"
METRICS = ("WA", "UA")
CORRECTED = "corrected resampled t"
CORPORA = {"emodb": "EMODB", "nemo": "nEMO"}
Rows = list[list[str]]  # of a table, the first of them the header
Accuracies = list[dict[str, float]]  # of WA and UA: value, low, high, in percent


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


def accuracies(table: pd.DataFrame, **values: object) -> Accuracies:
    """WA and UA of the rows that have these values."""
    rows = [one(table, metric=metric, **values) for metric in METRICS]
    return [{name: 100 * row[name] for name in ("value", "low", "high")} for row in rows]


def measured(record: str, system: str, over: str = "speakers") -> Accuracies:
    """WA and UA of a system: pooled, with intervals over speakers, or the mean over folds."""
    return accuracies(read(f"{record}/intervals.csv"), system=system, over=over)


def under(record: str, protocol: str, system: str) -> Accuracies:
    """WA and UA of a system under one of the compared protocols of a record."""
    return accuracies(read(f"{record}/protocols.csv"), protocol=protocol, system=system)


def of_model(record: str) -> Accuracies:
    """WA and UA of a model by its own card."""
    model = json.loads((RECORDS / record / "model.json").read_text(encoding="utf-8"))
    rows = [model["about"]["measured"][metric] for metric in METRICS]
    return [
        {
            name: 100 * row[key]
            for name, key in (("value", "pooled"), ("low", "low"), ("high", "high"))
        }
        for row in rows
    ]


def at_point(record: str, table: str, system: str, **point: str) -> Accuracies:
    """WA and UA at a point of an enrolment curve, or under a condition."""
    row = one(read(f"{record}/tables/{table}.csv"), system=system, **point)
    return [
        {name: row[f"{metric.lower()}_{name}"] for name in ("value", "low", "high")}
        for metric in METRICS
    ]


def pair(values: Accuracies) -> str:
    """WA / UA."""
    return " / ".join(f"{each['value']:.1f}" for each in values)


def ranges(values: Accuracies) -> str:
    """The intervals of WA / UA."""
    return " / ".join(f"{each['low']:.1f} to {each['high']:.1f}" for each in values)


def with_interval(values: Accuracies) -> str:
    """WA with its interval / UA."""
    wa, ua = values
    return f"{wa['value']:.1f} ({wa['low']:.1f} to {wa['high']:.1f}) / {ua['value']:.1f}"


def side_by_side(values: Accuracies) -> str:
    """WA / UA, each with its interval."""
    return " / ".join(f"{e['value']:.1f} ({e['low']:.1f} to {e['high']:.1f})" for e in values)


def published(system: str) -> str:
    """WA / UA of the paper; nothing where it has none."""
    values = " / ".join(f"{published_value('emodb', system, metric):.1f}" for metric in METRICS)
    return "" if "nan" in values else values


def judged(system: str, values: Accuracies) -> str:
    """WA / UA of the paper, and how our intervals compare with each; nothing where it has none."""
    paper = published(system)
    verdicts = (
        verdict(published_value("emodb", system, metric), ours["low"], ours["high"])
        for metric, ours in zip(METRICS, values, strict=True)
    )
    return f"{paper} ({' / '.join(verdicts)})" if paper else ""


class Difference(NamedTuple):
    """Points WA between two systems over folds, their interval, and what the test says."""

    points: float
    low: float
    high: float
    verdict: str

    @property
    def evidence(self) -> str:
        """Interval and verdict, for brackets."""
        return f"{tenths(self.low)} to {tenths(self.high)}, {self.verdict}"

    @property
    def short(self) -> str:
        """Points and interval; bold where significant."""
        text = f"{tenths(self.points)} ({tenths(self.low)} to {tenths(self.high)})"
        return f"**{text}**" if self.verdict == "significant" else text


def tenths(value: float) -> str:
    """A value with one decimal, without a sign of zero."""
    return f"{round(value, 1) + 0.0:.1f}"


def difference(record: str, system: str, against: str) -> Difference:
    """How far a system is above another one by the corrected resampled t test."""
    table = read(f"{record}/comparisons.csv")
    table = table[(table["test"] == CORRECTED) & (table["metric"] == "WA")]
    table = table[table["against"] != "published"]
    swapped = table[(table["system"] == against) & (table["against"] == system)]
    row = one(table, system=system, against=against) if swapped.empty else swapped.iloc[0]
    bounds = [100 * row[name] for name in ("difference", "low", "high")]
    points, low, high = bounds if swapped.empty else (-bounds[0], -bounds[2], -bounds[1])
    verdict = "not significant"
    if row["p"] < 0.05:
        verdict = f"not significant after correction for {len(table)} pairs"
    if row["p_holm"] < 0.05:
        verdict = "significant"
    return Difference(points, low, high, verdict)
