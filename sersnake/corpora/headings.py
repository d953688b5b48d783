"""Which column of a user's table is which of a corpus' frame."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from sersnake.corpora.base import COLUMNS, SEGMENT
from sersnake.errors import SersnakeError
from sersnake.io.text_table import squeezed

KNOWN = (*(column for column in COLUMNS if column != "corpus"), *SEGMENT, "duration")
# Other toolkits' names of the required columns.
ALIASES = {
    "path": ("file", "filename", "file_name", "filepath", "file_path", "wav", "audio"),
    "emotion": ("label", "emo", "class", "category", "target"),
    "speaker": ("spk", "speaker_id", "spk_id", "actor", "subject", "talker"),
}
TIMES = {
    "start": ("start_time", "begin", "begin_time", "onset", "segment_start"),
    "end": ("end_time", "stop", "stop_time", "offset", "segment_end"),
}
OPTION = "corpus_options: columns"
NO_HEADING = ("", "~", "null", "none")  # for a column that is not to be read


def as_heading(name: str) -> str:
    """A heading as it is compared: in lower case, without blanks around it, in Unicode's NFC."""
    return unicodedata.normalize("NFC", name).strip().lower()


def read_option(text: str) -> dict[str, str]:
    """The option ``columns``: the table's heading for each of our columns, empty for none.

    Args:
        text: JSON or YAML of a mapping, such as ``{emotion: label}``; empty for none.

    Raises:
        SersnakeError: It is not such a mapping, or a column is unknown.
    """
    import yaml

    try:
        # This loader keeps all values as text: a column may be called 0 or no.
        value = yaml.load(text, Loader=yaml.BaseLoader) if text.strip() else {}
    except yaml.YAMLError:
        value = None
    if not isinstance(value, Mapping):
        raise SersnakeError(
            f"{OPTION}: {text} is not a mapping from a column to the table's heading; write one "
            "such as {emotion: label}"
        )
    mapping = {as_heading(column): as_heading(str(name)) for column, name in value.items()}
    for column in mapping:
        if column not in KNOWN:
            raise SersnakeError(
                f"{OPTION}: {column} is not a column; the nearest is {nearest(column, KNOWN)}, "
                f"all are {', '.join(KNOWN)}"
            )
    mapping = {column: "" if name in NO_HEADING else name for column, name in mapping.items()}
    _require_distinct(mapping)
    return mapping


def _require_distinct(mapping: Mapping[str, str]) -> None:
    """Checks that no heading is given for two of the required columns."""
    columns: dict[str, str] = {}
    for column in ALIASES:
        heading = mapping.get(column)
        if heading and columns.setdefault(heading, column) != column:
            raise SersnakeError(
                f"{OPTION}: {heading} is given for {columns[heading]} and for {column}; name "
                "another heading for one of them"
            )


def find_columns(
    source: Path, header: Sequence[str], mapping: Mapping[str, str], required: Sequence[str]
) -> dict[str, int]:
    """The position of each known column in a table.

    Args:
        source: The table, for messages.
        header: Its headings, see :func:`as_heading`.
        mapping: Of :func:`read_option`.
        required: Columns that must exist.

    Raises:
        SersnakeError: A heading that the mapping names, or a column, is missing or occurs twice.
    """
    for column, heading in mapping.items():
        if heading and heading not in header:
            raise SersnakeError(
                f"{source}: line 1: has no column {heading}, which {OPTION} names for {column}; "
                f"the nearest is {nearest(heading, header)}"
            )
    headings = {column: column for column in KNOWN if column not in mapping.values()}
    headings.update(mapping)
    if headings["sex"] not in header and "sex" not in mapping and "gender" not in mapping.values():
        headings["sex"] = "gender"
    headings = {column: name for column, name in headings.items() if name and name in header}
    _require(source, header, required, headings)
    for name in headings.values():
        if header.count(name) > 1:
            raise SersnakeError(f"{source}: line 1: has the column {name} twice; remove one")
    return {column: header.index(name) for column, name in headings.items()}


def find_times(header: Sequence[str], mapping: Mapping[str, str]) -> dict[str, int]:
    """The positions of start and end under other names; empty unless both exist.

    Args:
        header: Headings of a table, see :func:`as_heading`.
        mapping: Of :func:`read_option`; where it names a time, nothing is guessed.
    """
    named = {*SEGMENT, "duration"}
    if named & {*mapping} or set(SEGMENT) & {*header}:
        return {}
    spelled = {squeezed(name): number for number, name in reversed(list(enumerate(header)))}
    places = {
        column: next((spelled[key] for key in map(squeezed, names) if key in spelled), -1)
        for column, names in TIMES.items()
    }
    return places if min(places.values()) >= 0 else {}


def nearest(name: str, names: Sequence[str]) -> str:
    """The name whose spelling is nearest to a given one."""
    return next(iter(get_close_matches(name, names, n=1, cutoff=0.0)), "none")


def _require(
    source: Path, header: Sequence[str], required: Sequence[str], headings: Mapping[str, str]
) -> None:
    missing = [column for column in required if column not in headings]
    if not missing:
        return
    hints = {column: hint for column in missing if (hint := _hint(column, header))}
    remedies = ["add what is missing to the first line"]
    if hints:
        renamed = ", ".join(f"{hint} to {column}" for column, hint in hints.items())
        chosen = json.dumps(hints, ensure_ascii=False).replace('"', "")
        remedies = [f"rename {renamed}", f"set {OPTION}: {chosen}"]
    if "speaker" in missing and "speaker" not in hints:
        remedies.append("set corpus_options: speaker: unknown if the speakers are not known")
    raise SersnakeError(
        f"{source}: line 1: has no column {', '.join(missing)} "
        f"(it has {', '.join(header) or 'none'}); {', or '.join(remedies)}"
    )


def _hint(column: str, header: Sequence[str]) -> str:
    """The heading that is probably meant; empty for none."""
    unknown = [name for name in header if name not in KNOWN]
    aliases = set(map(squeezed, ALIASES.get(column, ())))
    meant = [name for name in unknown if squeezed(name) in aliases]
    meant += get_close_matches(column, unknown, n=1, cutoff=0.7)
    return meant[0] if meant else ""
