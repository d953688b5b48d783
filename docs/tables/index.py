"""The tables of the summary."""

from __future__ import annotations

from reading import (
    RECORDS,
    Accuracies,
    Rows,
    difference,
    judged,
    measured,
    of_model,
    one,
    pair,
    ranges,
    read,
    under,
)

from sersnake.evaluation.published import published_value

SVM, HE = "ComParE + linear SVM", "independent training, HE"
SELECTED, WHISPER = "the same streams, best of six variants", "Whisper + LDA"
# A protocol, its number of tests, and each system with its accuracies and the published ones.
Part = tuple[str, str, list[tuple[str, Accuracies, str]]]


def conclusions() -> list[str]:
    """What one should conclude, in five sentences."""
    fused = difference("emodb", "independent_ce", "fused_ce")
    mined = difference("emodb", "independent_he", "independent_ce")
    apart, polish = (
        [
            difference(record, *names)
            for names in (("independent_ce", "fused_ce"), ("independent_he", "independent_ce"))
        ]
        for record in ("emodb-speakers", "nemo-speakers")
    )
    paper = {
        system: published_value("emodb", system, "WA")
        for system in ("fused_ce", "independent_ce", "independent_he")
    }
    svm = [
        difference(record, "compare_svm", "independent_he")
        for record in ("emodb", "emodb-speakers")
    ]
    beyond = [
        difference(record, "selected", "compare_svm")
        for record in ("beyond-ten-fold", "beyond-speakers", "beyond-sentences")
    ]
    whisper = difference("encoder-speakers", "selected", "compare_svm")
    return [
        f"1. On EMODB independent training gains {fused.points:.1f} points WA over fused training, "
        f"both with cross entropy (95 % CI {fused.evidence}; the paper: "
        f"{paper['independent_ce'] - paper['fused_ce']:.1f}), {apart[0].points:.1f} with one "
        f"speaker left out ({apart[0].evidence}), and on nEMO {polish[0].points:.1f} "
        f"({polish[0].evidence}).",
        f"2. Re-training on hard examples adds {mined.points:.1f} ({mined.evidence}; the paper: "
        f"{paper['independent_he'] - paper['independent_ce']:.1f}), {apart[1].points:.1f} with one "
        f"speaker left out ({apart[1].evidence}), and on nEMO {polish[1].points:.1f} "
        f"({polish[1].evidence}).",
        "3. On EMODB a linear SVM on ComParE functionals, without a network, is "
        f"{svm[0].points:.1f} points better than the paper's method on random splits "
        f"({svm[0].evidence}), and {svm[1].points:.1f} with one speaker left out "
        f"({svm[1].evidence}).",
        f"4. With what the field has learned since, the same streams are {beyond[0].points:.1f} "
        f"points better than that SVM in random 10-fold cross-validation ({beyond[0].evidence}), "
        f"{beyond[1].points:.1f} with one speaker left out ({beyond[1].evidence}), and "
        f"{beyond[2].points:.1f} with speakers and sentences apart ({beyond[2].evidence}).",
        "5. A frozen Whisper base with a linear discriminant analysis (LDA) is "
        f"{whisper.points:.1f} points better than that SVM with one speaker left out "
        f"({whisper.evidence}).",
    ]


def summary() -> Rows:
    """What each system reaches under each protocol."""
    rows = [["protocol", "n", "system", "WA / UA", "95 % CI, WA / UA", "published (ours)"]]
    for protocol, n, systems in (*speakers_shared(), *speakers_apart()):
        for name, values, paper in systems:
            first = [protocol, n] if name == systems[0][0] else ["", ""]
            rows.append([*first, name, pair(values), ranges(values), paper])
    return rows


def speakers_shared() -> tuple[Part, ...]:
    """The summary's protocols that test known speakers."""
    return (
        (
            *("ten random 80/20 splits", "1070 tests"),
            [
                (name, values := measured("emodb", system, "folds"), judged(system, values))
                for name, system in (
                    ("fused training, CE", "fused_ce"),
                    ("independent training, CE", "independent_ce"),
                    (f"{HE} (the paper's method)", "independent_he"),
                    (SVM, "compare_svm"),
                )
            ],
        ),
        (
            *("random 10-fold", "535"),
            [
                (SVM, measured("beyond-ten-fold", "compare_svm"), ""),
                (SELECTED, measured("beyond-ten-fold", "selected"), ""),
                (WHISPER, under("encoder-speakers", "ten_fold", "selected"), ""),
            ],
        ),
    )


def speakers_apart() -> tuple[Part, ...]:
    """The summary's protocols that test unknown speakers."""
    return (
        (
            *("one speaker left out", "535"),
            [
                (HE, measured("emodb-speakers", "independent_he"), ""),
                (SVM, measured("emodb-speakers", "compare_svm"), ""),
                (SELECTED, measured("beyond-speakers", "selected"), ""),
                (WHISPER, measured("encoder-speakers", "selected"), ""),
                ("what `snakemake best` makes, with Whisper", of_model("best-emodb"), ""),
            ],
        ),
        (
            *("speaker and sentence left out", "535"),
            [
                (SVM, measured("encoder-sentences", "compare_svm"), ""),
                (WHISPER, measured("encoder-sentences", "selected"), ""),
            ],
        ),
        (
            *("speakers and sentences apart, 5 by 5 groups", "535"),
            [
                (
                    f"{HE}, preset `quick`",
                    under("protocols", "speaker_and_sentence_disjoint", "independent_he"),
                    "",
                ),
                (SVM, measured("beyond-sentences", "compare_svm"), ""),
                (SELECTED, measured("beyond-sentences", "selected"), ""),
            ],
        ),
        (
            *("nEMO, one speaker left out", "530"),
            [
                (f"{HE}, preset `quick`", measured("nemo-speakers", "independent_he"), ""),
                (SVM, measured("nemo-encoder", "compare_svm"), ""),
                (WHISPER, measured("nemo-encoder", "selected"), ""),
            ],
        ),
    )


def claims() -> Rows:
    """The paper's claims on two corpora, and with a strong encoder; significant ones are bold."""
    ce, he, streams = "independent_ce", "independent_he", "encoder-streams"
    rows = [
        [
            "points WA",
            "EMODB, random splits",
            "EMODB, speakers apart",
            "nEMO",
            "EMODB, with Whisper",
        ],
    ]
    for claim, system, against, encoder in (
        ("independent over fused training (both CE)", ce, "fused_ce", (ce, "fused_ce")),
        ("hard examples over CE", he, ce, (he, ce)),
        ("… over the focal loss", he, "independent_focal", None),
        ("both streams over ACLN alone (all HE)", he, "acln_he", None),
        ("… over FCN alone", he, "fcn_he", None),
        ("three streams over the encoder's alone (HE)", "", "", (he, "whisper_he")),
        (
            "hard examples over CE, the encoder's stream alone",
            *("", ""),
            ("whisper_he", "whisper_ce"),
        ),
        ("… over the focal loss", "", "", ("whisper_he", "whisper_focal")),
    ):
        cells = [
            difference(record, *pair).short if all(pair) else ""
            for record, pair in (
                ("emodb", (system, against)),
                ("emodb-speakers", (system, against)),
                ("nemo-speakers", (system, against)),
                (streams, encoder or ("", "")),
            )
        ]
        rows.append([claim, *cells])
    return rows


WHAT = {
    "emodb": "all systems of the paper, ten random splits, trained until the loss is steady",
    "emodb-speakers": "the same, one speaker left out",
    "protocols": "three systems under protocols that share less and less, preset `quick`",
    "emodb-variants": "what the paper leaves open, one choice at a time, five splits",
    "beyond-ten-fold": "the same streams, best of six variants, random 10-fold",
    "beyond-speakers": "the same, one speaker left out",
    "beyond-sentences": "the same, speakers and sentences apart",
    "encoder-speakers": "Whisper base, frozen, one speaker left out and random 10-fold",
    "encoder-sentences": "the same, speaker and sentence left out",
    "encoder-streams": "Whisper base as a stream beside the paper's",
    "enrolment-emodb": "accuracy by the number of a speaker's recordings",
    "enrolled-speakers": "features and classifiers with enrolment",
    "enrolled-networks": "a network whose features are scaled by enrolled recordings",
    "cross-corpus": "trained on one corpus, tested on the other",
    "cross-corpus-enrolled": "the same, ten recordings of each speaker enrolled",
    "robustness-emodb": "degraded recordings",
    "robustness-copies": "the same, trained on degraded copies too",
    "robustness-nemo": "degraded recordings of nEMO",
    "nemo-speakers": "nEMO: all systems of the paper, one speaker left out",
    "nemo-encoder": "nEMO: Whisper base, frozen",
    "enrolment-nemo": "nEMO: by the number of a speaker's recordings",
}


def records() -> Rows:
    """Each record, and how long its jobs took."""
    rows = [["record", "what", "minutes, one core"]]
    for name in sorted(
        (path.parent.name for path in RECORDS.glob("*/provenance.json")), key=[*WHAT].index
    ):
        minutes = read(f"{name}/cost.csv")["seconds"].sum() / 60
        rows.append([f"[{name}]({name}/README.md)", WHAT[name], f"{minutes:.0f}"])
    return rows


def agreement() -> Rows:
    """Spearman's rho between hard index and listeners."""
    rows = [["network", "random 80/20, 10 splits", "one speaker left out"]]
    for name, network in (("ACLN", "acln"), ("FCN", "fcn"), ("fused", "fused")):
        cells = []
        for record in ("emodb", "emodb-speakers"):
            row = one(read(f"{record}/agreement.csv"), network=network)
            cells.append(f"{row['rho']:.2f} ({row['low']:.2f} to {row['high']:.2f})")
        rows.append([name, *cells])
    return rows
