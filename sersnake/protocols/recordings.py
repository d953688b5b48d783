"""Segments of one recording, which training and test set never share."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sersnake.errors import SersnakeError

RECORDING = "recording"


def have_segments(manifest: pd.DataFrame) -> bool:
    """Whether several utterances are of one recording."""
    if "path" not in manifest:
        return False
    return bool(manifest["path"][manifest["path"] != ""].duplicated().any())


def recordings_of(manifest: pd.DataFrame) -> pd.Series:
    """The recording of each utterance; where it is not known, the utterance itself."""
    return manifest["path"].where(manifest["path"] != "", manifest["utterance"])


def with_recordings(manifest: pd.DataFrame) -> pd.DataFrame:
    """A manifest with the column ``RECORDING``, on which its utterances are put into groups."""
    return manifest.assign(**{RECORDING: recordings_of(manifest)})


def of_recordings(manifest: pd.DataFrame, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether each utterance is of a recording of which one is chosen."""
    if not have_segments(manifest):
        return chosen
    recordings = recordings_of(manifest).to_numpy(object)
    return np.isin(recordings, recordings[chosen])


def kept_apart(
    manifest: pd.DataFrame, train: NDArray[np.int64], test: NDArray[np.int64]
) -> NDArray[np.str_]:
    """What inner folds of a training set have to keep apart, as the fold itself does.

    That is each utterance's speaker, else its sentence, whichever first no utterance of the test
    set shares with one of the training set; else its recording.
    """
    for column in ("speaker", "sentence"):
        names = manifest[column].to_numpy(str) if column in manifest else np.array([""])
        if (names != "").all() and not np.isin(names[train], names[test]).any():
            return names
    recordings = recordings_of(manifest) if "path" in manifest else manifest["utterance"]
    return recordings.to_numpy(str)


def independent(manifest: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """What a split can put on one side or the other, and what that is called.

    Returns:
        One row per utterance, or one for each emotion of a recording.
    """
    if not have_segments(manifest):
        return manifest, "utterance"
    return with_recordings(manifest).drop_duplicates([RECORDING, "emotion"]), RECORDING


def random_tests(
    manifest: pd.DataFrame, share: float, repeats: int, seed: int, what: str
) -> Iterator[NDArray[np.intp]]:
    """Test sets of whole recordings, drawn so that each class comes close to its share.

    Recordings come in a random order; one is taken as long as that brings the classes closer to the
    share, and leaves some of each to train on.

    Args:
        manifest: Columns utterance, path and emotion.
        share: Of each class.
        repeats: Number of draws.
        seed: Of all draws.
        what: What is split, as an error calls it.

    Yields:
        Positions, ascending.

    Raises:
        SersnakeError: Every recording is too large a part of the corpus.
    """
    recordings = pd.factorize(recordings_of(manifest))[0]
    counts = pd.crosstab(recordings, manifest["emotion"]).to_numpy(float)
    counts = counts / counts.sum(axis=0)
    for repeat in range(repeats):
        order = np.random.default_rng([seed, repeat]).permutation(len(counts))
        taken, test = np.zeros(counts.shape[1]), []
        for recording in order.tolist():
            after = taken + counts[recording]
            closer = ((after - share) ** 2).sum() < ((taken - share) ** 2).sum()
            if closer and (after < 1 - 1e-9).all():
                taken = after
                test.append(recording)
        if not test:
            raise SersnakeError(
                f"{what}: a test share of {share:g} is far less than any of its {len(counts)} "
                "recordings, which stay whole; set a larger one"
            )
        yield np.flatnonzero(np.isin(recordings, test))
