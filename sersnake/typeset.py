"""A table of cells, drawn as LaTeX, CSV, HTML and plain text with the same digits."""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd

from sersnake.io import write_text

MISSING = "\N{EN DASH}"
TEXT_WIDTH = 96  # columns of a terminal

LATEX_ESCAPES = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\N{EN DASH}": "--",
    "±": r"\ensuremath{\pm}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
}
HTML_STYLE = (
    "body{font:15px/1.4 sans-serif;margin:1.5em;max-width:60em}"
    "table{border-collapse:collapse;border-block:2px solid}"
    "caption,p{text-align:left;padding-bottom:.6em}th,td{padding:.25em .8em;text-align:right}"
    "th:first-child,td:first-child{text-align:left}thead tr:first-child th{text-align:center}"
    "thead{border-bottom:1px solid}td{font-variant-numeric:tabular-nums}"
)


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        name: Column of the frame, and its name in the CSV file.
        header: What is printed above it.
        group: A heading above this column and its neighbours of the same group.
        spread: Whether it is printed after the column before it, behind a ±.
    """

    name: str
    header: str
    group: str = ""
    spread: bool = False


@dataclass(frozen=True)
class Table:
    """Cells with a caption; every way to draw them shows the same digits.

    Attributes:
        number: "Table 3"; LaTeX counts by itself.
        label: LaTeX label without its prefix "tab:".
        caption: Plain text.
        columns: Text first, then numbers with two decimals.
        frame: One row a line, holding at least the columns; NaN is printed as a dash.
        notes: Sentences under the table, plain text.
    """

    number: str
    label: str
    caption: str
    columns: tuple[Column, ...]
    frame: pd.DataFrame
    notes: tuple[str, ...] = ()

    def csv(self) -> str:
        """The cells as CSV with two decimals; a missing value is an empty cell."""
        names = [column.name for column in self.columns]
        return self.frame[names].to_csv(index=False, float_format="%.2f", lineterminator="\n")

    def text(self) -> str:
        """Caption, aligned columns and notes for a terminal."""
        fields = self._fields()
        columns = [self._printed(field, left=number == 0) for number, field in enumerate(fields)]
        widths = [
            max(map(len, [field[0].header, *cells]))
            for field, cells in zip(fields, columns, strict=True)
        ]
        spans = _span_widths(_groups(fields), widths)
        headers = [
            # Over a spread the header stands in the middle, else over the last digit.
            column.header.rjust(width) if spread is None else column.header.center(width)
            for (column, spread), width in zip(fields[1:], widths[1:], strict=True)
        ]
        lines = [_justify(cells, widths) for cells in zip(*columns, strict=True)]
        rule = "-" * len(lines[0])
        head = [
            "  ".join(name.center(width) for name, width in spans),
            "  ".join([fields[0][0].header.ljust(widths[0]), *headers]),
        ]
        caption = _wrap(f"{self.number}. {self.caption}")
        notes = [_wrap(note) for note in self.notes]
        table = [*(line.rstrip() for line in head), rule, *lines, rule]
        return "\n".join([caption, "", *table, *notes, ""])

    def html(self) -> str:
        """A page of its own with the table."""
        fields = self._fields()
        groups = "".join(
            f'<th colspan="{stop - start}" scope="colgroup">{html.escape(name)}</th>'
            for name, start, stop in _groups(fields)
        )
        headers = "".join(f'<th scope="col">{html.escape(c.header)}</th>' for c, _ in fields)
        columns = [self._printed(field, left=number == 0) for number, field in enumerate(fields)]
        rows = [
            "<tr>" + "".join(f"<td>{html.escape(cell.strip())}</td>" for cell in cells) + "</tr>"
            for cells in zip(*columns, strict=True)
        ]
        parts = [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            f"<title>{html.escape(self.number)}</title>\n<style>{HTML_STYLE}</style>\n</head>",
            f"<body>\n<table>\n<caption>{html.escape(f'{self.number}. {self.caption}')}</caption>",
            f"<thead>\n<tr>{groups}</tr>\n<tr>{headers}</tr>\n</thead>\n<tbody>",
            *rows,
            "</tbody>\n</table>",
            *(f"<p>{html.escape(note)}</p>" for note in self.notes),
            "</body>\n</html>\n",
        ]
        return "\n".join(parts)

    def latex(self) -> str:
        """A table environment for a document that loads booktabs and siunitx."""
        lines = [
            r"% Needs \usepackage{booktabs} and \usepackage{siunitx}.",
            r"\begin{table}",
            r"  \centering",
            r"  \footnotesize",
            r"  \setlength{\tabcolsep}{4pt}",
            rf"  \caption{{{escape_latex(self.caption)}}}",
            rf"  \label{{tab:{self.label}}}",
            rf"  \begin{{tabular}}{{{self._latex_columns()}}}",
            r"    \toprule",
            *(f"    {line}" for line in self._latex_head()),
            r"    \midrule",
            *(f"    {line}" for line in self._latex_body()),
            r"    \bottomrule",
            r"  \end{tabular}",
            *(rf"  \par\smallskip {escape_latex(note)}" for note in self.notes),
            r"\end{table}",
        ]
        return "\n".join(lines) + "\n"

    def _fields(self) -> list[tuple[Column, Column | None]]:
        """Each printed column with the spread that stands behind its ±."""
        following = [*self.columns[1:], None]
        return [
            (column, after if after is not None and after.spread else None)
            for column, after in zip(self.columns, following, strict=True)
            if not column.spread
        ]

    def _printed(self, field: tuple[Column, Column | None], left: bool) -> list[str]:
        """The cells of a field; those of a spread have the same width, so that ± align."""
        column, spread = field
        if left:
            return [str(value) for value in self.frame[column.name]]
        means = [_number(value) for value in self.frame[column.name]]
        if spread is None:
            return means
        spreads = [_number(value) for value in self.frame[spread.name]]
        width = max(map(len, spreads), default=0)
        return [f"{m} ± {s.rjust(width)}" for m, s in zip(means, spreads, strict=True)]

    def _latex_columns(self) -> str:
        parts = ["l"]
        for column in self.columns[1:]:
            digits = max((len(_number(v)) - 3 for v in self.frame[column.name].dropna()), default=1)
            number = f"S[table-format={digits}.2]"
            parts.append(rf"@{{\,\ensuremath{{\pm}}\,}}{number}" if column.spread else number)
        return " ".join(parts)

    def _latex_head(self) -> list[str]:
        """The line of groups with its rules, and the line of headers."""
        cells, rules, headers, position = [], [], [], 1
        fields = self._fields()
        for name, start, stop in _groups(fields):
            width = sum(1 if spread is None else 2 for _, spread in fields[start:stop])
            cells.append(rf"\multicolumn{{{width}}}{{c}}{{{escape_latex(name)}}}" if name else "")
            if name:
                rules.append(rf"\cmidrule(lr){{{position}-{position + width - 1}}}")
            position += width
        for column, spread in fields:
            header = f"{{{escape_latex(column.header)}}}"
            headers.append(header if spread is None else rf"\multicolumn{{2}}{{c}}{header}")
        return [" & ".join(cells) + r" \\", " ".join(rules), " & ".join(headers) + r" \\"]

    def _latex_body(self) -> list[str]:
        names = [column.name for column in self.columns]
        return [
            " & ".join([escape_latex(str(text)), *(_latex_number(value) for value in numbers)])
            + r" \\"
            for text, *numbers in self.frame[names].itertuples(index=False)
        ]


def save_table(table: Table, stem: Path) -> None:
    """Writes ``stem`` with the endings .tex, .csv, .html and .txt, each atomically."""
    for ending, content in (
        (".tex", table.latex()),
        (".csv", table.csv()),
        (".html", table.html()),
        (".txt", table.text()),
    ):
        write_text(stem.with_name(stem.name + ending), content)


def escape_latex(text: str) -> str:
    """Plain text as LaTeX source that prints it."""
    special = "|".join(map(re.escape, LATEX_ESCAPES))
    return re.sub(special, lambda match: LATEX_ESCAPES[match[0]], text)


def _groups(fields: Sequence[tuple[Column, Column | None]]) -> list[tuple[str, int, int]]:
    """Neighbouring fields of one group: its name, first field and the one after its last."""
    spans, start = [], 0
    for name, members in groupby(fields, key=lambda field: field[0].group):
        stop = start + len(list(members))
        spans.append((name, start, stop))
        start = stop
    return spans


def _span_widths(
    groups: Sequence[tuple[str, int, int]], widths: list[int]
) -> list[tuple[str, int]]:
    """The width of each group; the last column under a longer name is widened in place."""
    spans = []
    for name, start, stop in groups:
        gaps = 2 * (stop - start - 1)
        widths[stop - 1] += max(0, len(name) - sum(widths[start:stop]) - gaps)
        spans.append((name, sum(widths[start:stop]) + gaps))
    return spans


def _justify(cells: Sequence[str], widths: Sequence[int]) -> str:
    """One line, text to the left and numbers to the right."""
    numbers = [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)]
    return "  ".join([cells[0].ljust(widths[0]), *numbers])


def _wrap(text: str) -> str:
    return textwrap.fill(text, TEXT_WIDTH, break_on_hyphens=False)


def _number(value: float) -> str:
    return MISSING if np.isnan(value) else f"{value:.2f}"


def _latex_number(value: float) -> str:
    return "{--}" if np.isnan(value) else f"{value:.2f}"
