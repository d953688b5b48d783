"""What docs/how-to/streams.md shows works as written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
import yaml

from sersnake.networks import Batch, build_network
from sersnake.settings.config import Config, read_config

PAGE = (Path(__file__).parents[2] / "docs/how-to/streams.md").read_text(encoding="utf-8")
(CODE,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
DEFAULTS, *EXAMPLES = (
    read_config(yaml.safe_load(text))
    for text in [
        *re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE),
        *re.findall(r"`(fusion: .*?)`", PAGE),
    ]
)


def test_the_defaults_are_those_of_a_run() -> None:
    for key in ("features", "streams"):
        assert DEFAULTS.described()[key] == Config().described()[key]


def test_the_examples_are_configs() -> None:
    three, mine, encoder, late = EXAMPLES
    assert list(three.stream_choices) == ["acln", "fcn", "compare"]
    assert list(mine.stream_choices) == ["acln", "fcn", "own"]
    assert encoder.system_names[:2] == ("whisper_lda", "whisper_he")
    assert late.fusion.features == ("is09",)


@pytest.mark.parametrize("stream", ["whisper", "weighted", "steps"])
def test_the_streams_of_an_encoder_read_its_layers(stream: str) -> None:
    config, width = EXAMPLES[2], 3 * 8  # three layers of a small encoder
    choice = config.stream_choices[stream]
    batch = Batch(torch.ones(2, width))
    if config.feature_sets[choice.features].shape == "frames":
        batch = Batch(torch.ones(2, 5, width), torch.tensor([5, 3]))
    assert build_network(choice.network, width, 4)(batch).shape == (2, 4)


def test_the_network_reads_each_utterance_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my_nets.py").write_text(CODE)
    monkeypatch.syspath_prepend(tmp_path)
    network = build_network(EXAMPLES[1].stream_choices["own"].network, 26, 4)
    lengths, frames = torch.tensor([9, 4]), torch.randn(2, 9, 26)
    frames[1, 4:] = 0
    together = network(Batch(frames, lengths))
    alone = network(Batch(frames[1:, :4], lengths[1:]))
    assert together.shape == (2, 4)
    assert torch.allclose(together[1], alone[0], atol=1e-6)
