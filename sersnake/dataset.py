"""The utterances of a corpus as tensors, ready to be packed into batches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sersnake.io import Features
from sersnake.networks.batch import Batch
from sersnake.networks.packing import Packing, pack, padded_size, to_device
from sersnake.scaling import ZScore

# Frames up to this size are kept on a graphics card; more stays on disk, mapped into memory, and
# only the batch is copied.
RESIDENT_BYTES = 4 * 2**30


class Dataset:
    """Features of N utterances for M folds, each of which scales them by its own training part.

    Attributes:
        lengths: ``int64 (N,)`` NumPy, MFCC frames an utterance.
        labels: ``int64 (N,)``, position of the emotion.
        members: M.
    """

    def __init__(
        self,
        mfcc: Features,
        functionals: Features,
        labels: NDArray[np.int64],
        trains: Sequence[NDArray[np.int64]],
        device: torch.device,
    ) -> None:
        """Takes the corpus and the positions of each fold's training part, to scale by."""
        self.lengths, self._starts = np.diff(mfcc.offsets), mfcc.offsets[:-1]
        self._frames = torch.from_numpy(mfcc.values)
        if device.type == "cuda" and mfcc.values.nbytes <= RESIDENT_BYTES:
            self._frames = self._frames.to(device)
        self._vectors = torch.from_numpy(functionals.values).to(device)
        self._frame_scales = _scales(
            [ZScore.fit_utterances(mfcc, train) for train in trains], device
        )
        self._vector_scales = _scales(
            [ZScore.fit(functionals.values[train]) for train in trains], device
        )
        self.labels = torch.as_tensor(labels, dtype=torch.int64, device=device)
        self.device = device
        self.members = len(trains)

    @property
    def functionals(self) -> int:
        """Functionals an utterance."""
        return self._vectors.shape[1]

    def batch(self, utterances: Sequence[NDArray[np.int64]], reads: frozenset[str]) -> Batch:
        """The utterances at some positions, an array a member.

        Args:
            utterances: Positions, not all of them empty.
            reads: What of ``frames`` and ``vectors`` is wanted.
        """
        frames, packing, vectors = None, None, None
        if "frames" in reads:
            starts = [self._starts[positions] for positions in utterances]
            packing = pack(starts, [self.lengths[positions] for positions in utterances])
            frames = self._gather(packing)
            packing = packing.to(self.device)
        table, present = (to_device(array, self.device) for array in filled(utterances))
        if "vectors" in reads:
            mean, scale = self._vector_scales
            found = (self._vectors[table] - mean[:, None]) / scale[:, None]
            vectors = found.where(present[..., None], 0)
        return Batch(frames, packing, vectors, present)

    def _gather(self, packing: Packing) -> Tensor:
        """Scaled frames ``(N, F, T, M)`` on the device, zero in gaps."""
        mean, scale = self._frame_scales
        wanted = packing.frames.to(self._frames.device)
        found = self._frames.index_select(0, wanted.flatten()).unflatten(0, wanted.shape)
        found = (to_device(found, self.device) - mean) / scale
        found = found * to_device(packing.masks[0], self.device)[..., None]
        return found.permute(0, 3, 1, 2).contiguous()


def filled(utterances: Sequence[NDArray[np.int64]]) -> tuple[Tensor, Tensor]:
    """Positions ``int64 (M, B)``, filled up with 0, and ``bool (M, B)``: which of them are real."""
    longest = max(len(positions) for positions in utterances)
    table = np.zeros((len(utterances), padded_size(longest)), np.int64)
    present = np.zeros(table.shape, bool)
    for member, positions in enumerate(utterances):
        table[member, : len(positions)] = positions
        present[member, : len(positions)] = True
    return torch.from_numpy(table), torch.from_numpy(present)


def _scales(fitted: Sequence[ZScore], device: torch.device) -> tuple[Tensor, Tensor]:
    """Mean and scale, ``(M, dimension)`` each."""
    means = torch.from_numpy(np.stack([one.mean for one in fitted])).to(device)
    return means, torch.from_numpy(np.stack([one.scale for one in fitted])).to(device)
