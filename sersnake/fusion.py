"""The final classifier: a linear SVM on z-scored features."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sersnake.scaling import ZScore


def svm_predictions(
    features: NDArray[np.float32],
    emotions: NDArray[np.str_],
    train: NDArray[np.int64],
    test: NDArray[np.int64],
    classes: Sequence[str],
    cost: float = 1.0,
) -> pd.DataFrame:
    """Fits a linear SVM on the training part and predicts the test part (Section IV-B).

    Args:
        features: ``(N, D)``; scaled by the mean and deviation of the training part.
        emotions: ``(N,)``, true emotion names.
        train: Positions of the training part.
        test: Positions of the test part.
        classes: Names of the emotions, in the order of the score columns.
        cost: The SVM's C.

    Returns:
        One row a test utterance: emotion, predicted, and ``score_<class>``, the one-against-rest
        decision value, whose largest is the predicted class.
    """
    from sklearn.svm import SVC

    scaled = ZScore.fit(features[train])(features)
    svm = SVC(kernel="linear", C=cost, decision_function_shape="ovr", break_ties=True)
    svm.fit(scaled[train], emotions[train])
    scores = svm.decision_function(scaled[test])
    if scores.ndim == 1:
        scores = np.stack([-scores, scores], axis=1)
    table = pd.DataFrame({"emotion": emotions[test], "predicted": svm.predict(scaled[test])})
    position = {name: i for i, name in enumerate(svm.classes_)}
    for name in classes:
        # A class without a training utterance is never predicted.
        missing = np.full(len(test), -np.inf)
        table[f"score_{name}"] = scores[:, position[name]] if name in position else missing
    return table
