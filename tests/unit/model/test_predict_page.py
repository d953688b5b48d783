"""The page of `sersnake predict --format html` in a browser, from disk."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sersnake.cli import main
from tests import small_model
from tests.browser import open_page

RATE = 16000


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    model = small_model.make_model(
        folder / "work", small_model.write_recordings(folder / "wav", takes=2)
    )
    rng = np.random.default_rng(5)
    calls = folder / "calls"
    calls.mkdir()
    loud = small_model.buzz("glad", 2.0, rng)
    soundfile.write(calls / "a.wav", loud, RATE)
    # A name is text, whatever it says.
    soundfile.write(calls / "<b>b.wav", np.concatenate([loud, np.zeros(2 * RATE), loud]), RATE)
    soundfile.write(calls / "c.wav", np.zeros(RATE), RATE)
    path = folder / "out" / "page.html"
    words = ["predict", str(calls), "--model", str(model), "--window", "1", "--format", "html"]
    assert main([*words, "--output", str(path)]) == 0
    return path


def test_the_page_needs_nothing_beside_the_recordings(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"""(src|href)=["'](?!data:)|url\(|@import|https?:""", text)
    data = re.search(r'type="application/json">(.*?)</script>', text, re.DOTALL)
    assert data
    recordings = json.loads(data[1])["recordings"]
    assert [each["name"] for each in recordings] == ["<b>b.wav", "a.wav", "c.wav"]
    for each in recordings:
        for start, end, number in each["intervals"]:
            assert 0 <= start < end <= each["length"]
            assert number < len(each["segments"])
        for each_segment in each["segments"]:
            attention = each_segment["attention"]
            assert (attention is None) == (each_segment["emotion"] < 0)
            if attention:
                length = each_segment["end"] - each_segment["start"]
                assert max(attention["shares"]) == 100
                steps = len(attention["shares"])
                assert (
                    (steps - 1) * attention["step"]
                    < length + 0.02
                    <= ((steps + 1) * attention["step"] + 0.02)
                )
    silent = [each["emotion"] for each in recordings[0]["segments"] if each["emotion"] < 0]
    assert silent and all(each["emotion"] < 0 for each in recordings[2]["segments"])


def test_a_reader_chooses_by_keys_and_plays(page: Path, tmp_path: Path) -> None:
    with open_page(page, tmp_path / "profile") as browser:
        assert browser.ask("document.getElementById('name').textContent") == "<b>b.wav"
        browser.ask("document.getElementById('segments').focus()")
        browser.press("End")
        browser.press("Enter")
        browser.wait("document.getElementById('audio').currentTime > 5")
        assert browser.ask("document.querySelector('#segments [aria-selected=true]').id") == (
            "segments-10"
        )
        browser.wait("document.getElementById('audio').paused")
        browser.ask("document.getElementById('recordings').focus()")
        browser.press("ArrowDown")
        assert browser.ask("document.getElementById('name').textContent") == "a.wav"
        browser.press("End")
        assert "silent" in browser.ask("document.getElementById('facts').textContent")
        browser.resize(390, 800)
        assert browser.ask("document.documentElement.scrollWidth") <= 390
        assert browser.errors == []
