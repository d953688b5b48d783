"""Tables and figures of a run with streams and feature sets of its user's own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sersnake.report.figures.accuracy_curve import figure6
from sersnake.report.figures.loss import figure2
from sersnake.report.plot_style import LINES
from sersnake.report.run_context import RunContext
from sersnake.report.tables.ablation import ablation
from sersnake.report.tables.comparisons import comparison_table
from sersnake.report.tables.intervals import interval_table
from sersnake.report.tables.optimism import optimism_table
from sersnake.report.tables.systems import PAPER
from sersnake.report.tables.training import table3

PAPER_ALONE = RunContext("mine", 2, "stratified random 80/20 split", True, "paper")
THREE = replace(
    PAPER_ALONE,
    streams={
        **PAPER_ALONE.streams,
        "mine": {"label": "My network", "features": "gemaps", "network": {"module": "my.Network"}},
    },
    feature_sets={"mfcc": "MFCC", "is09": "IS09", "gemaps": "GeMAPS"},
)


@pytest.mark.parametrize(
    ("system", "label"),
    [
        ("mine_ce", "My network alone (CE)"),
        ("mine_he_elm", "My network alone (HE), ELM"),
        ("acln+mine_he", "ACLN + My network (HE)"),
        ("independent_ce", "Independent training (CE)"),
        ("fused_focal", "Fused training (focal)"),
        ("gemaps_svm", "GeMAPS + linear SVM (baseline)"),
        ("is09_elm", "IS09 + ELM (baseline)"),
        ("other_svm", "other + linear SVM (baseline)"),
        ("selected", "Selected variant"),
    ],
)
def test_a_system_is_called_by_the_labels_of_its_parts(system: str, label: str) -> None:
    assert THREE.labels.system(system) == label
    assert THREE.labels.short(system) == label.removesuffix(" (baseline)")


def test_a_network_is_called_by_its_streams_label() -> None:
    names = [THREE.labels.network(name) for name in ("acln", "mine", "fused")]
    assert names == ["ACLN", "My network", "Fused"]
    assert PAPER_ALONE.labels == PAPER


def test_a_system_of_somebody_elses_keeps_its_name() -> None:
    cells = {"system": "theirs", "against": "mine_ce", "metric": "WA", "difference": 0.1}
    rest = {"low": 0.0, "high": 0.2, "p": 0.04, "p_holm": 0.04, "note": ""}
    compared = pd.DataFrame([{**cells, **rest, "test": "corrected resampled t"}])
    (row,) = comparison_table(compared, THREE).frame["comparison"]
    assert row == "theirs against My network alone (CE): WA"
    of_both = [{**cells, **rest, "over": over, "value": 0.5} for over in ("folds", "speakers")]
    measured = pd.DataFrame(of_both)
    assert interval_table(measured, THREE).frame["system"].tolist() == ["theirs: WA"]


def metrics_of(systems: list[str]) -> pd.DataFrame:
    rows = [(s, f, m, 0.5) for s in systems for f in ("0", "1", "pooled") for m in ("WA", "UA")]
    return pd.DataFrame(rows, columns=["system", "fold", "metric", "value"])


def test_table_3_has_baselines_and_trainings_and_the_ablation_has_all() -> None:
    systems = ["mine_he", "acln+mine_ce", "independent_he", "mine_ce", "fused_ce", "gemaps_elm"]
    metrics = metrics_of([*systems, "acln_ce", "fcn+mine_he", "independent_ce"])
    in_table3 = [
        "GeMAPS + ELM (baseline)",
        "Fused training (CE)",
        "Independent training (CE)",
        "Independent training (HE)",
    ]
    assert table3(metrics, THREE).frame["method"].tolist() == in_table3
    assert ablation(metrics, THREE).frame["method"].tolist() == [
        in_table3[0],
        *("ACLN alone (CE)", "My network alone (CE)", "My network alone (HE)"),
        *in_table3[1:],
        *("ACLN + My network (CE)", "FCN + My network (HE)"),
    ]


def test_optimism_has_a_row_per_stream_and_loss() -> None:
    values = ["last_epoch", "optimistic_best_epoch", "optimism", "low", "high"]
    rows = [
        {"network": network, "system": system, "metric": metric, **dict.fromkeys(values, 0.1)}
        for network, system in [
            *(("acln", "acln_ce"), ("mine", "independent_ce"), ("mine", "mine_ce")),
            ("mine", "mine_he"),
        ]
        for metric in ("WA", "UA")
    ]
    methods = optimism_table(pd.DataFrame(rows), THREE).frame["method"]
    assert methods.tolist() == ["ACLN (CE)", "My network (CE)", "My network (HE)"]


def test_figure_2_has_a_line_of_its_own_per_stream() -> None:
    history = pd.DataFrame(
        [
            (network, "independent_ce", fold, 1, epoch, start / epoch)
            for network, start in (("acln", 2.0), ("fcn", 1.5), ("mine", 1.0))
            for fold in ("0", "1")
            for epoch in range(1, 11)
        ],
        columns=["network", "system", "fold", "phase", "epoch", "loss"],
    )
    axes = figure2(history, THREE).axes[0]
    assert [line.get_color() for line in axes.lines] == [style["color"] for style in LINES[:3]]
    assert [line.get_ydata()[0] for line in axes.lines] == [2.0, 1.5, 1.0]
    written = {text.get_text(): text.get_color() for text in axes.texts}
    names = ("ACLN", "FCN", "My network")
    assert written == {n: style["color"] for n, style in zip(names, LINES, strict=False)}


def test_figure_2_draws_more_streams_than_there_are_lines() -> None:
    names = [f"s{number}" for number in range(len(LINES) + 1)]
    history = pd.DataFrame(
        [(name, "independent_ce", "0", 1, epoch, 1.0) for name in names for epoch in (1, 2)],
        columns=["network", "system", "fold", "phase", "epoch", "loss"],
    )
    streams = {name: {"label": name, "features": "is09", "network": "fcn"} for name in names}
    lines = figure2(history, replace(THREE, streams=streams)).axes[0].lines
    assert lines[-1].get_color() == lines[0].get_color()
    assert len(lines) == len(names)


def test_figure_6_has_rows_for_every_stream_in_order() -> None:
    epochs = np.arange(1, 11)
    curve = pd.concat(
        pd.DataFrame({"epoch": epochs, "phase": 1 + (epochs > 5), "wa": epochs / 10}).assign(
            network=network, system=system, fold="0", ua=0.5
        )
        for network in ("mine", "fcn", "acln")
        for system in ("independent_ce", "independent_he")
    )
    titles = [axes.get_title(loc="left") for axes in figure6(curve, THREE).axes[::2]]
    assert titles == [
        f"{name}, {how}"
        for name in ("ACLN", "FCN", "My network")
        for how in ("with re-training (HE)", "without re-training (CE)")
    ]
