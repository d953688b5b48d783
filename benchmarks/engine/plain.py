"""The training loop of the plain ACLN, as one writes it in PyTorch.

Float32, contiguous tensors, PyTorch's own layers, optimiser and loader.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence

from sersnake.networks.plain import PlainACLN

Example = tuple[Tensor, int, int]  # frames (T, coefficients), T, label
Batch = tuple[Tensor, Tensor, Tensor]  # (B, T, coefficients), (B,), (B,)


def collate(examples: Sequence[Example]) -> Batch:
    """A batch, padded with zeros to its longest utterance."""
    frames, lengths, labels = zip(*examples, strict=True)
    padded = pad_sequence(list(frames), batch_first=True)
    return padded, torch.tensor(lengths), torch.tensor(labels)


def train_epoch(
    network: PlainACLN, optimizer: torch.optim.Optimizer, batches: Iterable[Batch]
) -> tuple[float, float]:
    """One pass; returns the mean loss and the accuracy in training."""
    network.train()
    loss_sum, right, count = 0.0, 0, 0
    for frames, lengths, labels in batches:
        logits = network(frames, lengths)
        loss = F.cross_entropy(logits, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss_sum += loss.item() * len(labels)
        right += int((logits.argmax(1) == labels).sum())
        count += len(labels)
    return loss_sum / count, right / count


@torch.no_grad()
def embed(
    network: PlainACLN, examples: Sequence[Example], batches: Iterable[NDArray[np.int64]]
) -> NDArray[np.float32]:
    """The network's features of every utterance, ``float32 (N, 128)``."""
    network.eval()
    actual = np.empty((len(examples), 128), np.float32)
    for positions in batches:
        frames, lengths, _ = collate([examples[i] for i in positions])
        actual[positions] = network.embed(frames, lengths).numpy()
    return actual
