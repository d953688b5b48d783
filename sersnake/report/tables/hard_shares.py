"""Table 4: class shares without and with mining."""

from __future__ import annotations

import pandas as pd

from sersnake.evaluation.hard_examples import count_classes
from sersnake.evaluation.published import reported
from sersnake.report.run_context import RunContext
from sersnake.report.table_format import Column, Table

# The paper's two rows: their names in published.csv, and here.
PUBLISHED = {
    "without_hard_example_retraining": "Published, all",
    "with_hard_example_retraining": "Published, hard",
}
PUBLISHED_CORPUS = "iemocap"  # the only corpus of the paper's Table 4
PUBLISHED_CLASSES = ("angry", "neutral", "happy", "sad")


def table4(hard_index: pd.DataFrame, manifest: pd.DataFrame, context: RunContext) -> Table:
    """The paper's Table 4: share of each class among all and among hard training utterances.

    Args:
        hard_index: Columns network, fold, utterance and hard (1 or 0); one row per training
            utterance.
        manifest: Columns utterance and emotion.
        context: The run.

    Returns:
        One row for all training utterances and one per mined network, all folds counted together:
            percentage of the training utterances, share of each class among them in percent, and
            the ratio of the largest share to the smallest. For IEMOCAP the two published rows
            follow; otherwise a note has them, unless the corpus is synthetic.

    Raises:
        SersnakeError: Nothing was mined, or an utterance has no label.
    """
    emotions = context.emotions
    labels = manifest.set_index("utterance")["emotion"]
    counts = count_classes(hard_index, labels, emotions)
    everything = next(iter(counts.values())).sum(axis=1)  # the same for every network
    rows = [_row("All", everything, everything)]
    rows += [
        _row(f"Hard for {context.labels.network(name)}", of["hard"], everything)
        for name, of in counts.items()
    ]
    beside = context.corpus == PUBLISHED_CORPUS and set(emotions) == set(PUBLISHED_CLASSES)
    if beside:
        rows += [_published_row(method) for method in PUBLISHED]
    columns = (
        Column("utterances", "Utterances"),
        Column("part", "Part"),
        *(Column(emotion, emotion, "Share of each class") for emotion in emotions),
        Column("ratio", "Max/min"),
    )
    notes = [] if context.synthetic else [_published_note(beside)]
    return Table(
        "Table 4",
        f"table4-{context.corpus}",
        f"Share of each class among the training utterances of {context.corpus_name}, without "
        "mining (all) and with it (hard), in percent. Part: percentage of the training "
        "utterances; Max/min: ratio of the largest share to the smallest, 1 if the classes are "
        f"balanced; all folds counted together. {context.setting}",
        columns,
        pd.DataFrame(rows),
        tuple(notes),
    )


def _row(name: str, counts: pd.Series, everything: pd.Series) -> dict[str, str | float]:
    shares = 100 * counts / counts.sum()
    part = 100 * float(counts.sum() / everything.sum())
    ratio = float(shares.max() / shares.min()) if shares.min() > 0 else float("nan")
    cells = {str(emotion): float(share) for emotion, share in shares.items()}
    return {"utterances": name, "part": part, **cells, "ratio": ratio}


def _published_row(method: str) -> dict[str, str | float]:
    shares = {
        emotion: reported(4, PUBLISHED_CORPUS, method, "share", emotion)
        for emotion in PUBLISHED_CLASSES
    }
    ratio = max(shares.values()) / min(shares.values())
    return {"utterances": PUBLISHED[method], "part": float("nan"), **shares, "ratio": ratio}


def _published_note(beside: bool) -> str:
    """The source of the published rows, or the values themselves if they fit no column."""
    if beside:
        return "Published: Table 4 of the paper, which does not name the network."
    rows = []
    for method, name in PUBLISHED.items():
        shares = ", ".join(
            f"{emotion} {reported(4, PUBLISHED_CORPUS, method, 'share', emotion):.2f}"
            for emotion in PUBLISHED_CLASSES
        )
        rows.append(f"{name.removeprefix('Published, ')}: {shares}")
    return f"Published only for IEMOCAP (Table 4 of the paper): {'; '.join(rows)}."
