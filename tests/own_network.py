"""Networks of a user's own, as a module that is not of this project."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

MODULE = "networks_of_a_user"
PLACE = f"{MODULE}.Mean"
SOURCE = '''
import torch
from torch import nn


class Mean(nn.Module):
    """One layer on the mean of an utterance's frames, or on its vector."""

    def __init__(self, inputs, classes, width=8):
        super().__init__()
        self.embedding_dimension = width
        self.hidden = nn.Linear(inputs, width)
        self.head = nn.Linear(width, classes)

    def embed(self, batch):
        values = batch.values
        if batch.lengths is not None:
            values = values.sum(1) / batch.lengths.to(values.device)[:, None]
        return torch.tanh(self.hidden(values))

    def forward(self, batch):
        return self.head(self.embed(batch))


class WithoutEmbed(nn.Linear):
    embedding_dimension = 8


class WithoutDimension(nn.Linear):
    def embed(self, batch):
        return batch.values


class Plain:
    def __init__(self, inputs, classes):
        pass
'''


@contextmanager
def importable(folder: Path) -> Iterator[None]:
    """The module in a folder, which Python finds for as long as this lasts."""
    (folder / f"{MODULE}.py").write_text(SOURCE)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield
    sys.modules.pop(MODULE, None)


def stream(features: str, **options: Any) -> dict[str, Any]:
    """A stream with the network, as the config names it."""
    return {"features": features, "network": {"module": PLACE, **options}}
