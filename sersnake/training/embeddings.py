"""The networks' embeddings of every utterance, fold by fold, in one file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.io import Features, open_tensors, write_tensors


@dataclass(frozen=True)
class Embeddings:
    """One vector per utterance from the networks of M folds, each trained on its own fold.

    Attributes:
        folds: Names of the M folds, in order.
        utterances: Names of the N utterances, in order.
        values: ``float32 (M, N, D)``.
        network: Name of the stream, or ``fused``.
    """

    folds: tuple[str, ...]
    utterances: tuple[str, ...]
    values: NDArray[np.float32]
    network: str

    def save(self, path: str | Path) -> None:
        """Writes the embeddings to one safetensors file."""
        names = {"folds": list(self.folds), "utterances": list(self.utterances)}
        write_tensors(Path(path), {"values": self.values}, {**names, "network": self.network})

    @classmethod
    def load(cls, path: str | Path, fold: str | None = None) -> Embeddings:
        """Reads the file of :meth:`save`; for one fold only its part is read.

        Args:
            path: The file.
            fold: The fold to read (M is then 1), or None for all.

        Raises:
            SersnakeError: The file is missing, or has no embeddings of this fold.
        """
        with open_tensors(Path(path)) as (file, metadata):
            if not holds_embeddings(metadata):
                raise SersnakeError(f"{path}: contains no embeddings; remove it")
            folds, names = tuple(metadata["folds"]), tuple(metadata["utterances"])
            if fold is None:
                return cls(folds, names, file.get_tensor("values"), metadata["network"])
            if fold not in folds:
                raise SersnakeError(
                    f"{path}: contains no features of fold {fold}, only of {', '.join(folds)}"
                )
            row = folds.index(fold)
            values = file.get_slice("values")[row : row + 1]
            return cls((fold,), names, values, metadata["network"])


def utterance_vectors(path: Path, fold: str, utterances: Sequence[str]) -> NDArray[np.float32]:
    """One vector per utterance, ``float32 (N, D)``, from packed features or from embeddings.

    Args:
        path: File of either kind.
        fold: Whose embeddings to take; packed features are the same in all folds.
        utterances: Names of the N utterances, in the given order.

    Raises:
        SersnakeError: The file is missing, is of neither kind, has several vectors per utterance,
            or lacks the fold or an utterance.
    """
    with open_tensors(path) as (_, metadata):
        packed = not holds_embeddings(metadata)
    if packed:
        pack = Features.load(path).select(utterances)
        if len(pack.values) != len(utterances):
            raise SersnakeError(f"{path}: has several rows per utterance, but one is needed")
        return pack.values
    embeddings = Embeddings.load(path, fold)
    position = {name: i for i, name in enumerate(embeddings.utterances)}
    unknown = [name for name in utterances if name not in position]
    if unknown:
        raise SersnakeError(f"{path}: has no features of utterance {unknown[0]!r}; train again")
    return embeddings.values[0, [position[name] for name in utterances]]


def features_of_fold(paths: Sequence[Path], folds: Sequence[str], fold: str) -> list[Path]:
    """The files that a fold's classifier reads, in their order.

    Args:
        paths: Packed features, which are of all folds, and embeddings.
        folds: All folds that the files are for.
        fold: One of them.

    Raises:
        SersnakeError: A file is missing or belongs to none of the folds, or the fold has fewer
            files than another.
    """
    held = [_folds_in(path, folds) for path in paths]
    files = {
        name: [path for path, held_folds in zip(paths, held, strict=True) if name in held_folds]
        for name in folds
    }
    most = max(map(len, files.values()))
    if len(files[fold]) < most:
        raise SersnakeError(
            f"features: fold {fold} has {len(files[fold])} files, another fold {most}; give the "
            "files of every network and fold"
        )
    return files[fold]


def member_blocks(
    paths: Sequence[Path], folds: Sequence[str], fold: str, utterances: Sequence[str], members: int
) -> dict[str, NDArray[np.float32]]:
    """The features of each ensemble member in a fold.

    Args:
        paths: As for :func:`features_of_fold`; each member takes as many, in their order.
        folds: All folds that the files are for.
        fold: One of them.
        utterances: Names of the N utterances, in the order asked for.
        members: Number of members.

    Returns:
        Features of all members, ``float32 (S, N, D)``, by the network of the embeddings or, where
        there is none or it occurs twice, by the file's place among a member's.

    Raises:
        SersnakeError: As for :func:`features_of_fold`, or the files cannot be distributed evenly.
    """
    files = features_of_fold(paths, folds, fold)
    if members < 1 or len(files) % members:
        raise SersnakeError(
            f"seeds: {members}: {len(files)} files cannot be distributed evenly to {members} "
            "members"
        )
    size = len(files) // members
    blocks: dict[str, NDArray[np.float32]] = {}
    for place in range(size):
        name = _network_of(files[place])
        vectors = [utterance_vectors(path, fold, utterances) for path in files[place::size]]
        if len({rows.shape for rows in vectors}) > 1:
            raise SersnakeError(
                f"seeds: {members}: {files[place]} and the same of another member differ in width"
            )
        blocks[name if name and name not in blocks else str(place)] = np.stack(vectors)
    return blocks


def _network_of(path: Path) -> str:
    """The network of embeddings; empty for packed features."""
    with open_tensors(path) as (_, metadata):
        return str(metadata["network"]) if holds_embeddings(metadata) else ""


def _folds_in(path: Path, folds: Sequence[str]) -> Sequence[str]:
    """The folds in a file; packed features hold for all."""
    with open_tensors(path) as (_, metadata):
        held: Sequence[str] = metadata["folds"] if holds_embeddings(metadata) else folds
    if not set(held) & set(folds):
        asked = ", ".join(folds)
        raise SersnakeError(
            f"{path}: contains no features of fold {asked}, only of {', '.join(held)}"
        )
    return held


def holds_embeddings(metadata: Any) -> bool:
    """Whether a file's metadata are those of :class:`Embeddings`."""
    return isinstance(metadata, dict) and set(metadata) == {"folds", "utterances", "network"}
