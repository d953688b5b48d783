"""z-scores of a batch's features, per fold or per speaker."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sersnake.io import Features
from sersnake.networks.batch import to_device
from sersnake.training.scaling import ZScore


class Scaling:
    """Scales every utterance by the z-score of its group.

    Per fold, the only group is the training set. Per speaker, a group is all recordings of a
    speaker, in training and test set. This is transductive: it reads statistics of the test set's
    features, but not its labels.
    """

    def __init__(
        self, scores: Sequence[ZScore], groups: NDArray[np.int64] | None, device: torch.device
    ) -> None:
        """Takes a z-score per group, and ``int64 (N,)``, the group of each utterance.

        Args:
            scores: One per group.
            groups: None where there is one group.
            device: Where features are scaled.
        """
        self._mean = torch.from_numpy(np.stack([score.mean for score in scores])).to(device)
        self._scale = torch.from_numpy(np.stack([score.scale for score in scores])).to(device)
        self._groups = groups

    @classmethod
    def fit(
        cls,
        features: Features,
        frames: bool,
        train: NDArray[np.int64],
        speakers: NDArray[np.int64] | None,
        device: torch.device,
    ) -> Scaling:
        """Fits on the training set, or on each speaker.

        Args:
            features: Packed features of all utterances.
            frames: Whether each has a row per frame.
            train: Positions of the training set.
            speakers: ``int64 (N,)``, a number from 0 on for the speaker of every utterance, to
                scale by speaker.
            device: Where features are scaled.
        """
        groups = [train]
        if speakers is not None:
            groups = [np.flatnonzero(speakers == number) for number in range(speakers.max() + 1)]
        scores = [ZScore.fit_features(features, frames, group) for group in groups]
        return cls(scores, speakers, device)

    def __call__(self, values: Tensor, positions: NDArray[np.int64]) -> Tensor:
        """Scales ``(B, D)`` or ``(B, T, D)`` of the utterances at the positions ``(B,)``."""
        mean, scale = self._mean, self._scale
        if self._groups is not None:
            chosen = to_device(torch.from_numpy(self._groups[positions]), mean.device)
            mean, scale = mean[chosen], scale[chosen]
        if values.ndim == 3:
            mean, scale = mean[:, None], scale[:, None]
        return (values - mean) / scale
