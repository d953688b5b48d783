"""What the manifest knows of the utterances that a fold file names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.io.words import count, some
from sersnake.protocols.recordings import have_segments

Positions = NDArray[np.int64]
GROUPS = {"speakers": "speaker", "sentences": "sentence", "sessions": "session"}
UNKNOWN = -1


@dataclass(frozen=True)
class Members:
    """Positions of utterances, those of a value beside each other.

    Attributes:
        positions: Sorted by the value's code.
        ends: Where each code ends.
    """

    positions: Positions
    ends: Positions

    def of(self, code: int) -> Positions:
        """The utterances of one value, ascending."""
        start = self.ends[code - 1] if code else 0
        return self.positions[start : self.ends[code]]


@dataclass(frozen=True)
class Labels:
    """One column of the manifest.

    Attributes:
        names: Its values, sorted.
        codes: ``int64 (utterances,)``, the position of each utterance's value in ``names``;
            ``UNKNOWN`` where it is empty, or the manifest does not have the utterance.
    """

    names: NDArray[np.object_]
    codes: Positions

    def counts(self, positions: Positions) -> Positions:
        """How many of some utterances have each value."""
        codes = self.codes[positions]
        return np.bincount(codes[codes != UNKNOWN], minlength=len(self.names))

    def members(self, positions: Positions) -> Members:
        """The utterances of each value among some utterances."""
        known = positions[self.codes[positions] != UNKNOWN]
        ends = np.cumsum(self.counts(known))
        return Members(known[np.argsort(self.codes[known], kind="stable")], ends)

    def unknown(self, positions: Positions) -> int:
        """How many of some utterances have no value."""
        return int((self.codes[positions] == UNKNOWN).sum())


@dataclass(frozen=True)
class Catalogue:
    """The utterances of the manifest and those that the folds name beyond them.

    Attributes:
        utterances: Names; those of the manifest come first.
        listed: Number of utterances of the manifest.
        groups: ``Labels`` by claim: speakers, sentences, sessions.
        classes: Emotions.
        recordings: Hashes of the samples.
        files: Recordings of which several utterances are segments.
        near: ``int64 (pairs, 2)``, utterances whose recordings sound nearly the same.
        gaps: What cannot be compared, since the manifest does not say it; a sentence each.
    """

    utterances: NDArray[np.object_]
    listed: int
    groups: dict[str, Labels]
    classes: Labels
    recordings: Labels
    files: Labels
    near: Positions
    gaps: tuple[str, ...]


def make_catalogue(manifest: pd.DataFrame, named: pd.Series) -> Catalogue:
    """Joins the manifest with the names of a fold file.

    Args:
        manifest: Columns utterance and emotion; speaker, sentence, session, path, sha256 and
            fingerprint where they are known.
        named: Utterances of the fold file.

    Raises:
        SersnakeError: The manifest lists an utterance twice.
    """
    listed = manifest["utterance"]
    if listed.duplicated().any():
        twice = some(sorted(set(listed[listed.duplicated()])))
        raise SersnakeError(f"manifest: {twice} occurs more than once; remove the duplicates")
    unlisted = sorted(set(named.unique()) - set(listed))
    utterances = np.concatenate([listed.to_numpy(object), np.array(unlisted, object)])

    def labels(column: str) -> Labels:
        return _labels(manifest, column, len(utterances))

    recordings = labels("sha256")
    near, gap = _near_pairs(manifest, recordings)
    return Catalogue(
        utterances,
        len(listed),
        {claim: labels(column) for claim, column in GROUPS.items()},
        labels("emotion"),
        recordings,
        labels("path") if have_segments(manifest) else _no_labels(len(utterances)),
        near,
        tuple(filter(None, [_gap(manifest, "sha256", "identical recordings"), gap])),
    )


def _labels(manifest: pd.DataFrame, column: str, size: int) -> Labels:
    if column not in manifest:
        return _no_labels(size)
    codes = _no_labels(size).codes
    values = manifest[column].astype(str).to_numpy(object)
    known = np.flatnonzero(values != "")
    codes[known], names = pd.factorize(values[known], sort=True)
    return Labels(names, codes)


def _no_labels(size: int) -> Labels:
    return Labels(np.array([], object), np.full(size, UNKNOWN, np.int64))


def _gap(manifest: pd.DataFrame, column: str, what: str) -> str:
    """Says that something is not looked for, or not everywhere; empty if it is."""
    if column not in manifest:
        return f"{what} are not checked: the manifest has no column {column}"
    empty = int((manifest[column] == "").sum())
    among = f"{what} are not checked among {count(empty, 'utterance')} without {column}"
    return among if empty else ""


def _near_pairs(manifest: pd.DataFrame, recordings: Labels) -> tuple[Positions, str]:
    """Pairs with like fingerprints but other samples, and what could not be compared."""
    gap = _gap(manifest, "fingerprint", "near-identical recordings")
    if "fingerprint" not in manifest:
        return np.empty((0, 2), np.int64), gap
    from sersnake.corpora.fingerprint import near_pairs

    near = np.array(near_pairs(manifest["fingerprint"].tolist()), np.int64).reshape(-1, 2)
    first, second = recordings.codes[near].T
    return near[(first != second) | (first == UNKNOWN)], gap
