"""Three tests of the difference between two systems: over folds, speakers and utterances."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from sersnake.errors import SersnakeError
from sersnake.evaluation.intervals import RESAMPLES, paired_speaker_bootstrap
from sersnake.evaluation.mcnemar import is_exact, mcnemar_p, utterance_votes
from sersnake.evaluation.metrics import METRICS, score
from sersnake.evaluation.published import published_value
from sersnake.evaluation.resampled_t import corrected_resampled_t, train_ratio
from sersnake.evaluation.verdicts import NO_SPREAD, verdict
from sersnake.io.words import count
from sersnake.settings.protocol import POOLED
from sersnake.settings.systems import SELECTED, is_baseline

Row = dict[str, str | float]

COLUMNS = (
    "system",
    "against",
    "metric",
    "difference",
    "low",
    "high",
    "p",
    "p_holm",
    "test",
    "note",
)
PUBLISHED = "published"
RESAMPLED, MCNEMAR, BOOTSTRAP = "corrected resampled t", "McNemar", "speaker bootstrap"


def default_pairs(systems: Iterable[str]) -> list[tuple[str, str]]:
    """The paper's claims as pairs: its method against all others, independent against fused.

    The selected variant is compared with the paper's method and with the baselines.
    """
    present = list(dict.fromkeys(systems))
    pairs = []
    if SELECTED in present:
        rivals = [name for name in present if name == "independent_he" or is_baseline(name)]
        pairs += [(SELECTED, system) for system in rivals]
    if "independent_he" in present:
        opponents = [system for system in present if system not in ("independent_he", SELECTED)]
        pairs += [("independent_he", system) for system in opponents]
    if {"independent_ce", "fused_ce"} <= set(present):
        pairs.append(("independent_ce", "fused_ce"))
    return pairs


def compare_systems(
    predictions: pd.DataFrame,
    folds: pd.DataFrame,
    manifest: pd.DataFrame,
    emotions: Sequence[str],
    pairs: Sequence[tuple[str, str]],
    seed: int,
) -> pd.DataFrame:
    """Tests the difference between the systems of each pair.

    Holm's correction is over the pairs, separately for each test and metric.

    Args:
        predictions: Columns system, fold, utterance, emotion, predicted.
        folds: Columns fold, utterance, part; the folds of the predictions.
        manifest: Columns utterance, speaker, emotion.
        emotions: The classes.
        pairs: A system and the one to subtract from it.
        seed: Seed of the bootstrap.

    Returns:
        Columns system, against, metric, difference, low, high, p, p_holm, test, note; difference
        and 95 % bounds are fractions, NaN where a test has none.

    Raises:
        SersnakeError: A pair names a system without predictions, or one system twice; there is no
            pair; or the predictions are not of the test sets of the folds.
    """
    systems = _systems_of(pairs, predictions)
    predictions = predictions[predictions["system"].isin(systems)]
    _check_tested(predictions, folds, manifest)
    metrics = score(predictions, emotions)
    ratio = train_ratio(folds)
    of_system = dict(iter(predictions.groupby("system", sort=False)))
    rows: list[Row] = []
    for system, against in dict.fromkeys(pairs):
        tested = [
            *_resampled_rows(_by_fold(metrics, system) - _by_fold(metrics, against), ratio),
            _mcnemar_row(of_system[system], of_system[against]),
            *_bootstrap_rows(of_system[system], of_system[against], metrics, manifest, seed),
        ]
        rows += [{"system": system, "against": against, **row} for row in tested]
    return corrected(pd.DataFrame(rows))[list(COLUMNS)]


def corrected(rows: pd.DataFrame) -> pd.DataFrame:
    """Corrects p values for multiple comparisons, over the pairs of each test and metric.

    Holm (A Simple Sequentially Rejective Multiple Test Procedure, Scandinavian Journal of
    Statistics 6, 1979).

    Args:
        rows: Columns test, metric and p; a row whose p is NaN is not counted.

    Returns:
        The rows with the column p_holm.
    """
    from statsmodels.stats.multitest import multipletests

    families = rows.dropna(subset="p").groupby(["test", "metric"])["p"]
    return rows.assign(p_holm=families.transform(lambda p: multipletests(p, method="holm")[1]))


def compare_published(
    predictions: pd.DataFrame,
    folds: pd.DataFrame,
    emotions: Sequence[str],
    systems: Sequence[str],
    corpus: str,
    other: str | None,
) -> pd.DataFrame:
    """Compares systems with the paper: our mean over folds minus the published value.

    Args:
        predictions: Columns system, fold, utterance, emotion, predicted; of real speech.
        folds: Columns fold, utterance, part; the folds of the predictions.
        emotions: The classes.
        systems: The systems; those of which the paper reports nothing are left out.
        corpus: Name of the corpus.
        other: Protocol or data of the published values, if they differ from ours: the differences
            then get no verdict.

    Returns:
        Rows as of :func:`compare_systems`, with "published" for against and without a p.
    """
    metrics, ratio = score(predictions, emotions), train_ratio(folds)
    rows: list[Row] = []
    for system in systems:
        for metric in METRICS:
            published = published_value(corpus, system, metric) / 100
            if np.isnan(published):
                continue
            ours = corrected_resampled_t(_by_fold(metrics, system)[metric] - published, ratio)
            judged = f"of {other}" if other else verdict(0.0, ours.low, ours.high)
            note = f"{judged}: published {100 * published:.2f} %; {NO_SPREAD}"
            cells = _row(metric, *ours[:3], np.nan, test=RESAMPLED, note=note)
            rows.append({"system": system, "against": PUBLISHED, "p_holm": np.nan, **cells})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _resampled_rows(differences: pd.DataFrame, ratio: float) -> list[Row]:
    """One row per metric, from its difference in each fold (rows)."""
    rows: list[Row] = []
    for metric in METRICS:
        estimate = corrected_resampled_t(differences[metric], ratio)
        note = f"{count(len(differences), 'fold')}, n_test/n_train {ratio:.3f}"
        rows.append(_row(metric, *estimate, test=RESAMPLED, note=note))
    return rows


def _mcnemar_row(predictions: pd.DataFrame, against: pd.DataFrame) -> Row:
    votes = utterance_votes(predictions, against)
    won, lost = int((votes > 0).sum()), int((votes < 0).sum())
    how = "exact" if is_exact(won, lost) else "chi-square"
    note = f"{how}; of {len(votes)} utterances, {won} vote for the system and {lost} against it"
    difference = (won - lost) / len(votes)
    return _row("WA", difference, np.nan, np.nan, mcnemar_p(won, lost), test=MCNEMAR, note=note)


def _bootstrap_rows(
    predictions: pd.DataFrame,
    against: pd.DataFrame,
    metrics: pd.DataFrame,
    manifest: pd.DataFrame,
    seed: int,
) -> list[Row]:
    """The pooled difference with an interval; a bootstrap of few speakers gives no reliable p."""
    speakers = manifest.set_index("utterance")["speaker"]
    tested = predictions["utterance"].map(speakers)
    if (tested == "").any():
        bounds = dict.fromkeys(METRICS, (np.nan, np.nan))
        note = "no interval: the speakers are not all known"
    else:
        bounds = paired_speaker_bootstrap(predictions, against, speakers, seed=seed)
        note = f"{count(tested.nunique(), 'speaker')}, {RESAMPLES} draws"
    pooled = metrics[metrics["fold"] == POOLED].set_index(["system", "metric"])["value"]
    systems = [rows["system"].iloc[0] for rows in (predictions, against)]
    rows: list[Row] = []
    for metric in METRICS:
        difference = float(pooled[systems[0], metric] - pooled[systems[1], metric])
        rows.append(_row(metric, difference, *bounds[metric], np.nan, test=BOOTSTRAP, note=note))
    return rows


def _row(
    metric: str, difference: float, low: float, high: float, p: float, *, test: str, note: str
) -> Row:
    return {
        "metric": metric,
        "difference": difference,
        "low": low,
        "high": high,
        "p": p,
        "test": test,
        "note": note,
    }


def _by_fold(metrics: pd.DataFrame, system: str) -> pd.DataFrame:
    """WA and UA (columns) of a system in each fold (rows)."""
    is_fold = (
        (metrics["system"] == system)
        & (metrics["fold"] != POOLED)
        & metrics["metric"].isin(METRICS)
    )
    return metrics[is_fold].pivot(index="fold", columns="metric", values="value")


def _systems_of(pairs: Sequence[tuple[str, str]], predictions: pd.DataFrame) -> list[str]:
    """The systems of the pairs, each once."""
    present = list(predictions["system"].unique())
    if not pairs:
        raise SersnakeError(
            f"predictions: no pair to compare among the systems {', '.join(present)}; name pairs "
            "with --pairs SYSTEM:AGAINST"
        )
    for system, against in pairs:
        if system == against:
            raise SersnakeError(f"pair {system}:{against}: both systems are the same; name two")
    systems = list(dict.fromkeys(system for pair in pairs for system in pair))
    for system in systems:
        if system not in present:
            raise SersnakeError(
                f"predictions: system {system} is missing; choose {', '.join(present)}"
            )
    return systems


def _check_tested(predictions: pd.DataFrame, folds: pd.DataFrame, manifest: pd.DataFrame) -> None:
    """Stops where a system was tested on other utterances, or for other emotions, than the run."""
    keys = ["fold", "utterance"]
    tests = folds.loc[folds["part"] == "test", keys].merge(
        manifest[["utterance", "emotion"]], how="left"
    )
    for system, rows in predictions.groupby("system", sort=False):
        both = tests.merge(rows[[*keys, "emotion"]], how="outer", indicator=True)
        wrong = both[both["_merge"] != "both"]
        if len(wrong):
            fold, utterance = wrong[keys].iloc[0]
            raise SersnakeError(
                f"predictions: system {system} was not tested on the test sets of these folds "
                f"(first difference: fold {fold}, utterance {utterance}); give the manifest and "
                "folds of these predictions"
            )
