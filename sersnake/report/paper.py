"""A document of all tables and figures of a run, and its PDF."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import unicodedata
import warnings
from collections.abc import Sequence
from pathlib import Path

from sersnake.errors import SersnakeError, SersnakeWarning
from sersnake.io import atomic_path
from sersnake.report.results import RESULTS
from sersnake.report.run_context import RunContext
from sersnake.report.table_format import escape_latex

PREAMBLE = r"""\documentclass[10pt]{article}
\usepackage[a4paper,margin=2cm]{geometry}
\usepackage{booktabs}
\usepackage{graphicx}
\usepackage{siunitx}
\setlength{\belowcaptionskip}{6pt} % captions are above the tables
\makeatletter\def\fps@table{htbp}\def\fps@figure{htbp}\makeatother
\ifdefined\pdftrailerid\pdftrailerid{}\fi % the same source gives the same PDF
"""
LAST_NUMBERS = {"table": 7, "figure": 6}  # of the paper
# What pdfLaTeX prints without a package: these, and most Latin letters under these accents.
PLAIN = "ÆæØøŁłŒœßı±§©¡¿…\N{EN DASH}\N{EM DASH}\N{MULTIPLICATION SIGN}\N{NO-BREAK SPACE}"
ACCENTS = {"GRAVE ACCENT", "ACUTE ACCENT", "CIRCUMFLEX ACCENT", "TILDE", "MACRON", "BREVE"} | {
    *("DOT ABOVE", "DIAERESIS", "RING ABOVE", "DOUBLE ACUTE ACCENT", "CARON", "CEDILLA")
}
LAST_LATIN = "\N{LATIN SMALL LETTER Z WITH CARON}"  # of Unicode's block Latin Extended-A


def paper_source(pieces: Sequence[Path], folder: Path, context: RunContext) -> str:
    """LaTeX source that inputs every table and includes every figure.

    Args:
        pieces: Tables (.tex) and figures (.pdf), in any order.
        folder: Folder of the source; pieces are named relative to it.
        context: The run.

    Raises:
        SersnakeError: A piece is neither a table nor a figure that is known, or is not there.

    Warns:
        SersnakeWarning: pdfLaTeX has no glyph of some characters; their numbers are printed.
    """
    ordered = sorted(pieces, key=_place)
    tables = [_table(piece, folder) for piece in ordered if piece.suffix == ".tex"]
    figures = [_figure(piece, folder, context) for piece in ordered if piece.suffix != ".tex"]
    title = f"Speech emotion recognition by independent training on {context.corpus_name}"
    document = "\n".join(
        [
            rf"\title{{{escape_latex(title)}}}",
            r"\date{}",
            r"\begin{document}",
            r"\maketitle",
            rf"\noindent {escape_latex(context.setting)}",
            "",
            *tables,
            r"\clearpage",
            *figures,
            r"\end{document}",
            "",
        ]
    )
    inputs = [piece.read_text(encoding="utf-8") for piece in ordered if piece.suffix == ".tex"]
    return "\n".join([PREAMBLE, *_numbers_for(document + "".join(inputs)), document])


def compile_paper(source: Path, target: Path) -> None:
    """Runs pdflatex on a document; the same source and pieces give the same bytes.

    Args:
        source: The document, beside the folders of its pieces.
        target: The PDF to write.

    Raises:
        SersnakeError: There is no pdflatex, or it finds an error.
    """
    if shutil.which("pdflatex") is None:
        raise SersnakeError("pdflatex is not installed; install TeX Live, or use the .tex file")
    with tempfile.TemporaryDirectory() as folder:
        made = subprocess.run(
            [
                *("pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape"),
                *(f"-output-directory={folder}", source.name),
            ],
            cwd=source.parent,
            env={**os.environ, "SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        if made.returncode:
            wrong = re.search(r"^! .*", made.stdout.decode(errors="replace"), re.MULTILINE)
            reason = wrong[0] if wrong else f"status {made.returncode}"
            raise SersnakeError(f"{source}: pdflatex: {reason}")
        with atomic_path(target) as temporary:
            shutil.copyfile(Path(folder) / f"{source.stem}.pdf", temporary)


def _numbers_for(text: str) -> list[str]:
    """Definitions of the characters that stop pdfLaTeX: their numbers in Unicode are printed."""
    unknown = sorted(character for character in set(text) if not _is_known(character))
    if not unknown:
        return []
    message = (
        f"the document has {' '.join(unknown)}, which pdfLaTeX prints as numbers in Unicode; for "
        "the characters use the figures, or compile it by XeLaTeX with a font that has them"
    )
    warnings.warn(message, SersnakeWarning, stacklevel=3)
    codes = [f"{ord(character):04X}" for character in unknown]
    return [
        r"\ifdefined\pdftexversion",
        *(
            rf"\DeclareUnicodeCharacter{{{code}}}{{\mbox{{\scriptsize[U+{code}]}}}}"
            for code in codes
        ),
        r"\fi",
        "",
    ]


def _is_known(character: str) -> bool:
    """Whether pdfLaTeX prints a character without a package."""
    letters = unicodedata.normalize("NFD", character)
    names = {unicodedata.name(accent, "").removeprefix("COMBINING ") for accent in letters[1:]}
    is_latin = letters[0].isascii() and character <= LAST_LATIN and names <= ACCENTS
    return is_latin or character in PLAIN


def _place(piece: Path) -> tuple[bool, str]:
    """The numbered ones first, in their order, then by name."""
    return not piece.stem[-1:].isdigit(), piece.stem


def _relative(piece: Path, folder: Path) -> str:
    if not piece.is_file():
        raise SersnakeError(f"{piece}: no such file; make the tables and figures first")
    return Path(os.path.relpath(piece, folder)).as_posix()


def _number(piece: Path, kind: str) -> str:
    """Gives table3 and figure3 the number 3, and all others numbers that the paper does not use."""
    numbered = re.fullmatch(rf"{kind}(\d+)", piece.stem)
    if numbered:
        return rf"\setcounter{{{kind}}}{{{int(numbered[1]) - 1}}}"
    last = LAST_NUMBERS[kind]
    return rf"\ifnum\value{{{kind}}}<{last} \setcounter{{{kind}}}{{{last}}}\fi"


def _table(piece: Path, folder: Path) -> str:
    return "\n".join([_number(piece, "table"), rf"\input{{{_relative(piece, folder)}}}"])


def _figure(piece: Path, folder: Path, context: RunContext) -> str:
    figures = {result.name: result for result in RESULTS if result.kind == "figure"}
    if piece.stem not in figures or piece.suffix != ".pdf":
        raise SersnakeError(
            f"{piece}: neither a table (.tex) nor one of the figures {', '.join(figures)} (.pdf)"
        )
    figure = figures[piece.stem]
    setting = context.setting_of_protocols if figure.compares_protocols else context.setting
    caption = figure.caption.format(corpus=context.corpus_name)
    lines = [
        _number(piece, "figure"),
        r"\begin{figure}",
        r"  \centering",
        rf"  \includegraphics{{{_relative(piece, folder)}}}",
        rf"  \caption{{{escape_latex(f'{caption} {setting}')}}}",
        rf"  \label{{fig:{piece.stem}-{context.corpus}}}",
        r"\end{figure}",
    ]
    return "\n".join(lines)
