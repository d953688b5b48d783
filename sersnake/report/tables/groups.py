"""Who a system works for, as a table: by sex, length, speaker and sentence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from sersnake.evaluation.grouping import ALL, CONFIDENCE, GAP, KINDS, LEAST
from sersnake.io.words import count
from sersnake.report.run_context import RunContext
from sersnake.report.table_format import Column, Table

METRICS = ("WA", "UA", "F1", "ECE")
PARTS = ("", "_low", "_high")  # of a measure's three columns
RANKED = "UA"
MOST = 12  # groups of a kind that are all shown; of more, the ends
ENDS = 3
SMALLEST_PRINTED = 0.001  # p has three digits

Cells = dict[str, str | float]


class Bounded(NamedTuple):
    """A measure with its interval, fractions."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, rows: pd.DataFrame, metric: str) -> Bounded:
        """A measure from the rows of a group, indexed by metric."""
        return cls(*(float(rows[name][metric]) for name in ("value", "low", "high")))

    def __str__(self) -> str:
        """The value in percent, and the interval in brackets."""
        known = not np.isnan(self.low)
        bounds = f"{percent(self.low)} to {percent(self.high)}" if known else "no interval"
        return f"{percent(self.value)} ({bounds})"


def group_table(groups: pd.DataFrame, context: RunContext) -> Table:
    """One row per group: its measures with their intervals; the gap between the sexes with its p.

    Args:
        groups: Result of :func:`sersnake.evaluation.group_measures.measure_groups`, with the column
            system.
        context: The run.

    Returns:
        Percent, and percentage points for the gap.
    """
    system = context.labels.system(str(groups["system"].iloc[0]))
    chosen = shown_groups(groups[groups["kind"] != CONFIDENCE])
    frame = pd.DataFrame([_row(of_group) for of_group in by_group(chosen)])
    columns = [
        Column("group", "Group"),
        Column("speakers", "Spk.", decimals=0),
        Column("utterances", "Utt.", decimals=0),
    ]
    for metric in METRICS:
        for part, header in zip(PARTS, (metric, "from", "to"), strict=True):
            columns.append(Column(f"{metric}{part}", header, metric, decimals=1))
    columns.append(Column("ECE_expected", "chance", "ECE", decimals=1))
    return Table(
        "Groups",
        f"groups-{context.corpus}",
        f"Who it works for on {context.corpus_name}: {system}, all test predictions pooled. "
        "Weighted (WA) and unweighted accuracy (UA), macro-F1 and expected calibration error (ECE) "
        f"in percent, with 95 % intervals. {context.setting}",
        tuple(columns),
        frame,
        tuple(_notes(groups)),
        wide=True,
    )


def by_group(groups: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The rows of each group, kinds in their order, indexed by metric."""
    for kind in KINDS:
        of_kind = groups[groups["kind"] == kind]
        for _, rows in of_kind.groupby("group", sort=False):
            yield rows.set_index("metric")


def shown_groups(groups: pd.DataFrame) -> pd.DataFrame:
    """The rows of the shown groups: all of a kind, or those at both ends if there are many."""
    kept = []
    for _, of_kind in groups.groupby("kind", sort=False):
        names = list(of_kind["group"].unique())
        if len(names) > MOST:
            ranked = ranked_groups(of_kind)
            ends = {*ranked[:ENDS], *ranked[-ENDS:]}
            names = [name for name in names if name in ends]
        kept.append(of_kind[of_kind["group"].isin(names)])
    return pd.concat(kept)


def ranked_groups(of_kind: pd.DataFrame) -> list[str]:
    """The groups of a kind, the lowest UA first."""
    values = of_kind[of_kind["metric"] == RANKED].set_index("group")["value"]
    return list(values.sort_values(kind="stable").index)


def label_of(kind: str, group: str) -> str:
    """A group in a few words."""
    if kind == ALL:
        return "All"
    if kind == GAP:
        return f"Sex: {group}"
    return f"{kind.capitalize()}: {group}"


def extremes(groups: pd.DataFrame) -> list[str]:
    """The best and the worst speaker in words; empty if they are not known."""
    of_speakers = groups[groups["kind"] == "speaker"]
    ranked = ranked_groups(of_speakers)
    if not ranked:
        return []
    by_name = {str(name): rows.set_index("metric") for name, rows in of_speakers.groupby("group")}
    best, worst = (
        f"{name} with {Bounded.of(by_name[name], RANKED)}" for name in (ranked[-1], ranked[0])
    )
    return [
        f"Best speaker by UA: {best}; worst: {worst}. They are the extremes of {len(ranked)}, "
        "further apart than any other two."
    ]


def gap_sentence(groups: pd.DataFrame) -> list[str]:
    """The gap between the sexes with its test, in words."""
    gap = groups[groups["kind"] == GAP].set_index("metric")
    if gap.empty:
        return []
    tested = ", ".join(f"{metric} {_p(float(gap['p'][metric]))}" for metric in METRICS)
    return [
        "Gap between the sexes (women less men) in points of UA: "
        f"{Bounded.of(gap, RANKED)}; two-sided permutation test over "
        f"{count(int(gap['speakers'].iloc[0]), 'speaker')}, p: {tested} (not adjusted)."
    ]


def percent(value: float) -> str:
    """One digit, with a minus sign."""
    return f"{100 * value:.1f}".replace("-", "\N{MINUS SIGN}")


def _p(value: float) -> str:
    if np.isnan(value):
        return "\N{EN DASH}"
    return f"< {SMALLEST_PRINTED}" if value < SMALLEST_PRINTED else f"{value:.3f}"


def _row(of_group: pd.DataFrame) -> Cells:
    first = of_group.iloc[0]
    kind, group = str(first["kind"]), str(first["group"])
    row: Cells = {
        "group": label_of(kind, group),
        "speakers": float(first["speakers"]) or float("nan"),
        "utterances": float(first["utterances"]),
        "ECE_expected": float("nan"),
    }
    if kind != GAP:
        row["ECE_expected"] = 100 * float(of_group["value"]["ECE_expected"])
    for metric in METRICS:
        for part, value in zip(PARTS, Bounded.of(of_group, metric), strict=True):
            row[f"{metric}{part}"] = 100 * value
    return row


def _notes(groups: pd.DataFrame) -> Iterator[str]:
    yield from extremes(groups)
    yield from gap_sentence(groups)
    yield (
        "Intervals: percentiles of a bootstrap over the speakers of a group, or over the "
        "recordings of a single speaker. They take the trained networks as given, and are not "
        "adjusted for the number of groups. UA and F1: over the emotions in the group. Groups of "
        f"fewer than {LEAST} utterances are left out."
    )
    if groups.loc[groups["metric"] == "ECE", "value"].notna().any():
        yield (
            "ECE: difference between confidence and accuracy, mean over ten bins of confidence. "
            "Small groups have an ECE by chance alone; chance is its mean for perfectly "
            "calibrated probabilities. Probabilities: scores with one temperature per fold, "
            "fitted on the scores of its training utterances in the folds that test them."
        )
