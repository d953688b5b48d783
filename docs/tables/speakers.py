"""The tables of the page on unknown speakers."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
from reading import CORPORA, METRICS, Rows, measured, one, pair, ranges, read, tenths

from sersnake.evaluation.resampled_t import corrected_resampled_t

GROUPS = {"emodb": "encoder-speakers", "nemo": "nemo-encoder"}


def enrolment_curves() -> Rows:
    """Accuracy by the number of enrolled recordings."""
    points = ("none", "1", "2", "5", "10", "20", "all")
    return by_point(
        dict(zip(points, points, strict=True)), lambda row: f"{row['wa_value']} / {row['ua_value']}"
    )


def failures_of_enrolment() -> Rows:
    """What wrong recordings cost."""
    return by_point(
        {
            "10": "ten at random",
            "10, one emotion": "ten of one emotion",
            "10, wrong speaker": "ten of a wrong speaker",
        },
        lambda row: f"{row['wa_gain']} ({row['wa_gain_low']} to {row['wa_gain_high']})",
    )


def harm() -> list[str]:
    """The most that a wrong speaker's recordings cost."""
    curves = [read(f"enrolment-{corpus}/tables/enrolment.csv") for corpus in CORPORA]
    gains = pd.concat(curves).query("enrolled == '10, wrong speaker'")["wa_gain"]
    return [
        f"With somebody else's recordings: by up to {-gains.min()} points WA. Recordings of one "
        "emotion gain less than any ten, and do no significant harm."
    ]


def by_point(points: dict[str, str], cell: Callable[[pd.Series], str]) -> Rows:
    """A row per corpus and system of the enrolment curves, and a column per point."""
    rows = [["", *points.values()]]
    for corpus, name in CORPORA.items():
        curve = read(f"enrolment-{corpus}/tables/enrolment.csv")
        for system in curve["system"].unique():
            cells = [cell(one(curve, system=system, enrolled=point)) for point in points]
            short = system.replace(" +", ",").replace("linear SVM", "SVM")
            rows.append([f"{name}: {short}", *cells])
    return rows


def enrolled_variants() -> Rows:
    """Features and classifiers with all recordings of each speaker enrolled."""
    record = "enrolled-speakers"
    chosen = read(f"{record}/model_selection.csv")["variant"].value_counts()
    rows = [["variant", "WA / UA", "selected in"]]
    names = {
        "compare": "ComParE, LDA",
        "compare_copies": "… and copies",
        "svm": "ComParE, IS09 and eGeMAPS, SVM",
        "functionals": "ComParE, IS09 and eGeMAPS, LDA",
        "copies": "… and copies",
    }
    for variant, name in names.items():
        scores = read(f"{record}/variants/{variant}/metrics.csv")
        rows.append([name, pooled(scores), f"{chosen.get(variant, 0)} of {chosen.sum()} folds"])
    best = measured(record, "selected")
    return [*rows, ["the selected one of each fold", f"**{pair(best)}** ({ranges(best)})", ""]]


def pooled(metrics: pd.DataFrame) -> str:
    """WA / UA of the only system of a metrics.csv, over all test predictions."""
    rows = [one(metrics, fold="pooled", metric=metric) for metric in METRICS]
    return " / ".join(f"{100 * row['value']:.1f}" for row in rows)


def enrolled_networks() -> Rows:
    """A network whose features are scaled by recordings of the test speaker."""
    record = "enrolled-networks"
    rows = [["what FCN reads is scaled by", "WA / UA", "gain in WA over folds (95 % interval)"]]
    rows.append(["the training set", pair(measured(record, "fcn_ce")), ""])
    base = by_fold(read(f"{record}/metrics.csv"))
    for variant, name in (
        ("classifier_ten", "the same; the classifier knows ten recordings of the speaker"),
        ("ten", "ten recordings of the speaker"),
        ("all", "all recordings of the speaker (transductive)"),
        ("speaker_normalisation", "`normalisation: speaker` (transductive)"),
    ):
        scores = read(f"{record}/variants/{variant}/metrics.csv")
        gains = by_fold(scores) - base
        gain = corrected_resampled_t(gains, ratio=1 / (len(gains) - 1))
        points, low, high = (tenths(100 * value) for value in gain[:3])
        rows.append([name, pooled(scores), f"{points} ({low} to {high})"])
    return rows


def by_fold(metrics: pd.DataFrame) -> pd.Series:
    """WA in each fold, of the only system of a metrics.csv."""
    folds = metrics[(metrics["fold"] != "pooled") & (metrics["metric"] == "WA")]
    return folds.set_index("fold")["value"]


def groups() -> Rows:
    """Who ComParE with a linear SVM works for."""
    rows = [["", "UA in percent (95 % interval)", "ECE in percent"]]
    for corpus, name in CORPORA.items():
        table = read(f"{GROUPS[corpus]}/groups.csv").query("system == 'compare_svm'")
        whole = one(table, group="all", metric="UA")
        about = f"{name}, {whole['speakers']} speakers, {whole['utterances']} utterances"
        speakers = table.query("kind == 'speaker' and metric == 'UA'").sort_values("value")
        for title, kind, group in (
            (about, "all", "all"),
            *(("… women", "sex", "female"), ("… men", "sex", "male")),
            (
                f"… best speaker, {speakers['group'].iloc[-1]}",
                "speaker",
                speakers["group"].iloc[-1],
            ),
            (f"… worst speaker, {speakers['group'].iloc[0]}", "speaker", speakers["group"].iloc[0]),
        ):
            of_group = table[(table["kind"] == kind) & (table["group"] == group)]
            ua, ece = (one(of_group, metric=metric) for metric in ("UA", "ECE"))
            chance = 100 * one(of_group, metric="ECE_expected")["value"]
            rows.append([title, interval(ua), f"{interval(ece)[:-1]}; by chance {chance:.1f})"])
    return rows


def fairness() -> list[str]:
    """The gap between the sexes, and how far probabilities are wrong for a speaker of nEMO."""
    gaps = {}
    for corpus, name in CORPORA.items():
        table = read(f"{GROUPS[corpus]}/groups.csv").query("system == 'compare_svm'")
        row = one(table, kind="gap", metric="UA")
        values = [100 * row[key] for key in ("value", "low", "high")]
        gaps[name] = "{:.1f} points UA ({:.1f} to {:.1f}, p {:.2f})".format(*values, row["p"])
    speakers = table[table["kind"] == "speaker"].pivot_table("value", "group", "metric")
    excess = 100 * (speakers["WA"] - speakers["confidence"])
    return [
        f"Women less men: {gaps['EMODB']} on EMODB and {gaps['nEMO']} on nEMO; with so few "
        "speakers a gap of ten points could go unseen. nEMO's probabilities are right on average "
        f"and wrong for a person: one speaker is recognised {-excess.min():.0f} points less often "
        f"than the system says, another {excess.max():.0f} points more often."
    ]


def interval(row: pd.Series) -> str:
    """A value in percent, with its interval."""
    return f"{100 * row['value']:.1f} ({100 * row['low']:.1f} to {100 * row['high']:.1f})"
