"""Numbers of hard examples per class."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sersnake.errors import SersnakeError


def count_classes(
    hard_index: pd.DataFrame, labels: pd.Series, emotions: Sequence[str]
) -> dict[str, pd.DataFrame]:
    """Counts easy and hard training utterances per class, summed over the folds.

    Args:
        hard_index: Columns network, fold, utterance and hard (1 or 0), one row per network,
            fold and training utterance.
        labels: Emotion of every utterance, indexed by its name.
        emotions: The C classes.

    Returns:
        One frame per network, in the order of ``hard_index``: C rows, counts easy and hard.

    Raises:
        SersnakeError: Nothing was mined, or an utterance has no label.
    """
    if hard_index.empty:
        raise SersnakeError("hard_index: no utterance was mined; add a system with the HE loss")
    emotion_of_row = hard_index["utterance"].map(labels)
    if emotion_of_row.isna().any():
        name = hard_index.loc[emotion_of_row.isna(), "utterance"].iloc[0]
        raise SersnakeError(
            f"hard_index: utterance {name!r} is not in the manifest; mine again with this manifest"
        )
    difficulty = hard_index["hard"].map({0: "easy", 1: "hard"})
    counts = pd.crosstab([hard_index["network"], emotion_of_row], difficulty)
    return {
        str(network): counts.loc[network].reindex(
            index=list(emotions), columns=["easy", "hard"], fill_value=0
        )
        for network in dict.fromkeys(hard_index["network"])
    }
