"""Predictions as an audformat database."""

from __future__ import annotations

from pathlib import Path

from sersnake.io.files import atomic_folder
from sersnake.io.names import written
from sersnake.model.prediction.answers import Answers

DATABASE = "db.yaml"  # which every audformat database has


def write_audformat(folder: Path, answers: Answers) -> None:
    """Writes a database with a segmented table ``emotion``.

    Args:
        folder: Folder to write; it does not exist yet, or is a database to replace.
        answers: The predictions; the model's name becomes the rater's.

    Raises:
        SersnakeError: The folder contains something other than a database.
    """
    import audformat
    import pandas as pd

    rows, columns, model = answers.rows, answers.columns, answers.model
    database = audformat.Database(model, usage="unrestricted", description="Made by sersnake")
    database.raters["sersnake"] = audformat.Rater("machine", description=model)
    silence = {row.emotion for row in rows}.difference(columns.labels)  # where it is
    names = [*columns.labels, *silence]
    database.schemes["emotion"] = audformat.Scheme("str", labels=names)
    database.schemes["number"] = audformat.Scheme("float")
    database.schemes["unusual"] = audformat.Scheme("bool")
    index = audformat.segmented_index(
        [written(row.file) for row in rows],
        [pd.Timedelta(seconds=row.start) for row in rows],
        [pd.Timedelta(seconds=row.end) for row in rows],
    )
    table = database["emotion"] = audformat.Table(index)
    values = list(zip(*map(columns.cells, rows), strict=True)) or [()] * len(columns.names)
    for name, column in list(zip(columns.names, values, strict=True))[3:]:
        scheme = name if name in ("emotion", "unusual") else "number"
        table[name] = audformat.Column(scheme_id=scheme, rater_id="sersnake")
        table[name].set([bool(v) for v in column] if name == "unusual" else list(column))
    with atomic_folder(folder, DATABASE) as temporary:
        database.save(str(temporary))
