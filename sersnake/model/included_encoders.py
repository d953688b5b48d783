"""Pretrained encoders in the folder of the model that reads them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from sersnake.errors import SersnakeError
from sersnake.features.encoder_files import CONFIG, encoder_files, find_encoder, pin
from sersnake.io import atomic_folder
from sersnake.model.extraction import ENCODERS
from sersnake.model.folder import load_model, save_model
from sersnake.settings.pretrained import Pretrained


def include_encoders(folder: Path) -> list[Path]:
    """Copies the encoders of a model into its folder, and updates the model card.

    Args:
        folder: The model's.

    Returns:
        The encoders' folders.

    Raises:
        SersnakeError: The model reads none, or one is missing or has other weights.
    """
    model = load_model(folder)
    sets = model.extraction.sets.items()
    read = {name: of for name, (_, of) in sets if isinstance(of, Pretrained)}
    if not read:
        raise SersnakeError(f"{folder}: uses no pretrained encoder, so there is none to include")
    targets = []
    for name, settings in read.items():
        pin(settings)  # it is the one that the model was trained with
        source, target = find_encoder(settings), folder / ENCODERS / name
        with atomic_folder(target, CONFIG) as temporary:
            for file in encoder_files(source):
                shutil.copyfile(file, temporary / file.name)
        targets.append(target)
    facts = model.about["encoders"].items()
    encoders = {name: {**told, "included": True} for name, told in facts}
    save_model(replace(model, about={**model.about, "encoders": encoders}), folder)
    return targets
