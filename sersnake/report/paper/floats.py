"""The tables and figures of the paper, each with a caption and a label."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from sersnake.errors import SersnakeError
from sersnake.report.result_entries import IN_PAPER, Result
from sersnake.report.results import RESULTS
from sersnake.report.run_context import RunContext
from sersnake.report.table_format import escape_latex

# Tables and figures beside the text on the results, and beside that on the method; the others are
# in the appendix.
OF_RESULTS = ("table3", "comparisons", "protocols", "cross_corpus")
OF_METHOD = ("table1", "table2")
# The text spells them out.
SHORT = (
    (r"[Ww]eighted \(WA\) and unweighted accuracy \(UA\)", "WA and UA"),
    (r"[Ww]eighted and unweighted accuracy\b(?! \()", "WA and UA"),
    (r"[Ww]eighted accuracy \(WA\)", "WA"),
    (r"[Uu]nweighted accuracy \(UA\)", "UA"),
)


def results_of_pieces(pieces: Iterable[Path]) -> dict[Path, Result]:
    """What each piece shows, in the order of all results.

    Raises:
        SersnakeError: A piece is neither a table nor a figure that is known, or is not there.
    """
    by_file = {(result.name, f".{IN_PAPER[result.kind]}"): result for result in RESULTS}
    shown = {}
    for piece in pieces:
        if (piece.stem, piece.suffix) not in by_file:
            known = ", ".join(f"{name}{suffix}" for name, suffix in by_file)
            raise SersnakeError(f"{piece}: neither a table nor a figure; choose {known}")
        if not piece.is_file():
            raise SersnakeError(f"{piece}: no such file; make the tables and figures first")
        shown[piece] = by_file[piece.stem, piece.suffix]
    return dict(sorted(shown.items(), key=lambda item: RESULTS.index(item[1])))


def draw(piece: Path, result: Result, folder: Path, context: RunContext) -> str:
    """A table or figure as the paper has it.

    Args:
        piece: Its file.
        result: What it shows.
        folder: Folder of the paper.
        context: The run.
    """
    path = Path(os.path.relpath(piece, folder)).as_posix()
    caption = rf"{caption_of(result, context)}\label{{{label_of(result)}}}"
    if result.kind == "table":
        return "\n".join(
            [
                rf"\begin{{tablefile}}{{{caption}}}",
                rf"  \input{{{path}}}",
                r"\end{tablefile}",
            ]
        )
    lines = [
        r"\begin{figure}",
        r"  \centering",
        rf"  \includegraphics{{{path}}}",
        rf"  \caption{{{caption}}}",
        r"\end{figure}",
    ]
    return "\n".join(lines)


def label_of(result: Result) -> str:
    """What text refers to."""
    return f"{result.kind[:3]}:{result.name}"


def caption_of(result: Result, context: RunContext) -> str:
    """The caption, as LaTeX source: what is shown, and by which protocol it was measured."""
    caption = result.caption.format(corpus=context.corpus_name)
    for long, short in SHORT:
        caption = re.sub(long, short, caption)
    source = escape_latex(caption)
    if result.compares_protocols or result.name in OF_METHOD:
        return source
    return rf"{source} Protocol: \Protocol{{}}, \Folds{{}}."


def references(shown: Sequence[Result]) -> str:
    """``Tables 1 and 2 and Figure 1``, as LaTeX references."""
    parts = []
    for kind in ("table", "figure"):
        labels = [rf"\ref{{{label_of(result)}}}" for result in shown if result.kind == kind]
        if labels:
            plural = "s" * (len(labels) > 1)
            parts.append(f"{kind.capitalize()}{plural}~{_listed(labels)}")
    return " and ".join(parts)


def _listed(labels: Sequence[str]) -> str:
    *first, last = labels
    return f"{', '.join(first)} and~{last}" if first else last
