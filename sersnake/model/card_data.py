"""The accuracy of a system in the folds of its run, for a model card."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sersnake.corpora.base import title_of
from sersnake.evaluation.group_measures import measure_groups
from sersnake.evaluation.grouping import ALL, GAP, LENGTH
from sersnake.evaluation.intervals import pooled_bounds
from sersnake.evaluation.metrics import METRICS, score, summarise
from sersnake.evaluation.robustness import robustness_intervals

TOLD = (ALL, "corpus", "sex", GAP, LENGTH, "speaker")  # kinds of groups of a card
TOLD_METRICS = ("WA", "UA", "F1", "ECE", "ECE_expected")


def measure(
    predictions: pd.DataFrame, manifest: pd.DataFrame, emotions: Sequence[str], seed: int
) -> dict[str, Any]:
    """WA and UA with their intervals, and the recalls.

    Args:
        predictions: Columns system, fold, utterance, emotion and predicted, of one system.
        manifest: Columns utterance and speaker.
        emotions: The C classes, in order.
        seed: Of the bootstrap.

    Returns:
        ``WA`` and ``UA`` with pooled, low, high (95 %, speakers resampled), mean and std over the
        folds; ``recall`` of each emotion, pooled; all fractions, None where there is none.
    """
    summary = summarise(score(predictions, emotions)).set_index("metric")
    speakers = manifest.set_index("utterance")["speaker"]
    bounds = pooled_bounds(predictions, speakers, seed=seed)
    accuracies: dict[str, Any] = {
        metric: {
            "pooled": _plain(summary.loc[metric, "pooled"]),
            **dict(zip(("low", "high"), map(_plain, bounds[metric]), strict=True)),
            "mean": _plain(summary.loc[metric, "mean"]),
            "std": _plain(summary.loc[metric, "std"]),
        }
        for metric in METRICS
    }
    recalls = summary["pooled"]
    return accuracies | {"recall": {name: _plain(recalls[f"recall_{name}"]) for name in emotions}}


def about_groups(
    predictions: pd.DataFrame,
    folds: pd.DataFrame,
    manifest: pd.DataFrame,
    emotions: Sequence[str],
    seed: int,
) -> list[dict[str, Any]]:
    """The group measures of a model card: rows of :class:`GroupMeasure` for JSON.

    Arguments as of :func:`sersnake.evaluation.group_measures.measure_groups`.
    """
    measured = measure_groups(predictions, folds, manifest, emotions, seed)
    told = measured[measured["kind"].isin(TOLD) & measured["metric"].isin(TOLD_METRICS)]
    return [
        {name: _plain(cell) if isinstance(cell, float) else cell for name, cell in row.items()}
        for row in json.loads(told.to_json(orient="records", double_precision=15))
    ]


def about_robustness(counts: pd.DataFrame, seed: int) -> list[dict[str, Any]]:
    """The robustness of a model card: WA and UA under each condition, clean first.

    Arguments as of :func:`sersnake.evaluation.robustness.robustness_intervals`.
    """
    measured = robustness_intervals(counts, seed)
    rows = []
    for condition, cells in measured.groupby("condition", sort=False):
        values = cells.set_index("metric")
        bounds = {
            metric: dict(
                zip(
                    ("pooled", "low", "high"),
                    map(_plain, values.loc[metric, ["value", "low", "high"]]),
                    strict=True,
                )
            )
            for metric in METRICS
        }
        rows.append({"condition": str(condition), **bounds})
    return rows


def _plain(value: Any) -> float | None:
    """A number that JSON can write; None for NaN."""
    return None if np.isnan(value) else round(float(value), 6)


def about_corpus(
    manifest: pd.DataFrame, title: str, license_name: str, speech: str
) -> Mapping[str, Any]:
    """The facts about the corpus for a model card.

    Args:
        manifest: The training utterances of the model.
        title: The corpus' name in a sentence.
        license_name: As :class:`sersnake.corpora.base.Corpus` has it.
        speech: The same.
    """
    speakers = set(manifest["speaker"])
    return {
        "name": title_of(manifest),
        "title": title,
        "license": license_name,
        "speech": speech,
        "languages": sorted(set(manifest["language"]) - {""}),
        "utterances": len(manifest),
        "speakers": 0 if "" in speakers else len(speakers),
        "minutes": round(float(manifest["duration"].astype(float).sum()) / 60, 1),
        "longest": round(float(manifest["duration"].astype(float).max()), 3),
        "synthetic": bool((manifest["synthetic"] == "true").any()),
    }
