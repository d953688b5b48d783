"""One member of a stack in plain PyTorch; gradients flow back into its arrays."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence

from sersnake.networks import Architecture, Network
from sersnake.networks.plain import PlainACLN, PlainFCN, plain_state
from sersnake.settings.architecture import DEFAULT_ARCHITECTURE


class Given(nn.Module):
    """Dropout with factors that are given."""

    keep: Tensor

    def forward(self, embeddings: Tensor) -> Tensor:
        return embeddings * self.keep


class PlainFused(nn.Module):
    def __init__(self, functionals: int, classes: int, options: Architecture) -> None:
        super().__init__()
        self.acln, self.fcn = PlainACLN(classes, options), PlainFCN(functionals, classes)
        del self.acln.output, self.fcn.output
        self.fusion = nn.Linear(1152, options.fusion_width)
        self.dropout = nn.Dropout()
        self.output = nn.Linear(options.fusion_width, classes)

    def embed(self, frames: Tensor, lengths: Tensor | None, vectors: Tensor) -> Tensor:
        both = [self.acln.embed(frames, lengths), self.fcn.embed(vectors)]
        return F.relu(self.fusion(torch.cat(both, 1)))

    def forward(self, frames: Tensor, lengths: Tensor | None, vectors: Tensor) -> Tensor:
        return self.output(self.dropout(self.embed(frames, lengths, vectors)))


class PlainMember:
    """One member of a stack in plain PyTorch.

    Attributes:
        weights: Copies of the member's arrays, by their names in the stack. Batch norm moves its
            running statistics in place; the others are leaves that collect gradients.
    """

    def __init__(
        self,
        name: str,
        network: Network,
        member: int,
        functionals: int,
        classes: int,
        options: Architecture = DEFAULT_ARCHITECTURE,
    ) -> None:
        self.reads = network.reads
        self.network = {
            "acln": lambda: PlainACLN(classes, options),
            "fcn": lambda: PlainFCN(functionals, classes),
            "fused": lambda: PlainFused(functionals, classes, options),
        }[name]()
        self.network.dropout = Given()
        parameters = dict(network.named_parameters())
        self.weights = {
            key: tensor[member].detach().clone().requires_grad_(key in parameters)
            for key, tensor in network.state_dict().items()
        }

    def __call__(self, utterances: Sequence[Tensor], vectors: Tensor, keep: Tensor) -> Tensor:
        """Logits in training; ``keep`` is dropout's factor."""
        self.network.train().dropout.keep = keep
        inputs: list[Tensor] = []
        if "frames" in self.reads:
            lengths = torch.tensor([len(frames) for frames in utterances])
            inputs += [pad_sequence(list(utterances), batch_first=True), lengths]
        if "vectors" in self.reads:
            inputs += [vectors]
        return functional_call(self.network, plain_state(self.weights), tuple(inputs))

    @torch.no_grad()
    def embed(self, utterances: Sequence[Tensor], vectors: Tensor) -> Tensor:
        """Each utterance alone, with the running statistics."""
        self.network.load_state_dict(plain_state(self.weights))
        self.network.eval()
        rows = []
        for frames, row in zip(utterances, vectors, strict=True):
            inputs = [frames[None], None] if "frames" in self.reads else []
            inputs += [row[None]] if "vectors" in self.reads else []
            rows.append(self.network.embed(*inputs))
        return torch.cat(rows)
