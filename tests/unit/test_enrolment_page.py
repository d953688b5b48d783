"""What docs/results/speakers.md and config/enrolment.yaml show works as written."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from sersnake.settings.config import read_config

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/results/speakers.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
CONFIG = (ROOT / "config" / "enrolment.yaml").read_text(encoding="utf-8")


def test_the_examples_are_configs() -> None:
    first, second, best, networks = (read_config(yaml.safe_load(example)) for example in EXAMPLES)
    assert (first.enrolment.utterances, first.enrolment.curve) == (10, ())
    assert second.enrolment.curve == (0, 1, 2, 5, 10, 20, "all")
    assert best.enrolment.utterances == "all" and best.model_selection.inner == 3
    assert set(best.model_selection.variants) == set(best.variants)
    assert best.variants["copies"]["training_copies"] == ["speed_90", "speed_110"]
    assert networks.enrolment.utterances == 10 and networks.training["normalisation"] == "enrolled"


def test_the_lines_on_an_encoder_are_a_config_too() -> None:
    more = re.findall(r"^# ((?:systems|features|lda|  whisper):.*)$", CONFIG, re.MULTILINE)
    config = read_config(yaml.safe_load("\n".join(more)))
    assert config.system_names == ("is09_svm", "compare_svm", "whisper_lda")
    assert config.vector_sets[-1] == "whisper"


def test_pictures_are_there() -> None:
    for name in re.findall(r"!\[[^]]+\]\(([^)]+)\)", PAGE):
        assert (ROOT / "docs/results" / name).stat().st_size > 1000
