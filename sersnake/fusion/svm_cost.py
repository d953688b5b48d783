"""C of the linear SVM, chosen by cross-validation inside a fold's training part."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.fusion.classifier import Classifier, Fit, linear_svm, predict_fold
from sersnake.protocols.recordings import have_segments, recordings_of
from sersnake.training.scaling import ZScore

INNER_FOLDS = 5

Splits = list[tuple[NDArray[np.int64], NDArray[np.int64]]]


def try_costs(
    features: NDArray[np.float32],
    emotions: NDArray[np.str_],
    costs: Sequence[float],
    speakers: NDArray[np.str_] | None,
    seed: int,
    weights: NDArray[np.float32] | None = None,
    fit: Fit = ZScore.fit,
) -> pd.DataFrame:
    """Cross-validates every C on a fold's training part; the best UA is chosen, then the smaller C.

    Each utterance is predicted once, by an SVM and a scaling that saw the other inner folds alone;
    UA is that of all these predictions, for an inner fold may lack a class. One C alone is chosen
    untried.

    A network's features of the utterances that it was trained on know their labels already: there
    every C can look perfect, and the smallest wins. What a C is worth to networks, only networks
    trained without the inner test part can say.

    Args:
        features: ``(N, D)`` of the training part, not scaled.
        emotions: ``(N,)``, their emotion names.
        costs: The C to try, in any order.
        speakers: ``(N,)``, who stays in one inner fold; None draws stratified inner folds.
        seed: Of stratified inner folds.
        weights: ``(D,)``, factors on the scaled features; all 1 if left out.
        fit: Fits the scaling, on what an inner fold trains on.

    Returns:
        One row a C, rising: cost, inner_ua (a share, empty of one C alone), chosen (1 or 0).

    Raises:
        SersnakeError: No C is given or one is not above 0; there are too few speakers or classes
            for inner folds.
    """
    tried = sorted(set(costs))
    if not tried:
        raise SersnakeError("cost is empty: give at least one C")
    machines = [linear_svm(cost) for cost in tried]
    recalls = [np.nan]
    if len(tried) > 1:
        splits = inner_folds(emotions, speakers, seed)
        recalls = [
            _unweighted_accuracy(svm, features, emotions, splits, weights, fit) for svm in machines
        ]
    best = int(np.argmax(recalls))  # the first of equal ones, or of one that was not tried
    chosen = (np.arange(len(tried)) == best).astype(int)
    return pd.DataFrame({"cost": tried, "inner_ua": recalls, "chosen": chosen})


def _unweighted_accuracy(
    svm: Classifier,
    features: NDArray[np.float32],
    emotions: NDArray[np.str_],
    splits: Splits,
    weights: NDArray[np.float32] | None,
    fit: Fit,
) -> float:
    from sklearn.metrics import balanced_accuracy_score

    classes = np.unique(emotions).tolist()
    predicted = pd.concat(
        [
            predict_fold(svm, features, emotions, train, test, classes, weights, fit)
            for train, test in splits
        ]
    )
    # Rounded, so that a tie is a tie whatever the order of the sum.
    return round(float(balanced_accuracy_score(predicted["emotion"], predicted["predicted"])), 12)


def inner_folds(emotions: NDArray[np.str_], speakers: NDArray[np.str_] | None, seed: int) -> Splits:
    """Splits a training part into five, or as many as there are speakers.

    Args:
        emotions: ``(N,)``, emotion names.
        speakers: ``(N,)``, who stays in one part; None draws stratified parts.
        seed: Of stratified parts.

    Returns:
        Positions to train on and to test on, a pair a part; each utterance is tested once.

    Raises:
        SersnakeError: There is one speaker alone, or a part leaves one class to train on.
    """
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    count = min(INNER_FOLDS, int(np.unique(emotions, return_counts=True)[1].max()))
    if speakers is not None:
        count = min(count, len(np.unique(speakers)))
    if count < 2:
        raise SersnakeError("C cannot be chosen: too few speakers or utterances; give one cost")
    splitter = (
        StratifiedKFold(count, shuffle=True, random_state=seed % 2**32)
        if speakers is None
        else StratifiedGroupKFold(count)
    )
    with warnings.catch_warnings():
        # A class of fewer utterances than parts is missing in some; UA is taken over all parts.
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        splits = list(splitter.split(emotions, emotions, speakers))
    splits = [(train, test) for train, test in splits if len(test)]
    if any(len(np.unique(emotions[train])) < 2 for train, _ in splits):
        raise SersnakeError("C cannot be chosen: an inner fold trains on one class; give one cost")
    return splits


def inner_groups(
    manifest: pd.DataFrame, train: NDArray[np.int64], test: NDArray[np.int64]
) -> tuple[NDArray[np.str_] | None, str]:
    """What stays in one inner fold of a training part.

    That is a recording where one has segments of several speakers, or speakers do not stay apart;
    else a speaker, see :func:`separate_speakers`.

    Args:
        manifest: N utterances; columns speaker and path where they are known.
        train: Positions of the training part.
        test: Positions of the test part.

    Returns:
        The group of each utterance of the training part, None where all are on their own, and how
        the inner folds are drawn, in words.
    """
    speakers = None
    if "speaker" in manifest:
        speakers = separate_speakers(manifest["speaker"].to_numpy(str), train, test)
    rows = manifest.iloc[train]
    if have_segments(rows):
        recordings = recordings_of(rows)
        of_each = None if speakers is None else rows["speaker"].groupby(recordings).nunique()
        if of_each is None or of_each.max() > 1:
            return recordings.to_numpy(str), "recordings apart"
    return speakers, "stratified" if speakers is None else "speakers apart"


def separate_speakers(
    speakers: NDArray[np.str_], train: NDArray[np.int64], test: NDArray[np.int64]
) -> NDArray[np.str_] | None:
    """The training part's speakers, where all are known and none is in the test part, else None.

    Args:
        speakers: ``(N,)``, of all utterances, empty where unknown.
        train: Positions of the training part.
        test: Positions of the test part.
    """
    ours, theirs = set(speakers[train]), set(speakers[test])
    return None if ours & theirs or "" in ours | theirs else speakers[train]
