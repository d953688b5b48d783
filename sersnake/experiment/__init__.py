"""What a run depends on: the code behind each verb."""

from __future__ import annotations

from sersnake.experiment.code import Code, Symbol
from sersnake.experiment.project import (
    extension_sources,
    feature_code,
    project_code,
    result_code,
)
from sersnake.experiment.verbs import verb_digest

__all__ = [
    "Code",
    "Symbol",
    "extension_sources",
    "feature_code",
    "project_code",
    "result_code",
    "verb_digest",
]
