"""Schema, configs, presets and packaging do not drift apart."""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path

import pandas as pd
import pytest
import yaml
from packaging.requirements import Requirement

from sersnake.cli import main
from sersnake.corpora import CORPORA
from sersnake.errors import SersnakeError
from sersnake.protocols import make_folds
from sersnake.settings.config import read_config
from sersnake.settings.merging import merge
from sersnake.settings.pages import GROUPS, keys_of
from sersnake.settings.protocol import protocol_of
from sersnake.settings.streams import read_streams
from sersnake.settings.training import resolve_training

ROOT = Path(__file__).parents[3]
SCHEMA_PAGE = ROOT / "workflow/schemas/config.schema.yaml"
KEYS_PAGE = ROOT / "docs/reference/settings.md"
SCHEMA = yaml.safe_load(SCHEMA_PAGE.read_text(encoding="utf-8"))
PROTOCOLS = sorted((ROOT / "config/protocols").glob("*.yaml"))
CONFIGS = [*sorted((ROOT / "config").glob("*.yaml")), *PROTOCOLS]
PRESETS = sorted((ROOT / "config/presets").glob("*.yaml"))
# Configs that go on top of a corpus.
ON_TOP = [
    "best",
    "built_in",
    "encoder_lda",
    "enrolled_networks",
    "enrolled_selection",
    "enrolment",
    "model_selection",
    "pretrained",
    "pretrained_selection",
    "protocol_comparison",
    "variants",
    "record",
    "robustness",
    "shared_inner",
    *(path.stem for path in PROTOCOLS),
]


@pytest.mark.parametrize("page", [SCHEMA_PAGE, KEYS_PAGE], ids=lambda p: p.name)
def test_generated_pages_are_those_of_the_settings(page: Path, tmp_path: Path) -> None:
    made = tmp_path / page.name
    made.write_bytes(page.read_bytes())
    assert main(["settings", "config", "--output", str(made)]) == 0
    assert made.read_bytes() == page.read_bytes(), f"`make settings` writes {page}"


def test_every_key_has_a_sentence() -> None:
    keys = [key for groups in GROUPS.values() for model in groups for key in keys_of(model)]
    assert [key.name for key in keys if not key.meaning.endswith((".", ")"))] == []


def test_every_option_of_a_reader_is_explained() -> None:
    pages = ("how-to/configure.md", "tutorial/own-corpus.md")
    text = "".join((ROOT / "docs" / page).read_text() for page in pages)
    options = {option for corpus in CORPORA.values() for option in corpus.options}
    assert [name for name in sorted(options) if not re.search(rf"[`{{]{name}[`:]", text)] == []
    assert set(CORPORA) | {""} == set(SCHEMA["properties"]["reader"]["enum"])


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_configs_hold_known_keys_and_their_own_corpus(path: Path) -> None:
    config = yaml.safe_load(path.read_text())
    corpora = {"config": "demo", "cross_corpus": "emodb_nemo", **dict.fromkeys(ON_TOP)}
    assert config.get("corpus") == corpora.get(path.stem, path.stem)
    on_top = {"model_selection", "variants"} & {path.stem}
    systems = {} if "systems" in config or not on_top else {"systems": ["independent_he"]}
    read_config({**config, **systems})


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
    folds = make_folds(utterances, protocol_of(settings["folds"], 0))
    tested = folds.loc[folds["part"] == "test", "utterance"]
    assert sorted(tested) == sorted(utterances["utterance"])


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.stem)
def test_presets_hold_known_keys_for_every_corpus(path: Path) -> None:
    preset = yaml.safe_load(path.read_text())
    assert {"phase_1", "retraining", "phase_2", "fold_batching"} <= set(preset)
    for corpus in CORPORA:
        resolve_training(preset, corpus, {}, read_streams({}))
    unknown = merge(preset, {"phase_1": {"epoch": 3}})
    with pytest.raises(SersnakeError, match="epoch"):
        resolve_training(unknown, "emodb", {}, read_streams({}))


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
