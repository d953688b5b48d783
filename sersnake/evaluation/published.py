"""Published results of the paper and of other authors."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

from sersnake.corpora.base import title_of
from sersnake.corpora.registry import CORPORA
from sersnake.evaluation.metrics import METRICS
from sersnake.io import read_csv
from sersnake.protocols import Protocol

# The protocols behind the paper's numbers (Section IV-B): in its words, and ours that follow them.
PAPER_PROTOCOLS = {
    "iemocap": ("8 speakers train, 2 test", Protocol("leave_one_session_out")),
    "emodb": ("random 80/20 splits", Protocol("random_split")),
    "casia": ("random 80/20 splits", Protocol("random_split")),
}
# Utterances that the paper counts in a corpus (Section IV-A).
PAPER_UTTERANCES = {"iemocap": 2280, "casia": 2400}
# Where the paper reports a system: (table, method), the one to print first.
SYSTEM_SOURCES: dict[str, tuple[tuple[int, str], ...]] = {
    "fused_ce": ((3, "fused"),),
    "independent_ce": ((3, "independent"), (5, "cross_entropy")),
    "independent_focal": ((5, "focal"),),
    "independent_he": ((5, "hard_example"), (7, "proposed")),
}


@cache
def published_values() -> pd.DataFrame:
    """Every number of the paper's Tables 3 to 7.

    Returns:
        Columns table, corpus, method, class, metric, value: class is "all" or an emotion, metric
        is WA, UA, recall or share, value is in percent.
    """
    path = Path(__file__).with_name("published.csv")
    return read_csv(path, ["table", "corpus", "method", "class", "metric", "value"])


@cache
def literature() -> pd.DataFrame:
    """Results of other authors on the paper's corpora, without those cited in its Table 7.

    Returns:
        Columns corpus, system, WA, UA (in percent, NaN where not reported), protocol, source.
    """
    path = Path(__file__).with_name("literature.csv")
    frame = read_csv(path, ["corpus", "system", "WA", "UA", "protocol", "source"])
    return frame.assign(**{metric: pd.to_numeric(frame[metric]) for metric in METRICS})


def reported(table: int, corpus: str, method: str, metric: str, emotion: str = "all") -> float:
    """One number of the paper, in percent; NaN where that table has none."""
    frame = published_values()
    values = frame.loc[
        (frame["table"] == table)
        & (frame["corpus"].str.lower() == corpus.lower())
        & (frame["method"] == method)
        & (frame["metric"] == metric)
        & (frame["class"] == emotion),
        "value",
    ]
    return float(values.iloc[0]) if len(values) else float("nan")


def published_value(corpus: str, system: str, metric: str) -> float:
    """The WA or UA that the paper reports for a system, in percent; NaN where it reports none."""
    values = _of_system(corpus, system, metric)
    return next(iter(values.values()), float("nan"))


def other_protocol(corpus: str, protocol: str) -> str | None:
    """The paper's protocol for a corpus, if the compared numbers come from another one.

    Args:
        corpus: Name of the corpus ("emodb").
        protocol: How the folds of these numbers were made, as ``Protocol.description`` says it.

    Returns:
        The paper's protocol in its words; ``None`` where ours follows it, or the paper has no
        number of the corpus.
    """
    words, follows = PAPER_PROTOCOLS.get(corpus.lower(), (None, None))
    return None if follows is None or protocol == follows.description else words


def other_data(manifest: pd.DataFrame) -> str | None:
    """The utterances of the paper's numbers for a corpus, if ours differ.

    Args:
        manifest: Columns corpus and emotion, and certificate where it is known; one row per
            utterance.

    Returns:
        The paper's utterances in words; ``None`` where ours are as many of the same classes, or the
        paper has no number of the corpus.
    """
    corpus = title_of(manifest).lower()
    if corpus not in PAPER_PROTOCOLS:
        return None
    if "certificate" in manifest and (manifest["certificate"] == "partial").any():
        return "the whole corpus"
    paper = PAPER_UTTERANCES.get(corpus, len(manifest))
    if paper != len(manifest):
        return f"{paper} utterances, not of {len(manifest)}"
    classes = CORPORA[corpus].kept or CORPORA[corpus].emotions
    return None if set(manifest["emotion"]) == set(classes) else "other classes"


def contradictions(corpus: str, system: str) -> list[str]:
    """One sentence for each metric that the paper reports differently in two of its tables."""
    sentences = []
    for metric in METRICS:
        values = _of_system(corpus, system, metric)
        if len(set(values.values())) > 1:
            places = " and ".join(f"{v:.2f} in its Table {table}" for table, v in values.items())
            sentences.append(f"the paper gives {metric} as {places}.")
    return sentences


def _of_system(corpus: str, system: str, metric: str) -> dict[int, float]:
    """Table number to value, in the order of :data:`SYSTEM_SOURCES`."""
    values = {
        table: reported(table, corpus, method, metric)
        for table, method in SYSTEM_SOURCES.get(system, ())
    }
    return {table: value for table, value in values.items() if value == value}
