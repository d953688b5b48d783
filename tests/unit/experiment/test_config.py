"""Schema, configs, presets, verbs and packaging do not drift apart."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import fields
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from jsonschema import validate
from packaging.requirements import Requirement

from sersnake.cli import build_parser
from sersnake.corpora import CORPORA
from sersnake.experiment.runs import merge, protocol_of
from sersnake.protocols import make_folds
from sersnake.settings.arms import CLASSIFIERS
from sersnake.training.recipe import Recipe

ROOT = Path(__file__).parents[3]
SCHEMA = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
PROTOCOLS = sorted((ROOT / "config/protocols").glob("*.yaml"))
CONFIGS = [*sorted((ROOT / "config").glob("*.yaml")), *PROTOCOLS]
PRESETS = sorted((ROOT / "config/presets").glob("*.yaml"))
PHASES = {"phase_1", "retraining", "phase_2"}
# Configs that go on top of a corpus.
ON_TOP = [
    "beyond",
    "ladder",
    "readings",
    "record",
    "shared_inner",
    *(path.stem for path in PROTOCOLS),
]


def leaves(schema: dict[str, Any], prefix: str = "") -> dict[str, dict[str, Any]]:
    found = {}
    for name, entry in schema["properties"].items():
        found[prefix + name] = entry
        if "properties" in entry:
            found |= leaves(entry, f"{prefix}{name}: ")
    return found


def options_of(verb: str) -> set[str]:
    actions = next(a for a in build_parser()._actions if a.choices and verb in a.choices)
    assert isinstance(actions.choices, dict)
    return {option for action in actions.choices[verb]._actions for option in action.option_strings}


@pytest.mark.parametrize(("key", "entry"), leaves(SCHEMA).items())
def test_every_key_has_a_description_and_a_default(key: str, entry: dict[str, Any]) -> None:
    assert entry["description"]
    assert "default" in entry


def test_every_key_is_explained() -> None:
    text = (ROOT / "config/README.md").read_text()
    groups = {name for name, entry in leaves(SCHEMA).items() if "properties" in entry}
    assert [key for key in leaves(SCHEMA) if key not in groups and f"`{key}`" not in text] == []


def test_every_option_of_a_reader_is_explained() -> None:
    text = "".join((ROOT / "config" / name).read_text() for name in ("README.md", "own-corpus.md"))
    options = {option for corpus in CORPORA.values() for option in corpus.options}
    assert [name for name in sorted(options) if not re.search(rf"[`{{]{name}[`:]", text)] == []
    assert set(CORPORA) | {""} == set(SCHEMA["properties"]["reader"]["enum"])


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_configs_hold_known_keys_and_their_own_corpus(path: Path) -> None:
    config = yaml.safe_load(path.read_text())
    own = {"config": "demo", **dict.fromkeys(ON_TOP)}
    assert config.get("corpus") == own.get(path.stem, path.stem)
    for name, value in config.items():
        assert name in SCHEMA["properties"]
        if isinstance(value, dict) and "properties" in SCHEMA["properties"][name]:
            assert set(value) <= set(SCHEMA["properties"][name]["properties"])


@pytest.mark.parametrize(
    "name", yaml.safe_load((ROOT / "config/ladder.yaml").read_text())["ladder"]
)
def test_a_rung_holds_known_keys_of_folds(name: str) -> None:
    rung = yaml.safe_load((ROOT / "config/ladder.yaml").read_text())["ladder"][name]
    keys = SCHEMA["properties"]["folds"]["properties"]
    assert set(rung) <= set(keys)
    assert rung["protocol"] in keys["protocol"]["enum"]


@pytest.mark.parametrize("path", PROTOCOLS, ids=lambda path: path.stem)
def test_a_protocol_on_top_of_a_corpus_tests_every_utterance_once(path: Path) -> None:
    corpus = yaml.safe_load((ROOT / "config/emodb.yaml").read_text())
    settings = merge(corpus, yaml.safe_load(path.read_text()))
    utterances = pd.DataFrame(
        [
            {"utterance": f"{speaker}{n}", "speaker": speaker, "emotion": emotion}
            for speaker in "abc"
            for emotion in ("anger", "sadness")
            for n in range(10)
        ]
    )
    utterances["utterance"] += utterances["emotion"]
    folds = make_folds(utterances, protocol_of(settings | {"seed": 0}))
    tested = folds.loc[folds["part"] == "test", "utterance"]
    assert sorted(tested) == sorted(utterances["utterance"])


READINGS = {
    f"{name}/{reading}": changes
    for name in ("readings", "beyond")
    for reading, changes in yaml.safe_load((ROOT / f"config/{name}.yaml").read_text())[
        "readings"
    ].items()
}


@pytest.mark.parametrize("name", READINGS)
def test_a_reading_differs_in_values_that_the_config_allows(name: str) -> None:
    allowed = SCHEMA["properties"]["readings"]["additionalProperties"]["propertyNames"]["enum"]
    assert set(allowed) <= set(SCHEMA["properties"])
    assert READINGS[name]
    for key, value in READINGS[name].items():
        assert key in allowed
        validate(value, SCHEMA["properties"][key])
    chosen = READINGS[name].get("training", {})
    for settings in (chosen, *chosen.get("networks", {}).values()):
        shared = {key for key in settings if key not in {*PHASES, "networks"}}
        in_phases = {key for phase in PHASES for key in settings.get(phase, {})}
        assert as_options(shared | in_phases) <= options_of("retrain") | as_options(COUNTING)


VERBS = {
    **{name: name for name in ("mfcc", "functionals")},
    **dict.fromkeys(CLASSIFIERS, "classify"),
    **{"audio": "manifest", "folds": "audit", "mining": "mine", "focal": "train"},
    **{"architecture": "retrain", "fusion": "classify"},
}
COUNTING = {"counting", "counted_epochs"}  # of a phase that is mined
RENAMED = {"union": "also", "functionals": "beside"}  # switches that become files


def as_options(keys: Iterable[str]) -> set[str]:
    return {f"--{RENAMED.get(key, key).replace('_', '-')}" for key in keys}


@pytest.mark.parametrize(("section", "verb"), VERBS.items())
def test_every_key_of_a_stage_is_an_option_of_its_verb(section: str, verb: str) -> None:
    assert as_options(SCHEMA["properties"][section]["properties"]) <= options_of(verb)


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.stem)
def test_presets_hold_all_phases_in_options_of_train(path: Path) -> None:
    preset = yaml.safe_load(path.read_text())
    assert path.stem in SCHEMA["properties"]["preset"]["enum"]
    shared = {"dropout", "device", "precision", "autotune", "fold_batching"}
    assert set(preset) - {"corpora", "networks"} == PHASES | shared
    schema = SCHEMA["properties"]["training"]
    recipe = {field.name for field in fields(Recipe)}
    assert PHASES | shared | recipe | {"networks"} == set(schema["propertyNames"]["enum"])
    assert as_options(recipe) <= options_of("train")
    assert as_options(recipe - COUNTING) <= options_of("retrain")
    of_networks = schema["patternProperties"]["^fold_batching$"]["propertyNames"]["enum"]
    assert set(preset["fold_batching"]) == set(of_networks)
    keys = {key for phase in PHASES for key in preset[phase]}
    for network, phases in preset.get("networks", {}).items():
        assert network in of_networks
        assert set(phases) <= PHASES
        keys |= {key for schedule in phases.values() for key in schedule}
    assert as_options(keys) <= options_of("train")


def test_every_preset_of_the_schema_has_a_file() -> None:
    assert {path.stem for path in PRESETS} == set(SCHEMA["properties"]["preset"]["enum"])


def test_the_lock_satisfies_what_the_project_declares() -> None:
    # `make test-deployment` installs what reaches a cluster.
    files = ("requirements.lock", "tests/deployment/requirements.lock")
    lines = [line for name in files for line in (ROOT / name).read_text().splitlines()]
    locked = dict(re.fullmatch(r"([A-Za-z0-9._-]+)==(\S+)", line).groups() for line in lines)  # type: ignore[union-attr]
    names = {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in locked.items()}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    for text in (*project["dependencies"], *chain(*extras)):
        requirement = Requirement(text)
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        assert requirement.specifier.contains(names[name]), text


def test_versions_agree() -> None:
    import sersnake

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert project["version"] == sersnake.__version__ == citation["version"]
