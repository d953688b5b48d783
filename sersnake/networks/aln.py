"""ALN: the LSTM and the attention of ACLN without its convolutions, for frames of an encoder."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from sersnake.networks.attention import Attention
from sersnake.networks.batch import Batch, valid_steps
from sersnake.networks.layer_weights import weigh_layers
from sersnake.networks.network import Network
from sersnake.settings.encoder_networks import DIMENSION, AlnOptions


class ALN(Network):
    """An LSTM, or a fully connected layer, over the frames, and attention over its states.

    A pretrained encoder already covers the context of each frame, the task of ACLN's convolutions.
    The embedding is the attention's output, ``float32 (B, 128)``.
    """

    embedding_dimension = DIMENSION

    def __init__(
        self, inputs: int, classes: int, options: AlnOptions, *, dropout: float = 0.0
    ) -> None:
        """Takes the width of a frame, the number of emotions, options, and the dropout rate.

        Raises:
            SersnakeError: The layers cannot be of one width.
        """
        super().__init__()
        self.layers = weigh_layers(inputs, options.layers)
        width = inputs // options.layers
        self.lstm = nn.LSTM(width, DIMENSION, batch_first=True) if options.lstm else None
        self.linear = None if options.lstm else nn.Linear(width, DIMENSION)
        self.attention = Attention(DIMENSION, options.attention, options.heads)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(DIMENSION, classes)

    def forward(self, batch: Batch) -> Tensor:
        """Logits ``(B, classes)`` of a batch of frames."""
        logits: Tensor = self.output(self.dropout(self.embed(batch)))
        return logits

    def embed(self, batch: Batch) -> Tensor:
        """Embeddings ``(B, 128)`` of a batch of frames."""
        assert batch.lengths is not None
        frames = self.layers(batch.values)
        if self.lstm is not None:
            states, _ = self.lstm(frames)
        else:
            assert self.linear is not None
            states = F.relu(self.linear(frames))
        valid = valid_steps(batch.lengths.to(frames.device), frames.shape[1])
        embedding: Tensor = self.attention(states, valid)[0]
        return embedding


def build(inputs: int, classes: int, options: AlnOptions, dropout: float) -> ALN:
    """Builds the network for :func:`sersnake.networks.build_network`."""
    return ALN(inputs, classes, options, dropout=dropout)
