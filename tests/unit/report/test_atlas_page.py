"""The atlas in a browser: two systems compared, filters, and errors over length."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sersnake.report.atlas.writing import PAGE
from tests.browser import Page, open_page

SOURCE = Path(__file__).parents[3] / "sersnake" / "report" / "atlas" / "page"
TRUTH = [0, 0, 0, 1, 1, 1]
FIRST = [0, 1, 1, 1, 1, 0]
SECOND = [0, 0, 1, 1, 1, 0]


def data() -> dict[str, Any]:
    """Six utterances of two speakers, tested once by two systems; nothing was mined."""
    return {
        **{"title": "Atlas", "note": "", "emotions": ["calm", "glad"], "system": "first"},
        **{"systems": {"second": "B", "first": "A"}, "networks": {}, "shard": 40},
        "utterances": {
            **{"name": list("abcdef"), "speaker": list("xxxyyy")},
            **{"sex": ["female"] * 3 + ["male"] * 3, "sentence": [""] * 6},
            **{"emotion": TRUTH, "duration": [1, 2, 3, 4, 5, 6], "audio": ["x.wav"] * 6},
        },
        "hard": {},
        "predicted": {"first": [["0", k] for k in FIRST], "second": [["0", k] for k in SECOND]},
        "agreement": [],
    }


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    folder = tmp_path_factory.mktemp("atlas")
    for name in PAGE:
        (folder / name).write_bytes((SOURCE / name).read_bytes())
    (folder / "data.js").write_text(f"ATLAS={json.dumps(data())};")
    details = [{"waveform": "AAA=", "frames": "AA==", "coefficients": 1, "hop": 0.01, "mined": []}]
    (folder / "details").mkdir()
    (folder / "details" / "0.js").write_text(f"ATLAS_DETAILS[0]={json.dumps(details * 6)};")
    with open_page(folder / "index.html", folder / "profile") as opened:
        yield opened


def pick(page: Page, name: str, value: str) -> None:
    page.ask(
        f"(e => {{ e.value = {value!r}; e.dispatchEvent(new Event('input')); }})"
        f"(document.getElementById({name!r}))"
    )


def names(page: Page) -> list[str]:
    return page.ask(
        "[...document.querySelectorAll('#spacer .row')].map(r => r.firstChild.innerText)"
    )


def test_the_best_system_comes_first(page: Page) -> None:
    options = "[...document.getElementById('system').options].map(o => o.text)"
    assert page.ask(options) == ["66.7 % B", "50.0 % A"]
    assert page.ask("document.getElementById('system').value") == "first"


def test_a_cell_shows_what_only_the_second_has_won(page: Page) -> None:
    assert page.ask("document.getElementById('comparison-figure').hidden")
    pick(page, "second", "second")
    cells = "[...document.querySelectorAll('#comparison button')].map(b => Number(b.innerText))"
    assert page.ask(cells) == [3, 0, 1, 2]  # both, first alone; second alone, none
    page.click("document.querySelectorAll('#comparison button')[2]")
    assert names(page) == ["b"]
    assert page.ask("document.getElementById('count').innerText") == "1 of 6 utterances"
    pick(page, "second", "")
    assert len(names(page)) == 6


def test_speakers_are_filtered_by_sex(page: Page) -> None:
    pick(page, "sex", "male")
    assert names(page) == ["d", "e", "f"]
    page.click("document.getElementById('clear')")
    assert len(names(page)) == 6


def test_nothing_is_explained_that_is_not_there_and_nothing_fails(page: Page) -> None:
    page.ask("document.getElementById('meaning').open = true")
    assert "hard index" not in page.ask("document.getElementById('meaning').innerText")
    assert not page.ask("document.getElementById('lengths-figure').hidden")
    assert page.errors == []
