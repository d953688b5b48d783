"""The utterances of a corpus as tensors, ready to be cut into batches."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sersnake.io import Features
from sersnake.networks.acln import TIME_REDUCTION
from sersnake.networks.batch import Batch
from sersnake.scaling import ZScore


class Dataset:
    """Scaled features of N utterances, resident on one device.

    Attributes:
        lengths: ``int64 (N,)`` NumPy, MFCC frames an utterance.
        labels: ``int64 (N,)``, position of the emotion.
    """

    def __init__(
        self,
        mfcc: Features,
        functionals: Features,
        labels: NDArray[np.int64],
        train: NDArray[np.int64],
        device: torch.device,
    ) -> None:
        """Scales both features by the mean and deviation of the ``train`` utterances."""
        self.lengths = np.diff(mfcc.offsets)
        fitted = ZScore.fit(np.concatenate([mfcc.rows(int(i)) for i in train]))
        self._frames = torch.from_numpy(fitted(mfcc.values)).to(device)
        # One row of zeros behind the last frame: what padding points at.
        self._frames = torch.cat([self._frames, self._frames.new_zeros(1, self._frames.shape[1])])
        fitted = ZScore.fit(functionals.values[train])
        self._vectors = torch.from_numpy(fitted(functionals.values)).to(device)
        self._starts = torch.from_numpy(mfcc.offsets[:-1]).to(device)
        self._device_lengths = torch.from_numpy(self.lengths).to(device)
        self.labels = torch.as_tensor(labels, dtype=torch.int64, device=device)
        self.device = device

    @property
    def coefficients(self) -> int:
        """MFCCs a frame."""
        return self._frames.shape[1]

    @property
    def functionals(self) -> int:
        """Functionals an utterance."""
        return self._vectors.shape[1]

    def batch(self, utterances: Tensor) -> Batch:
        """The utterances at the positions ``int64 (n,)``.

        The frames are padded to a multiple of the networks' time reduction, so that few
        different shapes occur and compiled kernels are found again.
        """
        lengths = self._device_lengths[utterances]
        longest = int(self.lengths[utterances.cpu().numpy()].max())
        steps = -(-longest // TIME_REDUCTION) * TIME_REDUCTION
        step = torch.arange(steps, device=self.device)
        rows = self._starts[utterances, None] + step
        rows = torch.where(step < lengths[:, None], rows, len(self._frames) - 1)
        return Batch(self._frames[rows], lengths, self._vectors[utterances])
