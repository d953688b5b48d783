"""The encoders of packed features, and what is known about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sersnake.features.encoder_files import read_source
from sersnake.features.known_encoders import seen
from sersnake.io.pack_file import PackFile
from sersnake.settings.base import read_settings
from sersnake.settings.pretrained import Pretrained

UNSTATED = "not stated in its folder"


def encoder_facts(packs: Mapping[str, Path], corpus: str) -> dict[str, dict[str, str]]:
    """What a reader has to know about the encoders behind packs; other packs are left out.

    Args:
        packs: Packed feature sets by their names.
        corpus: Name of the corpus.

    Returns:
        By the name of the pack: ``model``, ``revision``, ``sha256`` of the weights, ``licence``,
        and the fields of :class:`~sersnake.features.known_encoders.Seen` for model and corpus.

    Raises:
        SersnakeError: A file is missing or is not a pack.
    """
    options = {name: PackFile.read(path).options for name, path in packs.items()}
    return {
        name: _facts(of_pack, corpus)
        for name, of_pack in options.items()
        if of_pack.get("kind") == "pretrained"
    }


def _facts(options: Mapping[str, Any], corpus: str) -> dict[str, str]:
    told = {key: value for key, value in options.items() if key != "kind"}
    settings = read_settings(Pretrained, told)
    source, known = read_source(settings), asdict(seen(settings.model, corpus))
    return {
        "model": known.pop("model"),
        "revision": settings.revision or source.get("revision", ""),
        "sha256": settings.sha256,
        "licence": source.get("licence") or UNSTATED,
        **known,
    }
