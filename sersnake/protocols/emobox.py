"""Fold files of EmoBox (https://github.com/emo-box/EmoBox): JSON lines, one file per fold and part.

They stand as ``fold_<n>/<corpus>_<part>_fold_<n>.jsonl`` (some as ``..._fold<n>.jsonl``), and a
line holds ``"key": "emodb-03a01Wa"`` and ``"wav": "downloads/emodb/wav/03a01Wa.wav"`` (some name
the latter ``"audio"``). Their part is train, test or valid.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sersnake.corpora.base import as_utterance
from sersnake.errors import SersnakeError

LAYOUT = "fold_1/<corpus>_test_fold_1.jsonl"
NAME = re.compile(r"(?P<corpus>[^.].*)_(?P<part>train|test|valid)_fold_?(?P<fold>[A-Za-z0-9]+)")


@dataclass(frozen=True)
class Entry:
    """One line of a fold file.

    Attributes:
        file: The file.
        line: The line's number.
        fold: The fold's name.
        part: As the file's name has it.
        names: What the utterance may be called in a manifest, the likeliest first.
    """

    file: Path
    line: int
    fold: str
    part: str
    names: tuple[str, ...]


def find_folds(folder: Path) -> dict[str, dict[str, Path]]:
    """The file of each part of each fold, the folds in the order of their numbers.

    Raises:
        SersnakeError: There is none, or a part has several files.
    """
    folds: dict[str, dict[str, Path]] = {}
    for file in sorted(folder.glob("fold_*/*.jsonl"), key=natural):
        if match := NAME.fullmatch(file.stem):
            parts = folds.setdefault(match["fold"], {})
            parts[match["part"]] = _newer(file, parts.get(match["part"], file), match["fold"])
    if not folds:
        raise SersnakeError(
            f"{folder}: contains no {LAYOUT}; name a folder of EmoBox or a CSV file"
        )
    return folds


def _newer(file: Path, other: Path, fold: str) -> Path:
    """The one of two files of a part that is spelled ``_fold_<n>``; ``_fold<n>`` is older.

    Raises:
        SersnakeError: Both are spelled alike.
    """
    newer = [path for path in (file, other) if path.stem.endswith(f"_fold_{fold}")]
    if file != other and len(newer) != 1:
        raise SersnakeError(
            f"{file}: fold {fold} has the same part in {other}; remove one of the two"
        )
    return newer[0] if newer else file


def read_folds(folder: Path) -> list[Entry]:
    """All lines of all fold files.

    Raises:
        SersnakeError: As :func:`find_folds`, or a line is not as EmoBox writes it.
    """
    return [
        entry
        for fold, parts in find_folds(folder).items()
        for part, file in parts.items()
        for entry in _read_lines(file, fold, part)
    ]


def natural(file: Path) -> list[tuple[int, str]]:
    """Sorts fold_10 behind fold_9."""
    words = re.split(r"(\d+)", f"{file.parent.name}/{file.name}")
    return [(int(word), "") if word.isdecimal() else (0, word) for word in words]


def _read_lines(file: Path, fold: str, part: str) -> Iterator[Entry]:
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SersnakeError(f"{file}: is not UTF-8 ({error}); restore the file") from error
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield Entry(file, number, fold, part, _names(_parse(line, file, number)))


def _parse(line: str, file: Path, number: int) -> Mapping[str, object]:
    try:
        value = json.loads(line)
    except json.JSONDecodeError:
        value = None
    if not isinstance(value, dict) or not isinstance(value.get("key"), str):
        raise SersnakeError(
            f'{file}:{number}: not a JSON object with a "key", as EmoBox writes it; restore the '
            "file"
        )
    return value


def _names(value: Mapping[str, object]) -> tuple[str, ...]:
    """The key, the key without its corpus, and the end of the recording's path."""
    key = str(value["key"])
    path = PurePosixPath(str(value.get("wav") or value.get("audio") or ""))
    parts = [*path.parts[:-1], path.stem]
    ends = ["_".join(parts[-length:]) for length in (1, 2, 3)]  # CASIA: wangzhe_sad_246
    names = (key, key.removeprefix(f"{value.get('dataset')}-"), *ends)
    return tuple(dict.fromkeys(as_utterance(name) for name in names if name))
