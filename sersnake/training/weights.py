"""A file of weights: the networks that a phase of training leaves, one per fold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.io import read_tensors

NETWORK, ADAM = "network.", "adam."  # what the names of its arrays begin with
Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Weights:
    """The networks of M folds.

    Attributes:
        folds: Names of the folds, in order.
        epochs: Number of epochs that each was trained for.
        arrays: Arrays ``(M, …)``: weights and, after a first phase, Adam's state.
    """

    folds: list[str]
    epochs: list[int]
    arrays: Arrays

    @classmethod
    def load(cls, path: Path) -> Weights:
        """Reads a file of the verbs train and retrain.

        Raises:
            SersnakeError: The file is missing or contains something else.
        """
        arrays, metadata = read_tensors(path)
        of_training = isinstance(metadata, dict) and {"folds", "epochs"} <= set(metadata)
        if not of_training or not any(name.startswith(NETWORK) for name in arrays):
            raise SersnakeError(
                f"{path}: contains no weights of a training phase; name a .weights.safetensors "
                "file of the verb train or retrain"
            )
        return cls(metadata["folds"], metadata["epochs"], arrays)

    @property
    def networks(self) -> Arrays:
        """The arrays without Adam's state."""
        return {name: array for name, array in self.arrays.items() if name.startswith(NETWORK)}

    def by_fold(self) -> Iterator[tuple[str, Arrays]]:
        """Each fold with the arrays of its network."""
        for number, fold in enumerate(self.folds):
            yield fold, {name: array[number] for name, array in self.networks.items()}
