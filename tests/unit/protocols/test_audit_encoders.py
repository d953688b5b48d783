"""The claim `encoder`: broken by what is known to be heard, and not certified by silence."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from sersnake.cli import main
from sersnake.protocols.audit import Audit, audit
from sersnake.protocols.audit.report import report

WHISPER, READ, TUNED = "openai/whisper-base", "facebook/wav2vec2-base", "superb/x-superb-er"


@pytest.fixture
def manifest() -> pd.DataFrame:
    rows = [(f"{s}{n}", s, ("happy", "sad")[n]) for s in "abc" for n in (0, 1)]
    frame = pd.DataFrame(rows, columns=["utterance", "speaker", "emotion"])
    return frame.assign(corpus="iemocap")


def folds_of(manifest: pd.DataFrame) -> pd.DataFrame:
    part = manifest["speaker"].eq("a").map({True: "test", False: "train"})
    return manifest[["utterance"]].assign(fold="0", part=part)


def of(manifest: pd.DataFrame, *encoders: str) -> Audit:
    return audit(manifest, folds_of(manifest), claims=["speakers"], encoders=encoders)


def test_an_encoder_that_was_trained_on_the_corpus_fails(manifest: pd.DataFrame) -> None:
    result = of(manifest, WHISPER, TUNED, READ)
    assert not result.passed
    assert result.broken == ["the claim encoder does not hold"]
    text = report(result, "manifest.csv", "folds.csv")
    assert f"  FAILS  encoder     {TUNED} was trained on iemocap\n" in text
    assert "for the emotions, IEMOCAP (Yang et al. 2021" in text


def test_an_encoder_that_was_not_holds(manifest: pd.DataFrame) -> None:
    result = of(manifest, READ)
    assert result.passed
    text = report(result, "manifest.csv", "folds.csv")
    assert f"  ok     encoder     {READ} was not trained on iemocap\n" in text
    assert text.endswith("Passed: every claim holds.\n")


def test_what_cannot_be_told_neither_fails_nor_holds(manifest: pd.DataFrame) -> None:
    result = of(manifest, READ, WHISPER)
    assert result.passed
    assert result.claims["encoder"].status == "cannot be told"
    text = report(result, "manifest.csv", "folds.csv")
    line = f"  ?      encoder     whether {WHISPER} was trained on iemocap is not known\n"
    assert line in text
    assert text.endswith("Passed: no claim is broken; encoder cannot be told.\n")


def test_a_table_that_names_no_corpus_leaves_it_open(manifest: pd.DataFrame) -> None:
    verdict = of(manifest.drop(columns="corpus"), READ).claims["encoder"]
    assert verdict.status == "cannot be told"
    assert "trained on the recordings is not known" in verdict.reason


def test_without_encoders_there_is_no_word_of_them(manifest: pd.DataFrame) -> None:
    result = of(manifest)
    assert list(result.claims) == ["recordings", "speakers"]
    assert "encoder" not in json.dumps(result.as_dict())


def test_the_verb_writes_what_is_known(
    manifest: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {"manifest": manifest, "folds": folds_of(manifest)}
    for name, frame in files.items():
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    words = [f"--{name}={tmp_path / name}.csv" for name in files]
    output = tmp_path / "audit.json"
    call = ["audit", *words, f"--output={output}", "--encoders"]
    assert main([*call, READ, WHISPER]) == 0
    told = json.loads(output.read_text(encoding="utf-8"))
    assert {e["model"]: e["answer"] for e in told["encoders"]} == {READ: "no", WHISPER: "unknown"}
    assert main([*call, TUNED]) == 1
    assert "Failed: the claim encoder does not hold." in capsys.readouterr().out
