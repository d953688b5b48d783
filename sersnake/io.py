"""Files that are either complete or absent: CSV, JSON, safetensors and packed features."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from sersnake.errors import SersnakeError

METADATA_KEY = "sersnake"
# Columns that stay text even where they look like numbers ("03", "1e5") or like nothing ("NA").
TEXT_COLUMNS = (
    *("utterance", "path", "speaker", "sex", "session", "sentence", "emotion", "language"),
    *("corpus", "format", "sha256", "fingerprint", "synthetic", "certificate"),
    *("predicted", "fold", "rung", "shared"),
)


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Gives a temporary name beside ``path`` and renames it to ``path`` on success.

    The name holds the process number, so a process that outlived a killed workflow and the
    one that took its place never write to the same file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Writes UTF-8 text atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_csv(path: Path, frame: pd.DataFrame, float_format: str | None = None) -> None:
    """Writes a data frame atomically, without its index."""
    with atomic_path(path) as temporary:
        frame.to_csv(temporary, index=False, float_format=float_format, lineterminator="\n")


def read_csv(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Reads a CSV file and checks that it has the columns.

    Names (utterance, speaker, …) stay text even if they look like numbers ("03", "NA").

    Raises:
        SersnakeError: The file is missing, is not CSV, or lacks a column.
    """
    if not path.is_file():
        raise SersnakeError(f"{path}: no such file")
    try:
        frame = pd.read_csv(
            path,
            dtype=dict.fromkeys(TEXT_COLUMNS, str),
            keep_default_na=False,
            na_values={"value": [""]},
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise SersnakeError(f"{path}: not a CSV file ({error})") from error
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise SersnakeError(f"{path}: has no column {', '.join(missing)}")
    return frame


def join_csv(sources: Sequence[Path], target: Path) -> None:
    """Writes the lines of all sources under their common header, byte for byte.

    Raises:
        SersnakeError: A source is missing or has another header than the first.
    """
    header = ""
    with atomic_path(target) as temporary, temporary.open("w", encoding="utf-8") as output:
        for source in sources:
            if not source.is_file():
                raise SersnakeError(f"{source}: no such file")
            with source.open(encoding="utf-8") as lines:
                first = next(lines, "")
                if not header:
                    header = first
                    output.write(header)
                if first != header:
                    raise SersnakeError(f"{source}: has other columns than {sources[0]}")
                output.writelines(lines)


def write_json(path: Path, value: Any) -> None:
    """Writes indented JSON atomically."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def write_tensors(path: Path, tensors: Mapping[str, NDArray[Any]], metadata: Any) -> None:
    """Writes arrays and a JSON value to one safetensors file, atomically.

    All metadata stands under one key, since safetensors does not keep the order of several
    and the same content has to give the same bytes.
    """
    arrays = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
    text = json.dumps(metadata, ensure_ascii=False, sort_keys=True)
    with atomic_path(path) as temporary:
        save_file(arrays, temporary, {METADATA_KEY: text})


def read_tensors(path: Path) -> tuple[dict[str, NDArray[Any]], Any]:
    """Reads what :func:`write_tensors` wrote.

    Raises:
        SersnakeError: The file is missing or was not written by sersnake.
    """
    if not path.is_file():
        raise SersnakeError(f"{path}: no such file")
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise SersnakeError(f"{path}: not a safetensors file ({error}); remove it") from error
    if METADATA_KEY not in metadata:
        raise SersnakeError(f"{path}: not written by sersnake; remove it")
    return tensors, json.loads(metadata[METADATA_KEY])


@dataclass(frozen=True)
class Features:
    """One kind of feature for several utterances, packed row under row.

    Attributes:
        utterances: Names of the N utterances, in order.
        offsets: ``int64 (N + 1,)``; rows ``offsets[i]:offsets[i + 1]`` are utterance i.
        values: ``float32 (rows, dimension)``.
        options: How the features were made (JSON).
    """

    utterances: tuple[str, ...]
    offsets: NDArray[np.int64]
    values: NDArray[np.float32]
    options: Any

    @classmethod
    def stack(
        cls, utterances: Sequence[str], rows: Sequence[NDArray[np.float32]], options: Any
    ) -> Features:
        """Packs one ``(rows, dimension)`` array an utterance; of none, values are ``(0, 0)``."""
        lengths = [len(array) for array in rows]
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        values = np.concatenate(rows) if rows else np.empty((0, 0))
        return cls(tuple(utterances), offsets, values.astype(np.float32), options)

    def rows(self, index: int) -> NDArray[np.float32]:
        """The ``(rows, dimension)`` array of utterance ``index``."""
        return self.values[self.offsets[index] : self.offsets[index + 1]]

    def select(self, utterances: Sequence[str]) -> Features:
        """The named utterances, in the order asked for.

        Raises:
            SersnakeError: A name is not among the utterances.
        """
        position = {name: i for i, name in enumerate(self.utterances)}
        unknown = [name for name in utterances if name not in position]
        if unknown:
            raise SersnakeError(f"no features for utterance {unknown[0]!r}; extract them again")
        return Features.stack(
            utterances, [self.rows(position[name]) for name in utterances], self.options
        )

    def save(self, path: Path) -> None:
        """Writes the pack to one safetensors file."""
        write_tensors(
            path,
            {"offsets": self.offsets, "values": self.values},
            {"utterances": list(self.utterances), "options": self.options},
        )

    @classmethod
    def load(cls, path: Path) -> Features:
        """Reads a pack that :meth:`save` wrote.

        Raises:
            SersnakeError: The file is missing or is not a pack.
        """
        tensors, metadata = read_tensors(path)
        if set(tensors) != {"offsets", "values"}:
            raise SersnakeError(f"{path}: holds no packed features; remove it")
        return cls(
            tuple(metadata["utterances"]),
            tensors["offsets"],
            tensors["values"],
            metadata["options"],
        )

    @classmethod
    def concatenate(cls, packs: Sequence[Features], utterances: Sequence[str]) -> Features:
        """Joins packs of the same options and puts the utterances in the order asked for.

        Raises:
            SersnakeError: The packs were made with different options.
        """
        if any(pack.options != packs[0].options for pack in packs):
            raise SersnakeError("features were made with different options; extract them again")
        names = [name for pack in packs for name in pack.utterances]
        rows = [pack.rows(i) for pack in packs for i in range(len(pack.utterances))]
        return cls.stack(names, rows, packs[0].options).select(utterances)
