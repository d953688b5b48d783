"""The specification curve: the accuracy of every variant, side by side.

Simonsohn, Simmons and Nelson (Specification curve analysis, Nature Human Behaviour 4, 2020): all
defensible ways to run one analysis are shown, sorted by result, above their differences.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from sersnake.errors import SersnakeError
from sersnake.evaluation.metrics import METRICS
from sersnake.evaluation.published import contradictions, published_value
from sersnake.evaluation.resampled_t import corrected_resampled_t, train_ratio
from sersnake.io.words import count
from sersnake.report.run_context import RunContext
from sersnake.report.table_format import Column, Table
from sersnake.settings.protocol import POOLED
from sersnake.settings.systems import BASE

SORTED_BY = "UA"
KINDS = ("mean", "low", "high")


def compare_variants(
    metrics: Mapping[str, pd.DataFrame], system: str, folds: pd.DataFrame
) -> pd.DataFrame:
    """WA and UA of one system in every variant, sorted by mean UA.

    Args:
        metrics: The result of :func:`~sersnake.evaluation.metrics.score`, by the variant's name.
        system: The system.
        folds: Columns fold, utterance, part; the same for all variants.

    Returns:
        Columns system, variant, metric, mean, low and high, fractions: the mean over folds and its
        95 % bounds (corrected resampled t), NaN for one fold. The variants are sorted by UA; equal
        ones keep their order.

    Raises:
        SersnakeError: A variant lacks the system, or was measured on other folds.
    """
    ratio = train_ratio(folds)
    rows = [
        (system, variant, metric, *corrected_resampled_t(values, ratio)[:3])
        for variant, of_variant in metrics.items()
        for metric, values in _of_system(variant, of_variant, system, set(folds["fold"])).items()
    ]
    frame = pd.DataFrame(rows, columns=["system", "variant", "metric", *KINDS])
    key = frame[frame["metric"] == SORTED_BY].set_index("variant")["mean"]
    order = frame["variant"].map(key).sort_values(kind="stable").index
    return frame.loc[order].reset_index(drop=True)


def _of_system(
    variant: str, metrics: pd.DataFrame, system: str, folds: set[str]
) -> dict[str, list[float]]:
    """WA and UA of the system in every fold."""
    rows = metrics[(metrics["system"] == system) & (metrics["fold"] != POOLED)]
    values = {metric: rows[rows["metric"] == metric] for metric in METRICS}
    for metric, of_metric in values.items():
        if sorted(of_metric["fold"]) != sorted(folds):
            raise SersnakeError(
                f"metrics of variant {variant}: {metric} of system {system} in "
                f"{count(len(of_metric), 'fold')}, not the {len(folds)} of the folds file; "
                "measure every variant with this system and these folds"
            )
    return {metric: of_metric["value"].tolist() for metric, of_metric in values.items()}


def changes_of(options: pd.DataFrame, variants: Sequence[str]) -> pd.DataFrame:
    """The changes of each variant.

    Rows of the variant ``base`` also hold for every variant that does not change them.

    Args:
        options: Columns variant, option and value, all text.
        variants: Names of variants, in order.

    Returns:
        Columns variant, option, value and changed (whether ``base`` has another one), of these
        variants; options and their values in the order of ``options``.

    Raises:
        SersnakeError: A variant has two values of an option, or a variant other than ``base`` has
            no row.
    """
    every = options[["variant", "option", "value"]]
    twice = every[every.duplicated(["variant", "option"])]
    if len(twice):
        variant, option, _ = twice.iloc[0]
        raise SersnakeError(f"variants: {variant} has two values of {option}; remove one")
    missing = [name for name in variants if name != BASE and name not in set(every["variant"])]
    if missing:
        raise SersnakeError(f"variants: variant {missing[0]} has no row; add what it changes")
    of_variant = {
        name: dict(zip(rows["option"], rows["value"], strict=True))
        for name, rows in every.groupby("variant")
    }
    defaults = of_variant.get(BASE, {})
    rows = [
        (variant, option, value, value != defaults.get(option))
        for variant in variants
        for values in [of_variant.get(variant, {})]
        for option, value in {**defaults, **values}.items()
    ]
    frame = pd.DataFrame(rows, columns=["variant", "option", "value", "changed"])
    pairs = every[["option", "value"]].drop_duplicates()
    places = {option: place for place, option in enumerate(every["option"].unique())}
    grouped = pairs.sort_values("option", key=lambda names: names.map(places), kind="stable")
    return grouped.merge(frame, how="inner", on=["option", "value"])[frame.columns]


def published_values_of(system: str, context: RunContext) -> dict[str, float]:
    """The paper's WA and UA of a system in percent, if it has them; none for synthetic speech."""
    if context.synthetic:
        return {}
    values = {metric: published_value(context.corpus, system, metric) for metric in METRICS}
    return {metric: value for metric, value in values.items() if value == value}


def specification_table(
    specification: pd.DataFrame, variants: pd.DataFrame, context: RunContext
) -> Table:
    """One row per variant, from the lowest UA to the highest.

    Args:
        specification: Result of :func:`compare_variants`.
        variants: Columns variant, option and value, all text: what each variant changes.
        context: The run.
    """
    system, names = specification["system"].iloc[0], list(specification["variant"].unique())
    changes = changes_of(variants, names)
    parts = _shortened({name: _pairs(changes, name) for name in names})
    rows = [
        {"variant": variant, "changes": _words(parts[str(variant)]), **_values(of_variant)}
        for variant, of_variant in specification.groupby("variant", sort=False)
    ]
    return Table(
        "Specification curve",
        f"specification-{context.corpus}",
        f"{context.labels.system(system)} on {context.corpus_name} in "
        f"{count(len(names), 'variant')}: weighted (WA) and unweighted accuracy (UA) in "
        f"percent, means over folds with 95 % intervals, sorted by {SORTED_BY}. {context.setting}",
        _columns(),
        pd.DataFrame(rows),
        (*_notes(system, context), *_transductive(changes), *_long_changes(parts)),
        wide=True,
    )


def _pairs(changes: pd.DataFrame, variant: str) -> list[str]:
    """The changes of a variant."""
    rows = changes[(changes["variant"] == variant) & changes["changed"]]
    return [f"{o} = {v}" for o, v in zip(rows["option"], rows["value"], strict=True)]


def _shortened(pairs: Mapping[str, list[str]]) -> dict[str, tuple[str | None, list[str]]]:
    """The changes of each variant: the largest other variant that it includes, and the rest."""
    shortened = {}
    for name, changed in pairs.items():
        within = [
            other for other in pairs if len(pairs[other]) > 1 and _is_part(pairs[other], changed)
        ]
        largest = max(within, key=lambda other: len(pairs[other]), default=None)
        known = pairs[largest] if largest else []
        shortened[name] = largest, [pair for pair in changed if pair not in known]
    return shortened


def _is_part(pairs: list[str], of: list[str]) -> bool:
    return set(pairs) < set(of)


def _words(parts: tuple[str | None, list[str]]) -> str | None:
    """The changes of a variant, short enough for a cell."""
    part_of, rest = parts
    words = f"{len(rest)} options, see below" if len(rest) > 1 else next(iter(rest), None)
    return f"{part_of} + {words}" if part_of else words


def _transductive(changes: pd.DataFrame) -> list[str]:
    """The note on variants that read features of the test set."""
    by_speaker = changes[changes["changed"] & (changes["value"] == "speaker")]
    names = by_speaker.loc[by_speaker["option"].str.endswith("normalisation"), "variant"].unique()
    return [f"{', '.join(names)}: normalised with test recordings included (transductive)."] * bool(
        len(names)
    )


def _long_changes(parts: Mapping[str, tuple[str | None, list[str]]]) -> list[str]:
    """Notes on the cells: how they name a variant, and what is too long for them."""
    named = [part_of for part_of, _ in parts.values() if part_of]
    notes = (
        [
            f"{named[0]} + …: the changes of {named[0]}, and those after the +; likewise for other "
            "names."
        ]
        if named
        else []
    )
    return notes + [
        f"{name}: {f'{part_of} + ' if part_of else ''}{', '.join(rest)}."
        for name, (part_of, rest) in parts.items()
        if len(rest) > 1
    ]


def _values(of_variant: pd.DataFrame) -> dict[str, float]:
    cells = of_variant.set_index("metric")
    return {
        f"{metric.lower()}_{kind}": 100 * float(cells[kind][metric])
        for metric in METRICS
        for kind in KINDS
    }


def _columns() -> tuple[Column, ...]:
    columns = [Column("variant", "Variant"), Column("changes", "Changes", decimals=None)]
    for metric in METRICS:
        for kind, header in zip(KINDS, ("mean", "from", "to"), strict=True):
            columns.append(Column(f"{metric.lower()}_{kind}", header, metric))
    return tuple(columns)


def _notes(system: str, context: RunContext) -> list[str]:
    notes = [
        f"{BASE}: the run itself; the others make the named changes. Intervals: corrected "
        "resampled t (Nadeau and Bengio 2003), not adjusted for the number of variants.",
        "Do not report the last variant: it was selected on test data; model selection needs "
        "inner folds.",
    ]
    published = published_values_of(system, context)
    if published:
        values = ", ".join(f"{metric} {value:.2f}" for metric, value in published.items())
        slips = contradictions(context.corpus, system)
        sentences = [f"Published: {values}.", *(slip[0].upper() + slip[1:] for slip in slips)]
        notes += [" ".join(sentences), *context.published_notes]
    return notes
