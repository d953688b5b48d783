"""What docs/results/robustness.md and config/robustness.yaml show works as written."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
import yaml

from sersnake.settings.config import read_config
from sersnake.settings.degradation import CONDITIONS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/results/robustness.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
CONFIG = (ROOT / "config" / "robustness.yaml").read_text(encoding="utf-8")


def test_the_examples_are_configs() -> None:
    first, second = (read_config(yaml.safe_load(example)) for example in EXAMPLES)
    assert first.robustness.conditions == ("noise_10", "telephone")
    copied = second.variants["copies"]["training_copies"]
    assert set(copied) < set(CONDITIONS)
    assert second.model_selection.variants == ("copies",)


def test_the_page_lists_every_condition_as_its_entry_does() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", PAGE, re.MULTILINE)
    assert rows == [(name, entry.meaning) for name, entry in CONDITIONS.items()]


def test_the_commented_lines_are_configs_too() -> None:
    more = re.findall(
        r"^# ((?:systems|features|lda|training_copies|  whisper):.*)$", CONFIG, re.MULTILINE
    )
    config = read_config(yaml.safe_load("\n".join(more)))
    assert config.system_names == ("is09_svm", "compare_svm", "whisper_lda")
    assert set(config.training_copies) < set(CONDITIONS)


@pytest.mark.parametrize("corpus", ["emodb", "nemo"])
def test_numbers_are_those_of_the_recorded_table(corpus: str) -> None:
    table = pd.read_csv(ROOT / f"docs/results/robustness/{corpus}.csv")
    section = PAGE[PAGE.index(f"](robustness/{corpus}.csv)") :]
    (header,) = re.findall(r"^\| WA in percent \| (.+) \|$", section, re.MULTILINE)[:1]
    for system, rows in table.groupby("system"):
        assert header.split(" | ") == rows["condition"].tolist()
        row = re.search(rf"^\| {re.escape(str(system))} \| (.+) \|$", section, re.MULTILINE)
        assert row and [*map(float, row[1].split(" | "))] == rows["wa_value"].tolist()


def test_changes_in_the_text_are_those_of_the_recorded_table() -> None:
    table = pd.read_csv(ROOT / "docs/results/robustness/emodb.csv").set_index(
        ["system", "condition"]
    )
    changes = -table[["wa_gain", "wa_gain_high", "wa_gain_low"]]
    text = " ".join(
        PAGE.replace("points WA (95 % CI ", "(").replace("points at 10 dB (", "(").split()
    )
    for system, condition, form in (
        ("ComParE + linear SVM", "level -20 dB", "{} ({} to {})"),
        ("ComParE + linear SVM", "MP3 32 kbit/s", "{}, which is not significant ({} to {})"),
        ("Whisper + LDA", "noise 10 dB", "{} ({} to {})"),
        ("Whisper + LDA", "reverberation", "{} in the room ({} to {})"),
        ("Whisper + LDA", "telephone", "{} over the telephone ({} to {})"),
    ):
        assert form.format(*changes.loc[system, condition]) in text, (system, condition)


def test_pictures_are_there() -> None:
    for name in re.findall(r"!\[[^]]+\]\(([^)]+)\)", PAGE):
        assert (ROOT / "docs/results" / name).stat().st_size > 1000
