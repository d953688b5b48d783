"""Writes a figure for print and for the screen."""

from __future__ import annotations

import warnings
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from sersnake.errors import SersnakeWarning
from sersnake.io import atomic_path
from sersnake.report.figures.fonts import add_fonts, packages_for
from sersnake.report.plot_style import house_style

DATED = {"pdf": {"CreationDate": None}, "png": {}}


def save_figure(figure: Figure, stem: Path) -> None:
    """Writes ``stem`` with the endings .pdf and .png (200 dpi), each atomically.

    The same figure gives the same bytes: neither file contains the date. Characters that DejaVu
    Sans lacks are taken from another installed font.

    Warns:
        SersnakeWarning: No installed font has some characters of the labels.
    """
    with house_style(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ ")  # told below, once for all characters
        added, missing = add_fonts(figure)
        if added:  # often OpenType with cubic curves, which does not fit into a TrueType font
            matplotlib.rcParams["pdf.fonttype"] = 3
        for kind, metadata in DATED.items():
            with atomic_path(stem.with_name(f"{stem.name}.{kind}")) as temporary:
                figure.savefig(temporary, format=kind, metadata=metadata)
    if missing:
        message = (
            f"{stem.name}: no installed font has {' '.join(sorted(missing))}, so boxes replace "
            "them; install such a font (Debian, Ubuntu: apt install "
            f"{' '.join(packages_for(missing))}) and draw the figure again"
        )
        warnings.warn(message, SersnakeWarning, stacklevel=2)
