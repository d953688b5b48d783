"""The reader `audformat`: a folder with db.yaml, as ``audb.load_to`` writes a published corpus."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from sersnake.corpora.audformat_loading import LAYOUT, Database
from sersnake.corpora.base import UNKNOWN, Corpus, Options
from sersnake.corpora.listing import SEX, Listing, below
from sersnake.errors import SersnakeError


def read(root: Path, options: Options) -> pd.DataFrame:
    """Reads the rows with an emotion from one or several tables.

    Raises:
        SersnakeError: There is no database, it is broken, a table or column is missing, or a
            segment cannot be cut.
    """
    database = Database.open(root)
    tables = _choose_tables(database, options["table"], options["emotion"])
    parts = [_rows(database, table, options) for table in tables]
    rows = pd.concat(parts, ignore_index=True)
    places = list(rows.pop("place"))
    if rows["start"].isna().all():
        rows = rows.drop(columns=["start", "end"])
    return Listing(database.source, rows, places, "load them too (audb.load_to does)").frame()


def _choose_tables(database: Database, option: str, emotion: str) -> list[str]:
    """The tables asked for, else the only one or the most plausible one with an emotion column."""
    tables = database.header.tables
    having = [name for name in tables if emotion in tables[name].columns]
    if not having:
        raise _no_column(database, emotion, "emotion", "")
    named = [name.strip() for name in option.split(",") if name.strip()]
    plausible = [name for name in (emotion, "files") if name in having]
    chosen = named or plausible[:1] or having
    if len(chosen) > 1 and not named:
        wrong = "it is not clear which table to read"
    elif not set(chosen) <= set(having):
        wrong = f"{min(set(chosen) - set(having))} is not a table with a column {emotion}"
    else:
        return chosen
    raise SersnakeError(
        f"{database.source}: {wrong}; set corpus_options: table to one or several of "
        f"{', '.join(having)}"
    )


def _rows(database: Database, name: str, options: Options) -> pd.DataFrame:
    """The labelled rows of a table, with place, start and end (s; NaN in a table of files)."""
    table = database.table(name)
    files = pd.Series(table.files.astype(object))
    rows = pd.DataFrame(
        {
            "path": below(database.source.parent, files),
            "emotion": _text(database.values(options["emotion"], name)),
            "place": f"table {name}, " + files,
            "start": table.starts.total_seconds() if table.is_segmented else float("nan"),
            "end": table.ends.total_seconds() if table.is_segmented else float("nan"),
            **_speakers(database, name, options["speaker"]),
        }
    )
    for field in ("sentence", "session"):
        if options[field]:
            rows[field] = _text(_required(database, options[field], name, field))
    if "sex" in rows:  # some databases have other words, such as child
        rows["sex"] = rows["sex"].where(rows["sex"].str.casefold().isin(list(SEX)), "")
    return rows[rows["emotion"] != ""]


def _speakers(database: Database, table: str, column: str) -> dict[str, pd.Series | str]:
    """Speaker, sex and language, the latter two from the speakers' labels or other columns."""
    if column == UNKNOWN and not database.home(column, table):
        column = ""
    speakers = _required(database, column, table, "speaker") if column else pd.Series(dtype=object)
    attributes = database.attributes(column, table) if column else pd.DataFrame()
    languages = database.header.languages
    facts: dict[str, pd.Series | str] = {
        "speaker": _text(speakers) if column else "",
        "language": languages[0] if len(languages) == 1 else "",
    }
    for name in ("sex", "gender", "language"):
        field = "language" if name == "language" else "sex"
        if name in attributes:
            facts[field] = _text(speakers.astype(object).map(attributes[name]))
        elif database.home(name, table):
            facts[field] = _text(database.values(name, table))
    return facts


def _required(database: Database, column: str, table: str, option: str) -> pd.Series:
    if not database.home(column, table):
        raise _no_column(database, column, option, ", or to unknown if they are not known")
    return database.values(column, table)


def _no_column(database: Database, column: str, option: str, more: str) -> SersnakeError:
    tables = database.header.tables.values()
    columns = sorted({name for table in tables for name in table.columns})
    return SersnakeError(
        f"{database.source}: no table has a column {column}; set corpus_options: {option} to one "
        f"of {', '.join(columns)}{more}"
    )


def _text(values: pd.Series) -> pd.Series:
    """Values as text, empty where there is none."""
    return values.astype(object).map(lambda value: "" if pd.isna(value) else str(value).strip())


CORPUS = Corpus(
    name="audformat",
    read=read,
    layout=LAYOUT,
    source="audb.load_to(FOLDER, NAME) of the package audb downloads a published database.",
    options={
        "table": "",
        "emotion": "emotion",
        "speaker": "speaker",
        "sentence": "",
        "session": "",
    },
)
