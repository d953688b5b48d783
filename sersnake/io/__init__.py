"""Files that are either complete or absent: CSV, JSON, safetensors and packed features."""

from __future__ import annotations

from sersnake.io.features import Features
from sersnake.io.files import (
    atomic_folder,
    atomic_path,
    hash_file,
    join_csv,
    read_csv,
    read_json,
    remove_halves,
    write_csv,
    write_json,
    write_text,
)
from sersnake.io.joining import PackJoin
from sersnake.io.tensors import METADATA_KEY, open_tensors, read_tensors, write_tensors

__all__ = [
    "METADATA_KEY",
    "Features",
    "PackJoin",
    "atomic_folder",
    "atomic_path",
    "hash_file",
    "join_csv",
    "open_tensors",
    "read_csv",
    "read_json",
    "read_tensors",
    "remove_halves",
    "write_csv",
    "write_json",
    "write_tensors",
    "write_text",
]
