"""What a model reaches on a labelled corpus, by the verb `evaluate`."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from sersnake.cli import main
from tests import small_model


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model and a corpus that calls one of its emotions otherwise and has one more."""
    folder = tmp_path_factory.mktemp("on_corpus")
    recordings = small_model.write_recordings(folder / "wav", takes=2)
    small_model.make_model(folder / "work", recordings)
    names = {"calm": "calm", "glad": "happy", "upset": "upset"}
    rows = [(path.name, names[emotion], who) for path, (who, emotion) in recordings.items()]
    frame = pd.DataFrame(rows, columns=["path", "emotion", "speaker"])
    frame.loc[0, "emotion"] = "bored"
    frame.to_csv(folder / "wav" / "manifest.csv", index=False)
    return folder


def evaluate(folder: Path, model: Path, *words: object) -> int:
    call = ["evaluate", "calls", folder / "wav", "--set", "reader=csv", "--model", model, *words]
    return main([str(word) for word in call])


def test_it_chooses_among_the_emotions_that_both_know(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "answers.csv"
    assert evaluate(made, made / "work" / "model", "--output", output) == 0
    answers = pd.read_csv(output, dtype=str)
    assert set(answers["emotion"]) == {"calm", "upset"} >= set(answers["predicted"])
    assert len(answers) == 11
    correct = 100 * (answers["emotion"] == answers["predicted"]).mean()
    printed = capsys.readouterr().out
    assert f"11 of 18 utterances of calls, among 2 emotions: calm, upset\nWA {correct:.1f} % (" in (
        printed
    )


def test_emotions_of_another_name_are_merged(
    made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = "labels={merge: {happy: glad}, keep: [calm, glad, upset]}"
    assert evaluate(made, made / "work" / "model", "--set", labels) == 0
    assert "17 of 17 utterances of calls, among 3 emotions" in capsys.readouterr().out


def test_no_emotion_in_common_is_an_error_with_its_remedy(
    made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = "labels={keep: [happy, bored]}"
    assert evaluate(made, made / "work" / "model", "--set", labels) != 0
    assert "they must share two names" in capsys.readouterr().err


def test_the_card_of_a_built_in_model_stays(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(made, Path("emodb"), "--card") == 2
    message = "--card: emodb is built in; copy its folder and name the copy with --model"
    assert message in capsys.readouterr().err


def test_the_card_keeps_the_last_figures_of_each_corpus(made: Path, tmp_path: Path) -> None:
    model = tmp_path / "model"
    shutil.copytree(made / "work" / "model", model)
    weights = (model / "classifier.safetensors").read_bytes()
    for labels in ("labels={keep: [calm, upset]}", "labels={merge: {happy: glad}}"):
        assert evaluate(made, model, "--set", labels, "--card") == 0
    card = (model / "README.md").read_text(encoding="utf-8")
    assert len(re.findall(r"^\| calls \|", card, re.MULTILINE)) == 1
    assert "| calls | 17 of 18 | 3 | calm, glad, upset | 33.3 |" in card
    assert (model / "classifier.safetensors").read_bytes() == weights
    assert evaluate(made, model) == 0
