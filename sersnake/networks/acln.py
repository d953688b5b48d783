"""ACLN: the attention-based convolution LSTM network of Table 1, whose output is the ALF."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sersnake.errors import SersnakeError
from sersnake.networks.batch import Batch, valid_steps

CHANNELS = (32, 64, 128, 256)
ALF_DIMENSION = 128
TIME_REDUCTION = 2 ** len(CHANNELS)


class ConvBlock(nn.Module):
    """5x5 convolution, batch norm, ReLU and 2x2 max pooling of padded utterances.

    Batch norm sees the frames of the utterances alone, and everything beyond an utterance's
    end is zero in the output. A zero is what the convolution pads with and what max pooling
    of non-negative values ignores, so an utterance gives the same output in any batch.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        """Takes the number of input and output channels (Table 1)."""
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, kernel_size=5, padding=2, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, maps: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Maps ``(N, C, T, F)`` and lengths to half of both axes, rounded up."""
        maps = self.convolution(maps)
        rows = maps.permute(0, 2, 3, 1)
        valid = valid_steps(lengths, rows.shape[1]).flatten().nonzero().squeeze(1)
        frames = rows.flatten(0, 1).index_select(0, valid)
        active = F.relu(self.norm(frames[None].permute(0, 3, 1, 2)))
        frames = active.permute(0, 2, 3, 1)[0]
        padded = frames.new_zeros((rows.shape[0] * rows.shape[1], *frames.shape[1:]))
        maps = padded.index_copy(0, valid, frames).unflatten(0, rows.shape[:2]).permute(0, 3, 1, 2)
        return F.max_pool2d(maps, 2, ceil_mode=True), (lengths + 1) // 2


class AdditiveAttention(nn.Module):
    """Weighted mean over steps; the weights come from a learned context vector."""

    def __init__(self, dimension: int) -> None:
        """Takes the dimension of a step."""
        super().__init__()
        self.projection = nn.Linear(dimension, dimension)
        self.context = nn.Linear(dimension, 1, bias=False)

    def forward(self, steps: Tensor, lengths: Tensor) -> Tensor:
        """Steps ``(N, S, D)`` and lengths to ``(N, D)``; steps beyond a length weigh nothing."""
        energy = self.context(torch.tanh(self.projection(steps))).squeeze(2)
        energy = energy.masked_fill(~valid_steps(lengths, steps.shape[1]), -torch.inf)
        return (torch.softmax(energy, dim=1)[:, None] @ steps).squeeze(1)


class ACLN(nn.Module):
    """Four convolution blocks, an LSTM and attention (Table 1).

    The embedding (ALF) is the attention's output, ``float32 (N, 128)``.
    """

    embedding_dimension = ALF_DIMENSION

    def __init__(self, coefficients: int, classes: int, dropout: float) -> None:
        """Takes the number of MFCCs a frame, of emotions, and the dropout rate.

        Raises:
            SersnakeError: Four poolings do not bring the coefficients to the 1 of Table 1.
        """
        super().__init__()
        if not 1 <= coefficients <= TIME_REDUCTION:
            raise SersnakeError(
                f"n_mfcc: ACLN pools the coefficients four times down to one, so it takes 1 to "
                f"{TIME_REDUCTION} of them, not {coefficients}"
            )
        pairs = zip((1, *CHANNELS[:-1]), CHANNELS, strict=True)
        self.blocks = nn.ModuleList(ConvBlock(inputs, outputs) for inputs, outputs in pairs)
        self.lstm = nn.LSTM(CHANNELS[-1], ALF_DIMENSION, batch_first=True)
        self.attention = AdditiveAttention(ALF_DIMENSION)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(ALF_DIMENSION, classes)

    def embed(self, batch: Batch) -> Tensor:
        """ALF ``(N, 128)`` of a batch."""
        maps, lengths = batch.frames[:, None], batch.lengths
        maps = maps.contiguous(memory_format=torch.channels_last)
        for block in self.blocks:
            maps, lengths = block(maps, lengths)
        # A few steps of a small LSTM: float32 costs nothing and keeps its sums exact.
        with torch.autocast(batch.frames.device.type, enabled=False):
            steps, _ = self.lstm(maps.squeeze(3).transpose(1, 2).float())
            return self.attention(steps, lengths)

    def forward(self, batch: Batch) -> Tensor:
        """Logits ``(N, classes)`` of a batch."""
        return self.output(self.dropout(self.embed(batch)))
