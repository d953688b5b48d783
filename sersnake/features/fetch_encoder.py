"""A pretrained encoder from the Hugging Face hub to its folder on disk: whole or absent."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sersnake.errors import SersnakeError
from sersnake.features.encoder_files import (
    CONFIG,
    INDEX,
    PREPARATION,
    SOURCE,
    reason_of,
    require_packages,
    weights_among,
)
from sersnake.io import atomic_folder, hash_file, read_json, write_json

PATIENCE = 30  # s within which the hub has to answer


def fetch_encoder(name: str, revision: str, folder: Path) -> dict[str, Any]:
    """Downloads an encoder, checks its weights against the hub's hashes, and puts it in its place.

    Only safetensors and the JSON files that describe the encoder and its input are downloaded, no
    code and no pickle.

    Args:
        name: On the hub, such as ``openai/whisper-base``.
        revision: Commit, branch or tag; empty takes the newest, whose commit is recorded.
        folder: Where it goes; one that holds this revision, unharmed, is kept as it is.

    Returns:
        What is written beside the weights: name, revision (a commit), licence, SHA-256 of each
        file of weights.

    Raises:
        SersnakeError: The hub does not answer or has no such model or revision, the model does not
            read sound or has no safetensors, or a file does not have the hub's hash.
    """
    require_packages()
    from huggingface_hub import HfApi, hf_hub_download

    with _explained(name, revision):
        info = HfApi().model_info(
            name, revision=revision or None, files_metadata=True, timeout=PATIENCE
        )
        hashes = {file.rfilename: file.lfs and file.lfs.sha256 for file in info.siblings or []}
        files = _files_of(name, hashes)
        source = {
            "name": name,
            "revision": info.sha,
            "licence": _licence(info),
            "sha256": {file: hashes[file] for file in weights_among(files)},
        }
        if _is_whole(folder, files, source):
            return source
        with atomic_folder(folder, SOURCE) as made:
            for file in files:
                hf_hub_download(name, file, revision=info.sha, local_dir=made)
            shutil.rmtree(made / ".cache", ignore_errors=True)
            write_json(made / SOURCE, source)
            if not _is_whole(made, files, source):
                raise SersnakeError(
                    f"{name}: the downloaded weights do not match the hub's SHA-256; no file was "
                    "kept, fetch it again"
                )
    return source


@contextmanager
def _explained(name: str, revision: str) -> Iterator[None]:
    """Reports errors of the hub's library in one sentence."""
    from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError

    try:
        yield
    except SersnakeError:
        raise
    except RevisionNotFoundError as error:
        raise SersnakeError(
            f"{name}: the hub has no revision {revision}; name a commit, branch or tag"
        ) from error
    except RepositoryNotFoundError as error:
        raise SersnakeError(
            f"{name}: the hub has no such public model; correct the name, or log in with `hf auth "
            "login`"
        ) from error
    except Exception as error:  # of the network, of the disk, of an invalid name
        raise SersnakeError(
            f"{name}: cannot be downloaded from the hub ({reason_of(error)}); no file was kept, "
            "try again later or correct the name"
        ) from error


def _files_of(name: str, present: Any) -> list[str]:
    """The files that an encoder needs, among those of the hub."""
    weights = weights_among(present)
    if not weights:
        raise SersnakeError(
            f"{name}: has no safetensors, and pickles are not read; name another revision or model"
        )
    for file in (CONFIG, PREPARATION):
        if file not in present:
            raise SersnakeError(f"{name}: has no {file}; name a speech model")
    return [CONFIG, PREPARATION, *([INDEX] if INDEX in present else []), *weights]


def _is_whole(folder: Path, files: list[str], source: dict[str, Any]) -> bool:
    """Whether a folder has all files, and the weights the hub's hashes."""
    return (
        all((folder / file).is_file() for file in [*files, SOURCE])
        and read_json(folder / SOURCE) == source
        and all(hash_file(folder / file) == sha256 for file, sha256 in source["sha256"].items())
    )


def _licence(info: Any) -> str:
    """What the model's card says; empty where it says nothing."""
    licence = (info.card_data or {}).get("license", "")
    return ", ".join(licence) if isinstance(licence, list) else str(licence or "")
