"""The table and the figures of who a system works for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from sersnake.evaluation.group_measures import GroupMeasure
from sersnake.evaluation.tallies import MEASURES
from sersnake.report.figures.groups import group_figure
from sersnake.report.figures.reliability import reliability_figure
from sersnake.report.run_context import RunContext
from sersnake.report.tables.groups import extremes, group_table

EMOTIONS = ("anger", "fear")
CONTEXT = RunContext("emodb", 3, "leave one speaker out", False, "quick", emotions=EMOTIONS)
METRICS = (*MEASURES, *(f"recall_{name}" for name in EMOTIONS))
NAN = float("nan")


def group(kind: str, name: str, ua: float, p: float = NAN, ece: float = 0.05) -> pd.DataFrame:
    """A group whose measures are its UA, but for the error of calibration."""
    values = {metric: ece if metric.startswith("ECE") else ua for metric in METRICS}
    rows = [
        GroupMeasure(kind, name, 3, 40, metric, value, value - 0.02, value + 0.02, p)
        for metric, value in values.items()
    ]
    return pd.DataFrame(rows)


def groups_of(sentences: int = 2, ece: float = 0.05) -> pd.DataFrame:
    parts = [
        group("all", "all", 0.6, ece=ece),
        group("sex", "female", 0.65, ece=ece),
        group("sex", "male", 0.55, ece=ece),
        *(group("speaker", name, ua, ece=ece) for name, ua in (("03", 0.5), ("08", 0.7))),
        *(group("sentence", f"s{i:02}", 0.4 + i / 100, ece=ece) for i in range(sentences)),
        *(group("confidence", f"0.{i} to 0.{i + 1}", 0.1 * i + 0.05, ece=ece) for i in (5, 6, 7)),
        group("gap", "female \N{MINUS SIGN} male", 0.1, 0.0321, ece=ece),
    ]
    return pd.concat(parts).assign(system="compare_svm")


def drawn(figure: Figure) -> list[str]:
    """All that is written in a figure, each once."""
    FigureCanvasAgg(figure).draw()
    return list(dict.fromkeys(text.get_text() for text in figure.findobj(Text)))


def test_the_table_has_a_row_of_each_group_and_names_the_ends_and_the_gap() -> None:
    table = group_table(groups_of(), CONTEXT)
    assert table.frame["group"].tolist() == [
        *("All", "Sex: female", "Sex: male", "Sex: female \N{MINUS SIGN} male"),
        *("Speaker: 03", "Speaker: 08", "Sentence: s00", "Sentence: s01"),
    ]
    text = " ".join(table.text().split())
    assert "ComParE + linear SVM (baseline)" in text
    assert "All 3 40 60.0 58.0 62.0 60.0 58.0 62.0 60.0 58.0 62.0 5.0 3.0 7.0 5.0" in text
    assert "Best speaker by UA: 08 with 70.0 (68.0 to 72.0); worst: 03 with 50.0" in text
    assert "in points of UA: 10.0 (8.0 to 12.0); two-sided permutation test over 3 speakers" in text
    assert "UA 0.032" in text
    assert "\N{MINUS SIGN}" not in table.latex()


def test_of_many_groups_the_ends_are_shown() -> None:
    table = group_table(groups_of(sentences=30), CONTEXT)
    shown = [name for name in table.frame["group"] if name.startswith("Sentence")]
    assert shown == [f"Sentence: s{i:02}" for i in (0, 1, 2, 27, 28, 29)]


def test_what_is_not_known_is_not_told() -> None:
    """Neither speakers, nor sexes, nor how certain a system is."""
    groups = groups_of(ece=NAN)
    groups = groups[groups["kind"].isin(["all", "sentence"])].assign(low=NAN, high=NAN, speakers=0)
    assert extremes(groups) == []
    text = group_table(groups, CONTEXT).text()
    assert "Gap" not in text and "speaker by UA" not in text and "temperature" not in text
    assert "nan" not in text
    assert "ECE (%), grey: by chance" in drawn(group_figure(groups, CONTEXT))
    figure = reliability_figure(groups, CONTEXT)
    assert "no other fold tests the training utterances of a fold" in figure.get_suptitle()


def test_the_figure_has_the_groups_of_the_table_with_their_recalls() -> None:
    figure = group_figure(groups_of(), CONTEXT)
    written = drawn(figure)
    assert [name for name in written if name.startswith(("Sex", "Speaker"))] == [
        *("Sex: female", "Sex: male", "Speaker: 03", "Speaker: 08"),
    ]
    assert {"anger", "fear", "70", "50"} <= set(written)
    whole, ua = figure.axes[0].lines[:2]
    assert list(whole.get_xdata()) == [60, 60]
    np.testing.assert_allclose(ua.get_xdata(), [60, 65, 55, 50, 70, 40, 41])
    assert "who it works for, ComParE" in figure.get_suptitle()


def test_the_diagram_has_a_point_of_each_bin_and_the_error() -> None:
    figure = reliability_figure(groups_of(), replace(CONTEXT, corpus="demo", synthetic=True))
    drawn(figure)
    above, below = figure.axes
    points = above.lines[1]
    np.testing.assert_allclose(points.get_xdata(), [55, 65, 75])
    np.testing.assert_allclose(points.get_ydata(), [55, 65, 75])
    assert [bar.get_height() for bar in below.patches] == [40, 40, 40]
    assert "Synthetic demo corpus: reliability" in figure.get_suptitle()
    assert "ECE 5.0 %, 3.0 to 7.0; by chance 5.0 %" in figure.get_suptitle()
