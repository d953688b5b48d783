"""Embeddings and predictions of a network, after training or between epochs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from sersnake.networks import ACLN, Batch, Network
from sersnake.networks.packing import TIME_REDUCTION
from sersnake.training.batches import sorted_batches
from sersnake.training.dataset import Batches, Dataset

EVALUATION_BATCH = 64


def _batches(
    network: Network, dataset: Dataset, utterances: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], Batches]]:
    """Places among the utterances and their batch, with the network in evaluation mode."""
    network.eval()
    if len(utterances):
        for places in sorted_batches(dataset.lengths[utterances], EVALUATION_BATCH):
            yield places, dataset.batch(utterances[places])


@torch.no_grad()
def embed(network: Network, dataset: Dataset) -> NDArray[np.float32]:
    """The network's embedding of every utterance, ``float32 (N, D)``.

    It does not depend on the other utterances of a batch.
    """
    everything = np.arange(len(dataset.labels))
    embeddings = np.empty((len(everything), network.embedding_dimension), np.float32)
    for places, batch in _batches(network, dataset, everything):
        embeddings[places] = network.embed(batch).cpu().numpy()
    return embeddings


@torch.no_grad()
def embed_and_weigh(
    network: ACLN, dataset: Dataset, utterances: NDArray[np.int64]
) -> tuple[NDArray[np.float32], list[NDArray[np.float32]]]:
    """The embeddings and attention weights of some utterances.

    Args:
        network: ACLN.
        dataset: Features of all utterances.
        utterances: Positions of n of them.

    Returns:
        ``float32 (n, D)``, and n arrays ``float32 (steps,)``, the means over the heads. A step is
        16 frames, the last one those that are left.
    """
    embeddings = np.empty((len(utterances), network.embedding_dimension), np.float32)
    weights = [np.empty(0, np.float32)] * len(utterances)
    lengths = dataset.lengths[utterances]
    for places, batch in _batches(network, dataset, utterances):
        assert isinstance(batch, Batch)
        vectors, heads = network.embed_and_weigh(batch)
        embeddings[places] = vectors.cpu().numpy()
        for place, means in zip(places, heads.mean(2).cpu().numpy(), strict=True):
            weights[place] = means[: -(-int(lengths[place]) // TIME_REDUCTION)]
    return embeddings, weights


@torch.no_grad()
def predict(network: Network, dataset: Dataset, utterances: NDArray[np.int64]) -> NDArray[np.int64]:
    """The classes that the network's own softmax predicts for some utterances.

    Args:
        network: The network.
        dataset: Features of all utterances.
        utterances: Positions of n of them.

    Returns:
        ``int64 (n,)``, positions of the emotions.
    """
    predicted = np.empty(len(utterances), np.int64)
    for places, batch in _batches(network, dataset, utterances):
        predicted[places] = network(batch).argmax(1).cpu().numpy()
    return predicted
