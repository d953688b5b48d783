"""Additive counts of test predictions, and the measures that are computed from their sums.

For resampling, each speaker or recording is counted once; a draw is then a sum of counts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

BINS = 10  # of the confidence, from 0 to 1
MEASURES = ("WA", "UA", "F1", "ECE", "confidence", "ECE_expected")

Sums = NDArray[np.float64]


def bins_of(confidence: NDArray[np.float64]) -> NDArray[np.int64]:
    """The bin of each confidence, of :data:`BINS` of one width; the first where it is NaN."""
    return np.clip(np.nan_to_num(confidence) * BINS, 0, BINS - 1).astype(np.int64)


def tally(rows: pd.DataFrame, members: NDArray[np.int64], emotions: Sequence[str]) -> Sums:
    """What each of S speakers, or recordings, adds to the sums.

    Args:
        rows: Columns emotion, predicted and confidence, which is NaN where it is not known.
        members: ``(N,)``, the speaker or recording of each row, from 0 to S - 1.
        emotions: The C classes.

    Returns:
        ``(S, C² + 2 BINS + 1)``: predictions of each true (rows) and predicted class (columns); per
        bin, the sum of confidence minus correct predictions, and its variance under perfect
        calibration; and the sum of confidence.
    """
    names, classes = pd.Index(emotions), len(emotions)
    true, predicted = (names.get_indexer(pd.Index(rows[name])) for name in ("emotion", "predicted"))
    confidence = rows["confidence"].to_numpy(np.float64)
    sums = np.zeros((members.max() + 1, classes**2 + 2 * BINS + 1))
    np.add.at(sums, (members, true * classes + predicted), 1)
    in_bin = classes**2 + bins_of(confidence)
    np.add.at(sums, (members, in_bin), confidence - (true == predicted))
    np.add.at(sums, (members, in_bin + BINS), confidence * (1 - confidence))
    np.add.at(sums[:, -1], members, confidence)
    return sums


def measures(sums: Sums, emotions: Sequence[str]) -> dict[str, NDArray[np.float64]]:
    """The measures of sums of tallies, each ``(…)`` of sums ``(…, K)``.

    Returns:
        :data:`MEASURES` and ``recall_<emotion>``; fractions. UA and F1 are means over the true
        classes that occur; F1 of a class is the harmonic mean of its precision and its recall. ECE,
        the expected calibration error, is the mean distance of confidence and accuracy over the
        bins, weighted by their predictions (Naeini, Cooper and Hauskrecht, Obtaining Well
        Calibrated Probabilities Using Bayesian Binning, AAAI 2015). With few predictions it is
        large by chance alone: ECE_expected is its mean under perfect calibration, by a normal
        approximation in each bin.
    """
    classes = len(emotions)
    counts = sums[..., : classes**2].reshape(*sums.shape[:-1], classes, classes)
    right = np.diagonal(counts, axis1=-2, axis2=-1)
    true, total = counts.sum(axis=-1), counts.sum(axis=(-2, -1))
    recalls, f1 = (
        np.divide(over, under, out=np.full(right.shape, np.nan), where=true > 0)
        for over, under in ((right, true), (2 * right, true + counts.sum(axis=-2)))
    )
    apart, variance = np.split(sums[..., classes**2 : -1], 2, axis=-1)
    by_chance = np.sqrt(2 / np.pi * variance)
    values = (
        *(right.sum(axis=-1) / total, np.nanmean(recalls, axis=-1), np.nanmean(f1, axis=-1)),
        *(np.abs(apart).sum(axis=-1) / total, sums[..., -1] / total),
        by_chance.sum(axis=-1) / total,
    )
    of_classes = {f"recall_{name}": recalls[..., i] for i, name in enumerate(emotions)}
    return dict(zip(MEASURES, values, strict=True)) | of_classes
