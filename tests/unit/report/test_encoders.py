"""No caption, page or record of features of a pretrained encoder stands without a word of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sersnake.cli import main
from sersnake.io import Features
from sersnake.report.encoders import encoder_sentences, with_answers
from sersnake.report.results_page import write_results_page
from sersnake.report.run_context import RunContext

WHISPER = (
    "Whisper features come from openai/whisper-base, frozen; whether its training data (680,000 "
    "hours from the web, not published in detail) included EMODB is not known."
)
CONTEXT = RunContext("emodb", 10, "leave one speaker out", False, "quick")
CONFIG = {
    **{"corpus": "emodb", "seed": 3, "preset": "quick", "folds": {}, "protocols": {}},
    "features": {"whisper": {"label": "Whisper"}},
}


def encoder(model: str = "openai/whisper-base", **values: Any) -> dict[str, Any]:
    given = {"features": "whisper", "label": "Whisper", "model": model}
    return {**given, "revision": "", "variants": [], **values}


def sentences(*encoders: dict[str, Any], corpus: str = "emodb") -> list[str]:
    return encoder_sentences(with_answers(encoders, corpus), corpus.upper())


def test_a_sentence_says_what_is_known() -> None:
    assert sentences(encoder()) == [WHISPER]
    (yes,) = sentences(encoder("superb/hubert-base-superb-er"), corpus="iemocap")
    assert "frozen; its training data (" in yes and yes.endswith("IEMOCAP) included IEMOCAP.")
    (no,) = sentences(encoder("facebook/wav2vec2-base"))
    assert no.endswith("its training data (960 hours of read English books) did not include EMODB.")
    (unknown,) = sentences(encoder("mine", revision="0123456789"))
    assert "come from mine (revision 01234567), frozen; its training data, and" in unknown


def test_feature_sets_of_one_encoder_have_one_sentence() -> None:
    (sentence,) = sentences(
        encoder(),
        encoder(label="Frames"),
        encoder(label="Mid", variants=["a", "b"]),
        encoder(variants=["c"]),
    )
    start = "Whisper features and Frames features and Mid features (variants a, b) come from openai"
    assert sentence.startswith(start)


def test_every_setting_ends_with_it_and_others_have_none(tmp_path: Path) -> None:
    context = replace(CONTEXT, encoders=tuple(with_answers([encoder()], "emodb")), partial=True)
    assert context.setting.endswith(f"not the paper's. {WHISPER}")
    assert context.setting_of_protocols.endswith(WHISPER)
    for each in (context, CONTEXT):
        each.save(tmp_path / "context.json")
        assert RunContext.load(tmp_path / "context.json").encoders == each.encoders
    assert "encoder" not in (tmp_path / "context.json").read_text()


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The provenance of a run whose variant `ssl` has an encoder."""
    monkeypatch.setenv("SERSNAKE_MODELS", str(tmp_path / "nowhere"))
    pack, folder = tmp_path / "whisper.safetensors", tmp_path / "records" / "mine"
    folder.mkdir(parents=True)
    options = {"kind": "pretrained", "model": "openai/whisper-base", "sha256": "f" * 64}
    Features.stack(["a"], [np.zeros((1, 2), np.float32)], options).save(pack)
    call = ["provenance", "--config", json.dumps(CONFIG), "--encoders", f"ssl/whisper={pack}"]
    assert main([*call, "--output", str(folder / "provenance.json")]) == 0
    return folder


def test_the_provenance_has_an_entry_per_encoder(record: Path) -> None:
    told = json.loads((record / "provenance.json").read_text())
    facts = told["encoders"]["ssl/whisper"]
    assert (facts["model"], facts["sha256"]) == ("openai/whisper-base", "f" * 64)
    assert (facts["licence"], facts["answer"]) == ("not stated in its folder", "unknown")
    page = (record / "provenance.html").read_text()
    assert "Pretrained encoders" in page and f">{'f' * 64}</td>" in page


def test_a_run_without_encoders_has_none(tmp_path: Path) -> None:
    output = tmp_path / "provenance.json"
    assert main(["provenance", "--config", json.dumps(CONFIG), "--output", str(output)]) == 0
    assert "encoders" not in json.loads(output.read_text())
    assert "Pretrained" not in output.with_suffix(".html").read_text()


def test_the_page_over_all_records_says_it_too(record: Path, tmp_path: Path) -> None:
    (record / "metrics.csv").write_text("system,fold,metric,value\n")
    page = write_results_page(record.parent, tmp_path / "results.md").read_text()
    assert WHISPER.replace("features", "features (variant ssl)") in page
