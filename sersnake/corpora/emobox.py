"""The reader `emobox`: metadata of EmoBox (https://github.com/emo-box/EmoBox), JSON lines.

A line is an utterance: ``{"key": "emodb-03a01Wa", "dataset": "emodb", "wav":
"downloads/emodb/wav/03a01Wa.wav", "emo": "anger", ...}``; ``label_map.json`` beside it merges
labels into classes. The lines carry no speaker, see :mod:`sersnake.corpora.emobox_speakers`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd

from sersnake.corpora.base import Corpus, Options, as_utterances, choose, require_folder
from sersnake.corpora.emobox_speakers import add_speakers
from sersnake.corpora.listing import Listing, below
from sersnake.corpora.spelling import are_files, as_on_disk
from sersnake.errors import SersnakeError

LAYOUT = "<corpus>/<dataset>.jsonl and label_map.json with the recordings"
FOLD_FILE = re.compile(r".*_(train|test|valid)_fold_?\w+")
# Sound of films, which libsndfile does not read: MELD, MER2023, MEAD, EMNS.
FILM = r"\.(?:mp4|m4a|webm)$"
REMEDY = (
    "set corpus_options: audio_dir to the folder to which the paths of the metadata are relative"
)
# Names of a field, in the order of preference; audio and label are older.
FIELDS = {
    "path": ("wav", "audio"),
    "emotion": ("emo", "label"),
    "speaker": ("spk", "speaker"),
    "sex": ("gender", "sex"),
    "language": ("lang", "language"),
}
USED = {"key", "dataset", "start_time", "end_time", *chain.from_iterable(FIELDS.values())}


def read(root: Path, options: Options) -> pd.DataFrame:
    """Reads the metadata of one data set; an utterance is named by its key without the data set.

    Raises:
        SersnakeError: The metadata is missing, or a line, a label or a time is wrong.
    """
    source = _metadata(root, options["metadata"])
    lines = _lines(source)
    dataset = str(lines[0][1].get("dataset") or source.stem) if lines else source.stem
    table = pd.DataFrame([entry for _, entry in lines], dtype=object)
    places = [f"line {number}" for number, _ in lines]
    listing = Listing(source, _rows(table, dataset), places, REMEDY)
    if choose("labels", options["labels"], ("map", "raw")) == "map":
        _merge_labels(listing, source.with_name("label_map.json"))
    folder = _locate(listing, root / Path(options["audio_dir"]).expanduser(), dataset)
    add_speakers(listing.rows, source, folder, dataset)
    starts, ends = (_times(listing, table, field) for field in ("start_time", "end_time"))
    if starts.notna().any() or ends.notna().any():
        listing.rows["start"], listing.rows["end"] = starts, ends
    return listing.frame()


def _metadata(root: Path, name: str) -> Path:
    """The file, or the only one in a folder that is not a fold's training or test set."""
    place = root / Path(name).expanduser()
    if place.is_file():
        return place
    require_folder(place, LAYOUT)
    files = [file for file in sorted(place.glob("[!.]*.jsonl")) if not FOLD_FILE.match(file.stem)]
    if len(files) != 1:
        names = ", ".join(file.name for file in files) or "no .jsonl of a whole data set"
        raise SersnakeError(
            f"{place}: contains {names}; set corpus_options: metadata to the file to read"
        )
    return files[0]


def _lines(source: Path) -> list[tuple[int, Mapping[str, Any]]]:
    try:
        lines = source.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise SersnakeError(f"{source}: is not UTF-8 ({error}); restore it") from error
    return [(n, _parse(source, n, line)) for n, line in enumerate(lines, start=1) if line.strip()]


def _parse(source: Path, number: int, line: str) -> Mapping[str, Any]:
    try:
        entry = json.loads(line)
    except json.JSONDecodeError:
        entry = None
    required = (("key",), FIELDS["path"], FIELDS["emotion"])
    if not isinstance(entry, dict) or not all(entry.keys() & set(names) for names in required):
        raise SersnakeError(
            f'{source}: line {number}: is not a JSON object with "key", "wav" and "emo", as '
            "EmoBox writes it; restore the file"
        )
    return {name: value for name, value in entry.items() if name in USED}


def _rows(table: pd.DataFrame, dataset: str) -> pd.DataFrame:
    rows = {name: _text(table, fields) for name, fields in FIELDS.items()}
    names = _text(table, ("key",)).str.removeprefix(f"{dataset}-")
    return pd.DataFrame({"utterance": as_utterances(names), **rows}, dtype=object)


def _text(table: pd.DataFrame, fields: tuple[str, ...]) -> pd.Series:
    """The first field that exists, as text; empty where there is none."""
    for field in fields:
        if field in table:
            return table[field].map(lambda value: "" if pd.isna(value) else str(value).strip())
    return pd.Series("", index=table.index, dtype=object)


def _times(listing: Listing, table: pd.DataFrame, field: str) -> pd.Series:
    """Times in s; NaN where there are none."""
    given = _text(table, (field,))
    times = pd.to_numeric(given, errors="coerce")
    wrong = times.isna() & ~given.isin(["", "nan"])
    if wrong.any():
        raise listing.error(
            wrong, f"{field} {given[wrong].iloc[0]!r} is not a time", "write seconds, such as 1.5"
        )
    return times


def _merge_labels(listing: Listing, path: Path) -> None:
    """Turns labels into classes."""
    try:
        classes = {str(k): str(v) for k, v in json.loads(path.read_text(encoding="utf-8")).items()}
    except (OSError, ValueError, AttributeError) as error:
        raise SersnakeError(
            f"{path}: is not a map from label to class ({error}); put one into the folder of "
            f"{listing.source.name} or set corpus_options: labels to raw"
        ) from error
    labels = _spell_like(listing.rows["emotion"], classes)
    unknown = ~labels.isin(list(classes))
    if unknown.any():
        raise listing.error(
            unknown,
            f"label {labels[unknown].iloc[0]!r} is not in {path.name}",
            "add it there or set corpus_options: labels to raw",
        )
    listing.rows["emotion"] = labels.map(classes)


def _spell_like(labels: pd.Series, classes: Mapping[str, str]) -> pd.Series:
    """Labels as spelt in the map; case counts only where it distinguishes classes."""
    spellings: dict[str, list[str]] = {}
    for label in classes:
        spellings.setdefault(label.casefold(), []).append(label)

    def spell(label: str) -> str:
        alike = spellings.get(label.casefold(), [])
        one_class = len({classes[other] for other in alike}) == 1
        return alike[0] if label not in classes and one_class else label

    return labels.map(spell)


def _locate(listing: Listing, folder: Path, dataset: str) -> Path:
    """Completes the paths with the folder that holds most of the recordings.

    Args:
        listing: Its paths begin with ``downloads/<dataset>/``.
        folder: Where to look, with and without that beginning.
        dataset: Name of the data set.

    Returns:
        The folder that takes the place of ``downloads/<dataset>`` in the paths.
    """
    rows = listing.rows
    films = rows["path"].str.contains(FILM)
    tails = rows["path"].str.replace(FILM, ".wav", regex=True)
    tails = tails.str.removeprefix(f"downloads/{dataset}/")
    parents = (folder, folder / dataset, folder / "downloads" / dataset)
    counts = {parent: _count_files(parent, tails) for parent in parents if parent.is_dir()}
    parent = max(counts, key=counts.__getitem__, default=folder)
    rows["path"] = below(parent, tails)
    _require_sound(listing, films)
    return parent


def _require_sound(listing: Listing, films: pd.Series) -> None:
    if not films.any():
        return
    silent = films & ~are_files(as_on_disk(listing.rows["path"]))
    if silent.any():
        raise listing.error(
            silent,
            f"is the sound of a film, but {listing.rows['path'][silent].iloc[0]} is missing",
            "write the sound of each film to a .wav in the same folder (ffmpeg -i FILM FILE.wav)",
        )


def _count_files(parent: Path, tails: pd.Series) -> int:
    return int(are_files(as_on_disk(pd.Series(below(parent, tails), dtype=object))).sum())


CORPUS = Corpus(
    name="emobox",
    read=read,
    layout=LAYOUT,
    source="The metadata is in the folder data of https://github.com/emo-box/EmoBox.",
    options={"metadata": "", "audio_dir": "", "labels": "map"},
)
