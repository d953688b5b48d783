"""The draft of a paper: its text, numbers, references, tables and figures."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sersnake.errors import SersnakeError, SersnakeWarning
from sersnake.evaluation.comparisons import MCNEMAR, RESAMPLED, compare_systems, default_pairs
from sersnake.evaluation.metrics import score
from sersnake.evaluation.system_intervals import system_intervals
from sersnake.io import Features
from sersnake.report import paper as package
from sersnake.report.figures.hard_examples import figure5
from sersnake.report.figures.saving import save_figure
from sersnake.report.paper.compiling import compile_paper
from sersnake.report.paper.document import Paper, write_paper
from sersnake.report.paper.floats import caption_of
from sersnake.report.paper.macros import macro_name, macros_of
from sersnake.report.paper.passages import ABBREVIATIONS, Speller
from sersnake.report.paper.run import PaperRun
from sersnake.report.results import RESULTS
from sersnake.report.run_context import RunContext
from sersnake.report.table_format import Column, Table, save_table
from sersnake.report.tables.networks import table1, table2
from sersnake.settings.config import read_config
from sersnake.settings.systems import PAPER_SYSTEMS
from sersnake.settings.training import Training

EMOTIONS = ("angry", "sad")
EMODB = RunContext("emodb", 4, "leave one speaker out", False, "quick", emotions=EMOTIONS)
BASELINES = ("is09_svm", "compare_svm")
LATEX = pytest.mark.skipif(shutil.which("bibtex") is None, reason="LaTeX is not installed")


def make_manifest(context: RunContext, known: bool) -> pd.DataFrame:
    """40 utterances of four speakers, who may be unknown."""
    number = np.arange(40)
    sexes = np.where(number % 2, "female", "male")
    return pd.DataFrame(
        {
            "utterance": [f"u{n:02d}" for n in number],
            "speaker": [f"s{n % 4}" * known for n in number],
            "sex": sexes if known else "",
            "sentence": "",
            "emotion": [context.emotions[n // 4 % len(context.emotions)] for n in number],
            "language": "de",
            "corpus": context.corpus,
            "duration": 1.5,
        }
    )


def predict(
    systems: Iterable[str], manifest: pd.DataFrame, context: RunContext
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Predictions of systems that are often right, and their folds; four utterances only train."""
    rng = np.random.default_rng(0)
    tested = manifest[["utterance", "emotion"]].iloc[:36]
    tested = tested.assign(fold=[str(n % context.folds) for n in range(36)])
    folds = [
        manifest[["utterance"]].assign(
            fold=fold, part=np.where(manifest["utterance"].isin(rows["utterance"]), "test", "train")
        )
        for fold, rows in tested.groupby("fold")
    ]
    predicted = [
        tested.assign(
            system=system,
            predicted=np.where(
                rng.random(36) < 0.7, tested["emotion"], rng.choice(context.emotions, 36)
            ),
        )
        for system in systems
    ]
    return pd.concat(predicted), pd.concat(folds)


def make_run(
    systems: Iterable[str], context: RunContext = EMODB, known: bool = True, **settings: Any
) -> PaperRun:
    """A run of some systems, with the config's settings."""
    manifest = make_manifest(context, known)
    predictions, folds = predict(systems, manifest, context)
    tests = folds, manifest, context.emotions
    pairs = default_pairs(systems)
    config = read_config({"systems": list(systems), **settings})
    training = {name: Training().as_dict() for name in (*config.stream_choices, "fused")}
    return PaperRun(
        context,
        {**config.described(), "corpus": context.corpus, "training": training},
        manifest,
        system_intervals(predictions, *tests, 0),
        compare_systems(predictions, *tests, pairs, 0) if pairs else None,
    )


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


def save_paper(paper: Paper, folder: Path) -> Path:
    """Writes the files of a paper, and gives its source."""
    for name, text in (
        ("paper.tex", paper.source),
        ("numbers.tex", paper.numbers),
        ("references.bib", paper.references),
    ):
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "paper.tex"


def keys_of(references: str) -> set[str]:
    return set(re.findall(r"^@\w+\{(\w+),", references, re.MULTILINE))


def cited_in(text: str) -> set[str]:
    return {key for keys in re.findall(r"\\cite\{([\w,]+)\}", text) for key in keys.split(",")}


def test_every_piece_is_named_once_in_order_and_relative(
    pieces: list[Path], tmp_path: Path
) -> None:
    source = write_paper(pieces, tmp_path, make_run(PAPER_SYSTEMS)).source
    named = re.findall(r"\\(?:input|includegraphics)\{((?:tables|figures)/.*?)\}", source)
    assert named == ["tables/table1.tex", "tables/table2.tex", "figures/figure5.pdf"]
    assert str(tmp_path) not in source
    for label in re.findall(r"\\ref\{(.*?)\}", source):
        assert rf"\label{{{label}}}" in source


def test_macros_are_the_numbers_of_the_files_to_the_digit() -> None:
    run = make_run(("is09_svm", "fused_ce", "independent_ce", "independent_he"))
    predictions, _ = predict(run.names, run.manifest, EMODB)
    macros, metrics = macros_of(run), score(predictions, EMOTIONS)
    for system in run.names:
        for metric in ("WA", "UA"):
            rows = metrics[(metrics["system"] == system) & (metrics["metric"] == metric)]
            pooled = rows["fold"] == "pooled"
            name = macro_name(system)
            assert macros[f"{name}{metric}"] == f"{100 * rows[~pooled]['value'].mean():.2f}"
            assert macros[f"{name}Pooled{metric}"] == f"{100 * rows[pooled]['value'].item():.2f}"
    assert macros["NumUtterances"] == "40"
    assert macros["Minutes"] == "1.0"
    assert (macros["NumSpeakers"], macros["NumFemale"]) == ("4", "2")
    assert macros["Emotions"] == "angry (20), sad (20)"
    assert macros["NumPairs"] == "4 pairs"


def test_only_the_correction_by_holm_says_what_is_significant() -> None:
    run = make_run(("fused_ce", "independent_ce"))
    assert run.comparisons is not None
    of_folds = run.comparisons["test"] == RESAMPLED
    name = macro_name("independent_ce", "fused_ce")
    for p, verdict, printed in (
        (0.0499, "significant", "$p=0.050$"),
        (0.05, "not significant", "$p=0.050$"),
        (0.0001, "significant", "$p<0.001$"),
        (np.nan, "not tested", "not tested"),
    ):
        changed = run.comparisons.assign(p=0.001, p_holm=np.where(of_folds, p, 0.001))
        macros = macros_of(replace(run, comparisons=changed))
        assert macros[f"{name}WAVerdict"] == verdict
        assert macros[f"{name}WAP"] == printed
    mcnemar = run.comparisons[run.comparisons["test"] == MCNEMAR]["p_holm"].item()
    assert macros_of(run)[f"{name}McNemarP"] == f"$p={mcnemar:.3f}$"


def test_macros_of_systems_are_names_that_latex_takes_and_differ() -> None:
    systems = [*PAPER_SYSTEMS, "acln+fcn_ce", "is09+compare_lda", "is10_svm", "selected"]
    names = list(map(macro_name, systems))
    assert len(set(names)) == len(systems)
    assert all(re.fullmatch("[A-Za-z]+", name) for name in names)
    assert macro_name("is09_svm", "acln+fcn_ce") == "IsZeroNineSvmVersusAclnPlusFcnCe"


def test_every_citation_has_its_entry_and_every_entry_is_cited_somewhere() -> None:
    folder = Path(next(iter(package.__path__)))
    sources = [path for path in folder.iterdir() if path.suffix in (".py", ".tex")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    keys = keys_of((folder / "references.bib").read_text(encoding="utf-8"))
    assert len(keys) > 30
    assert all(re.search(rf"\b{key}\b", text) for key in keys)
    paper = write_paper([], folder, make_run(PAPER_SYSTEMS))
    for cited in (cited_in(text), cited_in(paper.source)):
        assert cited <= keys


def test_the_text_describes_what_the_run_has_and_nothing_else() -> None:
    every = write_paper([], Path(), make_run(PAPER_SYSTEMS)).source
    baselines = write_paper([], Path(), make_run(BASELINES)).source
    fused = write_paper([], Path(), make_run(("fused_ce",))).source
    for part in (r"\paragraph{Training.}", r"\log_2", "lin2017", "Fused training", "ALF"):
        assert (part in every) == (part != "ALF")
        assert part not in baselines
    assert "zhong2020" not in baselines
    assert r"\log_2" not in fused
    assert "by independent training" not in fused
    assert "mcnemar1947" in every
    assert "mcnemar1947" not in baselines  # nothing is compared
    assert "MFCC" not in baselines
    assert "we evaluate a system" in fused.lower()


def test_settings_decide_the_formulas() -> None:
    mining = {"beta": 0.3, "smoothing": 1.0, "union": True}
    paper = write_paper([], Path(), make_run(("independent_he",), mining=mining))
    assert r"\frac{m_i+s}{c_i+2s}" in paper.source
    assert r"with $\beta=\Beta$. An utterance is hard for all streams" in paper.source
    assert r"\newcommand{\Beta}{0.3}" in paper.numbers
    assert r"\HardShare" not in paper.source


def test_settings_of_training_and_classifier_are_described_where_they_are_not_the_default() -> None:
    run = make_run(("independent_ce",), svm={"within_class": 0.3})
    training = {name: dict(values) for name, values in run.config["training"].items()}
    training["acln"] |= {"frame_mask": 0.2, "crop": 300, "norm_statistics": "training_set"}
    manifest = pd.concat([run.manifest] * 300)
    changed = replace(run, config={**run.config, "training": training}, manifest=manifest)
    plain, paper = (write_paper([], Path(), each).source for each in (run, changed))
    for part in (
        r"at most 20\,\% of the frames",
        "at most the first 300 frames",
        "taken again over the training set",
        "more than 10,000 utterances",
    ):
        assert part in paper, part
        assert part not in plain, part
    assert "a weight of the identity of 0.3" in plain
    assert "the identity" not in write_paper([], Path(), make_run(("independent_ce",))).source


def test_every_macro_of_a_passage_is_one_of_the_numbers() -> None:
    folder = Path(next(iter(package.__path__)))
    text = (folder / "passages.tex").read_text(encoding="utf-8")
    used = set(re.findall(r"\\([A-Z][A-Za-z]+)", text))
    mined = make_run(PAPER_SYSTEMS, mining={"beta": 0.3})
    assert len(used) > 20
    assert used <= set(macros_of(mined))


def test_networks_that_are_trained_otherwise_are_told_apart() -> None:
    run = make_run(("independent_ce",))
    training = run.config["training"]
    phase = training["fcn"]["phase_1"]
    changed = {**training, "fcn": {**training["fcn"], "phase_1": {**phase, "epochs": 1500}}}
    macros = macros_of(replace(run, config={**run.config, "training": changed}))
    assert macros["PhaseOneEpochs"] == "40 (ACLN) and 1,500 (FCN)"
    assert macros["PhaseTwoEpochs"] == "40"
    assert "RetrainingEpochs" not in macros


def test_abbreviations_are_spelled_out_where_they_come_first() -> None:
    spell = Speller().spell
    assert spell(r"An \abbr{FCN} and a \abbr{FCN}, a \abbr{ACLN}.") == (
        f"A fully connected network (FCN) and an FCN, an {ABBREVIATIONS['ACLN']} (ACLN)."
    )
    body = write_paper([], Path(), make_run(PAPER_SYSTEMS)).source.partition(r"\end{abstract}")[2]
    for short, words in ABBREVIATIONS.items():
        assert body.count(f"{words} ({short})") <= 1
        first = re.search(rf"\b{short}\b(?! features)", body)
        assert first is None or body[: first.start()].endswith("("), short
    assert r"\abbr" not in body


def test_captions_leave_to_the_text_what_it_says() -> None:
    for result in RESULTS:
        caption = caption_of(result, EMODB)
        assert not re.search(r"weighted accuracy|accuracy \(", caption, re.IGNORECASE), caption
        named = r"\Protocol" in caption
        assert named == (not result.compares_protocols and result.name not in ("table1", "table2"))


def test_a_synthetic_corpus_is_called_so(pieces: list[Path], tmp_path: Path) -> None:
    demo = replace(EMODB, corpus="demo", synthetic=True)
    source = write_paper(pieces, tmp_path, make_run(("independent_he",), demo)).source
    assert "The recordings are synthetic" in source
    assert "the synthetic demo corpus" in source.split(r"\caption{")[-1]
    assert "acted" not in source


def test_what_is_known_of_an_encoder_is_a_limitation() -> None:
    about = {"features": "words", "label": "Words", "model": "openai/whisper-base", "revision": ""}
    known = {"answer": "unknown", "family": "Whisper", "data": "the web", "source": ""}
    context = replace(
        EMODB,
        encoders=({**about, **known, "variants": []},),
        feature_sets={**EMODB.feature_sets, "words": "Words"},
    )
    words = {"kind": "pretrained", "layers": [2, 3], "label": "Words"}
    run = make_run(("words_svm",), context, features={"words": words})
    source = write_paper([], Path(), run).source
    assert r"hidden states (layers 2 and 3) of the pretrained encoder" in source
    assert r"\cite{radford2022}" in source
    limitations = source.partition(r"\label{sec:limitations}")[2]
    assert "whether its training data (the web) included EMODB is not known" in limitations


@pytest.mark.parametrize(
    ("name", "message"), [("beyond.pdf", "neither a table"), ("table3.tex", "no such file")]
)
def test_what_is_no_piece_is_refused(name: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(SersnakeError, match=message):
        write_paper([tmp_path / name], tmp_path, make_run(BASELINES))


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


@LATEX
def test_the_document_compiles_to_the_same_bytes_twice(pieces: list[Path], tmp_path: Path) -> None:
    source = save_paper(write_paper(pieces, tmp_path, make_run(PAPER_SYSTEMS)), tmp_path)
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
def labelled(tmp_path: Path) -> tuple[list[Path], PaperRun]:
    """A table whose first column holds labels as users have them, of a run with one fold."""
    columns = (Column("emotion", "Emotion"), Column("recall", "Recall"))
    frame = pd.DataFrame({"emotion": LABELS, "recall": 50.0})
    save_table(Table("Table 6", "labels", "Recalls", columns, frame), tmp_path / "table6")
    context = replace(
        EMODB, corpus="my_own-50%", folds=1, shared_speakers=None, emotions=tuple(LABELS)
    )
    run = make_run(("fused_ce", "independent_ce"), context, known=False, reader="csv")
    return [tmp_path / "table6.tex"], run


def test_characters_that_pdflatex_lacks_are_told_in_a_sentence(
    labelled: tuple[list[Path], PaperRun], tmp_path: Path
) -> None:
    pieces, run = labelled
    with pytest.warns(SersnakeWarning, match="the document has ą .* 怒 愤, which pdfLaTeX"):
        numbers = write_paper(pieces, tmp_path, run).numbers
    assert r"\DeclareUnicodeCharacter{6124}{\mbox{\scriptsize[U+6124]}}" in numbers
    assert "{00FC}" not in numbers  # ü is known


@pytest.mark.filterwarnings("ignore::sersnake.errors.SersnakeWarning")
@LATEX
def test_a_run_of_one_fold_with_labels_of_any_kind_compiles(
    labelled: tuple[list[Path], PaperRun], tmp_path: Path
) -> None:
    paper = write_paper(labelled[0], tmp_path, labelled[1])
    assert "no interval" in paper.numbers
    assert "The difference between" not in paper.source  # which one fold does not test
    assert "the speakers are not all known" in paper.source
    source = save_paper(paper, tmp_path)
    compile_paper(source, tmp_path / "paper.pdf")
    assert (tmp_path / "paper.pdf").read_bytes().startswith(b"%PDF")


@LATEX
def test_other_networks_features_and_fusions_compile(tmp_path: Path) -> None:
    words = {"kind": "pretrained", "layers": [2], "pooling": "none", "label": "Words"}
    encoder = {"features": "words", "label": "Words", "model": "a/b", "revision": "", "data": ""}
    about = {"answer": "unknown", "family": "", "source": "", "variants": []}
    streams = {
        "words": {"features": "words", "network": {"name": "aln", "heads": 2, "lstm": False}},
        "mine": {"features": "mel", "network": {"module": "my_code.Net"}},
        "acln": {"features": "mel", "network": {"attention": "dot", "leaky_slope": 0.1}},
    }
    settings = {
        "features": {"words": words, "mel": {"kind": "log_mel", "n_mels": 40, "label": "log-mel"}},
        "streams": streams,
        "fusion": {"method": "late", "features": ["compare"], "scaling": "normal_scores"},
        "seeds": 2,
        "svm": {"cost": [0.1, 1.0]},
    }
    context = replace(
        EMODB,
        encoders=({**encoder, **about},),
        streams=read_config(settings).described()["streams"],
        feature_sets={**EMODB.feature_sets, "words": "Words", "mel": "log-mel"},
    )
    systems = ("independent_ce", "independent_ce_lda", "words_ce")
    run = make_run(systems, context, **settings)
    selected = run.intervals[run.intervals["system"] == "words_ce"].assign(system="selected")
    run = replace(run, intervals=pd.concat([run.intervals, selected]))
    paper = write_paper([], tmp_path, run)
    for part in (
        r"\fillin{Describe the network \texttt{my\_code.Net}.}",
        "dot-product attention",
        "additive 2-head attention",
        "40 log-mel energies",
        "whether they included EMODB, are not known",
        r"\cite{cawley2010}",
        "chosen by inner folds",
        r"trained \NumMembers{} times",
    ):
        assert part in paper.source, part
    compile_paper(save_paper(paper, tmp_path), tmp_path / "paper.pdf")
    assert (tmp_path / "paper.pdf").read_bytes().startswith(b"%PDF")


@LATEX
def test_a_run_of_baselines_compiles(tmp_path: Path) -> None:
    source = save_paper(write_paper([], tmp_path, make_run(BASELINES)), tmp_path)
    compile_paper(source, tmp_path / "paper.pdf")
    assert (tmp_path / "paper.pdf").read_bytes().startswith(b"%PDF")


def test_the_manifest_of_a_paper_has_all_its_columns(tmp_path: Path) -> None:
    run = make_run(BASELINES)
    run.context.save(tmp_path / "context.json")
    sources = {name: tmp_path / f"{name}.csv" for name in ("manifest", "intervals")}
    run.intervals.to_csv(sources["intervals"], index=False)
    run.manifest.to_csv(sources["manifest"], index=False)
    config = json.loads(json.dumps(run.config))
    loaded = PaperRun.load(tmp_path / "context.json", config, sources)
    assert macros_of(loaded) == macros_of(replace(run, comparisons=None))
    run.manifest.drop(columns=["sex", "language"]).to_csv(sources["manifest"], index=False)
    with pytest.raises(SersnakeError, match=r"manifest\.csv: has no column language, sex"):
        PaperRun.load(tmp_path / "context.json", config, sources)


@LATEX
def test_an_error_of_latex_is_told_in_one_line(tmp_path: Path) -> None:
    source = tmp_path / "paper.tex"
    document = r"\documentclass{article}\begin{document}%s\end{document}"
    source.write_text(document % r"\nothing")
    with pytest.raises(SersnakeError, match=r"pdflatex: ! Undefined control sequence\. \(l\.1 "):
        compile_paper(source, tmp_path / "paper.pdf")
    source.write_text(document % r"\cite{a}\bibliographystyle{plain}\bibliography{lost}")
    with pytest.raises(SersnakeError, match=r"bibtex: I couldn't open database file lost\.bib"):
        compile_paper(source, tmp_path / "paper.pdf")
    assert not (tmp_path / "paper.pdf").exists()


def test_without_pdflatex_the_remedy_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SersnakeError, match="pdflatex is not installed; install TeX Live"):
        compile_paper(tmp_path / "paper.tex", tmp_path / "paper.pdf")
