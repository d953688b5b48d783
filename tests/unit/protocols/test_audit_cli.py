"""The verbs folds and audit: exit codes, files, and one clear line for a mistake."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sersnake.cli import main


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    rows = [f"{s}{i},{s},{e}" for s in "abc" for i, e in enumerate(("happy", "sad") * 2)]
    path = tmp_path / "manifest.csv"
    path.write_text("\n".join(["utterance,speaker,emotion", *rows]) + "\n", encoding="utf-8")
    return path


def run(manifest: Path, verb: str, *options: object) -> int:
    return main([verb, "--manifest", str(manifest), *map(str, options)])


def test_folds_say_who_stands_where_and_pass_the_audit(
    manifest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folds, output = tmp_path / "folds.csv", tmp_path / "audit.json"
    protocol = ("--set", "protocol=speaker_disjoint")
    assert run(manifest, "folds", *protocol, "--expected", 3, "--output", folds) == 0
    assert "fold 1: 8 train, 4 test; tested: speaker b" in capsys.readouterr().err
    assert run(manifest, "audit", "--folds", folds, *protocol, "--output", output) == 0
    first = output.read_bytes()
    assert run(manifest, "audit", "--folds", folds, *protocol, "--output", output) == 0
    assert output.read_bytes() == first
    assert json.loads(first)["protocol"]["protocol"] == "speaker_disjoint"


def test_a_broken_claim_is_1_and_the_json_says_so(
    manifest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folds, output = tmp_path / "folds.csv", tmp_path / "audit.json"
    assert run(manifest, "folds", "--output", folds, "--set", "test_share=0.5") == 0
    assert run(manifest, "audit", "--folds", folds, "--output", output) == 0
    claims = ("--claims", "speakers,sentences")
    assert run(manifest, "audit", "--folds", folds, "--output", output, *claims) == 1
    assert json.loads(output.read_text(encoding="utf-8"))["passed"] is False
    text = capsys.readouterr().out
    assert "FAILS  sentences   cannot be certified: the manifest has no sentences" in text


def test_validation_rows_are_counted(
    manifest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folds = tmp_path / "mine.csv"
    folds.write_text("fold,utterance,part\n1,a0,train\n1,a1,train\n1,b0,test\n1,b1,dev\n")
    assert run(manifest, "audit", "--folds", folds) == 0
    text = capsys.readouterr().out
    assert "Train 2, validation 1, test 1 utterances per fold" in text
    assert "no sad in the test set of fold 1" in text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--claims", "speaker"], "claims: 'speaker' is not one of recordings, speakers"),
        (
            ["--set", "protocol=sentence_disjoint"],
            "sentence_disjoint: the corpus knows no sentences",
        ),
        (
            ["--set", "protocol=nonsense"],
            "protocol: 'nonsense' is not allowed; choose one of corpus_d",
        ),
        (["--folds", "none.csv"], "none.csv: no such file"),
        (["--folds", "."], "contains no fold_1/<corpus>_test_fold_1.jsonl"),
    ],
)
def test_a_mistake_is_2_and_one_line(
    manifest: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    folds = tmp_path / "folds.csv"
    assert run(manifest, "folds", "--output", folds, "--set", "test_share=0.5") == 0
    capsys.readouterr()
    assert run(manifest, "audit", "--folds", folds, *options) == 2
    *settings, error = capsys.readouterr().err.splitlines()
    assert error.startswith("sersnake audit: error: ")
    assert message in error
    assert all(line.startswith("sersnake audit: settings: ") for line in settings)
