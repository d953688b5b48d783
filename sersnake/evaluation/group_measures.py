"""For whom a system works: its measures by speaker, sex, length, sentence and confidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.evaluation.calibration import with_confidence
from sersnake.evaluation.grouping import GAP, NAMED, groups_of
from sersnake.evaluation.intervals import RESAMPLES, TAILS
from sersnake.evaluation.permutation import permutation_p
from sersnake.evaluation.tallies import Sums, measures, tally
from sersnake.protocols.recordings import recordings_of

SEXES = ("female", "male")  # the second is subtracted from the first
GAP_NAME = " \N{MINUS SIGN} ".join(SEXES)
CHUNK = 1000  # draws that are in memory at a time

Measures = Mapping[str, NDArray[np.float64]]


class GroupMeasure(NamedTuple):
    """One measure of one group.

    Attributes:
        kind: One of :data:`~sersnake.evaluation.grouping.KINDS`.
        group: Its name.
        speakers: How many speak in it; 0 where not all are known.
        utterances: How many were tested.
        metric: The measure's name.
        value: A fraction.
        low: Lower bound of the 95 % interval.
        high: Upper bound.
        p: Of the gap between the sexes; else NaN.
    """

    kind: str
    group: str
    speakers: int
    utterances: int
    metric: str
    value: float
    low: float
    high: float
    p: float


def measure_groups(
    predictions: pd.DataFrame,
    folds: pd.DataFrame,
    manifest: pd.DataFrame,
    emotions: Sequence[str],
    seed: int,
) -> pd.DataFrame:
    """The measures of every group with 95 % intervals, and the gap between the sexes with its test.

    The intervals are percentiles of a bootstrap that draws the group's speakers with replacement,
    each with all predictions, or the recordings of a group with one speaker. The gap is women
    minus men; its bootstrap draws the speakers of each sex, and its test is
    :func:`~sersnake.evaluation.permutation.permutation_p`.

    Args:
        predictions: Columns system, fold, utterance, emotion, predicted and score_<emotion>, of one
            system.
        folds: Columns fold, utterance, part; the folds of the predictions.
        manifest: Columns utterance and corpus, and speaker, sex, sentence, path and duration where
            they are known.
        emotions: The C classes.
        seed: Of the draws.

    Returns:
        Columns of :class:`GroupMeasure`. Bounds are NaN for a single recording, where a speaker is
        unknown, and for ECE_expected. ECE and confidence are NaN without scores, or without another
        fold to calibrate on.

    Raises:
        SersnakeError: An utterance is not in the manifest.
    """
    rows = _placed(with_confidence(predictions, folds, emotions), manifest)
    measured = [
        row
        for kind, name, of_group in groups_of(rows)
        for row in _group_rows(kind, name, of_group, emotions, seed)
    ]
    return pd.DataFrame([*measured, *_gap_rows(rows, emotions, seed)], columns=GroupMeasure._fields)


def _placed(predictions: pd.DataFrame, manifest: pd.DataFrame) -> pd.DataFrame:
    """Predictions with what the manifest says of their utterances."""
    unknown: dict[str, Any] = {"path": "", **dict.fromkeys(NAMED, ""), "duration": np.nan}
    missing = {name: value for name, value in unknown.items() if name not in manifest}
    names = manifest.assign(**missing)[["utterance", "corpus", *unknown]]
    rows = predictions.merge(names, on="utterance", how="left", validate="m:1")
    if rows["corpus"].isna().any():
        raise SersnakeError(
            f"predictions: utterance {rows['utterance'][rows['corpus'].isna()].iloc[0]!r} is not "
            "in the manifest; give the manifest of these predictions"
        )
    return rows.assign(recording=recordings_of(rows))


def _group_rows(
    kind: str, name: str, rows: pd.DataFrame, emotions: Sequence[str], seed: int
) -> Iterator[GroupMeasure]:
    every = measures(tally(rows, np.zeros(len(rows), np.int64), emotions)[0], emotions)
    members = _drawn_members(rows)
    drawn = _drawn(tally(rows, members, emotions), emotions, seed) if members is not None else {}
    size = _speakers(rows), rows["utterance"].nunique()
    for metric, value in every.items():
        low, high = _bounds(metric, float(value), drawn.get(metric, np.empty(0)))
        least = float(np.maximum(low, 0))  # an ECE's can be below
        yield GroupMeasure(kind, name, *size, metric, float(value), least, high, float("nan"))


def _gap_rows(rows: pd.DataFrame, emotions: Sequence[str], seed: int) -> Iterator[GroupMeasure]:
    """Women minus men, where at least two speakers of each sex are known."""
    rows = rows[rows["sex"].isin(SEXES) & (rows["speaker"] != "")]
    sexes = rows.groupby("speaker")["sex"].first()
    if min((sexes == sex).sum() for sex in SEXES) < 2:
        return
    sums = tally(rows, pd.Index(sexes.index).get_indexer(rows["speaker"]), emotions)
    is_first = (sexes == SEXES[0]).to_numpy()
    parts = sums[is_first], sums[~is_first]
    values = [measures(part.sum(axis=0), emotions) for part in parts]
    drawn = [_drawn(part, emotions, [seed, number]) for number, part in enumerate(parts)]
    p = permutation_p(sums, is_first, emotions, seed)
    size = len(sexes), rows["utterance"].nunique()
    for metric in p:
        gap = float(values[0][metric] - values[1][metric])
        bounds = _bounds(metric, gap, drawn[0][metric] - drawn[1][metric])
        yield GroupMeasure(GAP, GAP_NAME, *size, metric, gap, *bounds, p[metric])


def _speakers(rows: pd.DataFrame) -> int:
    return 0 if (rows["speaker"] == "").any() else rows["speaker"].nunique()


def _drawn_members(rows: pd.DataFrame) -> NDArray[np.int64] | None:
    """The speaker or recording of each row, whichever is drawn; None where neither can be."""
    speakers = _speakers(rows)
    names = rows["speaker"] if speakers > 1 else rows["recording"]
    members = pd.factorize(names, sort=True)[0]
    return members if speakers and members.max() > 0 else None


def _drawn(sums: Sums, emotions: Sequence[str], seed: int | Sequence[int]) -> Measures:
    """The measures of each of many draws with replacement."""
    generator, chances = np.random.default_rng(seed), np.full(len(sums), 1 / len(sums))
    chunks = []
    for _ in range(RESAMPLES // CHUNK):
        draws = generator.multinomial(len(sums), chances, size=CHUNK)
        chunks.append(measures(draws.astype(np.float64) @ sums, emotions))
    return {name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]}


def _bounds(metric: str, value: float, drawn: NDArray[np.float64]) -> tuple[float, float]:
    """Percentiles over the draws in which the measure is defined.

    A draw contains some predictions twice, which raises the ECE as a smaller sample would. The mean
    excess over the draws is therefore subtracted.
    """
    known = drawn[~np.isnan(drawn)]
    if not len(known) or metric == "ECE_expected":
        return float("nan"), float("nan")
    low, high = np.quantile(known, TAILS) - (known.mean() - value if metric == "ECE" else 0)
    return float(low), float(high)
