"""The tables of README.md."""

from __future__ import annotations

from reading import Rows, at_point, difference, measured, pair, published, under, with_interval


def readme() -> Rows:
    """The README's table."""
    he, svm, selected = "independent_he", "compare_svm", "selected"
    enrolled = at_point("enrolment-emodb", "enrolment", "Whisper + LDA", enrolled="10")
    rows = [
        ["the paper, published", published(he), "", ""],
        [
            "the paper's method, re-created",
            pair(measured("emodb", he, "folds")),
            "",
            with_interval(measured("emodb-speakers", he)),
        ],
        [
            "ComParE, linear support vector machine (SVM), no network",
            pair(measured("emodb", svm, "folds")),
            pair(under("encoder-speakers", "ten_fold", svm)),
            with_interval(measured("encoder-speakers", svm)),
        ],
        [
            "the same streams, best of six variants",
            "",
            pair(measured("beyond-ten-fold", selected)),
            with_interval(measured("beyond-speakers", selected)),
        ],
        [
            "frozen Whisper base and linear discriminant analysis",
            "",
            pair(under("encoder-speakers", "ten_fold", selected)),
            with_interval(measured("encoder-speakers", selected)),
        ],
        [
            "… with fixed layers and ten unlabelled recordings of the speaker",
            "",
            "",
            with_interval(enrolled),
        ],
    ]
    return [["", "ten random splits", "random 10-fold", "one speaker left out"], *rows]


def verdict() -> list[str]:
    """Whether to use the method."""
    fused = difference("emodb", "independent_ce", "fused_ce")
    mined = difference("emodb", "independent_he", "independent_ce")
    return [
        f"On EMODB independent training gains {fused.points:.1f} points WA over fused training "
        f"(95 % CI {fused.evidence}), and hard-example mining {mined.points:.1f} "
        f"({mined.evidence}). Take ComParE with an SVM as your baseline, and a frozen encoder "
        "where you may."
    ]
