"""What an encoder has seen: yes where its paper says so, no only where nothing is left open."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sersnake.features import known_encoders
from sersnake.features.encoder_facts import UNSTATED, encoder_facts
from sersnake.features.encoder_files import hash_weights
from sersnake.features.known_encoders import PUBLISHED, printed_name, seen
from sersnake.io import Features
from sersnake.settings.readers import READERS

REVISION = "e37978b90ca9030d5170a5c07aadb050351a65bb"


@pytest.mark.parametrize(
    ("model", "corpus", "answer"),
    [
        ("openai/whisper-base", "emodb", "unknown"),
        ("openai/whisper-large-v3-turbo", "iemocap", "unknown"),
        ("/somewhere/whisper-base-encoder/", "emodb", "unknown"),
        ("facebook/wav2vec2-base-960h", "emodb", "no"),
        ("facebook/hubert-large-ll60k", "iemocap", "no"),
        ("microsoft/WavLM-Base", "emodb", "no"),
        ("microsoft/wavlm-large", "emodb", "unknown"),
        ("facebook/wav2vec2-xls-r-300m", "emodb", "unknown"),
        ("superb/hubert-large-superb-er", "iemocap", "yes"),
        ("superb/hubert-large-superb-er", "IEMOCAP", "yes"),
        ("superb/hubert-large-superb-er", "emodb", "no"),
        ("audeering/wav2vec2-large-robust-12-ft-emotion-msp-dim", "MSP-Podcast", "yes"),
        # What others have tuned further, and corpora that a user has named.
        ("somebody/wav2vec2-base-finetuned-emodb", "emodb", "unknown"),
        ("somebody/whisper-small-iemocap", "iemocap", "unknown"),
        ("facebook/wav2vec2-base", "mine", "unknown"),
        ("facebook/wav2vec2-base", "", "unknown"),
    ],
)
def test_the_answer(model: str, corpus: str, answer: str) -> None:
    assert seen(model, corpus).answer == answer


def test_nothing_is_known_of_an_unknown_encoder() -> None:
    nobody = seen("/data/encoders/mine", "emodb")
    assert (nobody.model, nobody.family, nobody.data, nobody.source) == ("mine", "", "", "")


def test_a_name_of_the_hub_is_printed_and_no_place_of_a_folder() -> None:
    assert printed_name("openai/whisper-base") == "openai/whisper-base"
    assert printed_name("/models/openai/whisper-base") == "whisper-base"
    assert printed_name("~/mine") == "mine"


def test_every_corpus_with_a_reader_of_its_own_is_a_published_one() -> None:
    assert {*PUBLISHED} == set(READERS) - {"csv", "audformat", "emobox"}


def test_every_row_is_whole_and_the_web_leaves_it_open() -> None:
    path = Path(known_encoders.__file__).with_name("encoders.csv")
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    patterns = [pattern for row in rows for pattern in row["pattern"].split(";")]
    assert len(set(patterns)) == len(patterns)
    for row in rows:
        assert row["family"] and row["data"] and row["source"]
        assert row["web"] == ("yes" if "web" in row["data"] or not row["corpora"] else "no")


@pytest.fixture
def encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as `sersnake fetch model` leaves it; nobody loads these weights."""
    folder = tmp_path / "models" / "openai" / "whisper-base"
    folder.mkdir(parents=True)
    for name in ("config.json", "preprocessor_config.json", "model.safetensors"):
        (folder / name).write_text(name)
    source = {"revision": REVISION, "sha256": {"model.safetensors": hash_weights(folder)}}
    (folder / "source.json").write_text(json.dumps({**source, "licence": "apache-2.0"}))
    monkeypatch.setenv("SERSNAKE_MODELS", str(tmp_path / "models"))
    monkeypatch.chdir(tmp_path)
    return folder


def facts_of(folder: Path, sha256: str, **options: Any) -> dict[str, str]:
    told = {"kind": "pretrained", "model": "openai/whisper-base", "sha256": sha256, **options}
    pack, other = folder / "whisper.safetensors", folder / "is09.safetensors"
    rows = [np.zeros((1, 2), np.float32)]
    Features.stack(["a"], rows, told).save(pack)
    Features.stack(["a"], rows, {"kind": "opensmile"}).save(other)
    facts = encoder_facts({"whisper": pack, "is09": other}, "emodb")
    assert list(facts) == ["whisper"]
    return facts["whisper"]


def test_facts_are_those_of_the_pack_and_of_the_folder(encoder: Path, tmp_path: Path) -> None:
    sha256 = hash_weights(encoder)
    facts = facts_of(tmp_path, sha256, layers=[2], pooling="mean")
    assert (facts["model"], facts["revision"]) == ("openai/whisper-base", REVISION)
    assert (facts["sha256"], facts["licence"]) == (sha256, "apache-2.0")
    assert (facts["corpus"], facts["answer"], facts["family"]) == ("emodb", "unknown", "Whisper")


def test_a_folder_of_other_weights_says_nothing_of_these(encoder: Path, tmp_path: Path) -> None:
    facts = facts_of(tmp_path, "0" * 64)
    assert (facts["revision"], facts["licence"]) == ("", UNSTATED)
    (encoder / "source.json").unlink()
    assert facts_of(tmp_path, hash_weights(encoder))["licence"] == UNSTATED


def test_no_folder_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERSNAKE_MODELS", str(tmp_path))
    facts = facts_of(tmp_path, "0" * 64, revision="abc")
    assert (facts["revision"], facts["licence"]) == ("abc", UNSTATED)
