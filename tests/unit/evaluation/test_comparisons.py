"""Systems compared from the files of a run: numbers, refusals, the verb and its table."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sersnake.cli import main
from sersnake.errors import SersnakeError
from sersnake.evaluation.comparisons import (
    compare_published,
    compare_systems,
    corrected,
    default_pairs,
)
from sersnake.io import read_csv
from sersnake.report.run_context import RunContext
from sersnake.report.tables.comparisons import comparison_table

EMOTIONS = ("anger", "sadness")
FOLDS = 4
PAIR = [("independent_he", "fused_ce")]
EMODB = RunContext("emodb", FOLDS, "stratified random 80/20 split", True, "quick")


@pytest.fixture
def manifest() -> pd.DataFrame:
    """Five speakers with eight utterances each, half of them angry."""
    rows = [(f"{s}{n}", s, EMOTIONS[n % 2]) for s in "abcde" for n in range(8)]
    frame = pd.DataFrame(rows, columns=["utterance", "speaker", "emotion"])
    return frame.assign(corpus="emodb", synthetic="false", sentence="")


@pytest.fixture
def folds(manifest: pd.DataFrame) -> pd.DataFrame:
    """Fold n tests every utterance whose number is n or n + 1: each utterance twice or once."""
    number = manifest["utterance"].str[1].astype(int)
    parts = [
        manifest[["utterance"]].assign(
            fold=str(fold), part=np.where(number.isin([fold, fold + 1]), "test", "train")
        )
        for fold in range(FOLDS)
    ]
    return pd.concat(parts, ignore_index=True)


def predict(
    folds: pd.DataFrame, manifest: pd.DataFrame, wrong: dict[str, set[tuple[str, str]]]
) -> pd.DataFrame:
    """Systems that are right but on their pairs of fold and utterance."""
    tests = folds[folds["part"] == "test"].merge(manifest[["utterance", "emotion"]])
    other = tests["emotion"].map(dict(zip(EMOTIONS, EMOTIONS[::-1], strict=True)))
    keys = list(zip(tests["fold"], tests["utterance"], strict=True))
    systems = [
        tests.assign(
            system=system, predicted=other.where([key in bad for key in keys], tests["emotion"])
        )
        for system, bad in wrong.items()
    ]
    return pd.concat(systems, ignore_index=True)


@pytest.fixture
def predictions(folds: pd.DataFrame, manifest: pd.DataFrame) -> pd.DataFrame:
    """The fused system misses two angry utterances in fold 0, one of them in fold 2 as well."""
    wrong = {
        "is09_svm": {("1", "b1"), ("3", "c3")},
        "fused_ce": {("0", "a0"), ("0", "b0"), ("2", "a2")},
        "independent_he": {("2", "c2")},
    }
    return predict(folds, manifest, wrong)


def compare(
    predictions: pd.DataFrame,
    folds: pd.DataFrame,
    manifest: pd.DataFrame,
    pairs: list[tuple[str, str]],
    other: str | None = None,
) -> pd.DataFrame:
    """The tests of the pairs, then their systems against the paper's values for EMODB."""
    tested = compare_systems(predictions, folds, manifest, EMOTIONS, pairs, 0)
    systems = list(dict.fromkeys(system for pair in pairs for system in pair))
    published = compare_published(predictions, folds, EMOTIONS, systems, "emodb", other)
    return pd.concat([tested, published], ignore_index=True)


def test_numbers_by_hand(
    predictions: pd.DataFrame, folds: pd.DataFrame, manifest: pd.DataFrame
) -> None:
    rows = compare(predictions, folds, manifest, PAIR).set_index(["against", "test", "metric"])
    # Ten test utterances per fold, five of each class: 2 more right in fold 0, as many in fold 2.
    over_folds = rows.loc["fused_ce", "corrected resampled t", "WA"]
    assert over_folds["difference"] == pytest.approx(0.05)
    error = 0.1 * np.sqrt(1 / 4 + 10 / 30)  # the differences are 0.2, 0, 0, 0
    assert over_folds["low"] == pytest.approx(0.05 - 3.182446305 * error)
    assert over_folds["note"] == "4 folds, n_test/n_train 0.333"
    pooled = rows.loc["fused_ce", "speaker bootstrap", "UA"]
    assert pooled["difference"] == pytest.approx(2 / 20 / 2)
    assert pooled["low"] <= pooled["difference"] <= pooled["high"]
    votes = rows.loc["fused_ce", "McNemar", "WA"]
    assert votes["note"] == "exact; of 25 utterances, 3 vote for the system and 1 against it"
    assert votes["difference"] == pytest.approx(2 / 25)
    assert votes["p"] == pytest.approx(2 * 5 / 16)
    beside = rows.loc["published", "corrected resampled t", "WA"]
    assert beside["difference"].tolist() == pytest.approx([0.975 - 0.8576, 0.925 - 0.8093])
    assert beside["note"].iloc[0].startswith("agrees: published 85.76 %; the published value has")


def test_turning_a_pair_round_turns_the_signs(
    predictions: pd.DataFrame, folds: pd.DataFrame, manifest: pd.DataFrame
) -> None:
    forward, backward = (
        compare(predictions, folds, manifest, [pair])[:5]
        for pair in (PAIR[0], (PAIR[0][1], PAIR[0][0]))
    )
    pd.testing.assert_series_equal(forward["p"], backward["p"])
    for name, turned in (("difference", "difference"), ("low", "high"), ("high", "low")):
        np.testing.assert_allclose(forward[name], -backward[turned], atol=1e-12)


def test_holm_counts_the_pairs_of_each_test_and_metric(
    predictions: pd.DataFrame, folds: pd.DataFrame, manifest: pd.DataFrame
) -> None:
    pairs = [*PAIR, ("independent_he", "is09_svm")]
    rows = compare(predictions, folds, manifest, pairs)
    mcnemar = rows[rows["test"] == "McNemar"]
    assert mcnemar["p"].tolist() == [0.625, 1.0]
    assert mcnemar["p_holm"].tolist() == [1.0, 1.0]
    over_folds = rows[(rows["metric"] == "UA") & rows["p"].notna()]
    assert over_folds["p_holm"].min() == pytest.approx(min(1, 2 * over_folds["p"].min()))
    assert rows.loc[rows["against"] == "published", ["p", "p_holm"]].isna().all(axis=None)


def test_holm_by_hand() -> None:
    p_values = {"t": [0.01, 0.04, np.nan, 0.03, 0.005], "McNemar": [0.9, 0.8, 0.5, np.nan, np.nan]}
    rows = pd.DataFrame(p_values).melt(var_name="test", value_name="p").assign(metric="WA")
    adjusted = corrected(rows.sort_values("p")).sort_index()["p_holm"]
    expected = [0.03, 0.06, np.nan, 0.06, 0.02, 1.0, 1.0, 1.0, np.nan, np.nan]
    assert adjusted.tolist() == pytest.approx(expected, nan_ok=True)


def test_a_pair_named_twice_is_tested_once(
    predictions: pd.DataFrame, folds: pd.DataFrame, manifest: pd.DataFrame
) -> None:
    once = compare(predictions, folds, manifest, PAIR)
    pd.testing.assert_frame_equal(compare(predictions, folds, manifest, PAIR * 2), once)


def test_one_fold_has_a_difference_and_no_interval(
    predictions: pd.DataFrame, folds: pd.DataFrame, manifest: pd.DataFrame
) -> None:
    first = [frame[frame["fold"] == "0"] for frame in (predictions, folds)]
    row = compare(*first, manifest, PAIR).iloc[0]
    assert row["difference"] == pytest.approx(0.2)
    assert np.isnan([row["low"], row["high"], row["p"], row["p_holm"]]).all()
    assert row["note"] == "1 fold, n_test/n_train 0.333"


def test_equal_systems_do_not_differ(folds: pd.DataFrame, manifest: pd.DataFrame) -> None:
    same = predict(folds, manifest, {system: {("1", "b1")} for system in PAIR[0]})
    rows = compare(same, folds, manifest, PAIR)
    rows = rows[rows["against"] != "published"]
    assert (rows["difference"] == 0).all()
    assert (rows["p"].dropna() == 1).all()
    assert (rows[["low", "high"]].dropna() == 0).all(axis=None)


def test_unknown_speakers_leave_no_interval(
    predictions: pd.DataFrame, folds: pd.DataFrame, manifest: pd.DataFrame
) -> None:
    manifest.loc[0, "speaker"] = ""
    rows = compare(predictions, folds, manifest, PAIR).set_index("test")
    drawn = rows.loc["speaker bootstrap"]
    assert drawn["low"].isna().all()
    assert (drawn["note"] == "no interval: the speakers are not all known").all()


@pytest.mark.parametrize(
    ("systems", "pairs"),
    [
        (["is09_svm"], []),
        (["is09_svm", "fused_ce"], []),
        (["fused_ce", "independent_ce"], [("independent_ce", "fused_ce")]),
        (["independent_he", "is09_svm", "is09_svm"], [("independent_he", "is09_svm")]),
        (
            ["fused_ce", "independent_ce", "independent_he"],
            [
                ("independent_he", "fused_ce"),
                ("independent_he", "independent_ce"),
                ("independent_ce", "fused_ce"),
            ],
        ),
    ],
)
def test_default_pairs(systems: list[str], pairs: list[tuple[str, str]]) -> None:
    assert default_pairs(systems) == pairs


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([], "no pair to compare among the systems is09_svm, fused_ce, independent_he"),
        ([("fused_ce", "fused_ce")], "both systems are the same"),
        ([("independent_he", "acln_ce")], "system acln_ce is missing; choose is09_svm"),
    ],
)
def test_wrong_pairs_are_refused(
    predictions: pd.DataFrame,
    folds: pd.DataFrame,
    manifest: pd.DataFrame,
    pairs: list[tuple[str, str]],
    message: str,
) -> None:
    with pytest.raises(SersnakeError, match=message):
        compare(predictions, folds, manifest, pairs)


def test_predictions_of_other_folds_are_refused(
    predictions: pd.DataFrame, folds: pd.DataFrame, manifest: pd.DataFrame
) -> None:
    lacking = predictions.drop(predictions.index[predictions["system"] == "fused_ce"][3])
    with pytest.raises(SersnakeError, match="system fused_ce was not tested on the test sets"):
        compare(lacking, folds, manifest, PAIR)
    manifest.loc[0, "emotion"] = "sadness"
    with pytest.raises(SersnakeError, match="fold 0, utterance a0"):
        compare(predictions, folds, manifest, PAIR)


def test_the_table_names_tests_corrections_and_verdicts(
    predictions: pd.DataFrame, folds: pd.DataFrame, manifest: pd.DataFrame
) -> None:
    table = comparison_table(compare(predictions, folds, manifest, PAIR), EMODB)
    text = " ".join(table.text().split())
    line = r"Independent \(HE\) against Fused \(CE\): WA 5.00 -19.31 29.31 0.5594 5.00 "
    assert re.search(line, text)
    assert "Independent (HE) against published: WA (agrees) 11.74" in text
    assert "Holm over 1 pair," in text
    assert "the published value has no spread" in text
    assert "EMODB" in table.caption and "random" in table.caption
    cells = table.frame.set_index("comparison")
    assert np.isnan(cells.loc["Independent (HE) against Fused (CE): UA", "mcnemar_p"])


def test_values_published_for_another_protocol_get_no_verdict(
    predictions: pd.DataFrame, folds: pd.DataFrame, manifest: pd.DataFrame
) -> None:
    rows = compare(predictions, folds, manifest, PAIR, "random 80/20 splits")
    notes = rows.loc[rows["against"] == "published", "note"]
    assert notes.iloc[0].startswith("of random 80/20 splits: published 85.76 %; the published")
    table = comparison_table(rows, replace(EMODB, protocol="leave one speaker out"))
    text = " ".join(table.text().split())
    assert "Independent (HE) against published: WA 11.74" in text
    assert "The published values are for random 80/20 splits, not for this protocol." in text
    assert "agrees" not in text


@pytest.fixture
def files(
    predictions: pd.DataFrame, folds: pd.DataFrame, manifest: pd.DataFrame, tmp_path: Path
) -> list[str]:
    """The arguments of the verb but for what it writes."""
    for name, frame in (("predictions", predictions), ("folds", folds), ("manifest", manifest)):
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    replace(EMODB, seed=3).save(tmp_path / "context.json")
    flags = [f"--{name}={tmp_path / name}.csv" for name in ("folds", "manifest")]
    return ["compare", str(tmp_path / "predictions.csv"), *flags]


def test_the_verb_writes_the_same_bytes_twice(files: list[str], tmp_path: Path) -> None:
    context = f"--context={tmp_path / 'context.json'}"
    for name in ("one", "two"):
        rows = str(tmp_path / f"{name}.rows")
        assert main([*files, context, "--output", rows]) == 0
        output = ["--source", f"comparisons={rows}", "--output", str(tmp_path / name)]
        assert main(["table", "comparisons", context, *output]) == 0
    assert "against published: WA (agrees)" in (tmp_path / "one.csv").read_text(encoding="utf-8")
    endings = [".rows", ".tex", ".csv", ".html", ".txt"]
    one, two = (
        [(tmp_path / f"{name}{end}").read_bytes() for end in endings] for name in ("one", "two")
    )
    assert one == two


def test_the_verb_compares_what_it_is_told(files: list[str], tmp_path: Path) -> None:
    output = tmp_path / "comparisons.csv"
    assert main([*files, "--output", str(output), "--pairs", "is09_svm:fused_ce"]) == 0
    rows = read_csv(output, ["system", "against", "difference", "p_holm", "note"])
    assert set(rows["system"][:5]) == {"is09_svm"}
    assert sorted(path.name for path in tmp_path.glob("comparisons*")) == ["comparisons.csv"]


@pytest.mark.parametrize("context", [None, replace(EMODB, synthetic=True)])
def test_synthetic_or_unknown_speech_is_not_held_against_the_paper(
    context: RunContext | None, files: list[str], tmp_path: Path
) -> None:
    output = tmp_path / "comparisons.csv"
    if context:
        context.save(tmp_path / "context.json")
        files = [*files, f"--context={tmp_path / 'context.json'}"]
    assert main([*files, "--output", str(output)]) == 0
    assert "published" not in set(read_csv(output, ["against"])["against"])


def test_a_pair_without_its_other_half_is_refused(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([*files, "--output", str(tmp_path / "x.csv"), "--pairs", "is09_svm"])
    assert "'is09_svm' is not SYSTEM:AGAINST" in capsys.readouterr().err


def test_a_p_too_small_to_print_is_explained(
    predictions: pd.DataFrame, folds: pd.DataFrame, manifest: pd.DataFrame
) -> None:
    rows = compare(predictions, folds, manifest, PAIR)
    assert "0.00005" not in comparison_table(rows, EMODB).text()
    rows.loc[0, "p_holm"] = 1e-9
    assert "A p of 0.0000 is below 0.00005." in comparison_table(rows, EMODB).text()
