"""The protocols on EMODB, and what the audit says of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from sersnake.cli import main

pytestmark = pytest.mark.real

# folds.csv of the first published tables of EMODB: random_split, seed 0.
PUBLISHED_FOLDS = "94e0b14142adebfac6c7ef0c120668f6803bad3da19163ee80257f27358f83fa"
SPEAKERS = ["03", "08", "09", "10", "11", "12", "13", "14", "15", "16"]
SENTENCES = ["a01", "a02", "a04", "a05", "a07", "b01", "b02", "b03", "b09", "b10"]
Audit = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def manifest(emodb_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("emodb")
    path = folder / "manifest.csv"
    files = ["--output", path]
    assert main(["manifest", "emodb", str(emodb_dir), *map(str, files)]) == 0
    return path


def make_folds(manifest: Path, folder: Path, *options: str) -> Path:
    path = folder / "folds.csv"
    arguments = ["folds", "--manifest", str(manifest), *options, "--output", str(path)]
    assert main(arguments) == 0
    return path


@pytest.fixture
def audit(manifest: Path, capsys: pytest.CaptureFixture[str]) -> Audit:
    """Exit code and report."""

    def run(folds: Path, *options: str) -> tuple[int, str]:
        capsys.readouterr()
        code = main(["audit", "--manifest", str(manifest), "--folds", str(folds), *options])
        return code, capsys.readouterr().out

    return run


def test_random_split_has_the_published_folds_and_names_what_it_shares(
    manifest: Path, tmp_path: Path, audit: Audit
) -> None:
    folds = make_folds(manifest, tmp_path)
    assert hashlib.sha256(folds.read_bytes()).hexdigest() == PUBLISHED_FOLDS
    output = tmp_path / "audit.json"
    code, text = audit(folds, "--set", "protocol=random_split", "--output", str(output))
    assert code == 0
    assert "all 10 test speakers also train in every fold (03, 08, 09, 10, 11, …)" in text
    assert "all 10 test sentences also train in every fold (a01, a02, a04, a05, a07, …)" in text
    value = json.loads(output.read_text(encoding="utf-8"))
    assert value["passed"] is True
    for fold in value["folds"].values():
        assert list(fold["shared"]["speakers"]) == SPEAKERS
        assert list(fold["shared"]["sentences"]) == SENTENCES
        assert fold["identical"] == fold["near_identical"] == fold["both_sides"] == []


def test_random_split_does_not_keep_speakers_apart(
    manifest: Path, tmp_path: Path, audit: Audit
) -> None:
    folds = make_folds(manifest, tmp_path)
    output = tmp_path / "audit.json"
    code, text = audit(folds, "--claims", "speakers", "--output", str(output))
    assert code == 1
    assert "Failed: the claim speakers does not hold." in text
    assert json.loads(output.read_text(encoding="utf-8"))["passed"] is False


@pytest.mark.parametrize(
    ("protocol", "folds"),
    [
        ({"protocol": "speaker_disjoint"}, 10),
        ({"protocol": "speaker_disjoint", "k": 5}, 5),
        ({"protocol": "sentence_disjoint"}, 10),
        ({"protocol": "speaker_and_sentence_disjoint", "k": 5}, 25),
        ({"protocol": "k_fold"}, 10),
    ],
)
def test_protocols_keep_their_claims(
    manifest: Path, tmp_path: Path, audit: Audit, protocol: dict[str, object], folds: int
) -> None:
    options = ["--settings", json.dumps(protocol)]
    path = make_folds(manifest, tmp_path, *options)
    assert pd.read_csv(path, dtype=str)["fold"].nunique() == folds
    code, text = audit(path, *options)
    assert code == 0, text


def test_one_edited_line_is_caught(manifest: Path, tmp_path: Path, audit: Audit) -> None:
    folds = make_folds(manifest, tmp_path, "--set", "protocol=speaker_disjoint")
    lines = folds.read_text(encoding="utf-8")
    assert "0,03a01Fa,test\n" in lines
    folds.write_text(lines.replace("0,03a01Fa,test\n", "0,03a01Fa,train\n"), encoding="utf-8")
    code, text = audit(folds, "--set", "protocol=speaker_disjoint")
    assert code == 1
    assert "fold 0: speaker 03 has 1 of its 49 utterances in train: 03a01Fa" in text
    assert "fold 0: 03a01Fa is in train, speaker_disjoint puts it in test" in text
    code, text = audit(folds, "--claims", "speakers")  # of folds whose protocol is not known
    assert code == 1
    assert "03a01Fa" in text


def test_a_copy_of_a_recording_under_another_name_is_found(
    manifest: Path, tmp_path: Path, audit: Audit
) -> None:
    frame = pd.read_csv(manifest, dtype=str, keep_default_na=False)
    copied = frame["utterance"] == "08a01Na"
    frame.loc[copied, ["sha256", "fingerprint"]] = frame.loc[0, ["sha256", "fingerprint"]].tolist()
    changed = tmp_path / "manifest.csv"
    frame.to_csv(changed, index=False)
    folds = make_folds(changed, tmp_path, "--set", "protocol=speaker_disjoint")
    code, text = audit(folds, "--manifest", str(changed))
    assert code == 1
    assert "fold 0: 08a01Na (train) and 03a01Fa (test) have the same samples" in text


def test_folds_of_emobox_are_audited(manifest: Path, tmp_path: Path, audit: Audit) -> None:
    """Written as EmoBox writes them: speakers on both sides, and a validation set."""
    names = pd.read_csv(manifest, dtype=str)["utterance"]
    for fold in (1, 2):
        folder = tmp_path / f"fold_{fold}"
        folder.mkdir()
        for part, remainder in (("train", 0), ("valid", 1), ("test", 2)):
            rows = [
                {"key": f"emodb-{name}", "wav": f"downloads/emodb/wav/{name}.wav", "emo": "?"}
                for name in names[(names.index + fold) % 3 == remainder]
            ]
            text = "".join(json.dumps({**row, "dataset": "emodb"}) + "\n" for row in rows)
            file = folder / f"emodb_{part}_fold_{fold}.jsonl"
            file.write_text(text, encoding="utf-8")
    code, text = audit(tmp_path)
    assert code == 0
    assert "2 folds of" in text
    assert "all 10 test speakers also train in every fold" in text
    assert audit(tmp_path, "--claims", "speakers")[0] == 1
    made = tmp_path / "made"
    made.mkdir()
    options = ("--set", "protocol=predefined", "--set", f"fold_file={tmp_path}")
    folds = make_folds(manifest, made, *options)
    assert len(pd.read_csv(folds)) == 2 * 535
    assert audit(folds, *options)[0] == 0
