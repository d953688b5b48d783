"""Figures: what they show, that they are readable in print, and that they are the same twice."""

from __future__ import annotations

import re
import zlib
from dataclasses import replace
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from sersnake.errors import SersnakeError
from sersnake.report.figures.accuracy_curve import figure6
from sersnake.report.figures.confusion import figure3, figure4
from sersnake.report.figures.hard_examples import figure5
from sersnake.report.figures.loss import figure2
from sersnake.report.figures.saving import save_figure
from sersnake.report.run_context import RunContext

EMOTIONS = ("anger", "boredom", "disgust", "fear", "happiness", "neutral", "sadness")
EMODB = RunContext("emodb", 2, "stratified random 80/20 split", True, "quick", emotions=EMOTIONS)
DEMO = replace(EMODB, corpus="demo", synthetic=True)


def history(epochs: int = 30, acln: float = 0.05, fcn: float = 0.2) -> pd.DataFrame:
    """Losses 2 exp(-rate epoch); fold 1 is a tenth higher. Phase 2 and other systems are noise."""
    rows = []
    for network, rate in (("acln", acln), ("fcn", fcn)):
        for fold in (0, 1):
            for epoch in range(1, epochs + 1):
                loss = 2 * np.exp(-rate * epoch) * (1 + 0.1 * fold)
                rows.append((network, "independent_ce", str(fold), 1, epoch, loss))
            rows.append((network, "independent_ce", str(fold), 2, 1, 99.0))
            rows.append((network, "independent_he", str(fold), 1, 1, 99.0))
    return pd.DataFrame(rows, columns=["network", "system", "fold", "phase", "epoch", "loss"])


def predictions(system: str = "independent_ce") -> pd.DataFrame:
    """Ten of each class, all right but for 4 anger taken as happiness; no sadness."""
    truth = np.repeat(EMOTIONS[:-1], 10)
    predicted = truth.copy()
    predicted[:4] = "happiness"
    frame = pd.DataFrame({"system": system, "emotion": truth, "predicted": predicted})
    return pd.concat([frame, frame.assign(system="is09_svm", predicted="fear")])


def mined(networks: tuple[str, ...] = ("acln", "fcn")) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two folds of 10 of each class but sadness; the first 3 of each are hard, all of fear."""
    names = [f"{emotion}{number}" for emotion in EMOTIONS[:-1] for number in range(10)]
    manifest = pd.DataFrame({"utterance": names, "emotion": [name[:-1] for name in names]})
    hard = [int(name[-1] in "012" or name.startswith("fear")) for name in names]
    frames = [
        pd.DataFrame({"network": network, "fold": fold, "utterance": names, "hard": hard})
        for network in networks
        for fold in ("0", "1")
    ]
    return pd.concat(frames, ignore_index=True), manifest


def accuracy_curve(epochs: int = 20, folds: int = 2) -> pd.DataFrame:
    """WA that rises to 0.8 in fold 0, to 0.9 in fold 1, …; UA is half of it. Phase 2 is a half."""
    rows = [
        (network, system, str(fold), 1 + (2 * epoch > epochs), epoch, wa, wa / 2)
        for network in ("acln", "fcn")
        for system in ("independent_ce", "independent_he", "fcn_ce")
        for fold in range(folds)
        for epoch in range(1, epochs + 1)
        for wa in [(0.8 + 0.1 * fold) * epoch / epochs]
    ]
    columns = ["network", "system", "fold", "phase", "epoch", "wa", "ua"]
    return pd.DataFrame(rows, columns=columns)


def draw(figure: Figure) -> None:
    """Lays the figure out at the resolution of the PNG, so that extents can be measured."""
    figure.set_dpi(200)
    FigureCanvasAgg(figure).draw()


@pytest.mark.parametrize("context", [EMODB, DEMO])
def test_loss_is_the_mean_over_folds_of_phase_1(context: RunContext) -> None:
    acln, fcn = figure2(history(), context).axes[0].lines
    assert np.array_equal(acln.get_xdata(), np.arange(1, 31))
    assert acln.get_ydata()[0] == pytest.approx(2.1 * np.exp(-0.05))
    assert fcn.get_ydata()[-1] == pytest.approx(2.1 * np.exp(-6))


def test_band_spans_the_folds() -> None:
    band = figure2(history(), EMODB).axes[0].collections[0].get_paths()[0]
    first = band.vertices[band.vertices[:, 0] == 1][:, 1]
    assert first.min() == pytest.approx(2 * np.exp(-0.05))
    assert first.max() == pytest.approx(2.2 * np.exp(-0.05))


def test_loss_stops_where_a_fold_stops() -> None:
    frame = history(epochs=10)
    shorter = frame[(frame["fold"] == "0") | (frame["epoch"] <= 6)]
    assert figure2(shorter, EMODB).axes[0].lines[0].get_xdata()[-1] == 6


@pytest.mark.parametrize(("rates", "scale"), [((0.05, 0.2), "log"), ((0.01, 0.02), "linear")])
def test_axis_is_logarithmic_where_the_loss_falls_far(
    rates: tuple[float, float], scale: str
) -> None:
    assert figure2(history(30, *rates), EMODB).axes[0].get_yscale() == scale


def test_a_loss_of_zero_is_drawn_on_a_linear_axis() -> None:
    frame = history()
    frame.loc[5, "loss"] = 0.0
    assert figure2(frame, EMODB).axes[0].get_yscale() == "linear"


@pytest.mark.parametrize("rates", [(0.05, 0.2), (0.1, 0.1001), (0.0, 0.0)])
def test_labels_at_the_lines_ends_do_not_touch(rates: tuple[float, float]) -> None:
    figure = figure2(history(30, *rates), EMODB)
    draw(figure)
    boxes = {t.get_text(): t.get_window_extent() for t in figure.axes[0].texts}
    assert set(boxes) == {"ACLN", "FCN"}
    assert not boxes["ACLN"].overlaps(boxes["FCN"])


def test_a_label_stands_at_its_line_on_a_linear_axis() -> None:
    axes = figure2(history(30, 0.01, 0.02), EMODB).axes[0]
    for line, label in zip(axes.lines, sorted(axes.texts, key=Text.get_text), strict=True):
        low, high = axes.get_ylim()
        assert label.get_position()[1] == pytest.approx((line.get_ydata()[-1] - low) / (high - low))


def test_a_single_epoch_is_visible() -> None:
    axes = figure2(history(epochs=1), EMODB).axes[0]
    assert axes.lines[0].get_marker() == "o"
    assert [tick for tick in axes.get_xticks() if 0.9 < tick < 1.1] == [1]


def test_history_without_phase_1_is_refused() -> None:
    with pytest.raises(SersnakeError, match="phase 1 of network fcn is missing; train it first"):
        figure2(history().query("network == 'acln'"), EMODB)


def cells(figure: Figure) -> np.ndarray:
    written = [text.get_text() for text in figure.axes[0].texts]
    return np.array(written).reshape(len(EMOTIONS), len(EMOTIONS))


def test_confusion_is_in_percent_of_the_true_class() -> None:
    written = cells(figure3(predictions(), EMODB))
    assert written[0].tolist() == ["60.0", "0", "0", "0", "40.0", "0", "0"]
    assert written[1, 1] == "100"
    assert set(written[-1]) == {"\N{EN DASH}"}


def test_rows_are_labelled_with_their_counts() -> None:
    axes = figure3(predictions(), EMODB).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        *(f"{emotion}\nn = 10" for emotion in EMOTIONS[:-1]),
        "sadness\nn = 0",
    ]


def test_each_figure_takes_its_own_system() -> None:
    assert cells(figure4(predictions("independent_he"), EMODB))[0, 0] == "60.0"
    with pytest.raises(SersnakeError, match="system independent_he is missing"):
        figure4(predictions(), EMODB)


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """The contrast ratio of WCAG 2."""

    def luminance(colour: tuple[float, ...]) -> float:
        rgb = np.asarray(colour[:3])
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_numbers_stand_out_from_cells_of_every_shade() -> None:
    shares = np.linspace(0, 100, 26)
    frame = pd.concat(
        pd.DataFrame(
            {
                "system": "independent_ce",
                "emotion": f"e{share:.0f}",
                "predicted": ["e0"] * int(share) + ["e100"] * int(100 - share),
            }
        )
        for share in shares
    )
    emotions = tuple(f"e{share:.0f}" for share in shares)
    axes = figure3(frame, replace(EMODB, emotions=emotions)).axes[0]
    image = axes.images[0]
    for row in range(26):
        text = axes.texts[row * 26]
        cell = image.cmap(image.norm(image.get_array()[row, 0]))
        assert contrast(matplotlib.colors.to_rgb(text.get_color()), cell) >= 4.5, row


def widths(figure: Figure, panel: int, container: int) -> list[float]:
    """Lengths of the bars of a panel: of hard examples (0) or of easy ones (1)."""
    return [bar.get_width() for bar in figure.axes[panel].containers[container]]


def test_bars_are_mean_numbers_per_fold() -> None:
    figure = figure5(*mined(), EMODB)
    assert widths(figure, 0, 0) == [3, 3, 3, 10, 3, 3, 0]
    assert widths(figure, 0, 1) == [7, 7, 7, 0, 7, 7, 0]
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts == ["30 % hard"] * 3 + ["100 % hard"] + ["30 % hard"] * 2
    assert figure.axes[1].get_title(loc="left") == "FCN: 41.7 % hard"


def test_the_share_asked_for_stands_beside_the_share_reached() -> None:
    figure = figure5(*mined(), replace(EMODB, hard_share=0.506))
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == [f"{name}: 41.7 % hard (target 50.6 %)" for name in ("ACLN", "FCN")]


@pytest.mark.parametrize("networks", [("fcn",), ("acln", "fcn", "fused")])
def test_every_mined_network_has_a_panel_of_the_same_height(networks: tuple[str, ...]) -> None:
    figure = figure5(*mined(networks), EMODB)
    draw(figure)
    titles = [axes.get_title(loc="left").split(":")[0] for axes in figure.axes]
    assert [title.lower() for title in titles] == list(networks)
    heights = [axes.get_window_extent().height / 200 * 2.54 for axes in figure.axes]
    assert min(heights) > 2.5
    assert max(heights) - min(heights) < 0.01


def test_hard_and_easy_differ_in_grey_and_by_hatching() -> None:
    hard, easy = (container[0] for container in figure5(*mined(), EMODB).axes[0].containers)
    assert contrast(hard.get_facecolor(), easy.get_facecolor()) > 2
    assert easy.get_hatch() and not hard.get_hatch()


def test_percentages_stay_within_their_panel() -> None:
    figure = figure5(*mined(), EMODB)
    draw(figure)
    for axes in figure.axes:
        assert max(t.get_window_extent().x1 for t in axes.texts) <= axes.get_window_extent().x1


def test_nothing_mined_is_refused() -> None:
    hard_index, manifest = mined()
    with pytest.raises(SersnakeError, match="no utterance was mined"):
        figure5(hard_index.iloc[:0], manifest, EMODB)


def test_the_accuracy_curve_has_one_scale_per_network() -> None:
    curve = accuracy_curve()
    curve.loc[curve["network"] == "fcn", ["wa", "ua"]] *= 0.1
    figure = figure6(curve, EMODB)
    acln, fcn = ({axes.get_ylim() for axes in row} for row in (figure.axes[:4], figure.axes[4:]))
    assert len(acln) == len(fcn) == 1
    assert max(fcn)[1] < max(acln)[1] / 2


def test_the_accuracy_curve_has_a_row_per_network_and_training_and_a_line_per_fold() -> None:
    figure = figure6(accuracy_curve(), EMODB)
    titles = [axes.get_title(loc="left") for axes in figure.axes[::2]]
    assert titles == [
        f"{network}, {training}"
        for network in ("ACLN", "FCN")
        for training in ("with re-training (HE)", "without re-training (CE)")
    ]
    for axes, scale, metric in ((figure.axes[0], 1, "WA"), (figure.axes[1], 0.5, "UA")):
        *folds, mean, phase_2 = axes.lines
        assert [line.get_ydata()[-1] / scale for line in folds] == pytest.approx([80, 90])
        assert mean.get_ydata()[-1] / scale == pytest.approx(85)
        assert mean.get_linewidth() > 2 * folds[0].get_linewidth()
        assert list(phase_2.get_xdata()) == [10.5, 10.5]
        assert [text.get_text() for text in axes.texts] == [metric]


def test_the_accuracy_curve_says_that_it_selected_nothing() -> None:
    label = figure6(accuracy_curve(), EMODB).get_supxlabel()
    assert "Recorded for this figure alone, never used for selection." in label


def test_five_folds_are_drawn_and_all_are_in_the_mean() -> None:
    frame = accuracy_curve(folds=7).assign(wa=lambda rows: rows["fold"].astype(int) / 10)
    figure = figure6(frame, EMODB)
    *folds, mean, _ = figure.axes[0].lines
    assert [line.get_ydata()[-1] for line in folds] == pytest.approx([0, 10, 20, 30, 40])
    assert mean.get_ydata()[-1] == pytest.approx(30)
    assert "(each network alone, 5 of 7 folds, mean of all in bold)" in figure.get_suptitle()


def test_a_single_network_has_panels_of_its_own() -> None:
    assert len(figure6(accuracy_curve().query("network == 'fcn'"), EMODB).axes) == 4


def test_the_mean_ends_where_a_fold_ends() -> None:
    frame = accuracy_curve()
    shorter = frame[(frame["fold"] == "0") | (frame["epoch"] <= 12)]
    *folds, mean, _ = figure6(shorter, EMODB).axes[0].lines
    assert mean.get_xdata()[-1] == 12
    assert folds[0].get_xdata()[-1] == 20


def test_an_accuracy_curve_of_one_epoch_is_visible() -> None:
    assert figure6(accuracy_curve(epochs=1), EMODB).axes[0].lines[0].get_marker() == "o"


def test_an_accuracy_curve_that_is_not_whole_is_refused() -> None:
    with pytest.raises(SersnakeError, match="curve: system independent_he is missing"):
        figure6(accuracy_curve().query("system == 'independent_ce'"), EMODB)
    frame = accuracy_curve()
    again = pd.concat([frame, frame[frame["system"] == "independent_he"][:1]])
    with pytest.raises(
        SersnakeError, match=r"epoch 1 of acln, system independent_he, fold 0 appears"
    ):
        figure6(again, EMODB)


def every_figure(context: RunContext) -> dict[str, Figure]:
    return {
        "figure2": figure2(history(), context),
        "figure3": figure3(predictions(), context),
        "figure4": figure4(predictions("independent_he"), context),
        "figure5": figure5(*mined(), context),
        "figure6": figure6(accuracy_curve(), context),
    }


def test_synthetic_recordings_are_called_so_in_the_title() -> None:
    for figure in every_figure(DEMO).values():
        assert "Synthetic demo corpus" in figure.get_suptitle()
    for figure in every_figure(EMODB).values():
        assert figure.get_suptitle().startswith("EMODB")


def test_everything_is_at_least_8_point_and_inside_the_column() -> None:
    for figure in every_figure(DEMO).values():
        draw(figure)
        assert figure.get_figwidth() == pytest.approx(8.8 / 2.54)
        for text in figure.findobj(Text):
            if not text.get_text() or not text.get_visible():
                continue
            box = text.get_window_extent()
            assert text.get_fontsize() >= 8
            assert "$" not in text.get_text()  # exponents would be smaller
            assert box.x0 >= 0, text.get_text()
            assert box.x1 <= figure.bbox.x1, text.get_text()


def test_numbers_do_not_leave_their_cells() -> None:
    figure = figure3(predictions(), EMODB)
    draw(figure)
    axes = figure.axes[0]
    cell = axes.get_window_extent().width / len(EMOTIONS)
    assert max(text.get_window_extent().width for text in axes.texts) < cell


def test_files_are_the_same_twice_and_hold_no_date(tmp_path: Path) -> None:
    """Of curves, and of bars with numbers."""
    for run in ("first", "second"):
        figures = every_figure(EMODB)
        for name in ("figure2", "figure5"):
            save_figure(figures[name], tmp_path / run / name)
    first = sorted((tmp_path / "first").iterdir())
    names = ["figure2.pdf", "figure2.png", "figure5.pdf", "figure5.png"]
    assert [path.name for path in first] == names
    for path in first:
        content = path.read_bytes()
        assert content == (tmp_path / "second" / path.name).read_bytes()
        assert b"CreationDate" not in content


def test_pdf_embeds_truetype_fonts(tmp_path: Path) -> None:
    save_figure(every_figure(EMODB)["figure2"], tmp_path / "figure2")
    content = (tmp_path / "figure2.pdf").read_bytes()
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)
    objects = content + b"".join(
        zlib.decompressobj().decompress(s) for s in streams if s[:1] == b"x"
    )
    assert b"/FontFile2" in objects
    assert b"/Type3" not in objects


def test_png_has_200_dots_an_inch(tmp_path: Path) -> None:
    save_figure(every_figure(EMODB)["figure2"], tmp_path / "figure2")
    header = (tmp_path / "figure2.png").read_bytes()
    width = int.from_bytes(header[16:20], "big")
    assert width == pytest.approx(8.8 / 2.54 * 200, abs=1)


def test_the_users_matplotlib_settings_neither_matter_nor_change(tmp_path: Path) -> None:
    save_figure(figure2(history(), EMODB), tmp_path / "plain")
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red", "savefig.dpi": 50}):
        before = dict(matplotlib.rcParams)
        save_figure(figure2(history(), EMODB), tmp_path / "odd")
        assert dict(matplotlib.rcParams) == before
    assert (tmp_path / "odd.png").read_bytes() == (tmp_path / "plain.png").read_bytes()


def test_a_line_that_ends_early_is_named_where_it_ends() -> None:
    rows = [("acln", epoch, 1.0 / epoch) for epoch in range(1, 41)] + [
        ("fcn", epoch, 0.5 / epoch) for epoch in range(1, 11)
    ]
    history = pd.DataFrame(rows, columns=["network", "epoch", "loss"]).assign(
        system="independent_ce", fold="0", phase=1
    )
    context = RunContext("emodb", 1, "stratified random 80/20 split", True, "quick")
    labels = {
        text.get_text(): text.get_position()[0] for text in figure2(history, context).axes[0].texts
    }
    assert labels["ACLN"] == pytest.approx(1.02)
    assert labels["FCN"] == pytest.approx((10 - 1) / (40 - 1) + 0.02)
