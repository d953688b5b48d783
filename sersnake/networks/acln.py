"""ACLN: the attention-based convolution LSTM network of Table 1, whose output is the ALF."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from sersnake.networks.attention import Attention
from sersnake.networks.batch import Batch, valid_steps
from sersnake.networks.convolution import Convolution
from sersnake.networks.layers import Draw, Linear, Norm
from sersnake.networks.lstm import LSTM
from sersnake.networks.network import Network
from sersnake.networks.norm_pool import norm_relu_pool
from sersnake.settings.architecture import ALF_DIMENSION, DEFAULT_ARCHITECTURE, Architecture

CHANNELS = (32, 64, 128, 256)


class ConvBlock(nn.Module):
    """5x5 convolution, batch norm, (leaky) ReLU and 2x2 max pooling of packed utterances.

    Batch norm sees the frames of the utterances alone, and gaps are zero in the output, so an
    utterance gives the same output in any batch.
    """

    def __init__(self, draw: Draw, inputs: int, outputs: int, options: Architecture) -> None:
        """Takes the members' draw, the number of input and output channels (Table 1), options."""
        super().__init__()
        self.convolution = Convolution(draw, inputs, outputs)
        self.norm = Norm(draw, outputs)
        self.options = options

    def forward(self, maps: Tensor, mask: Tensor) -> Tensor:
        """Maps ``(N, F, T, M, C)`` to half of F and T; T, and F with ``ceil``, rounded up."""
        norm = self.norm
        pooled = norm_relu_pool(
            self.convolution(maps),
            mask,
            norm.weight,
            norm.bias,
            norm.running_mean,
            norm.running_var,
            training=self.training,
            slope=self.options.leaky_slope,
        )
        if self.options.coefficient_pooling == "floor":
            # An odd last coefficient was pooled alone; batch norm has seen it.
            pooled = pooled[:, : maps.shape[1] // 2]
        return pooled


class ACLN(Network):
    """Four convolution blocks, an LSTM and attention (Table 1), of M members.

    The embedding (ALF) is the attention's output, ``float32 (M, B, 128)``.
    """

    embedding_dimension = ALF_DIMENSION
    reads = frozenset({"frames"})

    def __init__(
        self, draw: Draw, classes: int, options: Architecture = DEFAULT_ARCHITECTURE
    ) -> None:
        """Takes the members' draw, the number of emotions, and options."""
        super().__init__()
        pairs = zip((1, *CHANNELS[:-1]), CHANNELS, strict=True)
        self.blocks = nn.ModuleList(ConvBlock(draw, *pair, options) for pair in pairs)
        self.lstm = LSTM(draw, CHANNELS[-1], ALF_DIMENSION)
        self.attention = Attention(draw, ALF_DIMENSION, options.attention, options.heads)
        self.output = Linear(draw, ALF_DIMENSION, classes)
        self.options = options

    def embed(self, batch: Batch) -> Tensor:
        """ALF ``(M, B, 128)`` of a batch.

        Raises:
            SersnakeError: The poolings leave nothing of the coefficients.
        """
        states, valid = self._states(batch)
        with torch.autocast(states.device.type, enabled=False):
            return self.attention(states, valid)

    def embed_and_weigh(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """ALF, and what the attention weighs each step with.

        Returns:
            ``(M, B, 128)``, and ``(M, B, heads, S)``: a step is 16 frames, and an utterance has as
            many as ``batch.packing.lengths`` says.

        Raises:
            SersnakeError: The poolings leave nothing of the coefficients.
        """
        states, valid = self._states(batch)
        with torch.autocast(states.device.type, enabled=False):
            return self.attention(states, valid), self.attention.weights(states, valid)

    def _states(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """The LSTM's states ``(M, B, S, 128)``, and which of them are real, ``bool (M, B, S)``."""
        assert batch.packing is not None
        states = self.lstm(self.columns(batch)).transpose(1, 2)
        return states, valid_steps(batch.packing.lengths.clamp_min(1), states.shape[2])

    def columns(self, batch: Batch) -> Tensor:
        """What the convolution blocks make of each step, ``(M, S, B, 256)``.

        Raises:
            SersnakeError: The poolings leave nothing of the coefficients.
        """
        assert batch.frames is not None and batch.packing is not None
        self.options.check_coefficients(batch.frames.shape[1])
        maps, packing = batch.frames[..., None], batch.packing
        for block, mask in zip(self.blocks, packing.masks[:-1], strict=True):
            maps = block(maps, mask)
        # Of more than one coefficient that is left the mean is taken.
        columns = maps.mean(1, dtype=torch.promote_types(maps.dtype, torch.float32)).flatten(0, 2)
        columns = torch.cat([columns, columns.new_zeros(1, CHANNELS[-1])])
        steps = packing.steps.transpose(1, 2)  # members, steps, utterances
        return columns.index_select(0, steps.flatten()).unflatten(0, steps.shape)

    def weigh_columns(self, columns: Tensor) -> tuple[Tensor, Tensor]:
        """As :meth:`embed_and_weigh`, of the columns ``(M, S, 1, 256)`` of one utterance."""
        states = self.lstm(columns).transpose(1, 2)
        valid = states.new_ones(states.shape[:3], dtype=torch.bool)
        return self.attention(states, valid), self.attention.weights(states, valid)


def build(draw: Draw, widths: Mapping[str, int], classes: int, options: Architecture) -> ACLN:
    """As :func:`sersnake.networks.build_network` calls it."""
    return ACLN(draw, classes, options)
