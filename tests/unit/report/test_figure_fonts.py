"""Labels in any script: the font is chosen by what they need, and what no font has is told."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zlib
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from sersnake.errors import SersnakeWarning
from sersnake.report.figures.fonts import packages_for
from sersnake.report.figures.hard_examples import figure5
from sersnake.report.figures.saving import save_figure
from sersnake.report.run_context import RunContext

CONTEXT = RunContext("mine", 1, "stratified random 80/20 split", True, "quick")
# Of Unicode's private use area, so that no installed font has them.
DRAWN, BOXED = "\U0010abcd", "\U0010abce"


def make_font(path: Path, character: str) -> None:
    """A font called Sersnake Test in which one character is a square."""
    pen = TTGlyphPen(None)
    pen.moveTo((100, 0))
    for corner in ((100, 700), (800, 700), (800, 0)):
        pen.lineTo(corner)
    pen.closePath()
    square = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "square"])
    builder.setupCharacterMap({ord(character): "square"})
    builder.setupGlyf({".notdef": square, "square": square})
    builder.setupHorizontalMetrics({".notdef": (900, 100), "square": (900, 100)})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    names = {"familyName": "Sersnake Test", "styleName": "Regular", "psName": "SersnakeTest"}
    builder.setupNameTable(names)
    builder.setupOS2()
    builder.setupPost()
    path.parent.mkdir(parents=True)
    builder.save(path)


def draw(folder: Path, emotions: list[str], fonts: Path) -> subprocess.CompletedProcess[str]:
    """The verb that draws Figure 5 of a corpus with these emotions, with the user's own fonts."""
    names = [f"u{number}" for number in range(len(emotions))]
    manifest = pd.DataFrame({"utterance": names, "emotion": emotions})
    manifest.to_csv(folder / "manifest.csv", index=False)
    replace(CONTEXT, emotions=tuple(emotions)).save(folder / "context.json")
    hard = pd.DataFrame({"network": "fcn", "fold": "0", "utterance": names, "hard": 1})
    hard.to_csv(folder / "hard_index.csv", index=False)
    sources = [f"{name}={folder / name}.csv" for name in ("hard_index", "manifest")]
    command = [
        *("figure", "figure5", "--context", folder / "context.json", "--source", *sources),
        *("--output", folder / "figure5"),
    ]
    return subprocess.run(
        [sys.executable, "-m", "sersnake", *map(str, command)],
        env={**os.environ, "XDG_DATA_HOME": str(fonts)},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def test_a_label_takes_its_characters_from_a_font_that_has_them(tmp_path: Path) -> None:
    make_font(tmp_path / "own" / "fonts" / "test.ttf", DRAWN)
    run = draw(tmp_path, ["anger", DRAWN], tmp_path / "own")
    assert (run.returncode, run.stderr) == (0, "")
    content = (tmp_path / "figure5.pdf").read_bytes()
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)
    whole = content + b"".join(
        zlib.decompressobj().decompress(stream) for stream in streams if stream[:1] == b"x"
    )
    assert re.search(rb"/(BaseFont|FontName|Name) /\S*SersnakeTest", whole)


def test_characters_that_no_font_has_are_told_in_one_line_with_a_remedy(tmp_path: Path) -> None:
    make_font(tmp_path / "own" / "fonts" / "test.ttf", DRAWN)
    run = draw(tmp_path, ["anger", DRAWN, BOXED], tmp_path / "own")
    assert run.returncode == 0
    (line,) = run.stderr.splitlines()
    assert line.startswith(f"sersnake figure: warning: figure5: no installed font has {BOXED}")
    assert "apt install fonts-noto-" in line
    assert (tmp_path / "figure5.png").is_file()


def test_the_library_warns_as_the_verb_does(tmp_path: Path) -> None:
    hard = pd.DataFrame({"network": "fcn", "fold": "0", "utterance": ["a", "b"], "hard": [0, 1]})
    context = replace(CONTEXT, emotions=("anger", BOXED))
    manifest = pd.DataFrame({"utterance": ["a", "b"], "emotion": context.emotions})
    with pytest.warns(SersnakeWarning, match=BOXED) as told:
        save_figure(figure5(hard, manifest, context), tmp_path / "figure5")
    assert len(told) == 1  # and nothing of matplotlib's


def test_the_package_is_that_of_the_script() -> None:
    assert packages_for({"怒"}) == packages_for({"ひ", "한"}) == ["fonts-noto-cjk"]
    assert packages_for({"क", BOXED}) == ["fonts-noto-core"]
    assert packages_for({"क", "怒"}) == ["fonts-noto-cjk", "fonts-noto-core"]


def test_dollar_signs_in_a_label_are_no_mathematics(tmp_path: Path) -> None:
    context = replace(CONTEXT, emotions=("$x$", r"$\nonsense$", "$"))
    hard = pd.DataFrame({"network": "fcn", "fold": "0", "utterance": list("abc"), "hard": 1})
    manifest = pd.DataFrame({"utterance": list("abc"), "emotion": context.emotions})
    figure = figure5(hard, manifest, context)
    save_figure(figure, tmp_path / "figure5")  # as mathematics the second could not be typeset
    shown = [text.get_window_extent().width for text in figure.axes[0].get_yticklabels()]
    assert shown[0] > 2 * shown[2]
