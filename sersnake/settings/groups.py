"""The groups of settings that each verb reads; their keys are merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sersnake.settings.base import Settings, fields_of, read_settings, unknown_key


def read_groups(models: Sequence[type[Settings]], values: Mapping[str, Any]) -> tuple[Any, ...]:
    """One object per model from merged keys; no two models have a key in common.

    Raises:
        SettingsError: A key belongs to none of the models, or a value is not allowed.
    """
    names = {model: [field.name for field in fields_of(model)] for model in models}
    every = [name for of_model in names.values() for name in of_model]
    for key in values:
        if key not in every:
            raise unknown_key((key,), every)
    return tuple(
        read_settings(model, {key: values[key] for key in names[model] if key in values})
        for model in models
    )
