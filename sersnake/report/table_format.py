"""A table of cells, drawn as LaTeX, CSV, HTML and plain text with the same digits."""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
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
    "\N{MINUS SIGN}": r"\ensuremath{-}",
    "±": r"\ensuremath{\pm}",
    "\N{MULTIPLICATION SIGN}": r"\ensuremath{\times}",
    **{character: rf"\ensuremath{{{character}}}" for character in "<>|"},
    **{character: f"\\{character}" for character in "&%$#_{}"},
    **{character: f"{{{character}}}" for character in "[*"},  # else options of the \\\\ before them
}


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        name: Column of the frame, and its name in the CSV file.
        header: What is printed above it.
        group: A heading above this column and its neighbours of the same group.
        spread: Whether it is printed after the column before it, behind a ±.
        decimals: Digits behind the point; with none, thousands are grouped. ``None`` is text, as
            the first column of a table always is.
    """

    name: str
    header: str
    group: str = ""
    spread: bool = False
    decimals: int | None = 2

    def plain(self, value: float) -> str:
        """A number without grouped thousands; nothing for NaN."""
        return "" if np.isnan(value) else f"{value:.{self.decimals}f}"

    def printed(self, value: float) -> str:
        """A number as printed; a dash for NaN."""
        return MISSING if np.isnan(value) else f"{value:,.{self.decimals}f}"

    def latex(self, value: float) -> str:
        """A number for siunitx, which groups thousands by itself."""
        return self.plain(value) or "{--}"


@dataclass(frozen=True)
class Table:
    """Cells with a caption; every format shows the same digits.

    Attributes:
        number: "Table 3"; LaTeX numbers tables itself.
        label: LaTeX label without its prefix "tab:".
        caption: Plain text.
        columns: Text first, then numbers and text.
        frame: One row per line, with at least the columns; NaN is printed as a dash.
        notes: Sentences under the table, plain text.
        wide: Whether it spans both columns of a page.
    """

    number: str
    label: str
    caption: str
    columns: tuple[Column, ...]
    frame: pd.DataFrame
    notes: tuple[str, ...] = ()
    wide: bool = False

    def csv(self) -> str:
        """The cells as CSV with the digits printed; a missing value is an empty cell."""
        cells = {
            column.name: self.frame[column.name]
            if self._is_text(column)
            else self.frame[column.name].map(column.plain)
            for column in self.columns
        }
        return pd.DataFrame(cells).to_csv(index=False, lineterminator="\n")

    def text(self) -> str:
        """Caption, aligned columns and notes for a terminal."""
        fields = self._fields()
        columns = [self._printed(field) for field in fields]
        widths = [
            max(map(len, [field[0].header, *cells]))
            for field, cells in zip(fields, columns, strict=True)
        ]
        spans = _span_widths(_groups(fields), widths)
        # Over a spread the header is centred, else over the last digit.
        sides = [str.ljust if self._is_text(column) else str.rjust for column, _ in fields]
        over = [
            side if spread is None else str.center
            for (_, spread), side in zip(fields, sides, strict=True)
        ]
        lines = [_justify(cells, widths, sides) for cells in zip(*columns, strict=True)]
        rule = "-" * len(lines[0])
        groups = "  ".join(name.center(width) for name, width in spans)
        headers = _justify([column.header for column, _ in fields], widths, over)
        head = [groups, headers] if groups.strip() else [headers]
        caption = _wrap(f"{self.number}. {self.caption}")
        notes = [_wrap(note) for note in self.notes]
        table = [line.rstrip() for line in (*head, rule, *lines, rule)]
        return "\n".join([caption, "", *table, *notes, ""])

    def html(self) -> str:
        """A page with the table; a click on a heading sorts the rows."""
        fields = self._fields()
        groups = "".join(
            f'<th colspan="{stop - start}" scope="colgroup">{html.escape(name)}</th>'
            for name, start, stop in _groups(fields)
        )
        kinds = [' class="text"' if self._is_text(column) else "" for column, _ in fields]
        headers = "".join(
            f'<th scope="col"{kind}>{html.escape(column.header)}</th>'
            for (column, _), kind in zip(fields, kinds, strict=True)
        )
        head = [f"<tr>{groups}</tr>"] if any(column.group for column, _ in fields) else []
        columns = [self._printed(field) for field in fields]
        rows = [
            "".join(
                f"<td{kind}>{html.escape(cell.strip())}</td>"
                for cell, kind in zip(cells, kinds, strict=True)
            )
            for cells in zip(*columns, strict=True)
        ]
        style, script = _page_part("table.css").replace("\n", ""), _page_part("table.js")
        parts = [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            f"<title>{html.escape(self.number)}</title>\n<style>{style}</style>\n</head>",
            f"<body>\n<table>\n<caption>{html.escape(f'{self.number}. {self.caption}')}</caption>",
            "<thead>",
            *head,
            f"<tr>{headers}</tr>\n</thead>\n<tbody>",
            *(f"<tr>{row}</tr>" for row in rows),
            "</tbody>\n</table>",
            *(f"<p>{html.escape(note)}</p>" for note in self.notes),
            f"<script>\n{script}</script>\n</body>\n</html>\n",
        ]
        return "\n".join(parts)

    def latex(self) -> str:
        """A table environment for a document that loads booktabs and siunitx."""
        environment = "table*" if self.wide else "table"
        lines = [
            r"% Needs \usepackage{booktabs} and \usepackage{siunitx}.",
            rf"\begin{{{environment}}}",
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
            rf"\end{{{environment}}}",
        ]
        return "\n".join(lines) + "\n"

    def _fields(self) -> list[tuple[Column, Column | None]]:
        """Each printed column with the spread after its ±."""
        following = [*self.columns[1:], None]
        return [
            (column, after if after is not None and after.spread else None)
            for column, after in zip(self.columns, following, strict=True)
            if not column.spread
        ]

    def _is_text(self, column: Column) -> bool:
        return column.decimals is None or column is self.columns[0]

    def _printed(self, field: tuple[Column, Column | None]) -> list[str]:
        """The cells of a field; those of a spread have the same width, so that ± align."""
        column, spread = field
        if self._is_text(column):
            return _texts(self.frame[column.name])
        means = [column.printed(value) for value in self.frame[column.name]]
        if spread is None:
            return means
        spreads = [spread.printed(value) for value in self.frame[spread.name]]
        width = max(map(len, spreads), default=0)
        return [f"{m} ± {s.rjust(width)}" for m, s in zip(means, spreads, strict=True)]

    def _latex_columns(self) -> str:
        return " ".join(
            "l" if self._is_text(column) else self._latex_number(column) for column in self.columns
        )

    def _latex_number(self, column: Column) -> str:
        """The declaration of a column of numbers, with room for the longest."""
        cells = [column.plain(value) for value in self.frame[column.name].dropna()]
        digits = max((len(cell.lstrip("-").split(".")[0]) for cell in cells), default=1)
        sign = "-" if any(cell.startswith("-") for cell in cells) else ""
        number = f"S[table-format={sign}{digits}.{column.decimals}]"
        return rf"@{{\,\ensuremath{{\pm}}\,}}{number}" if column.spread else number

    def _latex_head(self) -> list[str]:
        """The line of groups with its rules, and the line of headers."""
        cells, rules, headers, position = [], [], [], 1
        fields = self._fields()
        for name, start, stop in _groups(fields):
            width = sum(1 if spread is None else 2 for _, spread in fields[start:stop])
            cells.append(rf"\multicolumn{{{width}}}{{c}}{{{escape_latex(name)}}}")
            if name:
                rules.append(rf"\cmidrule(lr){{{position}-{position + width - 1}}}")
            position += width
        for column, spread in fields:
            header = f"{{{escape_latex(column.header)}}}"
            headers.append(header if spread is None else rf"\multicolumn{{2}}{{c}}{header}")
        groups = [" & ".join(cells) + r" \\", " ".join(rules)] if rules else []
        return [*groups, " & ".join(headers) + r" \\"]

    def _latex_body(self) -> list[str]:
        columns = [
            list(map(escape_latex, _texts(self.frame[column.name])))
            if self._is_text(column)
            else list(map(column.latex, self.frame[column.name]))
            for column in self.columns
        ]
        return [" & ".join(cells) + r" \\" for cells in zip(*columns, strict=True)]


def save_table(table: Table, stem: Path) -> None:
    """Writes ``stem`` with the endings .tex, .csv, .html and .txt, each atomically."""
    for ending, content in (
        (".tex", table.latex()),
        (".csv", table.csv()),
        (".html", table.html()),
        (".txt", table.text()),
    ):
        write_text(stem.with_name(stem.name + ending), content)


def _page_part(name: str) -> str:
    """The style or the script of a page.

    The script makes each heading a button, for the mouse and the keyboard: it sorts the rows up,
    then down, then back as they were printed; dashes stay last. Neither part has a "less than"
    sign, so that a page is also XML.
    """
    return (resources.files("sersnake.report") / "table_page" / name).read_text(encoding="utf-8")


def escape_latex(text: str) -> str:
    """Plain text escaped for LaTeX."""
    special = "|".join(map(re.escape, LATEX_ESCAPES))
    return re.sub(special, lambda match: LATEX_ESCAPES[match[0]], text)


def _texts(cells: pd.Series) -> list[str]:
    """Cells of text, with a dash for missing ones."""
    return [MISSING if pd.isna(cell) else str(cell) for cell in cells]


def _groups(fields: Sequence[tuple[Column, Column | None]]) -> list[tuple[str, int, int]]:
    """Neighbouring fields of one group: its name, first field and the one after its last."""
    spans, start = [], 0
    for name, columns_of_group in groupby(fields, key=lambda field: field[0].group):
        stop = start + len(list(columns_of_group))
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


def _justify(
    cells: Sequence[str], widths: Sequence[int], sides: Sequence[Callable[[str, int], str]]
) -> str:
    """One line of aligned cells."""
    return "  ".join(
        side(cell, width) for cell, width, side in zip(cells, widths, sides, strict=True)
    )


def _wrap(text: str) -> str:
    return textwrap.fill(text, TEXT_WIDTH, break_on_hyphens=False)
