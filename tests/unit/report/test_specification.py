"""The specification curve: order, intervals, what each variant changes, and how it is drawn."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text

from sersnake.cli import main
from sersnake.errors import SersnakeError
from sersnake.evaluation.resampled_t import corrected_resampled_t
from sersnake.io import read_csv, write_csv
from sersnake.report.figures.specification import NAMED, specification_figure
from sersnake.report.run_context import RunContext
from sersnake.report.specification import changes_of, compare_variants, specification_table

SYSTEM = "independent_he"
EMODB = RunContext("emodb", 3, "stratified random 80/20 split", True, "quick")
DEMO = replace(EMODB, corpus="demo", synthetic=True)
# One in five is tested: n_test/n_train is a quarter.
FOLDS = pd.DataFrame(
    [(str(f), f"u{i}", "test" if i == f else "train") for f in range(3) for i in range(5)],
    columns=["fold", "utterance", "part"],
)
UA = {"base": [0.80, 0.82, 0.84], "wide": [0.85, 0.86, 0.88], "deep": [0.7, 0.7, 0.76]}
OPTIONS = [("wide", "n_mfcc", "39"), ("deep", "n_mfcc", "9"), ("deep", "attention", "dot")]


def metrics_of(ua: list[float]) -> pd.DataFrame:
    """UA of the folds, WA 0.05 above it; the pooled value and the other system are noise."""
    rows = [(SYSTEM, "pooled", "UA", 0.1), (SYSTEM, "pooled", "WA", 0.1)]
    for fold, value in enumerate(ua):
        rows += [(SYSTEM, str(fold), "UA", value), (SYSTEM, str(fold), "WA", value + 0.05)]
        rows += [("is09_svm", str(fold), "UA", 0.2)]
    return pd.DataFrame(rows, columns=["system", "fold", "metric", "value"])


METRICS = {variant: metrics_of(ua) for variant, ua in UA.items()}


@pytest.fixture
def curve() -> pd.DataFrame:
    return compare_variants(METRICS, SYSTEM, FOLDS)


def options_of(rows: list[tuple[str, str, str]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["variant", "option", "value"])


@pytest.fixture
def variants() -> pd.DataFrame:
    return options_of(OPTIONS)


def test_variants_rise_in_ua_with_the_interval_of_their_mean(curve: pd.DataFrame) -> None:
    assert curve["variant"].unique().tolist() == ["deep", "base", "wide"]
    cells = curve.set_index(["variant", "metric"])
    for variant, values in UA.items():
        estimate = corrected_resampled_t(values, 0.25)
        assert cells.loc[(variant, "UA"), ["mean", "low", "high"]].tolist() == pytest.approx(
            estimate[:3]
        )
        assert cells.loc[(variant, "WA"), "mean"] == pytest.approx(np.mean(values) + 0.05)


def test_equal_variants_keep_their_order() -> None:
    equal = {"b": METRICS["base"], "a": METRICS["base"]}
    assert compare_variants(equal, SYSTEM, FOLDS)["variant"].tolist() == ["b", "b", "a", "a"]


@pytest.mark.parametrize(
    ("metrics", "message"),
    [
        (
            metrics_of([0.8, 0.8]),
            "variant x: WA of system independent_he in 2 folds, not",
        ),
        (
            metrics_of([0.8, 0.8, 0.8]).query("system != @SYSTEM"),
            "variant x: WA of system .* in 0 folds",
        ),
        (metrics_of([0.8] * 3).replace({"fold": {"2": "7"}}), "not the 3 of the folds file"),
    ],
)
def test_a_variant_on_other_folds_is_refused(metrics: pd.DataFrame, message: str) -> None:
    with pytest.raises(SersnakeError, match=message):
        compare_variants({"x": metrics}, SYSTEM, FOLDS)


def test_options_stand_in_the_order_of_the_file() -> None:
    rows = [("a", "crop", "300"), ("b", "share", "0.50"), ("c", "crop", "true")]
    changes = changes_of(options_of(rows), ["b", "c", "a"])
    lines = changes[["variant", "option", "value"]].itertuples(index=False, name=None)
    assert list(lines) == [rows[0], rows[2], rows[1]]
    assert changes["changed"].all()


def test_values_of_base_are_those_of_every_variant_that_does_not_change_them() -> None:
    rows = [("base", "n_mfcc", "13"), ("base", "attention", "additive"), *OPTIONS]
    changes = changes_of(options_of(rows), list(UA))
    cells = {(row.variant, row.option): (row.value, row.changed) for row in changes.itertuples()}
    assert cells == {
        ("base", "n_mfcc"): ("13", False),
        ("base", "attention"): ("additive", False),
        ("wide", "n_mfcc"): ("39", True),
        ("wide", "attention"): ("additive", False),
        ("deep", "n_mfcc"): ("9", True),
        ("deep", "attention"): ("dot", True),
    }


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (OPTIONS[1:], "variant wide has no row; add what it changes"),
        ([*OPTIONS, OPTIONS[0]], "wide has two values of n_mfcc; remove one"),
    ],
)
def test_options_that_do_not_fit_are_refused(
    rows: list[tuple[str, str, str]], message: str
) -> None:
    with pytest.raises(SersnakeError, match=message):
        changes_of(options_of(rows), list(UA))


def test_the_table_says_what_each_variant_changes_and_that_its_order_is_no_result(
    curve: pd.DataFrame, variants: pd.DataFrame
) -> None:
    table = specification_table(curve, variants, EMODB)
    assert table.frame["variant"].tolist() == ["deep", "base", "wide"]
    assert table.frame["changes"].fillna("").tolist() == [
        *("2 options, see below", "", "n_mfcc = 39")
    ]
    assert table.frame["ua_mean"].tolist() == pytest.approx([72, 82, 259 / 3])
    assert "deep: n_mfcc = 9, attention = dot." in table.notes
    assert "Published: WA 85.76, UA 86.12." in table.notes
    assert any("it was selected on test data" in note for note in table.notes)
    assert "Published" not in " ".join(specification_table(curve, variants, DEMO).notes)


def test_a_variant_that_goes_on_from_another_names_it() -> None:
    more = [("more", *option) for _, *option in OPTIONS[1:]] + [("more", "seeds", "2")]
    most = [("most", *option) for _, *option in more] + [("most", "a", "1"), ("most", "b", "2")]
    names = ["base", "wide", "most", "deep", "more"]
    variants = options_of([*OPTIONS, *more, *most])
    curve = compare_variants(dict.fromkeys(names, METRICS["base"]), SYSTEM, FOLDS)
    table = specification_table(curve, variants, EMODB)
    cells = table.frame.set_index("variant")["changes"]
    assert cells["more"] == "deep + seeds = 2"
    assert cells["most"] == "more + 2 options, see below"
    assert "most: more + a = 1, b = 2." in table.notes
    assert (
        "more + …: the changes of more, and those after the +; likewise for other names."
        in table.notes
    )


def test_variants_scaled_by_speaker_are_called_transductive(
    curve: pd.DataFrame, variants: pd.DataFrame
) -> None:
    note = "deep: normalised with test recordings included (transductive)."
    assert note not in specification_table(curve, variants, EMODB).notes
    both = options_of([*OPTIONS, ("deep", "training: normalisation", "speaker")])
    assert note in specification_table(curve, both, EMODB).notes


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_visible()]


def test_the_figure_marks_base_and_draws_the_published_values(
    curve: pd.DataFrame, variants: pd.DataFrame
) -> None:
    wa, ua, dots = specification_figure(curve, variants, EMODB).axes
    variant_marks, base_marks = (container.lines[0] for container in ua.containers)
    assert variant_marks.get_ydata().tolist() == pytest.approx([72, 259 / 3])
    assert (base_marks.get_xdata().tolist(), base_marks.get_ydata().tolist()) == (
        [1],
        [pytest.approx(82)],
    )
    assert base_marks.get_marker() != variant_marks.get_marker()
    assert "sorted by test UA: do not report the right end" in ua.figure.get_suptitle()
    assert to_hex(base_marks.get_color()) != to_hex(variant_marks.get_color())
    assert [axes.texts[0].get_text() for axes in (wa, ua)] == [
        *("published\n85.76", "published\n86.12")
    ]
    assert [label.get_weight() for label in dots.get_xticklabels()] == ["normal", "bold", "normal"]


def test_values_published_for_another_protocol_are_called_so(
    curve: pd.DataFrame, variants: pd.DataFrame
) -> None:
    speakers = replace(EMODB, protocol="leave one speaker out")
    wa = specification_figure(curve, variants, speakers).axes[0]
    assert wa.texts[0].get_text() == "published\n85.76\n(other\nprotocol)"
    notes = specification_table(curve, variants, speakers).notes
    assert "The published values are for random 80/20 splits, not for this protocol." in notes


def test_a_dot_stands_where_a_variant_has_the_value(
    curve: pd.DataFrame, variants: pd.DataFrame
) -> None:
    dots = specification_figure(curve, variants, EMODB).axes[2]
    variants = [label.get_text() for label in dots.get_xticklabels()]
    lines = [label.get_text() for label in dots.get_yticklabels()]
    drawn = {
        (variants[int(dot.get_xdata()[0])], lines[int(dot.get_ydata()[0])])
        for dot in dots.lines
        if dot.get_marker() == "o"
    }
    assert drawn == {(variant, f"{option} = {value}") for variant, option, value in OPTIONS}
    assert lines == ["n_mfcc = 39", "n_mfcc = 9", "attention = dot"]


def test_synthetic_speech_has_no_published_line(
    curve: pd.DataFrame, variants: pd.DataFrame
) -> None:
    figure = specification_figure(curve, variants, DEMO)
    assert not any("published" in text for text in texts(figure))
    assert figure.get_suptitle().startswith("Synthetic demo corpus: Independent training")


@pytest.mark.parametrize("number", [1, 2, NAMED, NAMED + 1])
def test_everything_is_at_least_8_point_and_inside_the_page(number: int) -> None:
    names = ["base", *(f"variant_{i}" for i in range(1, number))]
    rows = [(name, f"an option: number_{i % 9}", str(i)) for i, name in enumerate(names[1:])]
    curve = compare_variants(dict.fromkeys(names, METRICS["base"]), SYSTEM, FOLDS)
    figure = specification_figure(curve, options_of(rows), EMODB)
    figure.set_dpi(200)
    FigureCanvasAgg(figure).draw()
    assert figure.get_figwidth() == pytest.approx(17 / 2.54)
    boxes = []
    for text in figure.findobj(Text):
        if not text.get_text() or not text.get_visible():
            continue
        box = text.get_window_extent()
        assert text.get_fontsize() >= 8
        assert box.x0 >= 0 and box.x1 <= figure.bbox.x1, text.get_text()
        assert box.y0 >= 0 and box.y1 <= figure.bbox.y1, text.get_text()
        boxes.append(box)
    names_below = [label.get_window_extent() for label in figure.axes[2].get_xticklabels()]
    assert len(names_below) == (number if number <= NAMED else 0)
    for left, right in pairwise(names_below):
        assert left.x1 <= right.x0 + 1


def test_one_fold_has_no_intervals(variants: pd.DataFrame) -> None:
    one = {variant: metrics_of(ua[:1]) for variant, ua in UA.items()}
    curve = compare_variants(one, SYSTEM, FOLDS[FOLDS["fold"] == "0"])
    assert curve[["low", "high"]].isna().all(axis=None)
    assert len(specification_figure(curve, variants, EMODB).axes) == 3


def test_the_verbs_measure_and_show_the_same_twice(tmp_path: Path) -> None:
    write_csv(tmp_path / "folds.csv", FOLDS)
    write_csv(tmp_path / "variants.csv", options_of(OPTIONS))
    EMODB.save(tmp_path / "context.json")
    for variant, rows in METRICS.items():
        write_csv(tmp_path / f"{variant}.csv", rows, "%.8f")
    call = ["specification", *METRICS, f"--folds={tmp_path / 'folds.csv'}", "--metrics"]
    call += [str(tmp_path / f"{variant}.csv") for variant in METRICS]
    assert main([*call, "--output", str(tmp_path / "specification.csv")]) == 0
    call = ["specification", f"--context={tmp_path / 'context.json'}", "--source"]
    call += [f"{name}={tmp_path / name}.csv" for name in ("specification", "variants")]
    for run in ("first", "second"):
        for kind in ("table", "figure"):
            assert main([kind, *call, f"--output={tmp_path / run / kind}"]) == 0
    first = sorted((tmp_path / "first").iterdir())
    assert [path.suffix for path in first] == [".pdf", ".png", ".csv", ".html", ".tex", ".txt"]
    for path in first:
        assert path.read_bytes() == (tmp_path / "second" / path.name).read_bytes()
    shown = (tmp_path / "first" / "table.csv").read_text(encoding="utf-8")
    curve = compare_variants(METRICS, SYSTEM, FOLDS)
    assert shown == specification_table(curve, options_of(OPTIONS), EMODB).csv()


def test_variants_are_listed_option_by_option(tmp_path: Path) -> None:
    path = tmp_path / "variants.csv"
    changes = '{"wide": {"features": {"mfcc": {"n_mfcc": 40}}}, "mlp": {"systems": ["fcn_he_mlp"]}}'
    assert main(["list-variants", changes, "--output", str(path)]) == 0
    options = read_csv(path, ["variant"], text=True)
    assert changes_of(options, ["wide", "mlp"]).to_numpy().tolist() == [
        ["wide", "features: mfcc: n_mfcc", "40", True],
        ["mlp", "systems", "fcn_he_mlp", True],
    ]


def test_a_variant_that_is_not_an_object_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = ["list-variants", '{"wide": 40}', "--output", str(tmp_path / "variants.csv")]
    assert main(call) == 2
    assert "variants: wide: 40 is no JSON object of settings" in capsys.readouterr().err
