"""ACLN: the attention-based convolution LSTM network of Table 1, whose output is the ALF."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sersnake.networks.batch import Batch, valid_steps
from sersnake.networks.convolution import Convolution
from sersnake.networks.layers import AdditiveAttention, Draw, Linear, Norm
from sersnake.networks.lstm import LSTM
from sersnake.networks.norm_pool import norm_relu_pool

CHANNELS = (32, 64, 128, 256)
ALF_DIMENSION = 128


class ConvBlock(nn.Module):
    """5x5 convolution, batch norm, ReLU and 2x2 max pooling (ceil) of packed utterances.

    Batch norm sees the frames of the utterances alone, and gaps are zero in the output, so an
    utterance gives the same output in any batch.
    """

    def __init__(self, draw: Draw, inputs: int, outputs: int) -> None:
        """Takes the members' draw and the number of input and output channels (Table 1)."""
        super().__init__()
        self.convolution = Convolution(draw, inputs, outputs)
        self.norm = Norm(draw, outputs)

    def forward(self, maps: Tensor, mask: Tensor) -> Tensor:
        """Maps ``(N, F, T, M, C)`` to half of F and T, rounded up."""
        norm = self.norm
        return norm_relu_pool(
            self.convolution(maps),
            mask,
            norm.weight,
            norm.bias,
            norm.running_mean,
            norm.running_var,
            training=self.training,
        )


class ACLN(nn.Module):
    """Four convolution blocks, an LSTM and attention (Table 1), of M members.

    The embedding (ALF) is the attention's output, ``float32 (M, B, 128)``.
    """

    embedding_dimension = ALF_DIMENSION
    reads = frozenset({"frames"})

    def __init__(self, draw: Draw, classes: int) -> None:
        """Takes the members' draw and the number of emotions."""
        super().__init__()
        pairs = zip((1, *CHANNELS[:-1]), CHANNELS, strict=True)
        self.blocks = nn.ModuleList(ConvBlock(draw, inputs, outputs) for inputs, outputs in pairs)
        self.lstm = LSTM(draw, CHANNELS[-1], ALF_DIMENSION)
        self.attention = AdditiveAttention(draw, ALF_DIMENSION)
        self.output = Linear(draw, ALF_DIMENSION, classes)

    def embed(self, batch: Batch) -> Tensor:
        """ALF ``(M, B, 128)`` of a batch."""
        assert batch.frames is not None and batch.packing is not None
        maps, packing = batch.frames[..., None], batch.packing
        for block, mask in zip(self.blocks, packing.masks[:-1], strict=True):
            maps = block(maps, mask)
        # With up to 16 coefficients one is left; of more the mean is taken.
        columns = maps.mean(1, dtype=torch.promote_types(maps.dtype, torch.float32)).flatten(0, 2)
        columns = torch.cat([columns, columns.new_zeros(1, CHANNELS[-1])])
        steps = packing.steps.transpose(1, 2)  # members, steps, utterances
        found = columns.index_select(0, steps.flatten()).unflatten(0, steps.shape)
        states = self.lstm(found).transpose(1, 2)
        valid = valid_steps(packing.lengths.clamp_min(1), states.shape[2])
        with torch.autocast(columns.device.type, enabled=False):
            return self.attention(states, valid)

    def forward(self, batch: Batch, keep: Tensor) -> Tensor:
        """Logits ``(M, B, classes)``; ``keep`` is dropout's factor ``(M, B, 128)``."""
        return self.output(self.embed(batch) * keep)
