"""z-scores of a batch's features: of each fold, or of each speaker."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sersnake.io import Features
from sersnake.training.scaling import ZScore

Positions = Sequence[NDArray[np.int64]]


class FoldScaling:
    """Scales the features of each of M folds by its training set."""

    def __init__(
        self, frames: Sequence[ZScore], vectors: Sequence[ZScore], device: torch.device
    ) -> None:
        """Takes the z-scores of frames and of vectors, one of each per fold."""
        self._of_frames, self._of_vectors = _stacked(frames, device), _stacked(vectors, device)

    @classmethod
    def fit(
        cls, mfcc: Features, functionals: Features, trains: Positions, device: torch.device
    ) -> FoldScaling:
        """Fits on the positions of each fold's training set."""
        return cls(*_fitted(mfcc, functionals, trains), device)

    def frames(self, frames: Tensor, rows: Tensor) -> Tensor:
        """Scales ``(N, T, M, F)``, which lie in the corpus' ``rows (N, T, M)``."""
        mean, scale = self._of_frames
        return (frames - mean) / scale

    def vectors(self, vectors: Tensor, utterances: Tensor) -> Tensor:
        """Scales ``(M, B, D)`` of the utterances ``(M, B)``."""
        mean, scale = self._of_vectors
        return (vectors - mean[:, None]) / scale[:, None]


class SpeakerScaling:
    """Scales every recording by all recordings of its speaker, in training and test set alike.

    That is transductive: the statistics of the test set's features are known, its labels not.
    """

    def __init__(
        self,
        mfcc: Features,
        functionals: Features,
        speakers: NDArray[np.int64],
        device: torch.device,
    ) -> None:
        """Takes a number from 0 on for the speaker of every utterance, each of which occurs."""
        groups = [np.flatnonzero(speakers == number) for number in range(speakers.max() + 1)]
        frames, vectors = _fitted(mfcc, functionals, groups)
        self._of_frames, self._of_vectors = _stacked(frames, device), _stacked(vectors, device)
        self._speakers = torch.as_tensor(speakers, device=device)
        self._starts = torch.as_tensor(mfcc.offsets[:-1].copy(), device=device)

    def frames(self, frames: Tensor, rows: Tensor) -> Tensor:
        """Scales ``(N, T, M, F)``, which lie in the corpus' ``rows (N, T, M)``."""
        mean, scale = self._of_frames
        speakers = self._speakers[torch.searchsorted(self._starts, rows, right=True) - 1]
        return (frames - mean[speakers]) / scale[speakers]

    def vectors(self, vectors: Tensor, utterances: Tensor) -> Tensor:
        """Scales ``(M, B, D)`` of the utterances ``(M, B)``."""
        mean, scale = self._of_vectors
        speakers = self._speakers[utterances]
        return (vectors - mean[speakers]) / scale[speakers]


Scaling = FoldScaling | SpeakerScaling


def _fitted(
    mfcc: Features, functionals: Features, groups: Positions
) -> tuple[list[ZScore], list[ZScore]]:
    """z-scores of frames and of vectors, one of each per group."""
    frames = [ZScore.fit_utterances(mfcc, group) for group in groups]
    return frames, [ZScore.fit(functionals.values[group]) for group in groups]


def _stacked(fitted: Sequence[ZScore], device: torch.device) -> tuple[Tensor, Tensor]:
    """Means and scales, each ``(groups, dimension)``."""
    means = torch.from_numpy(np.stack([one.mean for one in fitted])).to(device)
    return means, torch.from_numpy(np.stack([one.scale for one in fitted])).to(device)
