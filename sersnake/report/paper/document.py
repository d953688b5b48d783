"""The draft of a paper: text, tables and figures of a run, its numbers and its references."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sersnake.report.paper import text
from sersnake.report.paper.characters import characters_of
from sersnake.report.paper.floats import (
    OF_METHOD,
    OF_RESULTS,
    draw,
    results_of_pieces,
)
from sersnake.report.paper.macros import macros_of, macros_source
from sersnake.report.paper.method import method
from sersnake.report.paper.passages import Passage, Speller
from sersnake.report.paper.run import PaperRun
from sersnake.report.result_entries import Result


@dataclass(frozen=True)
class Paper:
    """The files of a paper.

    Attributes:
        source: ``paper.tex``.
        numbers: ``numbers.tex``, the macros that it reads.
        references: ``references.bib``.
    """

    source: str
    numbers: str
    references: str


def write_paper(pieces: Sequence[Path], folder: Path, run: PaperRun) -> Paper:
    """The draft of a paper with every table and figure.

    Args:
        pieces: Tables (.tex) and figures (.pdf), in any order.
        folder: Folder of the source; pieces are named relative to it.
        run: The run.

    Raises:
        SersnakeError: A piece is neither a table nor a figure that is known, or is not there.

    Warns:
        SersnakeWarning: pdfLaTeX has no glyph of some characters; their numbers are printed.
    """
    shown = results_of_pieces(pieces)
    drawn = {result: draw(piece, result, folder, run.context) for piece, result in shown.items()}
    tables = "".join(p.read_text(encoding="utf-8") for p in shown if p.suffix == ".tex")
    sections = _sections(run, drawn, published="the paper" in _printed(tables, drawn.values()))
    source = Passage(_beside("template.tex")).substitute(sections)
    numbers = macros_source(macros_of(run))
    numbers += characters_of(source + numbers + tables)
    return Paper(source, numbers, _beside("references.bib"))


def _printed(tables: str, drawn: Iterable[str]) -> str:
    """What tables and figures print: of the files of tables all but their captions."""
    lines = [line for line in tables.splitlines() if r"\caption{" not in line]
    return "\n".join([*lines, *drawn])


def _beside(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def _sections(run: PaperRun, drawn: dict[Result, str], published: bool) -> dict[str, str]:
    """What the fields of the template hold; tables may have published values."""
    names = [result.name for result in drawn]
    beside = [result for result in drawn if result.name in OF_RESULTS]
    further = [result for result in drawn if result.name not in (*OF_RESULTS, *OF_METHOD)]
    spell = Speller().spell
    body = {
        "data": text.data(run),
        "method": _with_floats(method(run, names), drawn, OF_METHOD),
        "evaluation": text.evaluation(run, names, published),
        "results": _with_floats(text.results(run, beside, further), drawn, OF_RESULTS),
        "limitations": text.limitations(run),
    }
    return {
        "title": text.title(run),
        "abstract": Speller().spell(text.abstract(run)),
        **{name: spell(section) for name, section in body.items()},
        "appendix": _appendix([drawn[result] for result in further]),
    }


def _with_floats(section: str, drawn: dict[Result, str], names: Iterable[str]) -> str:
    return "\n\n".join([section, *(drawn[result] for result in drawn if result.name in names)])


def _appendix(floats: Sequence[str]) -> str:
    if not floats:
        return ""
    heading = "\\clearpage\n\\appendix\n\\section{Further results}\\label{sec:further}"
    return "\n\n".join(["", heading, *floats])
