"""Systems, feature sets and corpora as they stand in a sentence of the paper, with citations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sersnake.report.paper.macros import listed
from sersnake.report.paper.passages import passage
from sersnake.report.paper.run import PaperRun
from sersnake.report.run_context import RunContext
from sersnake.report.table_format import escape_latex
from sersnake.settings.classifiers import CLASSIFIERS, DEFAULT_CLASSIFIER
from sersnake.settings.loss_registry import LOSSES
from sersnake.settings.networks import FUSED
from sersnake.settings.streams import INDEPENDENT
from sersnake.settings.systems import SELECTED, System, read_system

LOSS_PHRASES = {"ce": r"\abbr{CE}", "focal": "the focal loss", "he": r"\abbr{HE}"}
# Sets of openSMILE: what a sentence calls them, with the number of values.
OPENSMILE_SETS = {
    "IS09": r"the 384 functionals of the INTERSPEECH 2009 Emotion Challenge~\cite{schuller2009}",
    "ComParE_2016": "the 6373 functionals of the INTERSPEECH 2016 Computational Paralinguistics "
    r"Challenge~\cite{schuller2016}",
    "eGeMAPSv02": r"the 88 functionals of the set eGeMAPS~\cite{eyben2016}",
    "GeMAPSv01b": r"the 62 functionals of the set GeMAPS~\cite{eyben2016}",
}
# Papers, by the family of an encoder.
ENCODERS = {
    "Whisper": "radford2022",
    "wav2vec 2.0": "baevski2020",
    "HuBERT": "hsu2021",
    "WavLM": "chen2022",
}
POOLINGS = {
    "mean": ", averaged over the utterance",
    "mean_std": ", as mean and standard deviation over the utterance",
    "mean_loud": ", as mean and loudness-weighted mean over the utterance",
    "none": ", a vector per 20\\,ms",
}
CLASSIFIER_PAPERS = {
    "svm": "cortes1995,chang2011",
    "rbf": "cortes1995,chang2011",
    "elm": "huang2006",
}


def cite(*keys: str) -> str:
    """A citation behind a word."""
    return rf"~\cite{{{','.join(keys)}}}"


def classifier_phrase(name: str) -> str:
    """A classifier, such as "a linear SVM"."""
    return re.sub(r"\b(SVM|LDA)\b", r"\\abbr{\1}", CLASSIFIERS[name].phrase)


def system_phrase(name: str, context: RunContext) -> str:
    """A system, such as "independent training with hard examples"."""
    if name == SELECTED:
        return "the selected variant"
    system = read_system(name)
    if not system.loss:
        sets = listed(escape_latex(context.feature_sets[each]) for each in system.feature_sets)
        return f"{classifier_phrase(system.classifier)} on {sets} features"
    loss = LOSS_PHRASES.get(system.loss, escape_latex(LOSSES[system.loss].label))
    other = system.classifier != DEFAULT_CLASSIFIER
    classifier = f" and {classifier_phrase(system.classifier)}" if other else ""
    return f"{_training(system, context)} with {loss}{classifier}"


def _training(system: System, context: RunContext) -> str:
    if system.of in (FUSED, INDEPENDENT):
        return f"{system.of} training"
    streams = listed(escape_latex(context.labels.network(name)) for name in system.of.split("+"))
    return f"independent training of {streams}" if "+" in system.of else f"{streams} alone"


def feature_sentence(name: str, values: Mapping[str, Any], run: PaperRun) -> str:
    """What a feature set is; nothing of a kind that no passage describes."""
    label = escape_latex(run.context.feature_sets[name])
    kind = values["kind"]
    if kind in ("mfcc", "log_mel"):
        number = values["n_mfcc" if kind == "mfcc" else "n_mels"] * (1 + values["deltas"])
        sizes = {key: f"{values[f'{key}_ms']:g}" for key in ("window", "hop")}
        return passage(kind, label=label, number=str(number), **sizes)
    if kind == "opensmile":
        sets = listed(OPENSMILE_SETS[each] for each in values["feature_set"].split("+"))
        return passage(kind, label=label, sets=sets)
    if kind == "pretrained":
        return _encoder_sentence(name, label, values, run)
    return ""


def _encoder_sentence(name: str, label: str, values: Mapping[str, Any], run: PaperRun) -> str:
    encoder = next(each for each in run.context.encoders if each["features"] == name)
    layers = values["layers"]
    numbers = "all layers" if layers == "all" else f"layers {listed(map(str, layers))}"
    paper = ENCODERS.get(encoder["family"])
    return passage(
        "pretrained",
        label=label,
        layers=numbers if layers == "all" or len(layers) > 1 else f"layer {layers[0]}",
        model=escape_latex(encoder["model"]),
        cite=cite(paper) if paper else "",
        pooling=POOLINGS[values["pooling"]],
    )
