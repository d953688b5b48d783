"""What docs/how-to/audit-and-test.md shows is what the audit does."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sersnake.cli import main
from sersnake.corpora.headings import ALIASES
from sersnake.protocols.audit.table import NAMES
from sersnake.protocols.fold_shapes import FOLD, NAME, PART
from sersnake.protocols.part_words import MEANINGS

PAGE = (Path(__file__).parents[2] / "docs/how-to/audit-and-test.md").read_text(encoding="utf-8")
FILE = re.compile(r"^`(\S+)`:\n\n```csv\n(.*?)^```", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
CALL = re.compile(r"^```console\n\$ sersnake (.*?)\n(.*?)^```", re.DOTALL | re.MULTILINE)
RATE = 16000


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files of the page, and recordings that differ."""
    monkeypatch.chdir(tmp_path)
    for name, text in FILE.findall(PAGE):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")
    Path("wav").mkdir()
    for seed, line in enumerate(Path("recordings.csv").read_text().splitlines()[1:]):
        random = np.random.default_rng(seed)
        envelope = np.repeat(random.uniform(0, 1, 16), RATE // 16)
        soundfile.write(line.split(",")[0], random.normal(0, 0.1, RATE) * envelope, RATE)
    return tmp_path


def test_the_page_names_every_heading_and_word() -> None:
    known = {*FOLD, *PART, *NAME, *NAMES, *MEANINGS, *chain.from_iterable(ALIASES.values())}
    assert {word for word in known if f"`{word}`" not in PAGE} == set()


def test_the_page_is_true(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {}
    for code in CODE.findall(PAGE):
        exec(code, names)
    assert "also train" in capsys.readouterr().out  # two folds of three speakers
    calls = CALL.findall(PAGE)
    assert len(calls) == 5
    for call, output in calls:
        status = main(call.split())
        text = capsys.readouterr().out
        assert status == (0 if "Passed" in text else 1)
        assert text == (output or text)
