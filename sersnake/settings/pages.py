"""The settings for people and editors: lists of keys, and the config's JSON schema."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple

import msgspec

from sersnake.errors import SersnakeError
from sersnake.settings.acln import AclnOptions
from sersnake.settings.atlas import AtlasPage
from sersnake.settings.base import Settings, default_of, fields_of, models_in
from sersnake.settings.classifiers import CLASSIFIERS, Fusion
from sersnake.settings.config import Config
from sersnake.settings.corpus import CorpusSettings, JoinedCorpus
from sersnake.settings.enrolment import EnrolmentCurve, KnownVoices, Speakers
from sersnake.settings.feature_kinds import FEATURE_KINDS
from sersnake.settings.losses import Objective, Retraining
from sersnake.settings.mining import Mining
from sersnake.settings.protocol import Protocol
from sersnake.settings.recipe import Recipe
from sersnake.settings.schedule import Schedule
from sersnake.settings.seeds import Ensemble, Seed
from sersnake.settings.streams import Stream, Streams
from sersnake.settings.training import FOLDS_PER_JOB, FoldBatching, Training
from sersnake.settings.words import allowed

_EVERY_CLASSIFIER = tuple(entry.settings for entry in CLASSIFIERS.values())
# The groups of keys that each verb takes; where there is a classifier, those of the chosen one.
GROUPS: dict[str, tuple[type[Settings], ...]] = {
    "config": (Config,),
    "manifest": (CorpusSettings,),
    "evaluate": (CorpusSettings,),
    "folds": (Protocol,),
    "audit": (Protocol,),
    "train": (Schedule, Recipe, Streams, Objective, Seed, KnownVoices),
    "retrain": (Retraining, Recipe, Streams, Seed, KnownVoices),
    "mine": (Mining,),
    "make-model": (Recipe, Streams, Fusion, Ensemble, Speakers, *_EVERY_CLASSIFIER),
    "attend": (Recipe, Streams, KnownVoices),
    "atlas": (AtlasPage,),
    "classify": (Fusion, Ensemble, Speakers, *_EVERY_CLASSIFIER),
    "enrol-curve": (Fusion, Ensemble, EnrolmentCurve, *_EVERY_CLASSIFIER),
    "embed-degraded": (Recipe, Streams, KnownVoices),
    "robustness": (Fusion, Ensemble, Speakers, *_EVERY_CLASSIFIER),
    **{kind: (entry.settings,) for kind, entry in FEATURE_KINDS.items()},
}
# What may stand below the sections of the config whose keys are names, or are merged first.
BELOW: dict[str, dict[str, type[Settings]]] = {
    "corpora": {"<name>: ": JoinedCorpus},
    "features": {
        "mfcc: ": FEATURE_KINDS["mfcc"].settings,
        "is09: ": FEATURE_KINDS["opensmile"].settings,
    },
    "streams": {"<name>: ": Stream, "acln: network: ": AclnOptions},
    "training": {"": Training, "fold_batching: ": FoldBatching},
}
MARK = "<!-- made by `make settings` -->"
SCHEMA_DRAFT = "https://json-schema.org/draft/2020-12/schema"


class Key(NamedTuple):
    """A key as shown on a page."""

    name: str
    default: str
    allowed: str
    meaning: str


def keys_of(model: type[Settings], prefix: str = "") -> Iterator[Key]:
    """The keys of a model in order, section by section."""
    for field in fields_of(model):
        sections = list(models_in(field.type))
        if sections:
            yield from keys_of(sections[0], f"{prefix}{field.name}: ")
            continue
        schema = msgspec.json.schema(field.type)
        default = "" if field.required else default_of(field)
        text = default if isinstance(default, str) else msgspec.json.encode(default).decode()
        meaning = schema.get("description", "")
        yield Key(f"{prefix}{field.name}", text, allowed(field.type), meaning)
        if model is Config:
            for below, section in BELOW.get(field.name, {}).items():
                yield from keys_of(section, f"{field.name}: {below}")


def key_list(model: type[Settings]) -> str:
    """The keys for a terminal."""
    blocks = []
    for key in keys_of(model):
        text = f"{key.meaning} Allowed: {key.allowed}. Default: {key.default or 'empty'}"
        blocks.append(f"{key.name}\n{textwrap.indent(textwrap.fill(text, 92), '    ')}")
    return "\n".join(blocks)


def key_table(models: Iterable[type[Settings]]) -> str:
    """The keys of some models as one table in Markdown."""
    rows = ["| key | default | allowed | meaning |", "|---|---|---|---|"]
    for key in chain.from_iterable(map(keys_of, models)):
        default = "" if key.default in ("", "null", "{}", "[]") else f"`{key.default}`"
        cells = (f"`{key.name}`", default, key.allowed, key.meaning)
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join([*rows, ""])


def replace_table(page: str, table: str) -> str:
    """A Markdown page with its table below :data:`MARK` replaced; the page ends with a newline.

    Raises:
        SersnakeError: The page has no such line.
    """
    before, mark, after = page.partition(f"{MARK}\n\n")
    if not mark:
        raise SersnakeError(f"the page has no line {MARK} with an empty one below; add both")
    rest = re.sub(r"\A(\|.*\n)*", "", after)
    return f"{before}{mark}{table}{rest}"


def config_schema() -> dict[str, Any]:
    """The JSON schema of the config, for editors, with the meaning of each key."""
    kinds = [entry.settings for entry in FEATURE_KINDS.values()]
    (_, training, batching, stream, *_), models = msgspec.json.schema_components(
        [Config, Training, FoldBatching, Stream, *kinds], ref_template="#/$defs/{name}"
    )
    properties = models["Config"]["properties"]
    # What is left out of one of the paper's streams is as there.
    models["Stream"].pop("required")
    properties["streams"]["additionalProperties"] = {"anyOf": [stream, {"type": "null"}]}
    properties["features"]["additionalProperties"] = {
        "type": "object",
        "properties": {
            "kind": {"enum": list(FEATURE_KINDS)},
            "label": {"type": "string"},
            **{k: v for kind in kinds for k, v in models.pop(kind.__name__)["properties"].items()},
        },
        "additionalProperties": False,
    }
    of_network = {"type": "object", "properties": models["Training"]["properties"]}
    networks = {
        "type": "object",
        "properties": dict.fromkeys(FOLDS_PER_JOB, training),
        "additionalProperties": False,
    }
    whole = {**of_network["properties"], "networks": networks, "fold_batching": batching}
    properties["training"] |= {"properties": whole, "additionalProperties": False}
    for model in models.values():
        for part in (model, *model.get("properties", {}).values()):
            part.pop("title", None)
    schema = {"$schema": SCHEMA_DRAFT, **models.pop("Config"), "$defs": models}
    # No part is in it twice, which YAML would write as a reference.
    copied: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(schema))
    return copied
