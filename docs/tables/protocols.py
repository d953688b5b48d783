"""The tables of the page on protocols."""

from __future__ import annotations

from reading import Rows, accuracies, read, side_by_side


def protocols() -> Rows:
    """The price of a leak."""
    table = read("protocols/protocols.csv")
    names = {
        "is09_svm": "IS09 + linear SVM",
        "compare_svm": "ComParE + linear SVM",
        "independent_he": "independent training, HE",
    }
    rows = [["protocol", "folds", "trained on", "shared", "system", "WA / UA"]]
    for (protocol, system), cells in table.groupby(["protocol", "system"], sort=False):
        facts = cells.iloc[0]
        first = [
            str(protocol).replace("_", " "),
            str(facts["folds"]),
            f"{100 * facts['train_share']:.0f} %",
            facts["shared"],
        ]
        told = any(row[0] == first[0] for row in rows)
        values = side_by_side(accuracies(cells))
        rows.append([*([""] * 4 if told else first), names[str(system)], values])
    return rows


def leaks() -> list[str]:
    """What the table says, in points WA."""
    table = read("protocols/protocols.csv").query("metric == 'WA'")
    points = 100 * table.pivot_table("value", "system", "protocol")

    def price(protocol: str) -> str:
        lost = points["random_split"] - points[protocol]
        return f"{lost.min():.1f} to {lost.max():.1f}"

    gain = points.loc["independent_he"] - points.loc["is09_svm"]
    behind = points.loc["compare_svm"] - points.loc["independent_he"]
    return [
        f"- Compared with random splits, a new sentence costs {price('sentence_disjoint')} points "
        f"WA, a new speaker {price('speaker_disjoint')}, and both "
        f"{price('speaker_and_sentence_disjoint')}. A part of the last is less "
        "training data: what shares one of the two with the test set is left out.",
        f"- Independent training is {gain['random_split']:.1f} points WA above the SVM on IS09 on "
        f"random splits, {gain['speaker_disjoint']:.1f} on unseen speakers and "
        f"{gain['speaker_and_sentence_disjoint']:.1f} where speakers and sentences are new, and "
        f"{behind['random_split']:.1f}, {behind['speaker_disjoint']:.1f} and "
        f"{behind['speaker_and_sentence_disjoint']:.1f} below that on ComParE; ten speakers are "
        "too few to tell these apart.",
    ]
