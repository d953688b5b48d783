"""ACLN and its training loop as one writes them in PyTorch, without anything of sersnake's.

Float32, contiguous tensors, PyTorch's own layers, optimiser and loader. Padding is computed on
like speech and only the attention masks it, unless the network is told to mask it everywhere.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence

Example = tuple[Tensor, int, int]  # frames (T, coefficients), T, label
Batch = tuple[Tensor, Tensor, Tensor]  # (B, T, coefficients), (B,), (B,)


def within(steps: int, lengths: Tensor) -> Tensor:
    """Which steps are the utterances' own, ``bool (B, steps)``."""
    return torch.arange(steps) < lengths[:, None]


class PlainBlock(nn.Module):
    """Convolution, batch norm, ReLU and pooling; padding is computed on like speech."""

    def __init__(self, inputs: int, outputs: int) -> None:
        """Takes the numbers of channels."""
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, 5, padding=2, bias=False)
        self.norm = nn.BatchNorm2d(outputs)
        self.pool = nn.MaxPool2d(2, ceil_mode=True)

    def forward(self, maps: Tensor, lengths: Tensor) -> Tensor:
        """Maps ``(B, inputs, T, K)`` to half the steps and half the coefficients."""
        pooled: Tensor = self.pool(F.relu(self.norm(self.convolution(maps))))
        return pooled


class MaskedBlock(nn.Module):
    """The same of the utterances' own steps alone; what follows an utterance stays zero."""

    def __init__(self, inputs: int, outputs: int) -> None:
        """Takes the numbers of channels."""
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, 5, padding=2, bias=False)
        self.norm = nn.BatchNorm1d(outputs)
        self.pool = nn.MaxPool2d(2, ceil_mode=True)

    def forward(self, maps: Tensor, lengths: Tensor) -> Tensor:
        """Maps ``(B, inputs, T, K)`` to half the steps and half the coefficients."""
        found = self.convolution(maps).transpose(1, 2)
        own = within(found.shape[1], lengths)
        steps = F.relu(self.norm(found[own]))
        pooled: Tensor = self.pool(torch.zeros_like(found).index_put((own,), steps).transpose(1, 2))
        return pooled


class PlainACLN(nn.Module):
    """Table 1; of more than 16 coefficients the mean over what four poolings leave is taken."""

    def __init__(self, classes: int, dropout: float, masked: bool = False) -> None:
        """Takes the number of emotions and the rate before the output layer.

        Masked, batch norm sees no padding, and the convolutions see zeros there.
        """
        super().__init__()
        block = MaskedBlock if masked else PlainBlock
        widths = [1, 32, 64, 128, 256]
        self.blocks = nn.ModuleList(
            block(inputs, outputs) for inputs, outputs in itertools.pairwise(widths)
        )
        self.lstm = nn.LSTM(256, 128, batch_first=True)
        self.projection = nn.Linear(128, 128)
        self.context = nn.Linear(128, 1, bias=False)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(128, classes)

    def embed(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Frames ``(B, T, coefficients)`` to ``(B, 128)``."""
        maps = frames[:, None]
        for block in self.blocks:
            maps = block(maps, lengths)
            lengths = (lengths + 1) // 2
        states, _ = self.lstm(maps.mean(3).transpose(1, 2))
        energy = self.context(torch.tanh(self.projection(states))).squeeze(2)
        shares = energy.masked_fill(~within(states.shape[1], lengths), -torch.inf).softmax(1)
        return (shares[:, None] @ states).squeeze(1)

    def forward(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Logits ``(B, classes)``."""
        logits: Tensor = self.output(self.dropout(self.embed(frames, lengths)))
        return logits


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
    found = np.empty((len(examples), 128), np.float32)
    for positions in batches:
        frames, lengths, _ = collate([examples[i] for i in positions])
        found[positions] = network.embed(frames, lengths).numpy()
    return found
