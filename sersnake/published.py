"""The numbers that the paper published, to stand beside ours."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

from sersnake.io import read_csv

# Where the paper reports an arm: (table, method), the one to print first.
ARM_SOURCES: dict[str, tuple[tuple[int, str], ...]] = {
    "fused_ce": ((3, "fused"),),
    "independent_ce": ((3, "independent"), (5, "cross_entropy")),
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


def published_value(corpus: str, arm: str, metric: str) -> float:
    """The WA or UA that the paper reports for an arm, in percent; NaN where it reports none."""
    values = _reported(corpus, arm, metric)
    return next(iter(values.values()), float("nan"))


def contradictions(corpus: str, arm: str) -> list[str]:
    """One sentence for each metric that the paper reports differently in two of its tables."""
    sentences = []
    for metric in ("WA", "UA"):
        values = _reported(corpus, arm, metric)
        if len(set(values.values())) > 1:
            places = " and ".join(f"{v:.2f} in its Table {table}" for table, v in values.items())
            sentences.append(f"the paper gives {metric} as {places}.")
    return sentences


def _reported(corpus: str, arm: str, metric: str) -> dict[int, float]:
    """Table number to value, in the order of :data:`ARM_SOURCES`."""
    frame = published_values()
    here = frame[
        (frame["corpus"].str.lower() == corpus.lower())
        & (frame["class"] == "all")
        & (frame["metric"] == metric)
    ].set_index(["table", "method"])["value"]
    return {source[0]: float(here[source]) for source in ARM_SOURCES.get(arm, ()) if source in here}
