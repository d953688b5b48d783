"""What a run depends on: the code behind each verb."""

from __future__ import annotations

from sersnake.experiment.extension import extension_file, extension_sources
from sersnake.experiment.project import (
    classifier_code,
    condition_code,
    encoder_code,
    feature_code,
    network_code,
    project_code,
    result_code,
)
from sersnake.experiment.verbs import verb_digest

__all__ = [
    "classifier_code",
    "condition_code",
    "encoder_code",
    "extension_file",
    "extension_sources",
    "feature_code",
    "network_code",
    "project_code",
    "result_code",
    "verb_digest",
]
