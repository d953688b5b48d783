"""What docs/results/corpora.md shows works as written."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
import yaml

from sersnake.settings.config import read_config
from sersnake.settings.protocol import PROTOCOLS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/results/corpora.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_a_config(example: str) -> None:
    assert read_config(yaml.safe_load(example)).labels.keep


def test_the_protocols_and_files_of_the_page_exist() -> None:
    named = re.findall(r"^\| `(\w+)`", PAGE, re.MULTILINE)
    assert len(named) == 4
    assert set(named) <= set(PROTOCOLS)
    (config,) = set(re.findall(r"--configfile (\S+)", PAGE))
    given = yaml.safe_load((ROOT / config).read_text(encoding="utf-8"))
    for told in re.findall(r"--config '(\w+)=(.+)'", PAGE):
        assert (
            read_config({**given, told[0]: yaml.safe_load(told[1])}).enrolment.utterances == "all"
        )


def test_the_table_has_the_numbers_of_the_file() -> None:
    cells = pd.read_csv(ROOT / "docs/results/corpora" / "cross_corpus.csv")
    for key in ("value", "low", "high"):
        for value in cells[key]:
            assert re.search(rf"\b{100 * value:.1f}\b", PAGE), value


def test_the_tables_of_enrolment_have_the_numbers_of_the_file() -> None:
    cells = pd.read_csv(ROOT / "docs/results/corpora" / "enrolment.csv")
    in_pairs = cells.pivot_table("value", ["by", "enrolled", "trained_on", "system"], "metric")
    for wa, ua in 100 * in_pairs[["WA", "UA"]].to_numpy():
        assert f" {wa:.1f} / {ua:.1f} |" in PAGE
    gains = cells[(cells["metric"] == "WA") & (cells["by"] != "none")]
    for gain, low, high in 100 * gains[["gain", "gain_low", "gain_high"]].to_numpy():
        assert f" {gain:.1f} ({low:.1f} to {high:.1f}) |" in PAGE
