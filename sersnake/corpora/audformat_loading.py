"""Loads an audformat database without running code hidden in it.

``audformat.Database.load`` (1.4.3) reads the header with PyYAML's unsafe loader and prefers a
pickled copy of a table to the table itself; both can run code. Here the header is read with the
safe loader, and each table is shown to audformat in a folder of its own, without any pickle.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from sersnake.errors import SersnakeError

LAYOUT = "<corpus>/db.yaml and its tables, as audb.load_to writes them"


@dataclass(frozen=True)
class Database:
    """An audformat database whose tables are read when they are needed.

    Attributes:
        source: The header, db.yaml.
        header: The ``audformat.Database``.
        loaded: Names of the tables that have been read.
    """

    source: Path
    header: Any
    loaded: set[str]

    @classmethod
    def open(cls, root: Path) -> Database:
        """Reads the header and the miscellaneous tables, on which labels depend.

        Raises:
            SersnakeError: ``root`` holds no database, or audformat is not installed.
        """
        source = root / "db.yaml"
        if not source.is_file():
            raise SersnakeError(
                f"{source}: no such file; put the database at {LAYOUT} in the folder of "
                "corpora_dir or SERSNAKE_CORPORA"
            )
        database = cls(source, _read_header(source), set())
        for name in (*database.header.misc_tables, *database.header.tables):
            if not re.fullmatch(r"[\w.~-]+", name):
                raise SersnakeError(
                    f"{source}: {name!r} is not a valid name of a table; load the database again"
                )
        for name in database.header.misc_tables:
            database.table(name)
        return database

    def table(self, name: str) -> Any:
        """The ``audformat.Table``, with its data."""
        table = self.header[name]
        if name not in self.loaded:
            _load(table, self.source.with_name(f"db.{name}"))
            self.loaded.add(name)
        return table

    def home(self, column: str, table: str) -> str:
        """The table that has a column: the given one, else files, else another; "" for none."""
        names = [table, "files", *self.header.tables]
        having = [n for n in names if n in self.header.tables and column in self.header[n].columns]
        return having[0] if having else ""

    def values(self, column: str, table: str) -> pd.Series:
        """A column for the N rows of a table.

        Another table's column is joined by segment where both tables have segments, else by file.
        """
        home, rows = self.table(self.home(column, table)), self.table(table)
        if home is rows:
            return home.df[column].reset_index(drop=True)
        if home.is_segmented and rows.is_segmented:
            return home.df[column].reindex(rows.index).reset_index(drop=True)
        pairs = pd.DataFrame({"file": home.files, "value": home.df[column].to_numpy()})
        pairs = pairs.dropna().drop_duplicates()
        twice = pairs["file"].duplicated()
        if twice.any():
            raise SersnakeError(
                f"{self.source}: {pairs['file'][twice].iloc[0]} has several values of {column}, "
                "which is in a table of segments; read emotions from a table of segments, too"
            )
        return pairs.set_index("file")["value"].reindex(rows.files).reset_index(drop=True)

    def attributes(self, column: str, table: str) -> pd.DataFrame:
        """What the scheme says about the labels of a column, such as the speakers' gender.

        Returns:
            One row per label, indexed by it.
        """
        scheme = self.header[self.home(column, table)].columns[column].scheme
        labels = scheme.labels if scheme else None
        if isinstance(labels, str):
            people = self.table(labels).df
            return people[~people.index.duplicated()]
        if not isinstance(labels, Mapping):
            return pd.DataFrame()
        fields = [value if isinstance(value, Mapping) else {} for value in labels.values()]
        return pd.DataFrame(fields, index=list(labels), dtype=object)


def _read_header(source: Path) -> Any:
    try:
        import audformat
        import yaml
    except ImportError as error:
        raise SersnakeError("audformat is not installed: pip install audformat") from error
    broken = (yaml.YAMLError, AssertionError, AttributeError, LookupError, TypeError, ValueError)
    try:
        header = yaml.safe_load(source.read_text(encoding="utf-8"))
        return audformat.Database.load_header_from_yaml(header)
    except broken as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise SersnakeError(
            f"{source}: is not the header of an audformat database ({reason}); load it again"
        ) from error


def _load(table: Any, path: Path) -> None:
    """Reads ``path.parquet`` or ``path.csv`` from a folder that cannot hold a pickled copy."""
    for suffix in (".parquet", ".csv"):
        file = path.with_name(path.name + suffix)
        if file.is_file():
            with TemporaryDirectory() as folder:
                shutil.copyfile(file, Path(folder, f"table{suffix}"))
                try:
                    table.load(str(Path(folder, "table")))
                except (LookupError, TypeError, ValueError, RuntimeError) as error:
                    raise SersnakeError(
                        f"{file}: cannot be read ({' '.join(str(error).split())}); load the "
                        "database again"
                    ) from error
            return
    raise SersnakeError(
        f"{path}.csv: no such file, nor .parquet; load the database again (.pkl is not read, since "
        "it can run code)"
    )
