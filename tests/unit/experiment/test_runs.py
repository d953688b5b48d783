"""Which runs a config asks for, what each of them is told, and which share their networks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sersnake.errors import SersnakeError
from sersnake.experiment.optional_variants import without_missing_encoders
from sersnake.experiment.plan import Plan
from sersnake.experiment.runs import Run, outer_folder, plan_runs
from sersnake.experiment.shared_runs import group_folds
from sersnake.settings.config import read_config
from sersnake.settings.merging import merge

CONFIG: dict[str, Any] = {
    "seed": 3,
    "systems": ["is09_svm", "independent_he", "independent_ce"],
    "folds": {"repeats": 4},
    "model_selection": {"system": "independent_ce"},
}
MINE = {"features": "compare", "network": "fcn"}
WHOLE = "r/whole"  # what a model would be trained in
PRESET: dict[str, Any] = {
    "fold_batching": {"acln": 1, "fcn": "all", "fused": 1},
    "phase_1": {"epochs": 40},
    "phase_2": {"epochs": 10},
    "retraining": {"epochs": 10},
    "networks": {"fcn": {"phase_1": {"epochs": 10}}},
}


def runs_of(overrides: dict[str, Any]) -> dict[str, Run]:
    return plan_runs(read_config(merge(CONFIG, overrides)), "r", lambda _: PRESET)


def bands(run: Run) -> int:
    """Mel bands of its MFCCs."""
    return int(run.feature_sets["mfcc"].settings.as_dict()["n_mels"])


def heads(count: int) -> dict[str, Any]:
    """A config whose ACLN has so many."""
    return {"streams": {"acln": {"network": {"heads": count}}}}


def identity(network: str, phase: str, overrides: dict[str, Any]) -> str:
    return runs_of(overrides)["r"].identity(network, phase)


def test_without_protocols_and_variants_there_is_one_run() -> None:
    assert list(runs_of({})) == ["r", WHOLE]


def test_a_protocol_of_the_same_protocol_is_the_run_itself() -> None:
    protocols = {"same": {"protocol": "random_split"}, "speakers": {"protocol": "speaker_disjoint"}}
    runs = runs_of({"protocols": protocols})
    assert list(runs) == ["r", "r/protocols/speakers", WHOLE]
    assert runs["r/protocols/speakers"].protocol.protocol == "speaker_disjoint"


def test_every_variant_has_an_inner_run_on_every_protocol() -> None:
    runs = runs_of(
        {
            "protocols": {"speakers": {"protocol": "speaker_disjoint"}},
            "variants": {"wide": {"features": {"mfcc": {"n_mels": "40"}}}},
            "model_selection": {"inner": 2, "shared": True},
        }
    )
    for base in ("r", "r/protocols/speakers"):
        variant, inner = runs[f"{base}/variants/wide"], runs[f"{base}/variants/wide/inner"]
        assert bands(variant) == bands(inner) == 40
        assert variant.protocol == runs[base].protocol
        assert (inner.protocol.inner, inner.protocol.shared) == (2, True)
        for seed in ("", "/seeds/1"):
            assert outer_folder(f"{base}/variants/wide/inner{seed}") == f"{base}/variants/wide"
        assert variant.systems == inner.systems == ("independent_ce",)
    assert bands(runs["r"]) == 26


def test_a_variant_may_have_systems_of_its_own() -> None:
    runs = runs_of({"variants": {"mlp": {"systems": ["independent_he_mlp"]}}})
    assert runs["r/variants/mlp"].systems == ("independent_he_mlp",)


def test_systems_of_a_stream_are_told_to_variants_and_the_model() -> None:
    streams = {"mine": {"features": "compare", "network": "fcn"}}
    systems = {"systems": ["mine_ce"], "model": {"system": "mine_ce"}}
    more = {"model_selection": {"system": "mine_ce"}, "variants": {"slow": {"preset": "paper"}}}
    runs = runs_of({"streams": streams, **systems, **more})
    assert {run.systems for run in runs.values()} == {("mine_ce",)}
    assert runs["r/variants/slow"].config.preset == "paper"


def test_further_seeds_are_seeds_of_the_networks_alone() -> None:
    runs = runs_of({"seeds": 3})
    own = ["r", "r/seeds/1", "r/seeds/2"]
    assert list(runs) == [*own, WHOLE, f"{WHOLE}/seeds/1", f"{WHOLE}/seeds/2"]
    assert runs["r"].network_seed == 3
    assert len({runs[name].network_seed for name in own}) == 3
    assert len({runs[name].protocol for name in own}) == 1
    other = runs_of({"seed": 4, "seeds": 2})
    assert other["r/seeds/1"].network_seed != runs["r/seeds/1"].network_seed


def test_a_model_is_trained_like_the_variant_that_is_named_on_everything() -> None:
    runs = runs_of(
        {
            "variants": {"wide": {"features": {"mfcc": {"n_mels": 40}}, "seeds": 2}},
            "model": {"system": "acln_ce", "variant": "wide"},
        }
    )
    assert bands(runs[WHOLE]) == 40
    assert runs[WHOLE].systems == ("acln_ce",)
    assert runs[WHOLE].protocol.protocol == "whole"
    assert f"{WHOLE}/seeds/1" in runs
    assert runs["r/variants/wide"].protocol == runs["r"].protocol


def test_a_verb_is_told_what_reaches_it_and_no_defaults() -> None:
    given = {"training": {"counted_epochs": 3}, "focal": {"gamma": 1}, **heads(2)}
    run = runs_of(given)["r"]
    own = {"seed": 3, "counted_epochs": 3}
    of_acln = {"streams": {"acln": {"features": "mfcc", "network": {"name": "acln", "heads": 2}}}}
    assert run.train_settings("fcn", "phase_1") == {**own, "epochs": 10}
    assert run.train_settings("acln", "ce") == {**own, "epochs": 10, **of_acln}
    assert run.train_settings("acln", "he") == {"seed": 3, "epochs": 10, **of_acln}
    focal = run.train_settings("acln", "focal_phase_1")
    assert focal == {**own, **of_acln, "loss": "focal", "gamma": 1}


def test_a_network_of_vectors_is_told_nothing_of_frames() -> None:
    streams = {"mine": {"features": "mfcc", "network": {"module": "a.B"}}, "acln": None}
    run = runs_of({"streams": streams, "training": {"frame_mask": 0.2, "crop": 50}})["r"]
    told = {name: run.train_settings(name, "phase_1") for name in run.networks}
    kept = {"mine": {"features": "mfcc", "network": {"module": "a.B"}}}
    assert told["fcn"] == {"seed": 3, "epochs": 10}
    assert told["mine"] == {"seed": 3, "frame_mask": 0.2, "crop": 50, "streams": kept}
    assert told["fused"]["streams"] == {"acln": None, **kept}


def test_a_model_is_made_by_the_settings_of_its_own_networks() -> None:
    crops = {"acln": {"crop": 300}, "fused": {"crop": 200}}
    config = merge(CONFIG, {"model": {"system": "fused_ce"}, "training": {"networks": crops}})
    corpus = pd.DataFrame(
        {
            **{"utterance": [f"u{n}" for n in range(20)], "speaker": "a"},
            "emotion": ["happy", "sad"] * 10,
        }
    )
    plan = Plan(read_config(config), "r", corpus, lambda _: PRESET)
    assert json.loads(plan.model().settings) == {"crop": 200, "seed": 3}
    assert plan.model().training != "{}"
    alone = {"system": "is09+compare_rbf"}
    plan = Plan(read_config({**config, "model": alone}), "r", corpus, lambda _: PRESET)
    assert json.loads(plan.model().settings) == {"seed": 3}
    assert plan.model().features == {
        name: f"r/features/{name}.safetensors" for name in ("is09", "compare")
    }
    assert plan.model().training == "{}"
    assert plan.model().robustness_option == []


def test_a_variant_whose_encoder_is_missing_is_left_out(tmp_path: Path) -> None:
    whisper = {"kind": "pretrained", "model": "some/encoder"}
    values = merge(
        CONFIG,
        {
            "features": {"whisper": whisper},
            "variants": {
                "heard": {"systems": ["whisper_lda"]},
                "counted": {"systems": ["is09_lda"]},
            },
            "model_selection": {"variants": ["heard", "counted"], "optional": ["heard"]},
            "models_dir": str(tmp_path),
        },
    )
    config, told = without_missing_encoders(read_config(values), lambda _: PRESET)
    assert list(config.variants) == list(config.model_selection.variants) == ["counted"]
    assert told == [
        "variant heard is left out: encoder some/encoder is missing "
        "(get it with sersnake fetch model some/encoder)"
    ]
    (tmp_path / "some" / "encoder").mkdir(parents=True)
    (tmp_path / "some" / "encoder" / "config.json").write_text("{}")
    config, told = without_missing_encoders(read_config(values), lambda _: PRESET)
    assert list(config.variants) == ["heard", "counted"] and not told


@pytest.mark.parametrize(
    ("enrolment", "told"),
    [
        ({"utterances": "5"}, {"enrolment": {"utterances": 5}}),
        ({"utterances": 0, "draw": "first"}, {}),  # of nothing
        ({"utterances": 5, "curve": [0, 5]}, {"enrolment": {"utterances": 5}}),
        ({"curve": [0, 5]}, {}),
    ],
)
def test_classifiers_and_captions_are_told_of_enrolment(
    enrolment: dict[str, Any], told: dict[str, Any]
) -> None:
    corpus = pd.DataFrame({"utterance": ["a", "b"], "speaker": "a", "emotion": ["happy", "sad"]})
    config = read_config(merge(CONFIG, {"enrolment": enrolment}))
    plan = Plan(config, "r", corpus, lambda _: PRESET)
    assert json.loads(plan.classifier_settings("r", "is09_svm")) == {"seed": 3, **told}
    captions = json.loads(plan.context_settings("r"))
    assert captions.get("enrolment") == told.get("enrolment")


def test_the_enrolment_curve_is_told_its_numbers_alone() -> None:
    corpus = pd.DataFrame({"utterance": ["a", "b"], "speaker": "a", "emotion": ["happy", "sad"]})
    enrolment = {"utterances": 5, "curve": [0, 2, "all"]}
    plan = Plan(read_config(merge(CONFIG, {"enrolment": enrolment})), "r", corpus, lambda _: PRESET)
    told = json.loads(plan.enrolment_curve_settings("r", "is09_svm"))
    assert told == {"seed": 3, "curve": [0, 2, "all"]}
    assert plan.collected("r", "enrolment_curve")[0] == "r/enrolment_curve/is09_svm.csv"


def plan_of(overrides: dict[str, Any]) -> Plan:
    corpus = pd.DataFrame({"utterance": ["a", "b"], "speaker": "a", "emotion": ["happy", "sad"]})
    return Plan(read_config(merge(CONFIG, overrides)), "r", corpus, lambda _: PRESET)


ENROLLED = {"training": {"normalisation": "enrolled"}}


def test_networks_that_know_speakers_are_told_of_the_classifiers_draw() -> None:
    plan = plan_of({**ENROLLED, "enrolment": {"utterances": 5}, "seeds": 2})
    told = {"normalisation": "enrolled", "enrolment": {"utterances": 5}, "draw_seed": 3}
    for folder in ("r", "r/seeds/1"):
        settings = json.loads(plan.train_settings(folder, "fcn", "phase_1"))
        assert settings.items() >= told.items()
    assert settings["seed"] != 3
    assert json.loads(plan.attention_settings("r")).items() >= told.items()
    assert json.loads(plan.embedding_settings("r", "fcn")).items() >= told.items()
    assert json.loads(plan.context_settings("r"))["networks_enrolled"] is True
    assert json.loads(plan.model().settings)["normalisation"] == "enrolled"
    plain = plan_of({"enrolment": {"utterances": 5}})
    assert "enrolment" not in json.loads(plain.train_settings("r", "fcn", "phase_1"))
    assert "networks_enrolled" not in json.loads(plain.context_settings("r"))


def test_inner_folds_may_select_among_networks_that_know_speakers() -> None:
    variants = {"e": {**ENROLLED, "enrolment": {"utterances": 5}}}
    plan = plan_of({"variants": variants, "model_selection": {"variants": ["e"]}})
    inner = json.loads(plan.train_settings("r/variants/e/inner", "fcn", "phase_1"))
    assert inner["enrolment"] == {"utterances": 5}


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (ENROLLED, "and enrolment has none; set enrolment: {utterances: 10}"),
        ({"variants": {"e": ENROLLED}}, "and enrolment has none; set enrolment: {utterances: 10}"),
        (
            {**ENROLLED, "enrolment": {"utterances": 5, "curve": [5]}},
            "enrolment: curve: needs networks",
        ),
    ],
)
def test_networks_cannot_know_speakers_by_no_or_by_several_numbers(
    overrides: dict[str, Any], message: str
) -> None:
    with pytest.raises(SersnakeError, match=message):
        plan_of(overrides)


def test_a_model_takes_all_or_none_of_its_networks_by_speaker() -> None:
    training = {"networks": {"fcn": {"normalisation": "enrolled"}}}
    plan = plan_of({"training": training, "enrolment": {"utterances": 5}})
    with pytest.raises(SersnakeError, match="for some of a model's networks only; set it for all"):
        plan.model().settings  # noqa: B018


def test_conditions_are_of_the_features_of_classifiers_and_networks() -> None:
    corpus = pd.DataFrame({"utterance": ["a", "b"], "speaker": "a", "emotion": ["happy", "sad"]})
    asked = {"robustness": {"conditions": ["level"]}, "training_copies": ["noise_10"]}
    asked["variants"] = {"plain": {"training_copies": []}, "nets": {"systems": ["acln_ce"]}}
    plan = Plan(read_config(merge(CONFIG, asked)), "r", corpus, lambda _: PRESET)
    systems = plan.runs["r"].systems
    assert plan.collected("r", "robustness") == [f"r/robustness/{name}.csv" for name in systems]
    measured = f"r/robustness/{plan.model().system}.csv"  # for the model's card
    assert plan.model().robustness_option == ["--robustness", measured]
    assert plan.robustness_option("r", "is09_svm") == [
        *("--copies", "noise_10.is09=r/features/is09.noise_10.safetensors"),
        *("--degraded", "level.is09=r/features/is09.level.safetensors"),
    ]
    assert plan.copies("r", "independent_ce") == {}
    assert plan.copies_read_by("r", "acln") == {
        "noise_10.mfcc": "r/features/mfcc.noise_10.safetensors"
    }
    assert plan.training_packs("r/variants/plain", "acln") == ["r/features/mfcc.safetensors"]
    assert plan.copies("r/variants/plain", "is09_svm") == {}
    told = {run: json.loads(plan.context_settings(run)).get("training_copies") for run in plan.runs}
    assert told["r"] == told["r/variants/nets"] == ["noise_10"]
    assert told["r/variants/plain"] is None


def test_networks_embed_degraded_recordings_seed_by_seed_where_they_are_trained() -> None:
    corpus = pd.DataFrame({"utterance": ["a", "b"], "speaker": "a", "emotion": ["happy", "sad"]})
    asked = {
        "systems": ["independent_he", "fcn_ce"],
        "robustness": {"conditions": ["level"]},
        "seeds": 2,
        "fusion": {"features": ["is09"]},
        "variants": {"few": {"mining": {"hard_share": 0.3}}},
        "model_selection": {"system": "independent_he"},
    }
    plan = Plan(read_config({**CONFIG, **asked}), "r", corpus, lambda _: PRESET)
    assert plan.degraded("r", "independent_he") == {
        f"level.{number}.{name}/he": f"{folder}/training/{name}/he.level.safetensors"
        for number, folder in enumerate(("r", "r/seeds/1"))
        for name in ("acln", "fcn")
    }
    assert plan.robustness_option("r", "fcn_ce") == [
        *("--degraded", "level.0.fcn/ce=r/training/fcn/ce.level.safetensors"),
        "level.1.fcn/ce=r/seeds/1/training/fcn/ce.level.safetensors",
        *("--degraded-late", "level.is09=r/features/is09.level.safetensors"),
    ]
    few = list(plan.degraded("r/variants/few", "independent_he").values())
    assert few[0] == "r/variants/few/training/acln/he.level.safetensors"
    assert plan.read_under("r", "fused", "level") == {
        name: f"r/features/{name}.level.safetensors" for name in ("mfcc", "is09")
    }


@pytest.mark.parametrize(
    ("network", "phase", "overrides"),
    [
        ("fcn", "he", {"features": {"mfcc": {"n_mels": 40}}}),
        ("fcn", "he", {**heads(2), "training": {"frame_mask": 0.1}, "fusion_width": 64}),
        ("acln", "he", {"features": {"is09": {"feature_set": "ComParE_2016"}}}),
        ("acln", "he", {"features": {"mfcc": {"label": "M"}}, "streams": {"acln": {"label": "A"}}}),
        ("fcn", "he", {"streams": {"acln": None, "mine": MINE}}),
        ("acln", "he", {"training": {"networks": {"fcn": {"dropout": 0.5}}}}),
        ("acln", "ce", {"mining": {"hard_share": 0.3}, "training": {"retraining": {"epochs": 1}}}),
        ("acln", "he", {"focal": {"gamma": 1.0}, "training": {"fold_batching": {"fcn": 1}}}),
        ("acln", "phase_1", {"training": {"phase_2": {"epochs": 99}}}),
        ("fused", "he", {"svm": {"cost": 9}, "systems": ["fused_he", "independent_ce"]}),
        ("acln", "he", {"enrolment": {"utterances": 5}}),
        ("acln", "he", {"robustness": {"conditions": ["level"]}}),
    ],
)
def test_what_does_not_reach_a_network_leaves_it_shared(
    network: str, phase: str, overrides: dict[str, Any]
) -> None:
    assert identity(network, phase, overrides) == identity(network, phase, {})


@pytest.mark.parametrize(
    ("network", "phase", "overrides"),
    [
        ("acln", "phase_1", {"features": {"mfcc": {"n_mels": 40}}}),
        ("acln", "phase_1", {"training_copies": ["noise_10"]}),
        ("acln", "phase_1", {"features": {"mfcc": {"kind": "log_mel"}}}),
        ("fused", "phase_1", {"features": {"is09": {"feature_set": "ComParE_2016"}}}),
        ("fused", "phase_1", {"fusion_width": 64}),
        ("fused", "phase_1", {"streams": {"mine": MINE}}),
        ("fused", "phase_1", {"streams": {"acln": None}}),
        ("acln", "phase_1", heads(2)),
        ("acln", "phase_1", {"streams": {"acln": {"training": {"dropout": 0.1}}}}),
        ("fcn", "phase_1", {"training": {"dropout": 0.1}}),
        ("fcn", "ce", {"training": {"networks": {"fcn": {"phase_1": {"epochs": 9}}}}}),
        ("acln", "he", {"training": {"phase_1": {"epochs": 9}}}),
        ("acln", "he", {"mining": {"hard_share": 0.3}}),
        ("acln", "he", {"training": {"retraining": {"epochs": 1}}}),
        ("acln", "ce", {"training": {"phase_2": {"epochs": 1}}}),
        ("acln", "focal", {"focal": {"gamma": 1.0}}),
        ("acln", "focal_phase_1", {"focal": {"gamma": 1.0}}),
        ("acln", "phase_1", {"folds": {"repeats": 5}}),
        ("acln", "phase_1", {"seed": 5}),
        ("acln", "phase_1", {"training": {"fold_batching": {"acln": "all"}}}),
    ],
)
def test_what_reaches_a_network_tells_it_apart(
    network: str, phase: str, overrides: dict[str, Any]
) -> None:
    assert identity(network, phase, overrides) != identity(network, phase, {})


def test_a_union_of_hard_examples_makes_a_network_depend_on_the_other() -> None:
    union = {"mining": {"union": True}}
    wide = union | {"features": {"mfcc": {"n_mels": 40}}}
    assert identity("fcn", "he", wide) != identity("fcn", "he", union)
    assert identity("fcn", "ce", wide) == identity("fcn", "ce", union)
    assert identity("fused", "he", union) != identity("fused", "he", {})
    run = runs_of({**union, "streams": {"mine": MINE}})["r"]
    assert run.mined_with("fcn") == ["acln", "mine"]
    assert run.mined_with("fused") == []


def test_jobs_hold_consecutive_folds() -> None:
    folds = ["0", "1", "2", "3", "4"]
    assert group_folds(folds, 2, "acln") == {"0-to-1": ["0", "1"], "2-to-3": ["2", "3"], "4": ["4"]}
    assert group_folds(folds, "all", "acln") == {"0-to-4": folds}
    assert group_folds(folds, 1, "acln") == {fold: [fold] for fold in folds}
