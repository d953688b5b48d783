"""The tables: the right numbers, the right words, and source that LaTeX and a browser accept."""

from __future__ import annotations

import dataclasses
import io
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from sersnake.errors import SersnakeError
from sersnake.io import Features
from sersnake.report.run_context import RunContext
from sersnake.report.table_format import Column, Table, escape_latex, save_table
from sersnake.report.tables.ablation import ablation
from sersnake.report.tables.hard_shares import table4
from sersnake.report.tables.literature import table7
from sersnake.report.tables.losses import table5
from sersnake.report.tables.networks import table1, table2
from sersnake.report.tables.recalls import table6
from sersnake.report.tables.systems import PAPER
from sersnake.report.tables.training import table3
from sersnake.settings.systems import PAPER_SYSTEMS, SELECTED

EMOTIONS = ("angry", "neutral", "happy", "sad")
EMODB = RunContext("emodb", 2, "stratified random 80/20 split", True, "quick", emotions=EMOTIONS)
SEVEN = dataclasses.replace(EMODB, emotions=("a", "b", "c", "d", "e", "f", "g"))
DEMO = dataclasses.replace(EMODB, corpus="demo", synthetic=True)
IEMOCAP = dataclasses.replace(EMODB, corpus="iemocap")
CASIA = dataclasses.replace(EMODB, corpus="casia")
DEFAULT_SYSTEMS = ("is09_svm", "fused_ce", "independent_ce", "independent_he")
LOSS_SYSTEMS = ("independent_ce", "independent_focal", "independent_he")


def times(text: str) -> str:
    """The text with multiplication signs for its x."""
    return text.replace(" x ", " \N{MULTIPLICATION SIGN} ")


def metrics_of(folds: int, systems: tuple[str, ...] = DEFAULT_SYSTEMS) -> pd.DataFrame:
    """WA 0.8, 0.9, … and UA and recalls 0.05 below, one fold after the other; pooled 0.812345."""
    rows = []
    below = ["UA", *(f"recall_{emotion}" for emotion in EMOTIONS)]
    for system in systems:
        for fold in range(folds):
            accuracy = 0.8 + 0.1 * fold
            rows.append((system, str(fold), "WA", accuracy))
            rows += [(system, str(fold), metric, accuracy - 0.05) for metric in below]
        rows.append((system, "pooled", "WA", 0.812345))
        rows += [(system, "pooled", metric, 0.76) for metric in below]
    return pd.DataFrame(rows, columns=["system", "fold", "metric", "value"])


def mfcc(coefficients: int, frames: int) -> Features:
    """One utterance."""
    return Features.stack(["a"], [np.zeros((frames, coefficients), np.float32)], {})


def functionals(values: int) -> Features:
    """Those of one utterance."""
    return Features.stack(["a"], [np.zeros((1, values), np.float32)], {})


def mined() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two folds of 10 angry, 40 neutral, 20 happy and 30 sad; ACLN finds all happy ones hard."""
    names = [
        f"{emotion}{number}"
        for emotion, size in zip(EMOTIONS, (10, 40, 20, 30), strict=True)
        for number in range(size)
    ]
    labels = pd.Series([name.rstrip("0123456789") for name in names], index=names)
    hard = {"acln": labels == "happy", "fcn": labels.isin(["angry", "sad"])}
    frames = [
        pd.DataFrame(
            {"network": network, "fold": fold, "utterance": names, "hard": is_hard.astype(int)}
        )
        for network, is_hard in hard.items()
        for fold in ("0", "1")
    ]
    manifest = pd.DataFrame({"utterance": names, "emotion": labels.to_numpy()})
    return pd.concat(frames, ignore_index=True), manifest


def every_table(context: RunContext) -> dict[str, Table]:
    """All tables of a run with two folds; Table 7 where the corpus has one."""
    metrics = metrics_of(2, (*DEFAULT_SYSTEMS, "independent_focal", "fcn_ce", "independent_he_elm"))
    tables = {
        "table1": table1(mfcc(13, 200), context),
        "table2": table2(functionals(384), context),
        "table3": table3(metrics, context),
        "table4": table4(*mined(), context),
        "table5": table5(metrics, context),
        "table6": table6(metrics, context),
        "ablation": ablation(metrics, context),
    }
    return tables | ({} if context.synthetic else {"table7": table7(metrics, context)})


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
    return len(re.findall(r"(?<![\w\\])l(?!\w)|\bS\[table-format=-?\d+\.\d+\]", specification))


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
    systems = ("independent_he", "fused_ce", "is09_svm")
    methods = list(table3(metrics_of(2, systems), EMODB).frame["method"])
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
    assert "speakers are shared between training and test set" in caption
    assert "a short schedule, not the paper's" in caption
    assert "synthetic" not in caption
    disjoint = dataclasses.replace(EMODB, shared_speakers=False, preset="paper")
    caption = table3(metrics_of(2), disjoint).caption
    assert "speakers are not" in caption
    assert "a short schedule" not in caption


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


def test_notes_name_the_slip_of_the_paper() -> None:
    notes = table3(metrics_of(2), EMODB).notes
    assert any("82.81 in its Table 3 and 82.88 in its Table 5" in note for note in notes)


def test_one_fold_has_no_spread() -> None:
    one = dataclasses.replace(EMODB, folds=1)
    table = table3(metrics_of(1), one)
    assert not any(column.spread for column in table.columns)
    for drawn in (table.csv(), table.text(), table.html(), table.latex()):
        assert "nan" not in drawn
    assert "±" not in table.text()


@pytest.mark.parametrize("context", [EMODB, DEMO, IEMOCAP, CASIA])
def test_every_line_of_every_tabular_fills_its_columns(context: RunContext) -> None:
    for name, table in every_table(context).items():
        latex = table.latex()
        rows = tabular_rows(latex)
        groups = any(column.group for column in table.columns)
        assert len(rows) == 1 + groups + len(table.frame), name
        assert {cells_spanned(row) for row in rows} == {columns_declared(latex)}, name


@pytest.mark.parametrize("context", [EMODB, DEMO, IEMOCAP])
def test_latex_braces_and_environments_are_balanced(context: RunContext) -> None:
    notes = (r"100 % of {a_b} & C:\x #1 ~ ^ $ < 2 | 3",)
    for name, table in every_table(context).items():
        latex = dataclasses.replace(table, notes=notes).latex()
        bare = re.sub(r"\\[{}]", "", latex)
        assert bare.count("{") == bare.count("}"), name
        begun = re.findall(r"\\begin\{(table\*?|tabular)\}", latex)
        assert begun == ["table*" if table.wide else "table", "tabular"], name
        assert re.findall(r"\\end\{(table\*?|tabular)\}", latex) == begun[::-1], name
        assert latex.isascii(), name


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


@pytest.mark.parametrize("context", [EMODB, DEMO, IEMOCAP, CASIA])
def test_every_page_is_well_formed_and_every_line_as_wide_as_its_head(context: RunContext) -> None:
    for name, table in every_table(context).items():
        markup = table.html().removeprefix("<!doctype html>\n")
        page = ElementTree.fromstring(markup.replace('<meta charset="utf-8">', ""))
        *_, head = page.findall("body/table/thead/tr")
        widths = {len(row) for row in page.findall("body/table/tbody/tr")}
        assert widths == {len(head)}, name
        assert "nan" not in markup, name


@pytest.mark.parametrize("context", [EMODB, IEMOCAP, CASIA])
def test_every_text_fits_a_terminal(context: RunContext) -> None:
    for name, table in every_table(context).items():
        assert max(map(len, table.text().splitlines())) <= 96, name


def test_every_caption_names_the_corpus_and_calls_a_synthetic_one_so() -> None:
    for name, table in every_table(EMODB).items():
        assert "EMODB" in table.caption, name
    for name, table in every_table(DEMO).items():
        assert "synthetic demo corpus" in table.caption, name
        drawn = (table.csv(), table.text(), table.html(), table.latex())
        assert not any("ublished" in text for text in drawn), name


def test_captions_of_measured_tables_tell_protocol_sharing_and_preset() -> None:
    for name, table in every_table(EMODB).items():
        if name not in ("table1", "table2"):  # layers depend on none of these
            assert EMODB.setting in table.caption, name


def test_html_is_well_formed_escaped_and_holds_the_same_numbers() -> None:
    table = dataclasses.replace(table3(metrics_of(2), EMODB), notes=("WA < UA & more",))
    page = table.html()
    assert "WA &lt; UA &amp; more" in page
    parsed = pd.read_csv(io.StringIO(table.csv()))
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


def test_a_system_with_too_few_folds_is_refused() -> None:
    metrics = metrics_of(2)
    gap = (metrics["system"] == "fused_ce") & (metrics["fold"] == "1")
    with pytest.raises(SersnakeError, match="system fused_ce has 1 folds, the run has 2"):
        table3(metrics[~gap], EMODB)


def test_metrics_without_a_system_of_the_table_are_refused() -> None:
    with pytest.raises(SersnakeError, match="no system of Table 3"):
        table3(metrics_of(2, ("fcn_ce",)), EMODB)


def test_table_1_has_the_shapes_and_parameters_of_acln() -> None:
    frame = table1(mfcc(13, 200), SEVEN).frame.set_index("layer")
    assert list(frame["output"][:5]) == [
        times("7 x 100 x 32"),
        times("4 x 50 x 64"),
        times("2 x 25 x 128"),
        times("1 x 13 x 256"),
        times("13 x 256"),
    ]
    assert frame.loc["LSTM", "output"] == times("13 x 128")
    assert frame.loc["Attention", "output"] == "128"
    assert frame.loc["Conv block 2", "kernel"] == times("(5 x 5) x 64")
    assert frame.loc["Conv block 2", "parameters"] == 5 * 5 * 32 * 64 + 2 * 64
    assert frame.loc["LSTM", "parameters"] == 4 * 128 * (256 + 128 + 1)
    assert frame.loc["Softmax output", "parameters"] == 129 * 7
    assert frame["parameters"].iloc[:-1].sum() == frame.loc["Total", "parameters"]


@pytest.mark.parametrize("coefficients", [1, 16, 39])
def test_table_1_flattens_any_number_of_coefficients(coefficients: int) -> None:
    frame = table1(mfcc(coefficients, 33), EMODB).frame.set_index("layer")
    assert frame.loc["Conv block 1", "input"] == times(f"{coefficients} x 33 x 1")
    assert frame.loc["Flatten", "output"] == times("3 x 256")


def test_table_1_shows_the_options_of_the_network() -> None:
    options = {"attention": "dot", "heads": 4, "leaky_slope": 0.01, "coefficient_pooling": "floor"}
    streams = {"acln": {"label": "ACLN", "network": {"name": "acln", **options}}}
    table = table1(mfcc(31, 33), dataclasses.replace(EMODB, streams=streams))
    assert table.frame.set_index("layer").loc["Conv block 4", "output"] == times("1 x 3 x 256")
    assert table.frame.set_index("layer").loc["Attention", "parameters"] == 4 * 128
    assert "leaky ReLU with a slope of 0.01" in table.notes[0]
    assert "but down for coefficients. Attention: dot, 4 heads." in table.notes[0]


def test_table_2_has_the_weights_of_fcn() -> None:
    frame = table2(functionals(384), EMODB).frame.set_index("layer")
    assert list(frame["weights"].iloc[[0, 2, 4, 6]]) == [
        times("384 x 256"),
        times("256 x 512"),
        times("512 x 1024"),
        times("1024 x 4"),
    ]
    assert frame.loc["Fully connected 1", "bias"] == "256"
    assert frame.loc["Batch norm 3", "parameters"] == 2 * 1024
    assert frame["parameters"].iloc[:-1].sum() == frame.loc["Total", "parameters"] == 763140


def test_tables_of_layers_say_where_they_differ_from_the_papers() -> None:
    assert "for 4 emotions, this one for 7." in table1(mfcc(13, 200), SEVEN).notes[-1]
    assert len(table2(functionals(384), EMODB).notes) == 1
    assert "for 384 functionals, this one for 88." in table2(functionals(88), EMODB).notes[1]


def test_thousands_are_grouped_for_readers_alone() -> None:
    table = table2(functionals(384), EMODB)
    assert "763,140" in table.text()
    assert "763,140" in table.html()
    assert "Total,,,,,763140" in table.csv()
    assert "S[table-format=6.0]" in table.latex()


def test_a_column_with_a_negative_number_has_room_for_its_sign() -> None:
    frame = pd.DataFrame({"system": ["a", "b"], "rise": [-1.5, 20], "fall": [1, 2]})
    columns = (Column("system", "System"), Column("rise", "Rise"), Column("fall", "Fall"))
    latex = Table("Table 9", "nine", "Nine.", columns, frame).latex()
    assert r"\begin{tabular}{l S[table-format=-2.2] S[table-format=1.2]}" in latex


def test_table_4_counts_shares_by_hand() -> None:
    frame = table4(*mined(), EMODB).frame.set_index("utterances")
    assert list(frame.loc["All"]) == [100, 10, 40, 20, 30, 4]
    assert list(frame.loc["Hard for FCN"])[:-1] == [40, 25, 0, 0, 75]
    assert frame.loc["Hard for ACLN", "happy"] == 100
    assert frame["ratio"].isna().tolist() == [False, True, True]


def test_table_4_has_published_rows_on_iemocap_and_a_note_elsewhere() -> None:
    frame = table4(*mined(), IEMOCAP).frame.set_index("utterances")
    assert list(frame.loc["Published, hard", list(EMOTIONS)]) == [14.08, 43.01, 19.83, 23.08]
    assert frame.loc["Published, all", "ratio"] == pytest.approx(47.53 / 12.55)
    elsewhere = table4(*mined(), EMODB)
    assert len(elsewhere.frame) == 3
    assert "hard: angry 14.08, neutral 43.01, happy 19.83, sad 23.08" in elsewhere.notes[0]
    assert table4(*mined(), DEMO).notes == ()


def test_table_4_refuses_what_was_mined_of_another_manifest() -> None:
    hard_index, manifest = mined()
    with pytest.raises(SersnakeError, match="'angry0' is not in the manifest"):
        table4(hard_index, manifest.iloc[1:], EMODB)
    with pytest.raises(SersnakeError, match="no utterance was mined"):
        table4(hard_index.iloc[:0], manifest, EMODB)


def test_table_5_takes_the_published_values_of_table_5() -> None:
    frame = table5(metrics_of(2, LOSS_SYSTEMS), EMODB).frame.set_index("method")
    assert list(frame["published_ua"]) == [82.88, 83.56, 86.12]
    assert frame.loc["Independent training (focal)", "wa_mean"] == pytest.approx(85)


@pytest.mark.parametrize(
    ("table", "context", "paper"),
    [
        (table3, "EMODB", "random 80/20 splits"),
        (table5, "EMODB", "random 80/20 splits"),
        (table6, "IEMOCAP", "8 speakers train, 2 test"),
    ],
)
def test_published_values_of_another_protocol_are_called_so(
    table: Callable[..., Table], context: str, paper: str
) -> None:
    sessions = dataclasses.replace(IEMOCAP, protocol="leave one session out")
    same = {"EMODB": EMODB, "IEMOCAP": sessions}[context]
    note = f"The published values are for {paper}, not for this protocol."
    metrics = metrics_of(2, LOSS_SYSTEMS)
    assert note not in table(metrics, context=same).notes
    other = dataclasses.replace(same, protocol="stratified 10-fold cross-validation")
    assert note in table(metrics, context=other).notes


def test_table_6_has_one_row_per_class_and_published_recalls_on_iemocap() -> None:
    table = table6(metrics_of(2, LOSS_SYSTEMS), IEMOCAP)
    frame = table.frame.set_index("emotion")
    assert list(frame.index) == [*EMOTIONS, "UA"]
    assert frame.loc["happy", "published_he"] == 42.16
    assert frame.loc["UA", "published_focal"] == 67.74
    assert frame.loc["sad", "ce_mean"] == pytest.approx(80)
    assert frame.loc["sad", "ce_std"] == pytest.approx(100 * 0.1 / 2**0.5)
    assert "ublished" not in table6(metrics_of(2, LOSS_SYSTEMS), EMODB).text()


def test_table_6_of_one_fold_has_no_spread() -> None:
    one = dataclasses.replace(EMODB, folds=1)
    text = table6(metrics_of(1, LOSS_SYSTEMS), one).text()
    assert "±" not in text
    assert "nan" not in text


@pytest.mark.parametrize(
    ("context", "rows", "system", "accuracy"),
    [
        (EMODB, 12, "WavLM-Large (EmoBox)", 92.67),
        (CASIA, 10, "Deep belief network and SVM", 94.60),
        (IEMOCAP, 9, "Residual CRNN, focal loss", 74.60),
    ],
)
def test_table_7_names_the_protocol_of_every_result(
    context: RunContext, rows: int, system: str, accuracy: float
) -> None:
    frame = table7(metrics_of(2), context).frame
    assert len(frame) == rows
    assert (frame["protocol"].str.len() > 3).all()
    assert frame.set_index("system").loc[system, "WA"] == accuracy
    ours = frame[frame["source"] == "this run"]
    assert set(ours["protocol"]) == {"stratified random 80/20 split"}
    assert ours["WA"].tolist() == pytest.approx([85.0] * 4)


def test_table_7_cites_the_sources_that_it_uses_alone() -> None:
    notes = " ".join(table7(metrics_of(2), CASIA).notes)
    assert "Ye et al. 2023: arXiv:2211.08233" in notes
    assert "Lu et al." not in notes


@pytest.mark.parametrize("context", [DEMO, dataclasses.replace(EMODB, corpus="ravdess")])
def test_table_7_is_refused_where_nobody_else_reported(context: RunContext) -> None:
    with pytest.raises(SersnakeError, match="no published results"):
        table7(metrics_of(2), context)


def test_every_system_has_a_name_of_its_own() -> None:
    systems = (*PAPER_SYSTEMS, SELECTED)
    assert len(set(map(PAPER.system, systems))) == len(systems)


def test_the_ablation_keeps_the_order_of_the_names() -> None:
    systems = ("independent_he_elm", "fused_ce", "fcn_ce", "is09_svm")
    assert list(ablation(metrics_of(2, systems), EMODB).frame["method"]) == [
        "IS09 + linear SVM (baseline)",
        "FCN alone (CE)",
        "Fused training (CE)",
        "Independent training (HE), ELM",
    ]
