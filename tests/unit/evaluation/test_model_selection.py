"""A variant is selected by inner folds alone: the outer test sets change nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sersnake.cli import main
from sersnake.errors import SersnakeError
from sersnake.evaluation.model_selection import select_variants, selected_predictions
from sersnake.io import read_csv, write_csv

SYSTEM = "independent_he"


def inner_predictions(right: dict[str, int], system: str = SYSTEM) -> pd.DataFrame:
    """Ten utterances of one class per inner fold, so many of them right; `is09_svm` errs there."""
    rows = [
        (name, fold, f"v{fold}{number}", "sad", "sad" if (number < hits) == is_system else "angry")
        for name, is_system in ((system, True), ("is09_svm", False))
        for fold, hits in right.items()
        for number in range(10)
    ]
    return pd.DataFrame(rows, columns=["system", "fold", "utterance", "emotion", "predicted"])


# Fold 0 is for `wide`, fold 1 for `paper`, and fold x-2 is a tie.
PAPER = {"0-0": 5, "0-1": 6, "1-0": 9, "1-1": 5, "x-2-0": 1, "x-2-1": 2}
WIDE = {"0-0": 4, "0-1": 8, "1-0": 6, "1-1": 7, "x-2-0": 2, "x-2-1": 1}
INNER = {"paper": inner_predictions(PAPER), "wide": inner_predictions(WIDE)}
FOLDS = pd.DataFrame(
    [(fold, f"u{fold}{number}", "test") for fold in ("0", "1", "x-2") for number in range(2)],
    columns=["fold", "utterance", "part"],
)


def predictions(variant: str) -> pd.DataFrame:
    """Two utterances per fold of two systems; the predicted class names its variant."""
    rows = [
        (system, fold, f"u{fold}{number}", "sad", f"{variant}_{system}", 0.5)
        for system in (SYSTEM, "is09_svm")
        for fold in ("0", "1", "x-2")
        for number in range(2)
    ]
    columns = ["system", "fold", "utterance", "emotion", "predicted", "score_sad"]
    return pd.DataFrame(rows, columns=columns)


PREDICTIONS = {variant: predictions(variant) for variant in INNER}


def test_every_fold_takes_the_variant_with_the_best_inner_ua() -> None:
    selected = select_variants(INNER, FOLDS, SYSTEM)
    assert list(selected.columns) == ["fold", "variant", "inner_ua_paper", "inner_ua_wide"]
    assert selected["fold"].tolist() == ["0", "1", "x-2"]
    assert selected["variant"].tolist() == ["wide", "paper", "paper"]
    assert selected["inner_ua_paper"].tolist() == pytest.approx([0.55, 0.7, 0.15])
    assert selected["inner_ua_wide"].tolist() == pytest.approx([0.6, 0.65, 0.15])


def test_a_tie_takes_the_first_that_is_named() -> None:
    turned = select_variants(dict(reversed(INNER.items())), FOLDS, SYSTEM)
    assert turned["variant"].tolist() == ["wide", "paper", "wide"]


def test_another_system_selects_by_its_own() -> None:
    assert select_variants(INNER, FOLDS, "is09_svm")["variant"].tolist() == [
        "paper",
        "wide",
        "paper",
    ]


def test_the_selected_predictions_are_those_of_each_folds_variant() -> None:
    selected = selected_predictions(
        select_variants(INNER, FOLDS, SYSTEM), PREDICTIONS, SYSTEM, "selected"
    )
    assert selected["system"].unique().tolist() == ["selected"]
    assert list(selected.columns) == list(PREDICTIONS["paper"].columns)
    by_fold = selected.groupby("fold", sort=False)["predicted"].agg(list)
    assert by_fold.to_dict() == {
        "0": [f"wide_{SYSTEM}"] * 2,
        "1": [f"paper_{SYSTEM}"] * 2,
        "x-2": [f"paper_{SYSTEM}"] * 2,
    }


def test_inner_folds_count_by_their_classes_and_not_by_their_number() -> None:
    rows = [("0-0", "a", "sad", "sad"), ("0-0", "b", "sad", "angry"), ("0-0", "c", "sad", "sad")]
    rows += [("0-1", "d", "angry", "angry"), ("0-1", "e", "sad", "sad")]
    inner = pd.DataFrame(rows, columns=["fold", "utterance", "emotion", "predicted"])
    selected = select_variants({"one": inner.assign(system=SYSTEM)}, FOLDS[:1], SYSTEM)
    assert selected["inner_ua_one"].tolist() == pytest.approx([(1 + 3 / 4) / 2])


def shared_predictions(wrong: str) -> pd.DataFrame:
    """Three folds share their inner ones; one fold's utterances are wrong in all of them."""
    rows = [
        (SYSTEM, name, f"u{fold}{number}", "sad", "angry" if fold == wrong else "sad")
        for name in ("0+1", "0+x-2", "1+x-2")
        for fold in name.split("+")
        for number in range(2)
    ]
    return pd.DataFrame(rows, columns=["system", "fold", "utterance", "emotion", "predicted"])


def test_what_a_fold_tests_itself_has_no_vote_in_an_inner_fold_that_it_shares() -> None:
    inner = {f"not_{fold}": shared_predictions(fold) for fold in ("0", "1")}
    selected = select_variants(inner, FOLDS, SYSTEM).set_index("fold")
    assert selected["inner_ua_not_0"].to_dict() == {"0": 1, "1": 0.5, "x-2": 0.5}
    assert selected["inner_ua_not_1"].to_dict() == {"0": 0.5, "1": 1, "x-2": 0.5}
    assert selected["variant"].to_dict() == {"0": "not_0", "1": "not_1", "x-2": "not_0"}


@pytest.mark.parametrize(
    ("inner", "message"),
    [
        ({}, "no variant to select from"),
        ({"paper": INNER["paper"].query("system != @SYSTEM")}, "variant paper: system"),
        ({"paper": inner_predictions({"0": 5})}, "fold 0 is not an inner fold"),
        (
            {**INNER, "deep": inner_predictions({**WIDE, "1-2": 5})},
            r"variants paper and deep were not measured on the same inner folds \(1-2\)",
        ),
        ({"paper": pd.concat([INNER["paper"]] * 2)}, "predicts an utterance twice in a fold"),
        ({"paper": inner_predictions({"0-0": 5, "1-0": 5})}, "fold x-2 has no inner fold"),
    ],
)
def test_predictions_that_do_not_decide_are_refused(
    inner: dict[str, pd.DataFrame], message: str
) -> None:
    with pytest.raises(SersnakeError, match=message):
        select_variants(inner, FOLDS, SYSTEM)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"paper": PREDICTIONS["paper"]}, "variant wide is missing; give those of all"),
        (
            {**PREDICTIONS, "wide": PREDICTIONS["wide"].query("fold != '1'")},
            "variant wide: system independent_he was not predicted on the outer folds .*: fold 1",
        ),
        (
            {**PREDICTIONS, "wide": PREDICTIONS["wide"].assign(utterance="u")},
            "variant wide: their utterances differ from those of paper",
        ),
    ],
)
def test_predictions_that_do_not_fit_are_refused(
    given: dict[str, pd.DataFrame], message: str
) -> None:
    with pytest.raises(SersnakeError, match=message):
        selected_predictions(select_variants(INNER, FOLDS, SYSTEM), given, SYSTEM, "selected")


@pytest.fixture
def call(tmp_path: Path) -> list[str]:
    """The verb with its inner predictions, as arguments."""
    write_csv(tmp_path / "folds.csv", FOLDS)
    for variant in INNER:
        write_csv(tmp_path / f"{variant}.inner.csv", INNER[variant])
        write_csv(tmp_path / f"{variant}.predictions.csv", PREDICTIONS[variant], "%.6f")
    inner = [str(tmp_path / f"{variant}.inner.csv") for variant in INNER]
    files = [
        "--folds",
        str(tmp_path / "folds.csv"),
        "--output",
        str(tmp_path / "model_selection.csv"),
    ]
    return ["select-variants", *INNER, "--inner", *inner, *files]


def outer_flags(folder: Path) -> list[str]:
    outer = [str(folder / f"{variant}.predictions.csv") for variant in INNER]
    return ["--outer", *outer, "--output-predictions", str(folder / "selected.csv")]


def test_the_outer_test_sets_select_nothing(tmp_path: Path, call: list[str]) -> None:
    assert main(call) == 0
    alone = (tmp_path / "model_selection.csv").read_bytes()
    for seed in range(3):
        assert main([*call, *outer_flags(tmp_path)]) == 0
        assert (tmp_path / "model_selection.csv").read_bytes() == alone
        rng = np.random.default_rng(seed)
        for variant, rows in PREDICTIONS.items():
            shuffled = rows.assign(
                emotion=rng.choice(["sad", "angry"], len(rows)),
                predicted=rng.permutation(rows["predicted"]),
            )
            write_csv(tmp_path / f"{variant}.predictions.csv", shuffled, "%.6f")


def test_the_verb_names_the_selected_system(tmp_path: Path, call: list[str]) -> None:
    assert main([*call, *outer_flags(tmp_path)]) == 0
    selected = read_csv(tmp_path / "selected.csv", ["system", "fold", "predicted"])
    assert set(selected["system"]) == {"selected"}
    first = (tmp_path / "selected.csv").read_text(encoding="utf-8").splitlines()[1]
    assert first == f"selected,0,u00,sad,wide_{SYSTEM},0.500000"


def test_a_variant_may_have_another_system_in_the_systems_place(
    tmp_path: Path, call: list[str]
) -> None:
    other = INNER["wide"].replace({"system": {SYSTEM: "independent_he_mlp"}})
    write_csv(tmp_path / "wide.inner.csv", other)
    assert main(call) == 2
    assert main([word + ":independent_he_mlp" * (word == "wide") for word in call]) == 0
    selected = read_csv(tmp_path / "model_selection.csv", ["fold", "variant"])
    pd.testing.assert_frame_equal(
        selected, select_variants(INNER, FOLDS, SYSTEM), check_dtype=False
    )


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--outer", "a.csv"], "--outer and --output-predictions: give both or none"),
        (["--inner", "a.csv"], "--inner: give one file for each variant"),
    ],
)
def test_a_mistake_is_one_line(
    call: list[str], flags: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*call, *flags]) == 2
    assert message in capsys.readouterr().err


def test_a_variant_is_named_once(call: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["paper" if word == "wide" else word for word in call]) == 2
    assert "a name occurs twice" in capsys.readouterr().err
