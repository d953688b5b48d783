"""The tables of the page on other corpora."""

from __future__ import annotations

from reading import CORPORA, Rows, accuracies, pair, ranges, read

SYSTEMS = {"compare_svm": "ComParE, SVM", "whisper_lda": "Whisper, LDA"}


def cross_corpus() -> Rows:
    """Within a corpus, across, and trained on both; then with enrolment."""
    rows = [["trained on", "tested on", *SYSTEMS.values()]]
    table = read("cross-corpus/cross_corpus.csv")
    for places in dict.fromkeys(zip(table["trained_on"], table["tested_on"], strict=True)):
        rows.append([*map(corpus_name, places), *across("cross-corpus", *places)])
    for places in (("emodb", "nemo"), ("nemo", "emodb")):
        trained, tested = map(corpus_name, places)
        cells = across("cross-corpus-enrolled", *places)
        rows.append([trained, f"{tested}, ten recordings of each speaker enrolled", *cells])
    return rows


def across_corpora() -> list[str]:
    """What the table across corpora says, in points WA."""
    table = read("cross-corpus/cross_corpus.csv").query("metric == 'WA'")
    points = 100 * table.pivot_table("value", ["tested_on", "system"], "trained_on")
    joint = next(name for name in points if name not in CORPORA)
    cells = {
        (tested, system): points.loc[(tested, system)] for tested in CORPORA for system in SYSTEMS
    }
    other = {"emodb": "nemo", "nemo": "emodb"}
    loss = [cell[tested] - cell[other[tested]] for (tested, _), cell in cells.items()]
    more = [cell[joint] - cell[tested] for (tested, _), cell in cells.items()]
    svm, lda = SYSTEMS
    gain = {
        name: cells[tested, lda][other[tested]] - cells[tested, svm][other[tested]]
        for tested, name in CORPORA.items()
    }
    return [
        f"- Trained on the other corpus, a system is {min(loss):.0f} to {max(loss):.0f} points WA "
        "below one trained on the corpus itself.",
        f"- The frozen encoder is better than ComParE across the corpora, by {gain['nEMO']:.0f} "
        f"points WA on nEMO and {gain['EMODB']:.0f} on EMODB.",
        f"- A second corpus in the training set adds {min(more):.0f} to {max(more):.0f} points "
        "WA, less than the intervals are wide.",
    ]


def corpus_name(name: str) -> str:
    """A corpus, or both."""
    return CORPORA.get(name, "both")


def across(record: str, trained: str, tested: str) -> list[str]:
    """WA / UA of both systems."""
    table = read(f"{record}/cross_corpus.csv")
    cells = [
        accuracies(table, trained_on=trained, tested_on=tested, system=name) for name in SYSTEMS
    ]
    return [f"{pair(values)} ({ranges(values)})" for values in cells]
