"""The groups of test utterances that a system may serve unequally."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from sersnake.evaluation.tallies import BINS, bins_of

LEAST = 10  # utterances of a group that is measured
THIRDS = 3
NAMED = ("sex", "speaker", "sentence")  # columns of the manifest, empty where unknown
ALL, LENGTH, CONFIDENCE, GAP = "all", "length", "confidence", "gap"
KINDS = (ALL, "corpus", "sex", GAP, LENGTH, "speaker", "sentence", CONFIDENCE)


def groups_of(rows: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Kind, name and rows of each group, of all utterances first.

    Groups have at least :data:`LEAST` utterances, and a kind at least two such groups, except for
    bins of the confidence. An utterance without a value for a kind is in none of its groups.

    Args:
        rows: Columns utterance, corpus, sex, speaker, sentence, duration (s) and confidence (NaN
            where it is not known).
    """
    yield ALL, ALL, rows
    kinds = {
        "corpus": rows["corpus"],
        "sex": rows["sex"],
        LENGTH: _lengths(rows),
        "speaker": rows["speaker"],
        "sentence": rows["sentence"],
        CONFIDENCE: _confidences(rows),
    }
    for kind, names in kinds.items():
        groups = {
            str(name): of_name
            for name, of_name in rows[names != ""].groupby(names, observed=True)
            if of_name["utterance"].nunique() >= LEAST
        }
        if len(groups) > 1 or kind == CONFIDENCE:
            yield from ((kind, name, of_name) for name, of_name in groups.items())


def _lengths(rows: pd.DataFrame) -> pd.Series:
    """Short, middle and long thirds of the utterances, named by their limits."""
    durations = rows["duration"].astype(float)
    of_one = durations[~rows["utterance"].duplicated()]
    low, high = (round(float(of_one.quantile(n / THIRDS)), 1) for n in range(1, THIRDS))
    names = [f"up to {low} s", f"{low} to {high} s", f"over {high} s"]
    places = np.searchsorted([low, high], durations)
    return pd.Series(pd.Categorical.from_codes(places, pd.Index(names)), rows.index)


def _confidences(rows: pd.DataFrame) -> pd.Series:
    """The bin of the confidence, named by its limits; empty where it is not known."""
    limits = [f"{number / BINS:.1f} to {(number + 1) / BINS:.1f}" for number in range(BINS)]
    confidence = rows["confidence"].to_numpy(np.float64)
    names = np.array(limits)[bins_of(confidence)]
    return pd.Series(np.where(np.isnan(confidence), "", names), rows.index)
