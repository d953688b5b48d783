"""ACLN: the attention-based convolution LSTM network of Table 1, whose output is the ALF."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sersnake.networks.attention import Attention
from sersnake.networks.batch import Batch, valid_steps
from sersnake.networks.network import Network
from sersnake.networks.norm_pool import norm_relu_pool
from sersnake.networks.packing import REACH, Packing, pack
from sersnake.networks.winograd import WinogradConvolution
from sersnake.settings.acln import ALF_DIMENSION, DEFAULT_OPTIONS, AclnOptions

CHANNELS = (32, 64, 128, 256)
KERNEL = 2 * REACH + 1
CHANNEL_UNIT = 8  # channels that a processor loads at once


class FirstConvolution(nn.Conv2d):
    """The 5x5 convolution of one channel, computed with five channels: the steps around each step.

    A convolution of one channel leaves most of a processor idle. With the steps as channels the
    sums are the same, and an epoch of ACLN is 1.6 to 2.1 times faster in bfloat16.
    """

    def forward(self, maps: Tensor) -> Tensor:
        """Maps ``(N, 1, F, T)`` to ``(N, outputs, F, T)``."""
        device = maps.device.type
        if torch.is_autocast_enabled(device):
            maps = maps.to(torch.get_autocast_dtype(device))
        strips, _, coefficients, steps = maps.shape
        padded = F.pad(maps.squeeze(1), (REACH, REACH))
        channels = maps.new_zeros((strips, coefficients, steps, CHANNEL_UNIT))
        channels[..., :KERNEL] = padded.unfold(2, KERNEL, 1)
        turned = self.weight.squeeze(1).transpose(1, 2)[..., None]
        kernel = F.pad(turned, (0, 0, 0, 0, 0, CHANNEL_UNIT - KERNEL))
        return F.conv2d(channels.permute(0, 3, 1, 2), kernel, padding=(REACH, 0))


class ConvBlock(nn.Module):
    """5x5 convolution, batch norm, (leaky) ReLU and 2x2 max pooling of packed utterances.

    Batch norm sees only the frames of utterances, and gaps are zero in the output. In evaluation,
    an utterance therefore gives the same output in any batch.
    """

    def __init__(self, inputs: int, outputs: int, options: AclnOptions) -> None:
        """Takes the number of input and output channels (Table 1), and options."""
        super().__init__()
        kind = FirstConvolution if inputs == 1 else WinogradConvolution
        self.convolution = kind(inputs, outputs, KERNEL, padding=REACH, bias=False)
        self.norm = nn.BatchNorm2d(outputs)
        self.options = options

    def forward(self, maps: Tensor, mask: Tensor) -> Tensor:
        """Maps ``(N, C, F, T)`` to half of F and T; T, and F with ``ceil``, rounded up."""
        pooled = norm_relu_pool(self.convolution(maps), mask, self.norm, self.options.leaky_slope)
        if self.options.coefficient_pooling == "floor":
            # An odd last coefficient was pooled alone; batch norm has seen it.
            pooled = pooled[:, :, : maps.shape[2] // 2]
        return pooled


class ACLN(Network):
    """Four convolution blocks, an LSTM and attention (Table 1).

    The embedding (ALF) is the attention's output, ``float32 (B, 128)``.
    """

    embedding_dimension = ALF_DIMENSION

    def __init__(
        self,
        inputs: int,
        classes: int,
        *,
        options: AclnOptions = DEFAULT_OPTIONS,
        dropout: float = 0.0,
    ) -> None:
        """Takes the numbers of coefficients and emotions, options, and the dropout rate.

        Raises:
            SersnakeError: The poolings reduce the coefficients to none.
        """
        super().__init__()
        options.check_coefficients(inputs)
        self.blocks = nn.ModuleList(ConvBlock(*pair, options) for pair in pairwise((1, *CHANNELS)))
        self.lstm = nn.LSTM(CHANNELS[-1], ALF_DIMENSION, batch_first=True)
        # Table 1 counts one bias; PyTorch adds two.
        self.lstm.bias_hh_l0 = nn.Parameter(torch.zeros(4 * ALF_DIMENSION), requires_grad=False)
        self.attention = Attention(ALF_DIMENSION, options.attention, options.heads)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(ALF_DIMENSION, classes)
        for block in self.blocks:
            block.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, batch: Batch) -> Tensor:
        """Logits ``(B, classes)`` of a batch of frames."""
        logits: Tensor = self.output(self.dropout(self.embed(batch)))
        return logits

    def embed(self, batch: Batch) -> Tensor:
        """ALF ``(B, 128)`` of a batch of frames."""
        return self.embed_and_weigh(batch)[0]

    def embed_and_weigh(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """ALF and attention weights.

        Returns:
            ``(B, 128)``, and ``(B, S, heads)``: a step is 16 frames, the last one those that are
            left; steps after the end of an utterance have weight 0.
        """
        columns, lengths = self.columns(batch)
        return self.weigh(columns, valid_steps(lengths, columns.shape[1]))

    def columns(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """The output of the convolution blocks per step.

        Returns:
            ``float32 (B, S, 256)``, and the number of steps of each utterance, ``int64 (B,)``.
        """
        frames = batch.values
        assert batch.lengths is not None
        packing = pack(batch.lengths.numpy(), frames.shape[1]).to(frames.device)
        maps = _packed(frames, packing)
        for block, mask in zip(self.blocks, packing.masks[:-1], strict=True):
            maps = block(maps, mask)
        # Where more than one coefficient is left, their mean is taken.
        columns = maps.mean(2, dtype=torch.promote_types(maps.dtype, torch.float32))
        rows = F.pad(columns.transpose(1, 2).flatten(0, 1), (0, 0, 0, 1))
        return rows[packing.steps], packing.lengths

    def weigh(self, columns: Tensor, valid: Tensor) -> tuple[Tensor, Tensor]:
        """As :meth:`embed_and_weigh`, from columns ``(B, S, 256)`` and valid steps ``(B, S)``."""
        # The recurrence is small; float32 costs it little and keeps its sums exact.
        with torch.autocast(columns.device.type, enabled=False):
            states, _ = self.lstm(columns)
            weighed: tuple[Tensor, Tensor] = self.attention(states, valid)
        return weighed


def _packed(frames: Tensor, packing: Packing) -> Tensor:
    """Frames ``(B, T, F)`` on strips, as maps ``(N, 1, F, T)``."""
    rows = F.pad(frames.flatten(0, 1), (0, 0, 0, 1))
    return rows[packing.frames].transpose(1, 2)[:, None]


def build(inputs: int, classes: int, options: AclnOptions, dropout: float) -> ACLN:
    """Builds the network for :func:`sersnake.networks.build_network`."""
    return ACLN(inputs, classes, options=options, dropout=dropout)
