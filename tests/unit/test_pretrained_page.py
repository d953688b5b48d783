"""What docs/results/encoders.md shows works as written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
import yaml

from sersnake.networks import Batch, build_network
from sersnake.settings.config import read_config

PAGE = (Path(__file__).parents[2] / "docs/results/encoders.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
CONFIG = read_config(yaml.safe_load(EXAMPLE))
WIDTH = 3 * 8  # of three layers of a small encoder


@pytest.mark.parametrize("stream", ["whisper", "weighted", "steps"])
def test_the_streams_are_networks_that_read_their_features(stream: str) -> None:
    choice = CONFIG.stream_choices[stream]
    frames = CONFIG.feature_sets[choice.features].shape == "frames"
    batch = Batch(torch.ones(2, WIDTH))
    if frames:
        batch = Batch(torch.ones(2, 5, WIDTH), torch.tensor([5, 3]))
    network = build_network(choice.network, WIDTH, 4)
    assert network(batch).shape == (2, 4)


def test_the_systems_are_a_run_s() -> None:
    assert CONFIG.system_names[:2] == ("whisper_lda", "whisper_he")
    assert CONFIG.vector_sets[-1] == "whisper"
