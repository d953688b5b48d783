"""How a plan writes what rules pass to verbs."""

from __future__ import annotations

import json
from collections.abc import Mapping


def as_json(settings: object) -> str:
    """Settings as a parameter of a rule: the same text for the same settings."""
    return json.dumps(settings, sort_keys=True)


def named(files: Mapping[str, str]) -> list[str]:
    """Files by their names, as verbs take them: NAME=FILE."""
    return [f"{name}={file}" for name, file in files.items()]


def copies_option(copies: Mapping[str, str]) -> list[str]:
    """The option of the verbs that train a network or fit a classifier that names copies."""
    return ["--copies", *named(copies)] if copies else []
