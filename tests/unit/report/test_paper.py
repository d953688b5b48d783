"""The document of all tables and figures."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sersnake.errors import SersnakeError, SersnakeWarning
from sersnake.io import Features
from sersnake.report.figures.hard_examples import figure5
from sersnake.report.figures.saving import save_figure
from sersnake.report.paper import compile_paper, paper_source
from sersnake.report.results import RESULTS
from sersnake.report.run_context import RunContext
from sersnake.report.table_format import Column, Table, save_table
from sersnake.report.tables.networks import table1, table2

EMOTIONS = ("angry", "sad")
EMODB = RunContext("emodb", 2, "stratified random 80/20 split", True, "quick", emotions=EMOTIONS)
DEMO = replace(EMODB, corpus="demo", synthetic=True)


@pytest.fixture
def pieces(tmp_path: Path) -> list[Path]:
    """Two tables and a figure, in no order."""
    for number, make, shape in ((1, table1, (50, 13)), (2, table2, (1, 384))):
        pack = Features.stack(["a"], [np.zeros(shape, np.float32)], {})
        save_table(make(pack, EMODB), tmp_path / "tables" / f"table{number}")
    mined = pd.DataFrame({"network": "fcn", "fold": "0", "utterance": ["a", "b"], "hard": [0, 1]})
    manifest = pd.DataFrame({"utterance": ["a", "b"], "emotion": EMOTIONS})
    save_figure(figure5(mined, manifest, EMODB), tmp_path / "figures" / "figure5")
    return [
        tmp_path / "tables/table2.tex",
        tmp_path / "figures/figure5.pdf",
        tmp_path / "tables/table1.tex",
    ]


def test_every_piece_is_named_once_in_order_and_relative(
    pieces: list[Path], tmp_path: Path
) -> None:
    source = paper_source(pieces, tmp_path, EMODB)
    named = re.findall(r"\\(?:input|includegraphics)\{(.*?)\}", source)
    assert named == ["tables/table1.tex", "tables/table2.tex", "figures/figure5.pdf"]
    assert str(tmp_path) not in source


def test_pieces_keep_the_numbers_of_the_paper(pieces: list[Path], tmp_path: Path) -> None:
    source = paper_source(pieces, tmp_path, EMODB)
    assert r"\setcounter{figure}{4}" in source
    assert r"\setcounter{table}{1}" in source


def test_other_pieces_take_numbers_that_the_paper_does_not_use(tmp_path: Path) -> None:
    (tmp_path / "ablation.tex").touch()
    source = paper_source([tmp_path / "ablation.tex"], tmp_path, EMODB)
    assert "\\ifnum\\value{table}<7 \\setcounter{table}{7}\\fi\n\\input{ablation.tex}" in source


def test_captions_tell_the_setting_and_call_a_synthetic_corpus_so(
    pieces: list[Path], tmp_path: Path
) -> None:
    source = paper_source(pieces, tmp_path, DEMO)
    caption = source.split(r"\caption{")[1].splitlines()[0]
    assert "the synthetic demo corpus" in caption
    assert "The recordings are synthetic" in caption
    assert "speakers are shared between training and test set" in caption


def test_the_protocol_comparison_names_no_single_protocol(tmp_path: Path) -> None:
    (tmp_path / "protocols.pdf").touch()
    source = paper_source([tmp_path / "protocols.pdf"], tmp_path, EMODB)
    assert "80/20" not in source.split(r"\caption{")[1]


@pytest.mark.parametrize(
    ("name", "message"), [("beyond.pdf", "neither a table"), ("table9.tex", "no such file")]
)
def test_what_is_no_piece_is_refused(name: str, message: str, tmp_path: Path) -> None:
    if name == "beyond.pdf":
        (tmp_path / name).touch()
    with pytest.raises(SersnakeError, match=message):
        paper_source([tmp_path / name], tmp_path, EMODB)


def test_captions_count_nothing_that_a_run_decides() -> None:
    """How many folds, emotions, networks or variants there are is the run's, not the caption's."""
    pages = (Path(__file__).parents[3] / "workflow" / "report").glob("*.rst")
    counted = re.compile(
        r"\b(two|three|four|five|six|seven|eight|nine|ten|\d+) (random )?"
        r"(folds|splits|speakers|emotions|classes|networks|systems|variants|seeds|epochs)\b"
    )
    captions = [result.caption for result in RESULTS]
    for caption in (*captions, *(page.read_text(encoding="utf-8") for page in pages)):
        assert not counted.search(caption), caption


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_the_document_compiles_to_the_same_bytes_twice(pieces: list[Path], tmp_path: Path) -> None:
    source = tmp_path / "paper.tex"
    source.write_text(paper_source(pieces, tmp_path, EMODB), encoding="utf-8")
    for name in ("first", "second"):
        compile_paper(source, tmp_path / name / "paper.pdf")
    first = (tmp_path / "first" / "paper.pdf").read_bytes()
    assert first.startswith(b"%PDF")
    assert first == (tmp_path / "second" / "paper.pdf").read_bytes()
    assert {path.name for path in (tmp_path / "first").iterdir()} == {"paper.pdf"}
    assert not list(tmp_path.glob("*.aux"))


# What stops LaTeX somewhere: options of a line's end, its special characters, other scripts.
LABELS = [
    "[low]",
    "*",
    "$x$",
    "a_b & 100 % #1",
    r"\nonsense{",
    "Freude ü",
    "złość ą",
    "愤怒",
    "гнев",
]


@pytest.fixture
def labelled(tmp_path: Path) -> list[Path]:
    """A table whose first column holds labels as users have them."""
    columns = (Column("emotion", "Emotion"), Column("recall", "Recall"))
    frame = pd.DataFrame({"emotion": LABELS, "recall": 50.0})
    save_table(Table("Table 6", "labels", "Recalls", columns, frame), tmp_path / "table6")
    return [tmp_path / "table6.tex"]


def test_characters_that_pdflatex_lacks_are_told_in_a_sentence(
    labelled: list[Path], tmp_path: Path
) -> None:
    with pytest.warns(SersnakeWarning, match="the document has ą .* 怒 愤, which pdfLaTeX"):
        source = paper_source(labelled, tmp_path, EMODB)
    assert r"\DeclareUnicodeCharacter{6124}{\mbox{\scriptsize[U+6124]}}" in source
    assert "{00FC}" not in source  # ü is known


@pytest.mark.filterwarnings("ignore::sersnake.errors.SersnakeWarning")
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_the_document_compiles_with_labels_of_any_kind(
    labelled: list[Path], tmp_path: Path
) -> None:
    source = tmp_path / "paper.tex"
    source.write_text(paper_source(labelled, tmp_path, EMODB), encoding="utf-8")
    compile_paper(source, tmp_path / "paper.pdf")
    assert (tmp_path / "paper.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_an_error_of_latex_is_told_in_one_line(tmp_path: Path) -> None:
    source = tmp_path / "paper.tex"
    source.write_text(r"\documentclass{article}\begin{document}\nothing\end{document}")
    with pytest.raises(SersnakeError, match="pdflatex: ! Undefined control sequence"):
        compile_paper(source, tmp_path / "paper.pdf")
    assert not (tmp_path / "paper.pdf").exists()


def test_without_pdflatex_the_remedy_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SersnakeError, match="pdflatex is not installed; install TeX Live"):
        compile_paper(tmp_path / "paper.tex", tmp_path / "paper.pdf")
