"""The numbers of a run as LaTeX macros, so that its text can be moved and keeps them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from sersnake.evaluation.comparisons import MCNEMAR, PUBLISHED, RESAMPLED
from sersnake.evaluation.system_intervals import FOLDS
from sersnake.io.words import count
from sersnake.report.paper.run import PaperRun
from sersnake.report.table_format import escape_latex

HEAD = """\
% Numbers of this run, as paper.tex uses them. The workflow writes this file: do not edit it.
% Accuracies, differences and their intervals are in percent and in points of percent, as in the
% tables; those that are called Pooled are over all test predictions, the others means over folds.
"""
DIGITS = ("Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
SIGNIFICANT = 0.05
SMALLEST_P = 0.001
# What a schedule of training is called in macros.
PHASES = {"phase_1": "PhaseOne", "phase_2": "PhaseTwo", "retraining": "Retraining"}
SCHEDULE = {
    "epochs": "Epochs",
    "batch_size": "Batch",
    "learning_rate": "Rate",
    "decay_epochs": "Decay",
}
LOSSES_OF = {"phase_1": ("ce", "focal", "he"), "phase_2": ("ce", "focal"), "retraining": ("he",)}
Macros = dict[str, str]


def macros_of(run: PaperRun) -> Macros:
    """Every macro of a run by its name, as LaTeX source."""
    return {
        **_data(run),
        **_protocol(run),
        **_training(run),
        **dict(_accuracies(run.intervals)),
        **dict(_differences(run.comparisons)),
    }


def macros_source(macros: Mapping[str, str]) -> str:
    """The macros as a file that LaTeX reads."""
    lines = [rf"\newcommand{{\{name}}}{{{value}}}" for name, value in macros.items()]
    return "\n".join([HEAD, *lines, ""])


def macro_name(system: str, against: str = "") -> str:
    r"""What the macros of a system, or of a pair, begin with: ``is09_svm`` is ``IsZeroNineSvm``."""
    named = re.sub(r"\d", lambda digit: f"_{DIGITS[int(digit[0])]}_", system.replace("+", "_plus_"))
    words = "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z]+", named))
    return f"{words}Versus{macro_name(against)}" if against else words


def of_networks(run: PaperRun, values: Mapping[str, Any]) -> str:
    """One value where all networks have the same: ``40``; else ``40 (ACLN) and 10 (FCN)``."""
    names: dict[Any, list[str]] = {}
    for network, value in values.items():
        names.setdefault(value, []).append(run.context.labels.network(network))
    if len(names) == 1:
        return _plain(next(iter(names)))
    return listed(
        f"{_plain(value)} ({escape_latex(', '.join(labels))})" for value, labels in names.items()
    )


def listed(parts: Iterable[str]) -> str:
    """``a, b and c``."""
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last


def trained(run: PaperRun, phase: str) -> dict[str, Mapping[str, Any]]:
    """The training of each network that has a phase, by the network's name."""
    networks = run.networks_of(LOSSES_OF[phase])
    return {network: run.config["training"][network] for network in networks}


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:,g}"


def _data(run: PaperRun) -> Macros:
    manifest, context = run.manifest, run.context
    counts = manifest["emotion"].value_counts()
    emotions = (f"{emotion} ({counts.get(emotion, 0):,})" for emotion in context.emotions)
    macros = {
        "Corpus": context.corpus_name,
        "NumUtterances": f"{len(manifest):,}",
        "Minutes": f"{pd.to_numeric(manifest['duration']).sum() / 60:,.1f}",
        "NumEmotions": str(len(context.emotions)),
        "Emotions": ", ".join(emotions),
    }
    for column, name in (("speaker", "NumSpeakers"), ("sentence", "NumSentences")):
        if run.known(column):
            macros[name] = f"{manifest[column].nunique():,}"
    if run.known("speaker") and run.known("sex"):
        for sex, speakers in manifest.groupby("sex")["speaker"].nunique().items():
            if sex in ("female", "male"):
                macros[f"Num{str(sex).capitalize()}"] = str(speakers)
    return {name: escape_latex(value) for name, value in macros.items()}


def _protocol(run: PaperRun) -> Macros:
    context = run.context
    macros = {
        "Protocol": context.protocol,
        "Folds": count(context.folds, "fold"),
        "Sharing": context.sharing,
        "TrainShare": f"{100 * context.train_share:.1f}",
        "Seed": str(context.seed),
        "NumMembers": str(run.config["seeds"]),
        "NumVariants": str(len(run.config["model_selection"]["variants"])),
    }
    if run.comparisons is not None:
        pairs = run.comparisons[run.comparisons["against"] != PUBLISHED]
        macros["NumPairs"] = count(len(pairs.drop_duplicates(["system", "against"])), "pair")
    return {name: escape_latex(value) for name, value in macros.items()}


def _training(run: PaperRun) -> Macros:
    if not run.networks:
        return {}
    macros = {}
    for phase, name in PHASES.items():
        of_phase = trained(run, phase)
        for key, ending in SCHEDULE.items() if of_phase else ():
            values = {network: training[phase][key] for network, training in of_phase.items()}
            macros[name + ending] = of_networks(run, values)
    dropout = {name: run.config["training"][name]["dropout"] for name in run.networks}
    mining, config = run.config["mining"], run.config
    beta = {} if mining["beta"] is None else {"Beta": _plain(mining["beta"])}
    return {
        **macros,
        "Dropout": of_networks(run, dropout),
        "HardShare": f"{100 * mining['hard_share']:.1f}",
        **beta,
        "Smoothing": _plain(mining["smoothing"]),
        "FocalGamma": _plain(config["focal"]["gamma"]),
        "FusionWidth": _plain(config["fusion_width"]),
    }


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): cell for name, cell in row.items()} for row in frame.to_dict("records")]


def _accuracies(intervals: pd.DataFrame) -> Iterator[tuple[str, str]]:
    for row in _rows(intervals):
        pooled = "Pooled" * (row["over"] != FOLDS)
        name = f"{macro_name(row['system'])}{pooled}{row['metric']}"
        yield name, _percent(row["value"])
        yield f"{name}CI", _interval(row["low"], row["high"])


def _differences(comparisons: pd.DataFrame | None) -> Iterator[tuple[str, str]]:
    if comparisons is None:
        return
    for row in _rows(comparisons[comparisons["against"] != PUBLISHED]):
        name = macro_name(row["system"], row["against"])
        if row["test"] == MCNEMAR:
            yield f"{name}McNemarP", _p(row["p_holm"])
            continue
        name += "Pooled" * (row["test"] != RESAMPLED) + row["metric"]
        yield name, _percent(row["difference"])
        yield f"{name}CI", _interval(row["low"], row["high"])
        if row["test"] == RESAMPLED:
            yield f"{name}P", _p(row["p_holm"])
            yield f"{name}Verdict", _verdict(row["p_holm"])


def _percent(value: float) -> str:
    return f"{100 * value:.2f}".replace("-", r"\ensuremath{-}")


def _interval(low: float, high: float) -> str:
    if math.isnan(low):
        return "no interval"
    return rf"95\,\% CI {_percent(low)} to {_percent(high)}"


def _p(value: float) -> str:
    if math.isnan(value):
        return "not tested"
    return f"$p<{SMALLEST_P}$" if value < SMALLEST_P else f"$p={value:.3f}$"


def _verdict(p: float) -> str:
    if math.isnan(p):
        return "not tested"
    return "significant" if p < SIGNIFICANT else "not significant"
