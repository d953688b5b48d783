"""Predictions as TextGrids, which Praat shows below a recording."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sersnake.model.prediction.answers import Answers, length
from sersnake.model.prediction.places import new_files
from sersnake.model.prediction.timeline import Label, tiers


def write_praat(folder: Path, answers: Answers) -> None:
    """Writes a TextGrid per recording.

    Args:
        folder: Folder to write; it does not exist yet, or is empty.
        answers: The predictions.

    Raises:
        SersnakeError: Something is in the folder.
    """
    with new_files(folder, answers, ".TextGrid") as files:
        for path, _, recording, rows in files:
            grid = text_grid(tiers(rows, answers.columns), length(recording, rows))
            path.write_text(grid, encoding="utf-8", newline="\n")


def text_grid(labels: dict[str, list[Label]], end: float) -> str:
    """A TextGrid in Praat's long form.

    Args:
        labels: Labels of each tier, in order.
        end: Length of the recording in s.
    """
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', ""]
    lines += ["xmin = 0", f"xmax = {_time(end)}"]
    lines += ["tiers? <exists>", f"size = {len(labels)}", "item []:"]
    for number, (name, tier) in enumerate(labels.items(), 1):
        intervals = _without_gaps(tier, end)
        lines += [f"    item [{number}]:", '        class = "IntervalTier"']
        lines += [f"        name = {_quoted(name)}", "        xmin = 0"]
        lines += [f"        xmax = {_time(end)}", f"        intervals: size = {len(intervals)}"]
        for place, label in enumerate(intervals, 1):
            lines += [f"        intervals [{place}]:", f"            xmin = {_time(label.start)}"]
            lines += [f"            xmax = {_time(label.end)}"]
            lines += [f"            text = {_quoted(label.text)}"]
    return "\n".join(lines) + "\n"


def _without_gaps(labels: Sequence[Label], end: float) -> list[Label]:
    """With an empty interval wherever there is no label: Praat's tiers are full."""
    filled: list[Label] = []
    time = 0.0
    for label in labels:
        if label.start > time:
            filled.append(Label(time, label.start, ""))
        filled.append(label)
        time = label.end
    return [*filled, Label(time, end, "")] if end > time else filled


def _time(seconds: float) -> str:
    return f"{seconds:.6f}".rstrip("0").rstrip(".")


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
