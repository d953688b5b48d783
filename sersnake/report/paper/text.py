"""Title, abstract and the sections beside the method, of what the run has."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from sersnake.corpora import CORPORA
from sersnake.corpora.base import corpora_of
from sersnake.corpora.classes import label_sentence
from sersnake.evaluation.comparisons import BOOTSTRAP, PUBLISHED, RESAMPLED
from sersnake.evaluation.intervals import RESAMPLES
from sersnake.evaluation.system_intervals import SPEAKERS
from sersnake.report.encoders import encoder_sentences
from sersnake.report.paper.floats import references
from sersnake.report.paper.macros import listed, macro_name
from sersnake.report.paper.passages import passage
from sersnake.report.paper.phrases import cite, system_phrase
from sersnake.report.paper.run import PaperRun
from sersnake.report.result_entries import Result
from sersnake.report.run_context import (
    SYNTHETIC_NOTE,
    TRANSDUCTIVE_NOTE,
    copies_note,
    enrolment_note,
)
from sersnake.report.table_format import escape_latex
from sersnake.report.tables.training import systems_of_table3
from sersnake.settings.base import read_settings
from sersnake.settings.corpus import Labels as LabelSettings
from sersnake.settings.corpus import written_name
from sersnake.settings.enrolment import Enrolment
from sersnake.settings.systems import SELECTED, is_baseline

# Papers, by the reader of a corpus.
CORPUS_PAPERS = {
    "casia": "casia",
    "emodb": "burkhardt2005",
    "emovo": "costantini2014",
    "iemocap": "busso2008",
    "ravdess": "livingstone2018",
}
NEMO = "nemo"  # a table of Polish speech that is called so is nEMO, which has no reader of its own
LEADING = (SELECTED, "independent_he", "independent_ce", "fused_ce")
IN_ABSTRACT = 3  # systems, a baseline not counted


def title(run: PaperRun) -> str:
    """The title."""
    how = " by independent training" if run.independent else ""
    return f"Speech emotion recognition{how} on {escape_latex(run.context.corpus_name)}"


def abstract(run: PaperRun) -> str:
    """Corpus, protocol, and the accuracy of the systems that the paper is about."""
    leading = [name for name in LEADING if name in run.names] or list(run.names)
    baselines = [name for name in run.names if is_baseline(name) and name not in leading]
    named = [*leading[:IN_ABSTRACT], *baselines[:1]]
    number = len(run.names)
    counted = f"{number} systems" if number > 1 else "a system"
    verb = "compare" if number > 1 else "evaluate"
    return "\n".join([passage("abstract", verb=verb, count=counted), *_accuracies(named, run)])


def data(run: PaperRun) -> str:
    """Corpus and protocol."""
    context = run.context
    notes = (
        SYNTHETIC_NOTE if context.synthetic else "",
        label_sentence(read_settings(LabelSettings, context.emotion_labels)),
        TRANSDUCTIVE_NOTE if context.transductive else "",
        enrolment_note(read_settings(Enrolment, context.enrolment), context.networks_enrolled),
        copies_note(context.training_copies),
    )
    about_corpus = [_corpus(run), *map(escape_latex, filter(None, notes[:2])), passage("emotions")]
    about_folds = [
        passage("protocol", mean=" on average" if context.folds > 1 else ""),
        *map(escape_latex, filter(None, notes[2:])),
        passage("last_epoch" if run.networks else "nothing_selected"),
    ]
    return "\n\n".join(map("\n".join, (about_corpus, about_folds)))


def _corpus(run: PaperRun) -> str:
    speakers = r" by \NumSpeakers{} speakers" if run.known("speaker") else ""
    if run.known("speaker") and run.known("sex"):
        sexes = run.manifest.groupby("sex")["speaker"].nunique()
        parts = [rf"\Num{sex.capitalize()}{{}} {sex}" for sex in ("female", "male") if sex in sexes]
        speakers += f" ({listed(parts)})"
    papers = [paper for name, reader in _readers(run) if (paper := _paper(name, reader, run))]
    cited = cite(*papers) if papers else ""
    spoken = f" ({escape_latex(about)})" if (about := _speech(run)) else ""
    return passage("corpus", cite=cited, speech=spoken, speakers=speakers)


def _speech(run: PaperRun) -> str:
    """What is to be heard in the corpus; of several joined ones, in each that is known."""
    readers = list(_readers(run))
    about = {name: CORPORA[reader].speech for name, reader in readers if reader}
    if len(readers) == 1:
        return "".join(about.values())
    return "; ".join(f"{written_name(name)}: {speech}" for name, speech in about.items())


def _readers(run: PaperRun) -> Iterator[tuple[str, str]]:
    """Every corpus with its reader, which is empty where nothing is known of the speech."""
    joined = run.config["corpora"] or {run.config["corpus"]: {"reader": run.config["reader"]}}
    for name, settings in joined.items():
        reader = settings.get("reader") or name
        yield name, reader if CORPORA[reader].speech else ""


def _paper(name: str, reader: str, run: PaperRun) -> str:
    of_corpus = run.manifest[run.manifest["corpus"] == name]
    is_nemo = name == NEMO and set(of_corpus["language"]) == {"pl"}
    return "christop2024" if is_nemo else CORPUS_PAPERS.get(reader, "")


def evaluation(run: PaperRun, pieces: Collection[str], published: bool) -> str:
    """Measures and tests, with their sources.

    Args:
        run: The run.
        pieces: Names of the tables and figures that the paper has.
        published: Whether tables have published values beside those of the run.
    """
    bounded = _is_bounded(run.intervals[run.intervals["over"] == SPEAKERS]["low"])
    draws = f"{RESAMPLES:,} draws of speakers"
    bootstrap = rf", with a \abbr{{CI}} from a bootstrap of {draws}{cite('efron1993')}"
    parts = [passage("measures", bootstrap=bootstrap if bounded else "")]
    if run.comparisons is not None:
        of_test = run.comparisons[run.comparisons["test"] == BOOTSTRAP]
        parts.append(passage("tests"))
        if _is_bounded(of_test["low"]):
            parts.append(passage("paired_bootstrap"))
    if {"groups", "reliability"} & set(pieces):
        parts.append(passage("calibration"))
    if "specification" in pieces:
        parts.append(passage("specification"))
    if published:
        parts.append(passage("published"))
    return "\n".join(parts)


def _is_bounded(bounds: Iterable[float]) -> bool:
    return any(bound == bound for bound in bounds)


def results(run: PaperRun, beside: Sequence[Result], further: Sequence[Result]) -> str:
    """The accuracy of each system of Table 3, or of all, and their differences.

    Args:
        run: The run.
        beside: Tables and figures in this section.
        further: Those in the appendix.
    """
    named = systems_of_table3(run.names)
    if all(map(is_baseline, named)):
        named = list(run.names)
    parts = [
        passage("values", pieces=references(beside)) if beside else "",
        "\n".join(_accuracies(named, run)),
        "\n".join(_differences(named, run)),
        passage("further", pieces=references(further)) if further else "",
    ]
    return "\n\n".join(filter(None, parts))


def _accuracies(names: Iterable[str], run: PaperRun) -> Iterator[str]:
    for name in names:
        phrase = system_phrase(name, run.context)
        yield passage("accuracy", System=_capital(phrase), macro=macro_name(name))


def _capital(phrase: str) -> str:
    r"""With a capital letter, which an abbreviation gets where it is spelled out."""
    return phrase[0].upper() + phrase[1:]


def _differences(names: Collection[str], run: PaperRun) -> Iterator[str]:
    """The tested differences between some systems."""
    if run.comparisons is None:
        return
    tested = run.comparisons[
        (run.comparisons["test"] == RESAMPLED) & (run.comparisons["against"] != PUBLISHED)
    ].dropna(subset="p_holm")
    for system, against in tested[["system", "against"]].drop_duplicates().itertuples(index=False):
        if {system, against} <= set(names):
            phrases = (system_phrase(name, run.context) for name in (system, against))
            fields = dict(zip(("system", "against"), phrases, strict=True))
            yield passage("difference", macro=macro_name(system, against), **fields)


def limitations(run: PaperRun) -> str:
    """What is true of every run, and what is known of this one."""
    context = run.context
    parts = [passage("few_speakers" if run.known("speaker") else "scope")]
    if any("actors" in CORPORA[reader].speech for _, reader in _readers(run) if reader) or any(
        _paper(name, reader, run) == "christop2024" for name, reader in _readers(run)
    ):
        parts.append(passage("acted"))
    if context.shared_speakers is None:
        parts.append(passage("unknown_speakers"))
    elif context.shared_speakers:
        parts.append(passage("shared_speakers"))
    if context.shared_sentences:
        parts.append(passage("shared_sentences"))
    corpus = " or ".join(name.upper() for name in corpora_of(run.manifest))
    parts += map(escape_latex, encoder_sentences(context.encoders, corpus))
    return "\n".join(parts)
