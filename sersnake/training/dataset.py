"""The utterances of a corpus as tensors, ready to be put into batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sersnake.errors import SersnakeError
from sersnake.io import Features
from sersnake.networks.batch import Batch, to_device, valid_steps
from sersnake.settings.streams import StreamChoice
from sersnake.training.copies import joined
from sersnake.training.normalisation import Scaling

# Features up to this size are kept on the GPU; larger ones stay on disk, mapped into memory, and
# only the batch is copied.
RESIDENT_BYTES = 4 * 2**30

Batches = Batch | dict[str, Batch]


class FeatureTable:
    """One feature set of N utterances, scaled.

    Attributes:
        width: Columns of a row.
        lengths: ``int64 (N,)`` NumPy, number of used rows of each utterance.
    """

    def __init__(
        self,
        features: Features,
        scaling: Scaling,
        device: torch.device,
        *,
        frames: bool,
        crop: int = 0,
    ) -> None:
        """Takes the packed features.

        Args:
            features: Features of the N utterances.
            scaling: How to scale them.
            device: Device of the batches.
            frames: Whether an utterance has a row per frame, or a single vector.
            crop: Maximum number of frames of an utterance; 0 uses all.
        """
        self.width, self.frames = features.values.shape[1], frames
        self.lengths, self._starts = np.diff(features.offsets), features.offsets[:-1]
        if crop:
            self.lengths = np.minimum(self.lengths, crop)
        self._values = torch.from_numpy(features.values)
        if device.type == "cuda" and features.values.nbytes <= RESIDENT_BYTES:
            self._values = self._values.to(device)
        self._scaling, self._device, self._crop = scaling, device, crop

    def of_copies(self, features: Features) -> FeatureTable:
        """Features of degraded copies of the N utterances, scaled as these are.

        Raises:
            SersnakeError: They have another width or shape.
        """
        vectors = len(features.values) == len(features.utterances)
        if features.values.shape[1] != self.width or not (self.frames or vectors):
            raise SersnakeError(
                "the features of degraded copies and utterances differ; extract both with the "
                "same settings (verb extract-degraded)"
            )
        how = self._scaling, self._device
        return FeatureTable(features, *how, frames=self.frames, crop=self._crop)

    def batch(self, positions: NDArray[np.int64]) -> Batch:
        """The utterances at some positions, at least one."""
        if not self.frames:
            return Batch(self._scaling(self._rows(self._starts[positions]), positions))
        lengths = torch.from_numpy(self.lengths[positions])
        steps = np.arange(int(lengths.max()))
        # Beyond the end of an utterance its last frame is repeated, then set to zero.
        within = np.minimum(steps, self.lengths[positions][:, None] - 1)
        frames = self._scaling(self._rows(self._starts[positions][:, None] + within), positions)
        valid = valid_steps(to_device(lengths, self._device), len(steps))
        return Batch(frames.where(valid[..., None], 0), lengths)

    def _rows(self, rows: NDArray[np.int64]) -> Tensor:
        index = torch.from_numpy(rows)
        if self._values.device.type != "cpu":
            index = to_device(index, self._device)
        return to_device(self._values[index], self._device)


@dataclass(frozen=True)
class Dataset:
    """The input of a network for N utterances.

    Attributes:
        tables: The feature set of each stream, by the stream's name.
        labels: ``int64 (N,)``, position of the emotion.
        device: Device of the batches.
        copies: Degraded copies of the same N utterances, one dataset per condition.
    """

    tables: Mapping[str, FeatureTable]
    labels: Tensor
    device: torch.device
    copies: Sequence[Dataset] = ()

    @property
    def widths(self) -> dict[str, int]:
        """Columns of a row of each stream's features."""
        return {name: table.width for name, table in self.tables.items()}

    @property
    def lengths(self) -> NDArray[np.int64]:
        """``int64 (N,)``, rows of each utterance in the feature set that has most."""
        return np.max([table.lengths for table in self.tables.values()], axis=0)

    def batch(
        self, positions: NDArray[np.int64], versions: NDArray[np.int64] | None = None
    ) -> Batches:
        """The utterances at some positions, by stream if there are several.

        Args:
            positions: Positions of B utterances.
            versions: ``int64 (N,)``, version of each of the N utterances: 0 itself, from 1 on one
                of its copies; None reads the utterances themselves.
        """
        tables = self.tables.items()
        if versions is None:
            batches = {name: table.batch(positions) for name, table in tables}
        else:
            parts = list(self._parts(positions, versions[positions]))
            batches = {
                name: joined([(places, of[name].batch(positions[places])) for places, of in parts])
                for name in self.tables
            }
        return next(iter(batches.values())) if len(batches) == 1 else batches

    def _parts(
        self, positions: NDArray[np.int64], versions: NDArray[np.int64]
    ) -> Iterator[tuple[NDArray[np.int64], Mapping[str, FeatureTable]]]:
        """Places within a batch of what is read from each version, and the version's tables."""
        for number, version in enumerate((self, *self.copies)):
            places = np.flatnonzero(versions == number)
            if len(places):
                yield places, version.tables


def reads_frames(stream: StreamChoice, features: Features) -> bool:
    """Whether a stream's network reads a row per frame; a user's network reads either.

    Raises:
        SersnakeError: The features do not have the shape that the network reads.
    """
    frames = bool((np.diff(features.offsets) != 1).any())
    reads = stream.network.reads
    if reads == "vectors" and frames:
        raise SersnakeError(
            f"stream {stream.name}: {stream.network.name} reads a vector per utterance, but "
            f"{stream.features} has a row per frame; choose another network or feature set"
        )
    return reads == "frames" or frames
