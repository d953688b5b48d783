"""Optional variants of model selection, which a run leaves out if their encoder is missing."""

from __future__ import annotations

from pathlib import Path

from sersnake.experiment.runs import Presets, plan_runs, variant_folder
from sersnake.features.encoder_files import CONFIG, models_folder
from sersnake.settings.config import Config


def without_missing_encoders(config: Config, presets: Presets) -> tuple[Config, list[str]]:
    """The config without optional variants whose encoder has no folder.

    Args:
        config: The config.
        presets: Gives a preset's schedules by its name.

    Returns:
        The config, and a sentence for each variant that is left out.
    """
    selection = config.model_selection
    if not selection.optional:
        return config, []
    runs = plan_runs(config, "", presets)
    missing = {
        name: encoder.model
        for name in selection.optional
        for encoder in runs[variant_folder("", name)].encoders.values()
        if not _at_hand(encoder.model, config.models_dir)
    }
    kept = {name: value for name, value in config.variants.items() if name not in missing}
    names, optional = (
        tuple(name for name in of if name in kept)
        for of in (selection.variants, selection.optional)
    )
    told = [
        f"variant {name} is left out: encoder {model} is missing (get it with sersnake fetch "
        f"model {model})"
        for name, model in missing.items()
    ]
    selection = selection.replace(variants=names, optional=optional)
    return config.replace(variants=kept, model_selection=selection), told


def _at_hand(model: str, models_dir: str) -> bool:
    folders = Path(model).expanduser(), models_folder(models_dir) / model
    return any((folder / CONFIG).is_file() for folder in folders)
