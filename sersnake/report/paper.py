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
from dataclasses import replace
from pathlib import Path

from sersnake.errors import SersnakeError, SersnakeWarning
from sersnake.io import atomic_path
from sersnake.report.run_context import RunContext
from sersnake.report.tables.arms import LOSS_SENTENCES
from sersnake.report.typeset import escape_latex

PREAMBLE = r"""\documentclass[10pt]{article}
\usepackage[a4paper,margin=2cm]{geometry}
\usepackage{booktabs}
\usepackage{graphicx}
\usepackage{siunitx}
\setlength{\belowcaptionskip}{6pt} % captions stand above the tables
\makeatletter\def\fps@table{htbp}\def\fps@figure{htbp}\makeatother
\ifdefined\pdftrailerid\pdftrailerid{}\fi % the same source gives the same PDF
"""
FOLD_PARTS = "test parts of all folds pooled; n counts the test predictions of a class"
# What a figure shows, by its file's name; {corpus} is the corpus as it stands in a sentence.
CAPTIONS = {
    "figure2": "Training loss (cross entropy) of ACLN and FCN in phase 1 on {corpus}: the line is "
    "the mean over folds, the band goes from the lowest to the highest fold.",
    "figure3": "Confusions of independent training with cross entropy on {corpus}, in percent of "
    f"the true class; {FOLD_PARTS}.",
    "figure4": "Confusions of independent training with hard examples on {corpus}, in percent of "
    f"the true class; {FOLD_PARTS}. {LOSS_SENTENCES['he']}",
    "figure5": "Hard and easy training examples of each class of {corpus}, mean numbers a fold, by "
    "the network that was mined. The threshold comes as close to the share asked for as it can; "
    "utterances of one hard index are not parted.",
    "figure6": "Test accuracy of each network's own softmax over the epochs on {corpus}, with and "
    "without re-training on hard examples: folds thin (the first five of more), mean of all bold, "
    "dotted where phase 2 begins. Test accuracy was recorded for this picture alone and chose "
    "nothing.",
    "specification": "WA and UA of every reading on {corpus}, means over folds with 95 % intervals "
    "(corrected resampled t), sorted by UA; dashed: published; diamond: the run itself. Dots: "
    "filled, what a reading changes; open, what it keeps. The order is that of test accuracy: its "
    "right end is no result.",
    "ladder": "The price of a leak on {corpus}: the same arms under protocols that share less and "
    "less between training and test part; pooled test predictions with 95 % intervals from a "
    "bootstrap over speakers.",
}
LAST_NUMBERS = {"table": 7, "figure": 6}  # of the paper
SEVERAL_PROTOCOLS = {"ladder"}
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
        folder: Where the source will stand; pieces are named relative to it.
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
    if piece.stem not in CAPTIONS or piece.suffix != ".pdf":
        raise SersnakeError(
            f"{piece}: neither a table (.tex) nor one of the figures {', '.join(CAPTIONS)} (.pdf)"
        )
    alone = replace(context, folds=0) if piece.stem in SEVERAL_PROTOCOLS else context
    caption = CAPTIONS[piece.stem].format(corpus=context.corpus_name)
    lines = [
        _number(piece, "figure"),
        r"\begin{figure}",
        r"  \centering",
        rf"  \includegraphics{{{_relative(piece, folder)}}}",
        rf"  \caption{{{escape_latex(f'{caption} {alone.setting}')}}}",
        rf"  \label{{fig:{piece.stem}-{context.corpus}}}",
        r"\end{figure}",
    ]
    return "\n".join(lines)
