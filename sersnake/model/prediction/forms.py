"""The output formats of predictions."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sersnake.errors import SersnakeError
from sersnake.io.files import atomic_path, require_replaceable
from sersnake.model.prediction.answers import Answers
from sersnake.model.prediction.database import DATABASE, write_audformat
from sersnake.model.prediction.elan import write_elan
from sersnake.model.prediction.html import write_page
from sersnake.model.prediction.inputs import Recording
from sersnake.model.prediction.output import Columns, CsvRows, JsonRows
from sersnake.model.prediction.praat import write_praat
from sersnake.model.prediction.rows import Row

Write = Callable[[Sequence[Row]], None]

# Rows as they come, in a file or on standard output.
LINES: dict[str, type[CsvRows] | type[JsonRows]] = {"csv": CsvRows, "jsonl": JsonRows}

# Folders that are written once all is heard, each with the file by which an earlier one is known
# and replaced. Annotators' folders are never replaced: somebody may have corrected what is in them.
FOLDERS = {
    "audformat": (write_audformat, DATABASE),
    "praat": (write_praat, None),
    "elan": (write_elan, None),
}

# Files that are written once all is heard, which lead to the recordings from where they are.
FILES = {"html": write_page}


def require_output(form: str, path: Path | None) -> None:
    """Checks, before prediction begins, that the output can be written.

    Args:
        form: One of the forms.
        path: The file or folder; None is standard output.

    Raises:
        SersnakeError: Something else is there, or the format needs a path and has none.
    """
    if path is None:
        if form in FOLDERS:
            raise SersnakeError(f"--format {form} writes a folder; name it with --output")
        if form in FILES:
            raise SersnakeError(f"--format {form} writes a page; name the file with --output")
    elif form in FOLDERS:
        require_replaceable(path, FOLDERS[form][1])
    elif path.is_dir():
        raise SersnakeError(f"{path}: is a folder; name a file in it")


@contextmanager
def open_output(
    form: str, path: Path | None, recordings: Sequence[Recording], columns: Columns, model: str
) -> Iterator[Write]:
    """Takes rows as they come; the output is complete or absent.

    Args:
        form: One of the forms.
        path: The file or folder; None is standard output.
        recordings: The input.
        columns: Columns to write.
        model: The model's name.
    """
    if form in FOLDERS or form in FILES:
        assert path is not None
        rows: list[Row] = []
        yield rows.extend
        write = FILES[form] if form in FILES else FOLDERS[form][0]
        write(path, Answers(rows, recordings, columns, model))
    elif path is None:
        # As in a file: what a locale cannot write must not end the call.
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")
        yield LINES[form](sys.stdout, columns)
    else:
        with (
            atomic_path(path) as temporary,
            temporary.open("w", encoding="utf-8", newline="") as file,
        ):
            yield LINES[form](file, columns)
