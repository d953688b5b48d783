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
from sersnake.training.normalisation import FoldScaling, Scaling, SpeakerScaling

# Frames up to this size are kept on a graphics card; more stays on disk, mapped into memory, and
# only the batch is copied.
RESIDENT_BYTES = 4 * 2**30


class Dataset:
    """Features of N utterances for M folds, scaled for each.

    Attributes:
        lengths: ``int64 (N,)`` NumPy, MFCC frames per utterance that are used.
        starts: ``int64 (N,)`` NumPy, the row of its first frame among all utterances'.
        widths: MFCCs per frame, and functionals per utterance, by the kind of packed features.
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
        *,
        speakers: NDArray[np.int64] | None = None,
        scaling: Scaling | None = None,
        crop: int = 0,
    ) -> None:
        """Takes the corpus.

        Args:
            mfcc: Packed MFCCs of the N utterances.
            functionals: Packed functionals, one vector per utterance.
            labels: ``int64 (N,)``, position of the emotion.
            trains: Positions of each fold's training set, to scale by.
            device: Where batches are wanted.
            speakers: ``int64 (N,)``, a number from 0 on for each speaker, to scale by the speakers
                instead.
            scaling: How to scale, where that is known already; the training sets then give the
                number of folds alone.
            crop: Frames of an utterance that are used, at the most; 0 uses all.
        """
        self.lengths, self.starts = np.diff(mfcc.offsets), mfcc.offsets[:-1]
        if crop:
            self.lengths = np.minimum(self.lengths, crop)
        self._frames = torch.from_numpy(mfcc.values)
        if device.type == "cuda" and mfcc.values.nbytes <= RESIDENT_BYTES:
            self._frames = self._frames.to(device)
        self._vectors = torch.from_numpy(functionals.values).to(device)
        self.widths = {"mfcc": mfcc.values.shape[1], "functionals": functionals.values.shape[1]}
        if scaling is None and speakers is not None:
            scaling = SpeakerScaling(mfcc, functionals, speakers, device)
        self._scaling = scaling or FoldScaling.fit(mfcc, functionals, trains, device)
        self.labels = torch.as_tensor(labels, dtype=torch.int64, device=device)
        self.device = device
        self.members = len(trains)

    def batch(self, utterances: Sequence[NDArray[np.int64]], reads: frozenset[str]) -> Batch:
        """The utterances at some positions, an array per member.

        Args:
            utterances: Positions, not all of them empty.
            reads: What of ``frames`` and ``vectors`` is wanted.
        """
        frames, packing, vectors = None, None, None
        if "frames" in reads:
            starts = [self.starts[positions] for positions in utterances]
            on_host = pack(starts, [self.lengths[positions] for positions in utterances])
            packing = on_host.to(self.device)
            frames = self._gather(on_host, packing)
        table, present = (to_device(array, self.device) for array in filled(utterances))
        if "vectors" in reads:
            scaled = self._scaling.vectors(self._vectors[table], table)
            vectors = scaled.where(present[..., None], 0)
        return Batch(frames, packing, vectors, present)

    def _gather(self, on_host: Packing, packing: Packing) -> Tensor:
        """Scaled frames ``(N, F, T, M)`` on the device, zero in gaps.

        Args:
            on_host: The packing in the processor's memory.
            packing: The same on the device.
        """
        rows = (on_host if self._frames.device.type == "cpu" else packing).frames
        frames = self._frames.index_select(0, rows.flatten()).unflatten(0, rows.shape)
        frames = self._scaling.frames(to_device(frames, self.device), packing.frames)
        frames = frames * packing.masks[0][..., None]
        return frames.permute(0, 3, 1, 2).contiguous()


def filled(utterances: Sequence[NDArray[np.int64]]) -> tuple[Tensor, Tensor]:
    """Positions ``int64 (M, B)``, filled up with 0, and ``bool (M, B)``: which of them are real."""
    longest = max(len(positions) for positions in utterances)
    table = np.zeros((len(utterances), padded_size(longest)), np.int64)
    present = np.zeros(table.shape, bool)
    for member, positions in enumerate(utterances):
        table[member, : len(positions)] = positions
        present[member, : len(positions)] = True
    return torch.from_numpy(table), torch.from_numpy(present)
