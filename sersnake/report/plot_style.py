"""The style of all figures: for a printed column, safe for the colour-blind, reproducible."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from sersnake.io.words import count
from sersnake.report.run_context import RunContext
from sersnake.settings.loss_registry import LOSSES

COLUMN_CM = 8.8  # one of the two columns of an IEEE page
FONT_PT = 8

# Of streams, in their order. Colours are of Okabe and Ito, which the colour-blind tell apart; each
# with its own dash, for print in grey.
LINES: tuple[dict[str, Any], ...] = (
    {"color": "#0072B2", "linestyle": "-"},
    {"color": "#D55E00", "linestyle": (0, (4, 1.5))},
    {"color": "#009E73", "linestyle": (0, (1, 1))},
    {"color": "#CC79A7", "linestyle": (0, (5, 1.5, 1, 1.5))},
    {"color": "#56B4E9", "linestyle": (0, (2, 1))},
    {"color": "#E69F00", "linestyle": (0, (8, 2))},
)
MARKERS = "osD^vP"  # of systems, in their order, as their lines
LOSS_COLORS = {name: loss.color for name, loss in LOSSES.items()}
# Hard examples stand out from easy ones by colour, by lightness and by hatching.
HARD_BARS: dict[str, dict[str, Any]] = {
    "hard": {"color": "#D55E00"},
    "easy": {"facecolor": "#BBD9EE", "edgecolor": "#0072B2", "hatch": "////", "linewidth": 0.4},
}
SEQUENTIAL = "Blues"  # one hue, so that darker is more in grey too

STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so every machine draws the same
    "font.size": FONT_PT,
    "text.parse_math": False,  # a label is what it says, dollar signs included
    "axes.labelsize": FONT_PT,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.labelsize": FONT_PT,
    "ytick.labelsize": FONT_PT,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "lines.linewidth": 1.4,
    "pdf.fonttype": 42,  # TrueType, which journals accept
    "savefig.dpi": 200,
}


@contextmanager
def house_style() -> Iterator[None]:
    """Draws with :data:`STYLE` and without the user's matplotlib settings."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        yield


def color_on(share: float) -> str:
    """Black or white, whichever contrasts with a cell of :data:`SEQUENTIAL` (luminance of WCAG 2).

    Args:
        share: Of the colour scale, in percent.
    """
    rgb = np.array(matplotlib.colormaps[SEQUENTIAL](share / 100)[:3])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return "white" if linear @ [0.2126, 0.7152, 0.0722] < 0.179 else "black"


def column_figure(height_cm: float) -> Figure:
    """An empty figure, one column wide, without a window."""
    return Figure(figsize=(COLUMN_CM / 2.54, height_cm / 2.54), layout="constrained")


def write_title(figure: Figure, context: RunContext, what: str, how: str) -> None:
    """Corpus and content, then how folds were combined; a synthetic corpus is labelled as such."""
    corpus = context.corpus_name.removeprefix("the ")
    title = f"{corpus[0].upper()}{corpus[1:]}: {what}\n({how})"
    figure.suptitle(title, x=0.01, ha="left", fontsize=FONT_PT)


def left_out(number: int, space: str = "\n") -> str:
    """How a title ends whose figure lacks some systems of the table; empty if it has them all."""
    return f";{space}{count(number, 'more method')} in the table" if number > 0 else ""
