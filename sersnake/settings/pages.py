"""What people and editors read of the settings: lists of keys, and the config's JSON schema."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from sersnake.settings.architecture import Architecture
from sersnake.settings.base import Settings, default_of, fields_of, models_in
from sersnake.settings.classifiers import Elm, Fusion, Mlp, Svm
from sersnake.settings.config import Config
from sersnake.settings.corpus import CorpusReading
from sersnake.settings.features import Functionals, Mfcc
from sersnake.settings.losses import Objective, Retraining
from sersnake.settings.mining import Mining
from sersnake.settings.protocol import Protocol
from sersnake.settings.recipe import Recipe
from sersnake.settings.schedule import Schedule
from sersnake.settings.seeds import Ensemble, Seed
from sersnake.settings.training import NETWORKS, FoldBatching, Training
from sersnake.settings.words import allowed

# The groups of keys that each verb takes; of classify, beside its own those of the classifier.
GROUPS: dict[str, tuple[type[Settings], ...]] = {
    "config": (Config,),
    "manifest": (CorpusReading,),
    "mfcc": (Mfcc,),
    "functionals": (Functionals,),
    "folds": (Protocol,),
    "audit": (Protocol,),
    "train": (Schedule, Recipe, Architecture, Objective, Seed),
    "retrain": (Retraining, Recipe, Architecture, Seed),
    "mine": (Mining,),
    "make-model": (Recipe, Architecture, Fusion, Svm, Ensemble),
    "attend": (Recipe, Architecture),
    "classify": (Fusion, Ensemble, Svm, Elm, Mlp),
}
SCHEMA_DRAFT = "https://json-schema.org/draft/2020-12/schema"


class Key(NamedTuple):
    """A key as a page shows it."""

    name: str
    default: str
    allowed: str
    meaning: str


def keys_of(model: type[Settings], prefix: str = "") -> Iterator[Key]:
    """The keys of a model in order, those of a section behind each other."""
    for field in fields_of(model):
        sections = list(models_in(field.type))
        if sections:
            yield from keys_of(sections[0], f"{prefix}{field.name}: ")
            continue
        schema = msgspec.json.schema(field.type)
        default = msgspec.json.encode(default_of(field)).decode()
        meaning = schema.get("description", "")
        yield Key(f"{prefix}{field.name}", default, allowed(field.type), meaning)
        if model is Config and field.name == "training":
            yield from keys_of(Training, "training: ")
            yield from keys_of(FoldBatching, "training: fold_batching: ")


def key_list(model: type[Settings]) -> str:
    """The keys for a terminal."""
    blocks = []
    for key in keys_of(model):
        text = f"{key.meaning} Allowed: {key.allowed}. Default: {key.default}"
        blocks.append(f"{key.name}\n{textwrap.indent(textwrap.fill(text, 92), '    ')}")
    return "\n".join(blocks)


def key_table(model: type[Settings]) -> str:
    """The keys as a table in Markdown."""
    rows = ["| key | default | meaning |", "|---|---|---|"]
    for key in keys_of(model):
        default = "" if key.default in ('""', "null", "{}", "[]") else f"`{key.default}`"
        meaning = key.meaning.replace("|", "\\|")
        rows.append(f"| `{key.name}` | {default} | {meaning} |")
    return "\n".join(rows)


def config_schema() -> dict[str, Any]:
    """The JSON schema of the config, for editors; what a key means is in it too."""
    (_, training, batching), models = msgspec.json.schema_components(
        [Config, Training, FoldBatching], ref_template="#/$defs/{name}"
    )
    properties = models["Config"]["properties"]
    of_network = {"type": "object", "properties": models["Training"]["properties"]}
    networks = {
        "type": "object",
        "properties": dict.fromkeys(NETWORKS, training),
        "additionalProperties": False,
    }
    whole = {**of_network["properties"], "networks": networks, "fold_batching": batching}
    properties["training"] |= {"properties": whole, "additionalProperties": False}
    for model in models.values():
        for part in (model, *model.get("properties", {}).values()):
            part.pop("title", None)
    return {"$schema": SCHEMA_DRAFT, **models.pop("Config"), "$defs": models}
