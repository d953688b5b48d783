"""The folder of a pretrained encoder: where it is, where it came from, what is read from it."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from sersnake.errors import SersnakeError
from sersnake.io import hash_file, read_json
from sersnake.settings.pretrained import Pretrained

if TYPE_CHECKING:
    from torch import nn

CONFIG, PREPARATION = "config.json", "preprocessor_config.json"
WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"
SHARD = re.compile(r"model-\d+-of-\d+\.safetensors")
SOURCE = "source.json"  # the record that `sersnake fetch model` leaves of its download
# Weights that evaluation does not use, and some folders lack.
UNUSED = ("decoder.", "masked_spec_embed")
LONGEST_REASON = 120  # characters of a library's message that an error repeats


def require_packages() -> None:
    """Checks that what fetches and loads encoders is installed.

    Raises:
        SersnakeError: It is not.
    """
    for name in ("huggingface_hub", "transformers"):
        if not find_spec(name):
            raise SersnakeError(f"{name} is not installed: pip install 'sersnake[pretrained]'")


def reason_of(error: Exception) -> str:
    """The first sentence of a library's error."""
    sentence = " ".join(str(error).split()).partition(". ")[0].rstrip(".:")
    return shorten(sentence, LONGEST_REASON, placeholder=" …") or type(error).__name__


def weights_among(names: Iterable[str]) -> list[str]:
    """The files of weights among others: a single one, or where there is none the shards."""
    present = set(names)
    return [WEIGHTS] if WEIGHTS in present else sorted(filter(SHARD.fullmatch, present))


def models_folder(given: str = "") -> Path:
    """The folder with encoders by their names: the one given, or the environment's."""
    return Path(given or os.environ.get("SERSNAKE_MODELS") or "models").expanduser().resolve()


def find_encoder(settings: Pretrained) -> Path:
    """The folder of an encoder.

    Raises:
        SersnakeError: There is none, something is missing in it, or it is of another revision.
    """
    places = [Path(settings.model).expanduser(), models_folder() / settings.model]
    for folder in places:
        if folder.is_dir():
            break
    else:
        raise SersnakeError(
            f"{places[-1]}: no such folder; make it with `sersnake fetch model {settings.model}`, "
            "or set models_dir (SERSNAKE_MODELS) to the folder that contains it"
        )
    for name in (CONFIG, PREPARATION):
        if not (folder / name).is_file():
            raise SersnakeError(f"{folder}: has no {name}; fetch a speech model from the hub")
    if not _weight_files(folder):
        raise SersnakeError(
            f"{folder}: has no {WEIGHTS}; pickled weights are not read, name a revision or a "
            "model with safetensors"
        )
    _check_revision(folder, settings)
    return folder


def _check_revision(folder: Path, settings: Pretrained) -> None:
    if not settings.revision:
        return
    source = folder / SOURCE
    known = read_json(source).get("revision") if source.is_file() else "unknown"
    if known != settings.revision:
        raise SersnakeError(
            f"{folder}: has revision {known}, not {settings.revision}; get it with `sersnake "
            f"fetch model {settings.model} --revision {settings.revision}`"
        )


def pin(settings: Pretrained) -> Pretrained:
    """The settings with the hash of the weights, and all layers by their numbers.

    Raises:
        SersnakeError: As :func:`find_encoder`, or the weights have another hash than the settings.
    """
    folder = find_encoder(settings)
    sha256 = hash_weights(folder)
    if settings.sha256 not in ("", sha256):
        raise SersnakeError(
            f"{folder}: its weights have the SHA-256 {sha256}, not {settings.sha256}; fetch the "
            "model again, or name another folder"
        )
    count = _layers(folder)
    layers = tuple(range(count + 1)) if settings.layers == "all" and count else settings.layers
    return settings.replace(sha256=sha256, layers=layers)


def _layers(folder: Path) -> int:
    """The number of layers that an encoder's config states; 0 where it states none."""
    config = _read_config(folder)
    return int(config.get("encoder_layers") or config.get("num_hidden_layers") or 0)


def hash_weights(folder: Path) -> str:
    """SHA-256 of the weights; for several files, of their joined hashes."""
    return _joined([hash_file(path) for path in _weight_files(folder)])


def _weight_files(folder: Path) -> list[Path]:
    return [folder / name for name in weights_among(path.name for path in folder.iterdir())]


def encoder_files(folder: Path) -> list[Path]:
    """All files that are read from an encoder's folder, with the record of its source."""
    named = [folder / name for name in (CONFIG, PREPARATION, SOURCE)]
    return [*filter(Path.is_file, named), *_weight_files(folder)]


def _joined(hashes: Sequence[str]) -> str:
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()


def read_source(settings: Pretrained) -> dict[str, Any]:
    """The record of ``sersnake fetch model`` for these weights; empty where there is none.

    Args:
        settings: With the hash of the weights, as in packs.
    """
    try:
        path = find_encoder(settings) / SOURCE
    except SersnakeError:
        return {}
    source: dict[str, Any] = read_json(path) if path.is_file() else {"sha256": {}}
    hashes = [sha256 for file, sha256 in sorted(source["sha256"].items()) if "/" not in file]
    return source if hashes and _joined(hashes) == settings.sha256 else {}


def load_module(folder: Path) -> nn.Module:
    """The encoder alone, in evaluation mode.

    Raises:
        SersnakeError: It is damaged or incomplete, needs code of its own, or reads no sound.
    """
    require_packages()
    import torch
    from transformers import AutoModel
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    if "auto_map" in _read_config(folder):
        raise SersnakeError(f"{folder}: needs its own code, which is never run; name another model")
    try:
        model, read = AutoModel.from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            dtype=torch.float32,
            ignore_mismatched_sizes=True,  # reported below
            output_loading_info=True,
        )
    except Exception as error:  # with a stranger's file the library may raise anything
        raise SersnakeError(
            f"{folder}: cannot be read ({reason_of(error)}); fetch it again or name another"
        ) from error
    lacking = {*read["missing_keys"], *(name for name, *_ in read["mismatched_keys"])}
    if used := sorted(name for name in lacking if not name.startswith(UNUSED)):
        raise SersnakeError(
            f"{folder}: lacks the weights {used[0]} of its {CONFIG}; fetch it again"
        )
    encoder: Any = model.get_encoder() if model.config.is_encoder_decoder else model
    if encoder.main_input_name not in ("input_values", "input_features"):
        raise SersnakeError(
            f"{folder}: reads {encoder.main_input_name}, not sound; name a speech model"
        )
    module: nn.Module = encoder.eval()
    return module


def _read_config(folder: Path) -> dict[str, Any]:
    config: dict[str, Any] = read_json(folder / CONFIG, "fetch it again")
    return config


def load_preparation(folder: Path) -> Any:
    """The hub's feature extractor, which turns samples into an encoder's input.

    Raises:
        SersnakeError: It cannot be read, or needs another rate than 16 kHz.
    """
    from transformers import AutoFeatureExtractor

    try:
        prepare = AutoFeatureExtractor.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
    except Exception as error:
        raise SersnakeError(
            f"{folder / PREPARATION}: cannot be read ({reason_of(error)}); fetch it again or name "
            "another"
        ) from error
    if prepare.sampling_rate != 16000:
        raise SersnakeError(
            f"{folder}: reads sound at {prepare.sampling_rate} Hz; name a model for 16000 Hz"
        )
    return prepare
