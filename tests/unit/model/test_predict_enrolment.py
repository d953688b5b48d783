"""`sersnake predict --enrol`: speakers who are known by some recordings."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import soundfile

from sersnake.cli import main
from sersnake.errors import SersnakeError
from sersnake.model import Model, load_model, save_model
from sersnake.model.prediction import Segments
from sersnake.model.prediction.enrolment import speaker_rule
from sersnake.model.prediction.inputs import find_recordings
from sersnake.model.prediction.rows import enrol_recordings
from sersnake.training.embeddings import Embeddings
from tests import small_model


class Made(NamedTuple):
    """Models with and without enrolment, one that it did not help, and recordings by speaker."""

    enrolled: Path
    plain: Path
    useless: Path
    speech: Path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("enrolment")
    recordings = small_model.write_recordings(folder / "wav", takes=3)
    plain = small_model.make_model(folder / "work", recordings)
    how = {"enrolment": {"utterances": 2}}
    useless = small_model.finish(folder / "work", "useless", "svm", 1, classifier=how)
    enrolled = folder / "enrolled"
    save_model(_of_strength(load_model(useless), 2.0), enrolled)
    speech = folder / "speech"
    for path, (speaker, _) in recordings.items():
        (speech / speaker).mkdir(parents=True, exist_ok=True)
        (speech / speaker / path.name).write_bytes(path.read_bytes())
    return Made(enrolled, plain, useless, speech)


def _of_strength(model: Model, strength: float) -> Model:
    speakers = model.classifier.speakers
    assert speakers
    speakers = replace(speakers, strength=np.array([strength]))
    return replace(model, classifier=replace(model.classifier, speakers=speakers))


def rows_of(capsys: Any, model: Path, *words: object) -> tuple[list[dict[str, str]], str]:
    """Rows of a call that has to succeed, and what it says."""
    assert main(["predict", *map(str, words), "--model", str(model)]) == 0
    printed = capsys.readouterr()
    return list(csv.DictReader(io.StringIO(printed.out))), printed.err


def scores(rows: list[dict[str, str]]) -> list[list[str]]:
    return [[value for name, value in row.items() if name.startswith("score_")] for row in rows]


def test_rows_say_by_how_many_recordings_their_speaker_is_known(made: Made, capsys: Any) -> None:
    ann, ben = made.speech / "ann", made.speech / "ben"
    known = ("--enrol", ann, "--speaker-from", "folder")
    rows, told = rows_of(capsys, made.enrolled, ann, ben, *known)
    assert [row["enrolled"] for row in rows] == ["9"] * 9 + ["0"] * 9
    assert "speaker ann: 9 enrolled\n" in told
    without, _ = rows_of(capsys, made.enrolled, ann, ben)
    assert "enrolled" not in without[0]
    assert scores(rows)[9:] == scores(without)[9:]  # nobody knows ben
    assert scores(rows)[:9] != scores(without)[:9]


def test_a_name_may_tell_who_speaks(made: Made, capsys: Any) -> None:
    by_folder, by_name = (
        rows_of(capsys, made.enrolled, made.speech, "--enrol", made.speech, "--speaker-from", rule)
        for rule in ("folder", "^[a-z]+")
    )
    assert by_folder[0] == by_name[0]
    assert "speaker cleo: 9 enrolled" in by_name[1]


def table(path: Path, speakers: dict[Path, str], name: str = "file") -> Path:
    """A CSV file of who speaks in some recordings."""
    rows = "".join(f'"{file}",call,{speaker}\n' for file, speaker in speakers.items())
    path.write_text(f"{name},kind,speaker\n{rows}")
    return path


def test_tables_may_say_who_speaks(made: Made, capsys: Any, tmp_path: Path) -> None:
    of = {path: path.parent.name for path in sorted(made.speech.glob("*/*.wav"))}
    calls, known = table(tmp_path / "calls.csv", of), table(tmp_path / "known.csv", of, "path")
    asked = ("--files-from", calls, "--enrol", known, "--speaker-from", "column")
    by_folder = ("--enrol", made.speech, "--speaker-from", "folder")
    assert rows_of(capsys, made.enrolled, *asked) == (
        rows_of(capsys, made.enrolled, *of, *by_folder)
    )
    some = dict(list(of.items())[:3])
    spelled = {path.parent / ".." / path.parent.name / path.name: of[path] for path in of}
    known = table(tmp_path / "some.csv", {**some, **spelled})
    rows, _ = rows_of(capsys, made.enrolled, *some, "--enrol", known, "--speaker-from", "column")
    assert [Path(row["file"]) for row in rows] == list(some)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file,who\na.wav,ann\n", "calls.csv: has no column speaker"),
        ("name,speaker\na.wav,ann\n", "calls.csv: has no column file (or path)"),
        ("file,speaker\na.wav,\n", "a.wav has no speaker; add one"),
        (
            "file,speaker\na.wav,ann\na.wav,ben\n",
            "a.wav has the speakers ann and ben; remove",
        ),
        ("file,speaker\na.wav,ben\n", "a.wav has the speaker ann, in another table ben"),
        ("file,speaker\nb.wav,ann\n", "needs a row with its speaker; add it to"),
    ],
)
def test_mistakes_in_tables_are_told(
    made: Made, capsys: Any, tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "calls.csv").write_text(text)
    (tmp_path / "known.csv").write_text("file,speaker\na.wav,ann\n")
    files = ["--files-from", str(tmp_path / "calls.csv"), "--enrol", str(tmp_path / "known.csv")]
    more = ["c.wav", "--speaker-from", "column", "--model", str(made.enrolled)]
    assert main(["predict", *files, *more]) == 2
    assert message in capsys.readouterr().err


def test_without_a_rule_one_person_speaks(made: Made, capsys: Any) -> None:
    ann = made.speech / "ann"
    rows, told = rows_of(capsys, made.enrolled, ann, "--enrol", ann, "--format", "csv")
    assert [row["enrolled"] for row in rows] == ["9"] * 9
    assert "one speaker: 9 enrolled" in told


def test_recordings_that_sound_alike_are_named(made: Made, capsys: Any) -> None:
    upset = made.speech / "ann" / "ann_upset_*.wav"
    _, told = rows_of(capsys, made.enrolled, made.speech / "ann", "--enrol", upset)
    assert "3 enrolled; all sound alike and count as one" in told


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--speaker-from", "folder"], "name recordings of the speakers with --enrol"),
        (["--enrol", "SPEECH", "--speaker-from", "("], "is not a regular expression"),
        (["--enrol", "SPEECH", "--speaker-from", "^x"], "matches nothing in its name"),
        (["--enrol", "ANN", "--speaker-from", "^ann"], "matches nothing in its name"),
        (["--enrol", "nothing.wav"], "no recording can be used"),
        (["--enrol", "ANN", "--speaker-from", "column"], "CSV file with the columns file and"),
    ],
)
def test_mistakes_are_told_in_a_sentence(
    made: Made, capsys: Any, words: list[str], message: str
) -> None:
    places = {"SPEECH": str(made.speech), "ANN": str(made.speech / "ann")}
    named = [places.get(word, word) for word in words]
    assert main(["predict", str(made.speech), *named, "--model", str(made.enrolled)]) == 2
    told = capsys.readouterr()
    assert message in told.err
    assert not told.out


def test_a_model_without_enrolment_refuses_it(made: Made, capsys: Any) -> None:
    words = ["predict", str(made.speech), "--enrol", str(made.speech), "--model", str(made.plain)]
    assert main(words) == 2
    assert "this model has no speaker normalisation" in capsys.readouterr().err


def test_enrolment_that_gained_nothing_in_training_changes_nothing(made: Made, capsys: Any) -> None:
    ann = made.speech / "ann"
    rows, told = rows_of(capsys, made.useless, ann, "--enrol", ann)
    assert "--enrol has no effect: speaker normalisation did not help" in told
    assert scores(rows) == scores(rows_of(capsys, made.useless, ann)[0])


def test_a_group_of_the_expression_is_the_speaker() -> None:
    assert speaker_rule("^call-(\\d+)")("calls/call-17-a.wav") == "17"
    with pytest.raises(SersnakeError, match="matches nothing"):
        speaker_rule("^call-(\\d+)")("calls/17.wav")


def test_the_folder_keeps_how_speakers_are_scaled(made: Made) -> None:
    speakers = load_model(made.enrolled).classifier.speakers
    assert speakers
    assert sorted(speakers.scores) == ["acln", "fcn"]
    assert load_model(made.plain).classifier.speakers is None


TILTS = {"ann": (0.5,), "ben": (0.5, 0.45), "cleo": (0.5, -0.45)}  # what a voice is filtered by


class Voices(NamedTuple):
    """A model whose networks know speakers, and recordings of such as differ."""

    model: Path
    files: list[Path]


@pytest.fixture(scope="module")
def voices(tmp_path_factory: pytest.TempPathFactory) -> Voices:
    folder = tmp_path_factory.mktemp("voices")
    plain = small_model.write_recordings(folder / "plain", takes=3)
    recordings = {folder / of[0] / path.name: of for path, of in plain.items()}
    for path, (new, (speaker, _)) in zip(plain, recordings.items(), strict=True):
        new.parent.mkdir(exist_ok=True)
        wave = np.convolve(soundfile.read(path)[0], TILTS[speaker])
        soundfile.write(new, wave, small_model.RATE)
    enrolment = {"utterances": 2, "scored": "all"}
    how = {"enrolment": enrolment, "normalisation": "enrolled"}
    classifier = {"enrolment": enrolment}
    model = small_model.make_model(folder / "work", recordings, networks=how, classifier=classifier)
    return Voices(model, sorted(recordings))


def test_networks_read_an_enrolled_speaker_as_in_training(voices: Voices) -> None:
    model = load_model(voices.model)
    assert all(each.used for each in model.voices.values())
    assert sorted(model.voices) == ["is09", "mfcc"]
    recogniser, rule = model.ready(), speaker_rule("folder")
    recordings = find_recordings(list(map(str, voices.files)))
    known = enrol_recordings(recogniser, recordings, Segments(0.0, 0.0), pytest.fail, rule)
    for network in ("acln", "fcn"):
        trained = Embeddings.load(voices.model.parent / f"{network}-whole-0.safetensors")
        order = [trained.utterances.index(file.stem) for file in voices.files]
        expected = trained.values[0, order]
        np.testing.assert_allclose(known.blocks[network][0], expected, rtol=1e-3, atol=1e-3)


def test_a_speaker_whom_networks_do_not_know_is_read_as_ever(voices: Voices, capsys: Any) -> None:
    ann = voices.files[0].parent
    known = ("--enrol", ann, "--speaker-from", "folder")
    (rows, _), (with_ann, told) = (
        rows_of(capsys, voices.model, *voices.files, *more) for more in ((), known)
    )
    assert scores(rows)[9:] == scores(with_ann)[9:]
    assert scores(rows)[:9] != scores(with_ann)[:9]
    assert "changes nothing" not in told


def test_a_folder_whose_scaling_by_speaker_does_not_fit_is_refused(
    voices: Voices, tmp_path: Path
) -> None:
    model = load_model(voices.model)
    negative = {name: replace(each, strength=-1.0) for name, each in model.voices.items()}
    save_model(replace(model, voices=negative), tmp_path / "model")
    with pytest.raises(SersnakeError, match="do not belong together"):
        load_model(tmp_path / "model")
