"""What the networks of a stack make of utterances once they are trained, or between epochs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from sersnake.networks import ACLN, Network
from sersnake.networks.packing import TIME_REDUCTION
from sersnake.training.batches import sorted_batches
from sersnake.training.dataset import Dataset
from sersnake.training.fold_epochs import NONE

EVALUATION_BATCH = 64


@torch.no_grad()
def embed(network: Network, dataset: Dataset) -> NDArray[np.float32]:
    """The networks' features of every utterance, ``float32 (M, N, D)``.

    An utterance's features do not depend on the others it is batched with.
    """
    network.eval()
    members, count = dataset.members, len(dataset.lengths)
    embeddings = np.empty((members, count, network.embedding_dimension), np.float32)
    for positions in sorted_batches(dataset.lengths, EVALUATION_BATCH):
        batch = dataset.batch([positions] * members, network.reads)
        embeddings[:, positions] = network.embed(batch)[:, : len(positions)].cpu().numpy()
    return embeddings


@torch.no_grad()
def embed_and_weigh(
    network: ACLN, dataset: Dataset
) -> tuple[NDArray[np.float32], list[NDArray[np.float32]]]:
    """As :func:`embed`, with what the attention weighs each step of an utterance with.

    Returns:
        ``float32 (M, N, D)``, and N arrays ``float32 (M, steps)``, the means over the heads. A step
        is 16 frames, the last one what is left.
    """
    members, count = dataset.members, len(dataset.lengths)
    embeddings = np.empty((members, count, network.embedding_dimension), np.float32)
    weights = weigh_steps(network, dataset, np.arange(count), embeddings)
    return embeddings, weights


@torch.no_grad()
def weigh_steps(
    network: ACLN,
    dataset: Dataset,
    utterances: NDArray[np.int64],
    embeddings: NDArray[np.float32] | None = None,
) -> list[NDArray[np.float32]]:
    """What the attention weighs each step of some utterances with.

    Args:
        network: ACLN of M folds.
        dataset: Features of all utterances.
        utterances: Positions of n of them.
        embeddings: ``(M, n, D)`` to be filled, where they are wanted too.

    Returns:
        n arrays ``float32 (M, steps)``, the means over the heads.
    """
    network.eval()
    weights: list[NDArray[np.float32]] = [np.empty((dataset.members, 0), np.float32)]
    weights *= len(utterances)
    lengths = dataset.lengths[utterances]
    for places in sorted_batches(lengths, EVALUATION_BATCH) if len(utterances) else []:
        batch = dataset.batch([utterances[places]] * dataset.members, network.reads)
        vectors, heads = network.embed_and_weigh(batch)
        if embeddings is not None:
            embeddings[:, places] = vectors[:, : len(places)].cpu().numpy()
        means = heads.mean(2).cpu().numpy()
        for slot, place in enumerate(places):
            steps = -(-int(lengths[place]) // TIME_REDUCTION)
            weights[place] = means[:, slot, :steps]
    return weights


@torch.no_grad()
def predict(
    network: Network, dataset: Dataset, utterances: Sequence[NDArray[np.int64]]
) -> list[NDArray[np.int64]]:
    """The classes that the networks' own softmax gives some utterances.

    Args:
        network: The networks of M folds.
        dataset: Features of all utterances.
        utterances: Positions, an array per fold; some may be empty.

    Returns:
        Positions of the emotions, an array per fold, as long as the utterances'.
    """
    network.eval()
    predicted = [np.empty(len(positions), np.int64) for positions in utterances]
    batches = [
        sorted_batches(dataset.lengths[positions], EVALUATION_BATCH) if len(positions) else []
        for positions in utterances
    ]
    whole = torch.ones(1, device=dataset.device)
    for step in range(max(map(len, batches))):
        places = [of_fold[step] if step < len(of_fold) else NONE for of_fold in batches]
        chosen = [positions[place] for positions, place in zip(utterances, places, strict=True)]
        logits = network(dataset.batch(chosen, network.reads), whole)
        for classes, place, row in zip(
            predicted, places, logits.argmax(2).cpu().numpy(), strict=True
        ):
            classes[place] = row[: len(place)]
    return predicted
