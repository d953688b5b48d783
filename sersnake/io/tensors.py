"""Safetensors files: arrays by name, and one JSON value."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from sersnake.errors import SersnakeError
from sersnake.io.files import atomic_path

METADATA_KEY = "sersnake"
TYPES = {"float32": "F32", "float64": "F64", "int32": "I32", "int64": "I64"}  # the format's names
WIDTHS = {"F32": 4, "F64": 8, "I32": 4, "I64": 8}  # bytes per value


@dataclass(frozen=True)
class TensorPlace:
    """The position of an array in a file.

    Attributes:
        dtype: The format's name of the type: ``F32``, ``I64``, …
        shape: Lengths of its axes.
        start: First byte, counted from the beginning of the file.
    """

    dtype: str
    shape: tuple[int, ...]
    start: int


@contextmanager
def open_tensors(path: Path) -> Iterator[tuple[Any, Any]]:
    """Opens what :func:`write_tensors` wrote: safetensors' own file object and the JSON value.

    Raises:
        SersnakeError: The file is missing or was not written by sersnake.
    """
    if not path.is_file():
        raise SersnakeError(f"{path}: no such file; make it first, or name another")
    try:
        with safe_open(path, framework="numpy") as file:
            entries = file.metadata() or {}
            if METADATA_KEY not in entries:
                raise SersnakeError(f"{path}: not written by sersnake; remove it")
            yield file, json.loads(entries[METADATA_KEY])
    except SafetensorError as error:
        raise SersnakeError(f"{path}: not a safetensors file ({error}); remove it") from error


def write_tensors(path: Path, tensors: Mapping[str, NDArray[Any]], metadata: Any) -> None:
    """Writes arrays and a JSON value to one safetensors file, atomically.

    The same content gives the same bytes: arrays of wider types come first, then by name, and all
    metadata stands under one key. (The library's own writer goes through a file of another name,
    which a kill would leave behind.)

    Args:
        path: The file.
        tensors: Arrays of the types in ``TYPES``.
        metadata: A value that JSON can write.
    """
    arrays = {name: np.asarray(tensor, order="C") for name, tensor in tensors.items()}
    ordered = dict(sorted(arrays.items(), key=lambda pair: (-pair[1].itemsize, pair[0])))
    places = {name: (TYPES[array.dtype.name], array.shape) for name, array in ordered.items()}
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        file.write(header_bytes(places, metadata))
        for array in ordered.values():
            array.tofile(file)


def read_tensors(path: Path) -> tuple[dict[str, NDArray[Any]], Any]:
    """Reads what :func:`write_tensors` wrote.

    Raises:
        SersnakeError: The file is missing or was not written by sersnake.
    """
    with open_tensors(path) as (file, metadata):
        return {name: file.get_tensor(name) for name in file.keys()}, metadata  # noqa: SIM118


def read_header(path: Path) -> tuple[dict[str, TensorPlace], Any]:
    """Says where the arrays of a file stand, and gives its JSON value; reads no array.

    Raises:
        SersnakeError: The file is missing or was not written by sersnake.
    """
    # safetensors checks that the arrays fill the file without gap or overlap.
    with open_tensors(path) as (_, metadata), path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
    header.pop("__metadata__")
    return {name: _place(entry, 8 + length) for name, entry in header.items()}, metadata


def header_bytes(arrays: Mapping[str, tuple[str, tuple[int, ...]]], metadata: Any) -> bytes:
    """The bytes before the arrays, for a file whose arrays are written piece by piece.

    They are those that :func:`write_tensors` writes, where arrays of wider types come first.

    Args:
        arrays: Name to type (one of ``WIDTHS``) and shape, in the order of their bytes.
        metadata: A value that JSON can write.
    """
    header: dict[str, Any] = {"__metadata__": _entries(metadata)}
    end = 0
    for name, (dtype, shape) in arrays.items():
        start, end = end, end + WIDTHS[dtype] * prod(shape)
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # so that the arrays are aligned
    return len(text).to_bytes(8, "little") + text


def _entries(metadata: Any) -> dict[str, str]:
    return {METADATA_KEY: json.dumps(metadata, ensure_ascii=False, sort_keys=True)}


def _place(entry: dict[str, Any], data: int) -> TensorPlace:
    return TensorPlace(entry["dtype"], tuple(entry["shape"]), data + entry["data_offsets"][0])
