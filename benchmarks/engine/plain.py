"""ACLN and its training loop, as usually written in PyTorch.

Float32, contiguous tensors, padded batches, PyTorch's own layers, optimiser and loader.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence

from sersnake.networks import ACLN, Batch
from sersnake.networks.packing import REACH, TIME_REDUCTION

Example = tuple[Tensor, int, int]  # frames (T, coefficients), T, label
Padded = tuple[Tensor, Tensor, Tensor]  # (B, T, coefficients), (B,), (B,)


class PaddedACLN(ACLN):
    """ACLN on a padded batch; only the attention leaves the padding out."""

    def columns(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """The output of the convolution blocks per step, and the steps of each utterance."""
        assert batch.lengths is not None
        maps = batch.values.transpose(1, 2)[:, None].contiguous()
        for block in self.blocks:
            maps = F.conv2d(maps, block.convolution.weight, padding=REACH)
            maps = F.max_pool2d(F.relu(block.norm(maps)), 2, ceil_mode=True)
        return maps.mean(2).transpose(1, 2), -(-batch.lengths // TIME_REDUCTION)


def collate(examples: Sequence[Example]) -> Padded:
    """A batch, padded with zeros to its longest utterance."""
    frames, lengths, labels = zip(*examples, strict=True)
    padded = pad_sequence(list(frames), batch_first=True)
    return padded, torch.tensor(lengths), torch.tensor(labels)


def train_epoch(
    network: PaddedACLN, optimizer: torch.optim.Optimizer, batches: Iterable[Padded]
) -> None:
    """One pass."""
    network.train()
    for frames, lengths, labels in batches:
        loss = F.cross_entropy(network(Batch(frames, lengths)), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
