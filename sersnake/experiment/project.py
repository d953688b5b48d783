"""The project's own code, as a run uses it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sersnake.experiment.code import Code, Symbol
from sersnake.experiment.extension import extension_sources
from sersnake.report.results import result_named
from sersnake.settings.classifiers import CLASSIFIERS
from sersnake.settings.degradation import CONDITIONS
from sersnake.settings.feature_kinds import FEATURE_KINDS
from sersnake.settings.loss_registry import OBJECTIVES
from sersnake.settings.networks import NETWORKS
from sersnake.settings.protocols import ENTRIES

EXTENSION = "sersnake._kernel"
READERS = Symbol(("sersnake", "settings", "readers"), "READERS")
# Finds a table or figure by its name: each counts by its own function (:func:`result_code`).
RESULT = Symbol(("sersnake", "report", "results"), "result_named")
# Finds a kind of features by its name: each counts by its own code (:func:`feature_code`).
FEATURE_KIND = Symbol(("sersnake", "features", "extractor"), "feature_kind")
# Loads the functions of a protocol by their places: all of them count.
PROTOCOL_FUNCTION = Symbol(("sersnake", "protocols", "folds"), "load_function")
# Finds a network by its name: each counts by its own code (:func:`network_code`).
BUILDER = Symbol(("sersnake", "networks"), "load_builder")
NETWORK_NAMES = Symbol(("sersnake", "settings", "networks"), "NETWORKS")
# Loads losses by their names: how an entry is printed changes no training.
LOSS_MAKER = Symbol(("sersnake", "training", "losses"), "load_maker")
LOSS_NAMES = Symbol(("sersnake", "settings", "loss_registry"), "OBJECTIVES")
# Finds a classifier by its name: each counts by its own code (:func:`classifier_code`).
SCORER = Symbol(("sersnake", "fusion", "scorer"), "load_scorer")
CLASSIFIER_NAMES = Symbol(("sersnake", "settings", "classifiers"), "CLASSIFIERS")
# Prints what audit.json holds; networks wait for the audit, but its words change no training.
AUDIT_REPORT = Symbol(("sersnake", "protocols", "audit", "report"), "report")

# What is known about encoders: only audits of runs with encoders count it (:func:`encoder_code`).
ENCODERS_ASKED = Symbol(("sersnake", "protocols", "audit"), "_ask_encoders")


def project_code(repository: Path, readers: Iterable[str]) -> Code:
    """The library with its extension's sources, and only those readers that a run uses.

    Args:
        repository: Folder of the project.
        readers: Modules of the readers, such as ``emodb``.
    """
    chosen = [Symbol(("sersnake", "corpora", reader), "CORPUS") for reader in sorted(readers)]
    of_protocols = [_symbol(place) for entry in ENTRIES for place in entry.functions]
    return Code(
        repository / "sersnake",
        extensions={EXTENSION: extension_sources(repository)},
        instead={
            READERS: chosen,
            PROTOCOL_FUNCTION: of_protocols,
            BUILDER: [],
            NETWORK_NAMES: [],
            LOSS_MAKER: [_symbol(loss.make) for loss in OBJECTIVES.values()],
            LOSS_NAMES: [],
            FEATURE_KIND: [],
            SCORER: [],
            CLASSIFIER_NAMES: [],
            RESULT: [],
            AUDIT_REPORT: [],
            ENCODERS_ASKED: [],
        },
    )


def result_code(kind: str, name: str) -> list[Symbol]:
    """The function that makes a table or figure."""
    return [_symbol(result_named(kind, name).make)]


def feature_code(kind: str) -> list[Symbol]:
    """The functions that compute a kind of features, and its settings."""
    entry = FEATURE_KINDS[kind]
    return [*map(_symbol, filter(None, [entry.make, entry.pin])), _place(entry.settings)]


def condition_code(name: str) -> list[Symbol]:
    """The function that degrades recordings."""
    return [_symbol(CONDITIONS[name].make)]


def encoder_code(encoders: Iterable[str]) -> list[Symbol]:
    """The function that looks up what encoders were trained on, if there are any."""
    place = "sersnake.protocols.audit.encoders:ask_encoders"
    return [_symbol(place)] if any(encoders) else []


def network_code(names: Iterable[str]) -> list[Symbol]:
    """The functions that build some networks, and their options."""
    entries = [NETWORKS[name] for name in sorted(set(names))]
    return [symbol for entry in entries for symbol in (_symbol(entry.build), _place(entry.options))]


def classifier_code(name: str) -> list[Symbol]:
    """The class of a classifier, and its settings."""
    entry = CLASSIFIERS[name]
    return [_symbol(entry.scorer), _place(entry.settings)]


def _symbol(place: str) -> Symbol:
    """The symbol that a registry names as ``module:name``."""
    module, _, name = place.partition(":")
    return Symbol(tuple(module.split(".")), name)


def _place(model: type) -> Symbol:
    return _symbol(f"{model.__module__}:{model.__name__}")
