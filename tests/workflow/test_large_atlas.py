"""The atlas of many utterances: a page of a few dozen rows that knows them all."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
import soundfile

from sersnake.io import Features
from sersnake.io.progress import Progress
from sersnake.report.atlas import write_atlas
from sersnake.report.atlas.writing import SHARD, Atlas
from tests.browser import Page, open_page

COUNT = 2_000
EMOTIONS = ["calm", "glad", "upset", "<b>bold</b>"]  # a name of a class is text, whatever it says


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    folder = tmp_path_factory.mktemp("large")
    sound = folder / "one.wav"
    rng = np.random.default_rng(0)
    soundfile.write(sound, rng.normal(0, 0.1, 3200), 16000)
    names = [f"u{number:05d}" for number in range(COUNT)]
    truth, predicted = rng.integers(len(EMOTIONS), size=(2, COUNT))
    manifest = pd.DataFrame(
        {
            **{"utterance": names, "path": str(sound), "sex": "", "sentence": "", "duration": 0.2},
            "speaker": [str(number) for number in rng.integers(100, size=COUNT)],
            "emotion": np.array(EMOTIONS)[truth],
        }
    )
    hard = [
        pd.DataFrame(
            {
                **{"network": network, "fold": "0", "utterance": names, "misclassified": 1},
                **{"epochs": 9, "hard_index": rng.random(COUNT), "hard": 0},
            }
        )
        for network in ("acln", "fcn")
    ]
    atlas = Atlas(
        manifest=manifest,
        emotions=EMOTIONS,
        hard_index=pd.concat(hard),
        predictions=pd.DataFrame(
            {
                **{"system": "independent_he", "fold": "0", "utterance": names},
                "predicted": np.array(EMOTIONS)[predicted],
            }
        ),
        frames=Features.stack(
            names, list(rng.normal(size=(COUNT, 16, 13)).astype(np.float32)), {"hop_ms": 12}
        ),
        attention=None,
        recognised=None,
        agreement=None,
        titles={"independent_he": "Independent training (HE)"},
        networks={"acln": "ACLN", "fcn": "FCN"},
        system="independent_he",
        about={"title": "Large", "note": ""},
    )
    progress = Progress("utterances", COUNT, io.StringIO())
    write_atlas(atlas, folder / "atlas", embed_audio=False, progress=progress)
    assert len(list((folder / "atlas" / "details").iterdir())) == COUNT // SHARD
    with open_page(folder / "atlas" / "index.html", folder / "profile") as page:
        page.wait("document.querySelectorAll('.row').length")
        yield page
        assert page.errors == []


def test_few_rows_stand_for_all(page: Page) -> None:
    assert page.ask("document.querySelector('#count').innerText") == f"{COUNT} utterances"
    assert page.ask("document.querySelectorAll('.row').length") < 100
    page.ask("document.querySelector('#grid').scrollTop = 1e9")
    page.wait(f"[...document.querySelectorAll('.row')].at(-1).ariaRowIndex === '{COUNT + 1}'")
    assert page.ask("document.querySelectorAll('.row').length") < 100


def test_only_pictures_that_are_looked_at_are_loaded(page: Page) -> None:
    page.ask("document.querySelector('#grid').scrollTop = 0")
    page.wait("document.querySelector('.row').ariaRowIndex === '2'")
    page.click("document.querySelector('.row')")
    page.wait("document.querySelector('#explained').innerText")
    assert page.ask("Object.keys(ATLAS_DETAILS).length") <= 2
    assert page.ask("document.querySelector('#attention').hidden")


def test_names_are_text(page: Page) -> None:
    assert page.ask("document.querySelectorAll('main b').length") == 0
    headings = page.ask("[...document.querySelectorAll('#confusion th')].map((h) => h.innerText)")
    assert "<b>bold</b>" in headings


def test_a_sort_of_all_is_over_before_one_notices(page: Page) -> None:
    """Against the same page's own measure: sorting a million numbers."""
    took, bare = page.ask(
        "(() => { const heading = [...document.querySelectorAll('#head button')]"
        ".find((button) => button.innerText === 'h FCN');"
        " const times = [0, 1, 2, 3, 4].map(() => {"
        " const start = performance.now(); heading.click(); return performance.now() - start; });"
        " const numbers = Array.from({length: 1e6}, Math.random);"
        " const start = performance.now(); numbers.sort((a, b) => a - b);"
        " return [times.sort((a, b) => a - b)[2], performance.now() - start]; })()"
    )
    assert took < 2 * bare  # a hundred times as many numbers
    print(f"sorted and drawn in {took:.0f} ms; a million numbers in {bare:.0f} ms")
