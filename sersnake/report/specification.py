"""The specification curve: what every reading of the paper reaches, side by side.

Simonsohn, Simmons and Nelson (Specification curve analysis, Nature Human Behaviour 4, 2020): all
defensible ways to run one analysis are shown, sorted by their result, above what they differ in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from sersnake.errors import SersnakeError
from sersnake.evaluation.published import contradictions, published_value
from sersnake.evaluation.resampled import corrected_resampled_t, train_ratio
from sersnake.io.words import count
from sersnake.report.run_context import RunContext
from sersnake.report.tables.arms import ARM_NAMES
from sersnake.report.typeset import Column, Table
from sersnake.settings.protocol import POOLED

METRICS = ("WA", "UA")
SORTED_BY = "UA"
BASE = "base"  # the run itself, which the readings vary
KINDS = ("mean", "low", "high")


def measure_readings(
    metrics: Mapping[str, pd.DataFrame], arm: str, folds: pd.DataFrame
) -> pd.DataFrame:
    """WA and UA of one arm in every reading, sorted by mean UA.

    Args:
        metrics: By the reading's name what :func:`~sersnake.evaluation.metrics.score` returns.
        arm: The arm.
        folds: Columns fold, utterance, part; the folds of all readings.

    Returns:
        Columns arm, reading, metric, mean, low and high, fractions: the mean over folds and its
        95 % bounds (corrected resampled t), NaN for one fold. The readings rise in UA; equal ones
        keep their order.

    Raises:
        SersnakeError: A reading lacks the arm, or was measured on other folds.
    """
    ratio = train_ratio(folds)
    rows = [
        (arm, reading, metric, *corrected_resampled_t(values, ratio)[:3])
        for reading, of_reading in metrics.items()
        for metric, values in _of_arm(reading, of_reading, arm, set(folds["fold"])).items()
    ]
    frame = pd.DataFrame(rows, columns=["arm", "reading", "metric", *KINDS])
    key = frame[frame["metric"] == SORTED_BY].set_index("reading")["mean"]
    order = frame["reading"].map(key).sort_values(kind="stable").index
    return frame.loc[order].reset_index(drop=True)


def _of_arm(
    reading: str, metrics: pd.DataFrame, arm: str, folds: set[str]
) -> dict[str, list[float]]:
    """WA and UA of the arm in every fold."""
    rows = metrics[(metrics["arm"] == arm) & (metrics["fold"] != POOLED)]
    values = {metric: rows[rows["metric"] == metric] for metric in METRICS}
    for metric, of_metric in values.items():
        if sorted(of_metric["fold"]) != sorted(folds):
            raise SersnakeError(
                f"metrics of reading {reading}: {metric} of arm {arm} in "
                f"{count(len(of_metric), 'fold')}, which are not the {len(folds)} of the folds "
                "file; measure every reading with this arm and these folds"
            )
    return {metric: of_metric["value"].tolist() for metric, of_metric in values.items()}


def changes_of(options: pd.DataFrame, readings: Sequence[str]) -> pd.DataFrame:
    """What each reading changes.

    Where the reading ``base`` has rows too, they are its values, and those of every reading that
    does not change them.

    Args:
        options: Columns reading, option and value, all text.
        readings: The readings to tell of, in their order.

    Returns:
        Columns reading, option, value and changed (whether ``base`` has another one), of these
        readings; options and their values in the order of ``options``.

    Raises:
        SersnakeError: A reading has two values of an option, or one other than ``base`` has no row.
    """
    every = options[["reading", "option", "value"]]
    twice = every[every.duplicated(["reading", "option"])]
    if len(twice):
        reading, option, _ = twice.iloc[0]
        raise SersnakeError(f"readings: {reading} has two values of {option}; remove one")
    missing = [name for name in readings if name != BASE and name not in set(every["reading"])]
    if missing:
        raise SersnakeError(f"readings: no row of reading {missing[0]}; say what it changes")
    of_reading = {
        name: dict(zip(rows["option"], rows["value"], strict=True))
        for name, rows in every.groupby("reading")
    }
    defaults = of_reading.get(BASE, {})
    rows = [
        (reading, option, value, value != defaults.get(option))
        for reading in readings
        for own in [of_reading.get(reading, {})]
        for option, value in {**defaults, **own}.items()
    ]
    frame = pd.DataFrame(rows, columns=["reading", "option", "value", "changed"])
    pairs = every[["option", "value"]].drop_duplicates()
    places = {option: place for place, option in enumerate(every["option"].unique())}
    grouped = pairs.sort_values("option", key=lambda names: names.map(places), kind="stable")
    return grouped.merge(frame, how="inner", on=["option", "value"])[frame.columns]


def published_values_of(arm: str, context: RunContext) -> dict[str, float]:
    """The paper's WA and UA of an arm in percent, where it has them; none of synthetic speech."""
    if context.synthetic:
        return {}
    values = {metric: published_value(context.corpus, arm, metric) for metric in METRICS}
    return {metric: value for metric, value in values.items() if value == value}


def specification_table(
    specification: pd.DataFrame, readings: pd.DataFrame, context: RunContext
) -> Table:
    """One row a reading, from the lowest UA to the highest.

    Args:
        specification: What :func:`measure_readings` returns.
        readings: Columns reading, option and value, all text: what each changes.
        context: The run.
    """
    arm, names = specification["arm"].iloc[0], list(specification["reading"].unique())
    changes = changes_of(readings, names)
    parts = _shortened({name: _pairs(changes, name) for name in names})
    rows = [
        {"reading": reading, "changes": _words(parts[str(reading)]), **_values(of_reading)}
        for reading, of_reading in specification.groupby("reading", sort=False)
    ]
    return Table(
        "Specification curve",
        f"specification-{context.corpus}",
        f"{ARM_NAMES.get(arm, arm)} on {context.corpus_name} in "
        f"{count(len(names), 'reading')}: weighted (WA) and unweighted accuracy (UA) in "
        f"percent, means over folds with 95 % intervals, sorted by {SORTED_BY}. {context.setting}",
        _columns(),
        pd.DataFrame(rows),
        (*_notes(arm, context), *_transductive(changes), *_long_changes(parts)),
        wide=True,
    )


def _pairs(changes: pd.DataFrame, reading: str) -> list[str]:
    """What a reading changes."""
    rows = changes[(changes["reading"] == reading) & changes["changed"]]
    return [f"{o} = {v}" for o, v in zip(rows["option"], rows["value"], strict=True)]


def _shortened(pairs: Mapping[str, list[str]]) -> dict[str, tuple[str | None, list[str]]]:
    """What each reading changes: the largest other reading that is part of it, and the rest."""
    shortened = {}
    for name, own in pairs.items():
        within = [other for other in pairs if len(pairs[other]) > 1 and _is_part(pairs[other], own)]
        largest = max(within, key=lambda other: len(pairs[other]), default=None)
        known = pairs[largest] if largest else []
        shortened[name] = largest, [pair for pair in own if pair not in known]
    return shortened


def _is_part(pairs: list[str], of: list[str]) -> bool:
    return set(pairs) < set(of)


def _words(parts: tuple[str | None, list[str]]) -> str | None:
    """What a reading changes, short enough for a cell."""
    part_of, rest = parts
    words = f"{len(rest)} options, see below" if len(rest) > 1 else next(iter(rest), None)
    return f"{part_of} + {words}" if part_of else words


def _transductive(changes: pd.DataFrame) -> list[str]:
    """Which readings have seen features of the test part."""
    own = changes[changes["changed"] & (changes["value"] == "speaker")]
    found = own.loc[own["option"].str.endswith("normalisation"), "reading"].unique()
    return [f"{', '.join(found)}: scaled by test recordings too (transductive)."] * bool(len(found))


def _long_changes(parts: Mapping[str, tuple[str | None, list[str]]]) -> list[str]:
    """What is not understood from the cells: how they name a reading, and what is too long."""
    named = [part_of for part_of, _ in parts.values() if part_of]
    notes = (
        [f"{named[0]} + …: what {named[0]} changes, and what follows; likewise for other names."]
        if named
        else []
    )
    return notes + [
        f"{name}: {f'{part_of} + ' if part_of else ''}{', '.join(rest)}."
        for name, (part_of, rest) in parts.items()
        if len(rest) > 1
    ]


def _values(of_reading: pd.DataFrame) -> dict[str, float]:
    cells = of_reading.set_index("metric")
    return {
        f"{metric.lower()}_{kind}": 100 * float(cells[kind][metric])
        for metric in METRICS
        for kind in KINDS
    }


def _columns() -> tuple[Column, ...]:
    columns = [Column("reading", "Reading"), Column("changes", "Changes", decimals=None)]
    for metric in METRICS:
        for kind, header in zip(KINDS, ("mean", "from", "to"), strict=True):
            columns.append(Column(f"{metric.lower()}_{kind}", header, metric))
    return tuple(columns)


def _notes(arm: str, context: RunContext) -> list[str]:
    notes = [
        f"{BASE}: the run itself, of which the others change what is named. "
        "Intervals: corrected resampled t (Nadeau and Bengio 2003), each by itself.",
        "The order is that of test accuracy, so the last reading is the best on the test parts and "
        "not a result; a choice between readings needs inner folds.",
    ]
    published = published_values_of(arm, context)
    if published:
        values = ", ".join(f"{metric} {value:.2f}" for metric, value in published.items())
        slips = contradictions(context.corpus, arm)
        sentences = [f"Published: {values}.", *(slip[0].upper() + slip[1:] for slip in slips)]
        notes += [" ".join(sentences), *context.published_notes]
    return notes
