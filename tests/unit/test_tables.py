"""Table 3: the right numbers, the right words, and source that LaTeX and a browser accept."""

from __future__ import annotations

import dataclasses
import io
import re
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest

from sersnake.errors import SersnakeError
from sersnake.run_context import RunContext
from sersnake.tables import ARM_NAMES, table3
from sersnake.typeset import Column, Table, escape_latex, save_table

EMODB = RunContext("emodb", 2, "stratified random 80/20 split", True, "quick")
DEMO = dataclasses.replace(EMODB, corpus="demo", synthetic=True)


def metrics_of(folds: int, arms: tuple[str, ...] = tuple(ARM_NAMES)) -> pd.DataFrame:
    """WA 0.8, 0.9, … and UA 0.05 below, one fold after the other; pooled 0.812345."""
    rows = []
    for arm in arms:
        for fold in range(folds):
            accuracy = 0.8 + 0.1 * fold
            rows += [(arm, str(fold), "WA", accuracy), (arm, str(fold), "UA", accuracy - 0.05)]
        rows += [(arm, "pooled", "WA", 0.812345), (arm, "pooled", "UA", 0.76)]
    return pd.DataFrame(rows, columns=["arm", "fold", "metric", "value"])


def tabular_rows(latex: str) -> list[str]:
    """The lines of cells between the rules."""
    body = latex.split(r"\toprule")[1].split(r"\bottomrule")[0]
    return [line.strip() for line in body.splitlines() if line.strip().endswith(r"\\")]


def cells_spanned(row: str) -> int:
    """How many columns of the tabular a line fills."""
    cells = re.split(r"(?<!\\)&", row.removesuffix(r"\\"))
    spans = [re.match(r"\s*\\multicolumn\{(\d+)\}", cell) for cell in cells]
    return sum(int(span[1]) if span else 1 for span in spans)


def columns_declared(latex: str) -> int:
    specification = latex.split(r"\begin{tabular}{")[1].splitlines()[0]
    return len(re.findall(r"\bS\[table-format=\d+\.\d+\]", specification)) + 1


def test_numbers_are_percent_with_published_values_beside_them() -> None:
    frame = table3(metrics_of(2), EMODB).frame.set_index("method")
    fused = frame.loc["Fused training (CE)"]
    assert fused["published_wa"] == 80.93
    assert fused["published_ua"] == 77.48
    assert fused["wa_mean"] == pytest.approx(85)
    assert fused["wa_std"] == pytest.approx(100 * 0.1 / 2**0.5)
    assert fused["ua_mean"] == pytest.approx(80)
    assert fused["wa_pooled"] == pytest.approx(81.2345)
    assert frame.loc["Independent training (HE)", "published_ua"] == 86.12
    assert frame.loc["IS09 + linear SVM (baseline)", ["published_wa", "published_ua"]].isna().all()


def test_the_baseline_stands_first_whatever_the_order_of_the_metrics() -> None:
    arms = ("independent_he", "fused_ce", "is09_svm")
    methods = list(table3(metrics_of(2, arms), EMODB).frame["method"])
    assert methods == [
        "IS09 + linear SVM (baseline)",
        "Fused training (CE)",
        "Independent training (HE)",
    ]


def test_csv_has_two_decimals_and_empty_cells() -> None:
    lines = table3(metrics_of(2), EMODB).csv().splitlines()
    assert lines[0].startswith("method,published_wa,published_ua,wa_mean,wa_std,")
    assert lines[1] == "IS09 + linear SVM (baseline),,,85.00,7.07,80.00,7.07,81.23,76.00"


def test_caption_tells_corpus_folds_protocol_speakers_and_schedule() -> None:
    caption = table3(metrics_of(2), EMODB).caption
    assert "EMODB" in caption
    assert "2 folds (stratified random 80/20 split)" in caption
    assert "speakers are shared between training and test part" in caption
    assert "a look, not the paper's schedule" in caption
    assert "synthetic" not in caption
    disjoint = dataclasses.replace(EMODB, shared_speakers=False, preset="paper")
    caption = table3(metrics_of(2), disjoint).caption
    assert "no speaker stands in both" in caption
    assert "a look" not in caption


def test_synthetic_corpus_is_called_so_and_has_no_published_values() -> None:
    table = table3(metrics_of(2), DEMO)
    assert "the recordings are synthetic" in table.caption.lower()
    assert "say nothing about emotion in people" in table.caption
    for drawn in (table.csv(), table.text(), table.html(), table.latex()):
        assert "ublished" not in drawn
        assert "80.93" not in drawn


def test_a_corpus_without_published_values_has_no_columns_for_them() -> None:
    table = table3(metrics_of(2), dataclasses.replace(EMODB, corpus="ravdess"))
    assert table.notes == ()
    assert "{--}" not in table.latex()
    assert "ublished" not in table.text()


def test_notes_name_the_slip_of_the_paper_and_keep_those_of_the_run() -> None:
    notes = table3(metrics_of(2), dataclasses.replace(EMODB, notes=("Seed 7.",))).notes
    assert notes[0] == "Seed 7."
    assert any("82.81 in its Table 3 and 82.88 in its Table 5" in note for note in notes)


def test_one_fold_has_no_spread() -> None:
    one = dataclasses.replace(EMODB, folds=1)
    table = table3(metrics_of(1), one)
    assert not any(column.spread for column in table.columns)
    for drawn in (table.csv(), table.text(), table.html(), table.latex()):
        assert "nan" not in drawn
    assert "±" not in table.text()


@pytest.mark.parametrize("context", [EMODB, DEMO, dataclasses.replace(EMODB, corpus="x_y")])
def test_every_line_of_the_tabular_fills_its_columns(context: RunContext) -> None:
    latex = table3(metrics_of(2), context).latex()
    rows = tabular_rows(latex)
    assert len(rows) == 2 + 4
    assert {cells_spanned(row) for row in rows} == {columns_declared(latex)}


def test_latex_braces_and_environments_are_balanced() -> None:
    noted = dataclasses.replace(EMODB, notes=(r"100 % of {a_b} & C:\x #1 ~ ^ $",))
    latex = table3(metrics_of(2), noted).latex()
    bare = re.sub(r"\\[{}]", "", latex)
    assert bare.count("{") == bare.count("}")
    assert re.findall(r"\\begin\{(\w+)\}", latex) == ["table", "tabular"]
    assert re.findall(r"\\end\{(\w+)\}", latex) == ["tabular", "table"]
    assert latex.isascii()


def test_text_cells_of_number_columns_stand_in_braces() -> None:
    """Siunitx reads a bare cell of an S column as a number."""
    for row in tabular_rows(table3(metrics_of(2), EMODB).latex()):
        for cell in re.split(r"(?<!\\)&", row.removesuffix(r"\\"))[1:]:
            assert re.fullmatch(r"\s*(\d+\.\d\d|\{.*\}|\\multicolumn.*\{.*\})\s*", cell), cell


def test_number_format_has_room_for_a_full_hundred() -> None:
    perfect = metrics_of(2).assign(value=1.0)
    assert "S[table-format=3.2]" in table3(perfect, DEMO).latex()


@pytest.mark.parametrize(
    ("plain", "source"),
    [
        ("100 % of a_b & #1", r"100 \% of a\_b \& \#1"),
        ("{$}", r"\{\$\}"),
        ("\\~^", r"\textbackslash{}\textasciitilde{}\textasciicircum{}"),
        ("1 ± 2", r"1 \ensuremath{\pm} 2"),
    ],
)
def test_latex_escapes(plain: str, source: str) -> None:
    assert escape_latex(plain) == source


def test_text_is_aligned_and_fits_a_terminal() -> None:
    lines = table3(metrics_of(2), EMODB).text().splitlines()
    assert max(map(len, lines)) <= 96
    start = next(i for i, line in enumerate(lines) if line.startswith("---"))
    rows = lines[start + 1 : start + 5]
    assert {len(row) for row in rows} == {len(lines[start])}
    signs = {tuple(match.start() for match in re.finditer("±", row)) for row in rows}
    assert [len(places) for places in signs] == [2]
    assert "85.00 ± 7.07" in rows[0]


def test_text_widens_columns_under_a_long_group_name() -> None:
    columns = (Column("name", "Name"), Column("a", "A", "a very long group name"))
    frame = pd.DataFrame({"name": ["x"], "a": [1.0]})
    head, _, rule, row, _ = Table("T", "t", "C", columns, frame).text().splitlines()[2:]
    assert len(head) == len(rule) == len(row)


def test_html_is_well_formed_escaped_and_holds_the_same_numbers() -> None:
    noted = dataclasses.replace(EMODB, notes=("WA < UA & more",))
    page = table3(metrics_of(2), noted).html()
    assert "WA &lt; UA &amp; more" in page
    parsed = pd.read_csv(io.StringIO(table3(metrics_of(2), noted).csv()))
    markup = page.removeprefix("<!doctype html>\n").replace('<meta charset="utf-8">', "")
    rows = ElementTree.fromstring(markup).findall("body/table/tbody/tr")
    means = [row.findall("td")[3].text for row in rows]
    assert means == [
        f"{wa:.2f} ± {std:.2f}" for wa, std in zip(parsed["wa_mean"], parsed["wa_std"], strict=True)
    ]
    head = ElementTree.fromstring(markup).findall("body/table/thead/tr")
    spanned = sum(int(cell.get("colspan", "1")) for cell in head[0])
    assert spanned == len(head[1]) == len(rows[0])


def test_all_four_files_are_written(tmp_path: Path) -> None:
    table = table3(metrics_of(2), EMODB)
    save_table(table, tmp_path / "tables" / "table3.v1")
    written = {path.name: path.read_text("utf-8") for path in (tmp_path / "tables").iterdir()}
    assert written == {
        "table3.v1.tex": table.latex(),
        "table3.v1.csv": table.csv(),
        "table3.v1.html": table.html(),
        "table3.v1.txt": table.text(),
    }


def test_an_arm_with_too_few_folds_is_refused() -> None:
    metrics = metrics_of(2)
    gap = (metrics["arm"] == "fused_ce") & (metrics["fold"] == "1")
    with pytest.raises(SersnakeError, match="arm fused_ce has 1 folds where the run has 2"):
        table3(metrics[~gap], EMODB)


def test_metrics_without_an_arm_of_the_table_are_refused() -> None:
    with pytest.raises(SersnakeError, match="none of the arms of Table 3"):
        table3(metrics_of(2, ("beyond",)), EMODB)
