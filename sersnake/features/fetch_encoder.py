"""A pretrained encoder from the Hugging Face hub to its folder on disk: whole or absent."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from sersnake.errors import SersnakeError
from sersnake.features.encoder_files import CONFIG, PREPARATION, SOURCE, WEIGHTS
from sersnake.io import atomic_folder, hash_file, read_json, write_json

FILES = [CONFIG, PREPARATION, WEIGHTS]


def fetch_encoder(name: str, revision: str, folder: Path) -> dict[str, Any]:
    """Downloads an encoder, checks its weights against the hub's hashes, and puts it in its place.

    Only safetensors and the two JSON files that describe the encoder and its input are brought, no
    code and no pickle.

    Args:
        name: On the hub, such as ``openai/whisper-base``.
        revision: Commit, branch or tag; empty takes the newest, whose commit is written down.
        folder: Where it goes; one that holds this revision is kept as it is.

    Returns:
        What is written beside the weights: name, revision (a commit), licence, SHA-256 of each
        file of weights.

    Raises:
        SersnakeError: The hub does not answer or has no such model or revision, the model has no
            safetensors, or a file is not what the hub says it is.
    """
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    try:
        info = HfApi().model_info(name, revision=revision or None, files_metadata=True)
        hashes = {
            each.rfilename: each.lfs.sha256
            for each in info.siblings or []
            if each.rfilename.endswith(".safetensors") and each.lfs
        }
        source = {"name": name, "revision": info.sha, "licence": _licence(info), "sha256": hashes}
        if not hashes:
            raise SersnakeError(
                f"{name}: has no safetensors at revision {info.sha}, and a pickle is not read; "
                "name another revision or model"
            )
        if (folder / SOURCE).is_file() and read_json(folder / SOURCE) == source:
            return source
        with atomic_folder(folder, SOURCE) as made:
            snapshot_download(name, revision=info.sha, local_dir=made, allow_patterns=FILES)
            shutil.rmtree(made / ".cache", ignore_errors=True)
            for file, sha256 in hashes.items():
                if hash_file(made / file) != sha256:
                    raise SersnakeError(f"{name}: {file} is not what the hub says; fetch it again")
            write_json(made / SOURCE, source)
    except (HfHubHTTPError, HFValidationError, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise SersnakeError(
            f"{name}{f' at revision {revision}' if revision else ''}: cannot be had from the hub "
            f"({reason}); nothing was kept"
        ) from error
    return source


def _licence(info: Any) -> str:
    """What the model's card says; empty where it says nothing."""
    licence = (info.card_data or {}).get("license", "")
    return ", ".join(licence) if isinstance(licence, list) else str(licence or "")
