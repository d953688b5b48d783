"""What annotators open: TextGrids of Praat, and ELAN's files."""

from __future__ import annotations

import csv
import io
import re
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import numpy as np
import pytest
import soundfile

from sersnake.cli import main
from sersnake.model.prediction.output import Columns
from sersnake.model.prediction.praat import text_grid
from sersnake.model.prediction.rows import Row
from sersnake.model.prediction.timeline import Label, tiers, timeline
from tests import small_model

RATE = 16000


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("annotators")
    return small_model.make_model(
        folder / "work", small_model.write_recordings(folder / "wav", takes=2)
    )


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    """A recording that falls silent and begins again, one in another folder, and two of a name."""
    rng = np.random.default_rng(5)
    folder = tmp_path / "speech"
    (folder / "deep").mkdir(parents=True)
    loud = small_model.buzz("glad", 2.0, rng)
    pause = np.concatenate([loud, np.zeros(2 * RATE), small_model.buzz("upset", 1.5, rng)])
    soundfile.write(folder / "a & b.wav", pause, RATE)
    for name in ("deep/c.wav", "d.wav", "d.flac"):
        soundfile.write(folder / name, loud, RATE)
    return folder


def row(start: float, end: float, emotion: str = "glad", unusual: bool = False) -> Row:
    score = float("nan") if emotion == "silent" else 1.0
    return Row("a", start, end, emotion, (score,), (0.75,), start, 1.0, unusual)


def predict(model: Path, speech: Path, *words: object) -> int:
    return main(["predict", str(speech), "--model", str(model), *map(str, words)])


def read_grid(text: str) -> tuple[float, dict[str, list[tuple[float, float, str]]]]:
    """The end of a TextGrid, and the intervals of its tiers, as another program would read it."""
    head, *items = re.split(r"\n    item \[\d+\]:\n", text)
    assert head.startswith('File type = "ooTextFile"\nObject class = "TextGrid"\n\nxmin = 0\n')
    assert f"\nsize = {len(items)}\n" in head
    grid = {}
    for item in items:
        name = re.search(r'name = "(.*)"\n', item)
        parts = re.findall(r'xmin = (\S+)\n +xmax = (\S+)\n +text = "(.*)"$', item, re.MULTILINE)
        assert name and f"intervals: size = {len(parts)}\n" in item
        grid[name[1]] = [(float(start), float(end), each) for start, end, each in parts]
    return float(head.partition("xmax = ")[2].split()[0]), grid


# ---- Each moment once


def test_of_windows_that_overlap_the_one_whose_middle_is_nearest_counts() -> None:
    rows = [row(0, 2, "a"), row(1, 3, "b"), row(2, 4, "c")]
    parts = [(part.start, part.end, part.row.emotion) for part in timeline(rows)]
    assert parts == [(0, 1.5, "a"), (1.5, 2.5, "b"), (2.5, 4, "c")]


def test_a_segment_within_another_interrupts_it_and_gaps_stay() -> None:
    rows = [row(8, 9, "c"), row(0, 6, "a"), row(3.5, 4.5, "b")]
    parts = [(part.start, part.end, part.row.emotion) for part in timeline(rows)]
    assert parts == [(0, 3.5, "a"), (3.5, 4.5, "b"), (4.5, 6, "a"), (8, 9, "c")]


def test_tiers_leave_silence_out_and_mark_what_is_unusual() -> None:
    rows = [row(0, 1, "glad"), row(1, 2, "silent", unusual=True), row(2, 3, "calm", unusual=True)]
    assert tiers(rows, Columns(("calm",), probabilities=True)) == {
        "emotion": [(0, 1, "glad"), (2, 3, "calm")],
        "unusual": [(2, 3, "unusual")],
        "probability": [(0, 1, "0.7500"), (2, 3, "0.7500")],
    }


def test_a_text_grid_doubles_quotation_marks_and_is_full() -> None:
    end, grid = read_grid(text_grid({"emotion": [Label(1, 2, 'so "glad"')], "unusual": []}, 2.5))
    assert end == 2.5
    assert grid["emotion"] == [(0, 1, ""), (1, 2, 'so ""glad""'), (2, 2.5, "")]
    assert grid["unusual"] == [(0, 2.5, "")]


# ---- Files


def test_a_text_grid_for_each_recording(
    model: Path, speech: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert predict(model, speech, "--window", 1, "--hop", 1) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    folder = tmp_path / "grids"
    words = ("--window", 1, "--hop", 1, "--format", "praat", "--output", folder)
    assert predict(model, speech, *words) == 0
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.TextGrid"))
    assert names == ["a & b.TextGrid", "d.flac.TextGrid", "d.wav.TextGrid", "deep/c.TextGrid"]
    end, grid = read_grid((folder / names[0]).read_text(encoding="utf-8"))
    assert end == 5.5
    for tier in grid.values():
        assert tier[0][0] == 0 and tier[-1][1] == end
        assert all(first[1] == second[0] for first, second in pairwise(tier))
    expected = [each["emotion"] for each in rows if each["file"].endswith("a & b.wav")]
    assert [text for _, _, text in grid["emotion"] if text] == [
        emotion for emotion in expected if emotion != "silent"
    ]
    assert (2.0, 4.0, "") in grid["emotion"]
    assert predict(model, speech, *words) == 2  # somebody may have corrected what is there
    assert "name another" in capsys.readouterr().err


def test_elan_opens_the_recording_and_knows_the_emotions(
    model: Path, speech: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "elan"
    words = ("--window", 1, "--probabilities", "--format", "elan", "--output", folder)
    assert predict(model, speech, *words) == 0
    path = folder / "a & b.eaf"
    document = ElementTree.parse(path).getroot()
    # The order that the schema prescribes.
    assert [element.tag for element in document] == [
        *("HEADER", "TIME_ORDER", "TIER", "TIER", "TIER", "LINGUISTIC_TYPE", "LINGUISTIC_TYPE"),
        *("LANGUAGE", "CONTROLLED_VOCABULARY"),
    ]
    media = document.find("HEADER/MEDIA_DESCRIPTOR")
    assert media is not None and media.attrib["MIME_TYPE"].startswith("audio/")
    assert (folder / unquote(media.attrib["RELATIVE_MEDIA_URL"])).resolve() == (
        speech / "a & b.wav"
    ).resolve()
    times = {
        slot.attrib["TIME_SLOT_ID"]: int(slot.attrib["TIME_VALUE"])
        for slot in document.iter("TIME_SLOT")
    }
    identifiers = [each.attrib["ANNOTATION_ID"] for each in document.iter("ALIGNABLE_ANNOTATION")]
    assert len(set(identifiers)) == len(identifiers) and len(times) == 2 * len(identifiers)
    menu = {value.text for value in document.iter("CVE_VALUE")}
    assert menu == {"calm", "glad", "upset"}
    kinds = {each.attrib["LINGUISTIC_TYPE_ID"] for each in document.iter("LINGUISTIC_TYPE")}
    for tier in document.iter("TIER"):
        assert tier.attrib["LINGUISTIC_TYPE_REF"] in kinds
        places = [
            (times[each.attrib["TIME_SLOT_REF1"]], times[each.attrib["TIME_SLOT_REF2"]])
            for each in tier.iter("ALIGNABLE_ANNOTATION")
        ]
        assert all(start < end for start, end in places)
        assert all(first[1] <= second[0] for first, second in pairwise(places))
    emotions = document.findall("TIER[@TIER_ID='emotion']//ANNOTATION_VALUE")
    assert {each.text for each in emotions} <= menu and emotions


def test_a_whole_recording_on_standard_input_is_one_interval(
    model: Path, speech: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = io.TextIOWrapper(io.BytesIO((speech / "d.wav").read_bytes()))
    monkeypatch.setattr("sys.stdin", content)
    words = ["predict", "-", "--model", str(model), "--output", str(tmp_path / "out")]
    assert main([*words, "--format", "elan"]) == 0
    document = ElementTree.parse(tmp_path / "out" / "standard-input.eaf").getroot()
    assert document.find("HEADER/MEDIA_DESCRIPTOR") is None
    assert len(document.findall("TIER[@TIER_ID='emotion']/ANNOTATION")) == 1
