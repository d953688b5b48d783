"""Which encoders a run's captions, audits and provenance have to name."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from sersnake.experiment.plan import Plan
from sersnake.settings.config import read_config
from sersnake.settings.merging import merge

PRESET: dict[str, Any] = {
    "fold_batching": {"acln": 1, "fcn": "all", "fused": 1},
    "phase_1": {"epochs": 40},
    "phase_2": {"epochs": 10},
    "retraining": {"epochs": 10},
}
FEATURES = {"whisper": {"kind": "pretrained", "label": "Whisper", "model": "/here/whisper-base"}}
CONFIG: dict[str, Any] = {
    "features": FEATURES,
    "systems": ["is09_svm"],
    "model_selection": {"system": "is09_svm"},
}
CORPUS = pd.DataFrame(
    {
        **{"utterance": [f"u{n}" for n in range(20)], "speaker": list("ab") * 10},
        "emotion": ["happy", "happy", "sad", "sad"] * 5,
    }
)
PACK = "r/features/whisper.safetensors"


def plan_of(**overrides: Any) -> Plan:
    return Plan(read_config(merge(CONFIG, overrides)), "r", CORPUS, lambda _: PRESET)


def models(plan: Plan, run: str) -> list[str]:
    """What the audit of a run is told."""
    options = plan.audit_options(run)
    return options[options.index("--encoders") + 1 :] if "--encoders" in options else []


def test_a_feature_set_that_nothing_reads_is_not_named() -> None:
    plan = plan_of()
    assert plan.encoders("r") == {}
    assert (plan.encoder_packs(), plan.encoder_option(), models(plan, "r")) == ({}, [], [])
    assert "encoders" not in json.loads(plan.context_settings("r"))


def test_a_baseline_a_stream_and_late_fusion_read_it() -> None:
    stream = {"features": "whisper", "network": "fcn"}
    for overrides in (
        {"systems": ["whisper_svm"], "model_selection": {"system": "whisper_svm"}},
        {"systems": ["ssl_ce", "is09_svm"], "streams": {"ssl": stream}},
        {"systems": ["fused_ce", "is09_svm"], "streams": {"ssl": stream}},
        {"systems": ["fcn_ce", "is09_svm"], "fusion": {"features": ["whisper"]}},
    ):
        plan = plan_of(**overrides)
        (told,) = json.loads(plan.context_settings("r"))["encoders"]
        assert told == {
            **{"features": "whisper", "label": "Whisper", "model": "whisper-base"},
            **{"revision": "", "variants": []},
        }
        assert plan.encoder_option() == ["--encoders", f"whisper={PACK}"]
        assert models(plan, "r") == ["whisper-base"]


def test_a_stream_that_no_system_trains_does_not() -> None:
    stream = {"features": "whisper", "network": "fcn"}
    plan = plan_of(systems=["fcn_ce", "is09_svm"], streams={"ssl": stream})
    assert plan.encoders("r") == {}


def test_what_variants_alone_read_is_named_with_them() -> None:
    systems = {"systems": ["whisper_svm", "is09_svm"]}
    middle = {**systems, "features": {"whisper": {"layers": [3]}}}
    variants = {"late": systems, "same": systems, "middle": middle, "none": {"preset": "paper"}}
    plan = plan_of(variants=variants, protocols={"speakers": {"protocol": "speaker_disjoint"}})
    told = plan.encoders("r")
    assert [each["variants"] for each in told.values()] == [["late", "same"], ["middle"]]
    assert plan.encoder_packs() == {
        "late/whisper": PACK,
        "middle/whisper": "r/variants/middle/features/whisper.safetensors",
    }
    assert len(plan.encoders("r/protocols/speakers")) == 2
    (own,) = plan.encoders("r/variants/late").values()
    assert own["variants"] == []
    assert (models(plan, "r"), models(plan, "r/variants/late")) == ([], ["whisper-base"])


def test_an_atlas_draws_no_hidden_states() -> None:
    features = {"steps": {**FEATURES["whisper"], "pooling": "none"}}
    streams = {"steps": {"features": "steps", "network": "acln"}}
    drawn = {"systems": ["steps_ce", "independent_ce"], "features": features, "streams": streams}
    system = {"model_selection": {"system": "independent_ce"}}
    alone = plan_of(**drawn, **system, atlas={"system": "steps_ce"})
    assert (alone.attention_stream("r"), alone.drawn_frames("r")) == (
        "",
        "r/features/mfcc.safetensors",
    )
    together = plan_of(**drawn, **system, atlas={"system": "independent_ce"})
    assert together.attention_stream("r") == "acln"
