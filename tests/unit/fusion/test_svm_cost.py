"""C of the SVM comes from inside a fold's training part alone."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.metrics import recall_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sersnake.cli import main
from sersnake.errors import SersnakeError
from sersnake.fusion.classifier import linear_svm
from sersnake.fusion.svm_cost import inner_folds, separate_speakers, try_costs
from sersnake.io import Features, write_csv

COSTS = (10.0, 0.001, 0.1)
CLASSES = ("angry", "happy", "sad")


def make_data(count: int = 90) -> tuple[NDArray[np.float32], NDArray[np.str_], NDArray[np.str_]]:
    """Features that separate the classes badly, emotions, and six speakers with an offset each."""
    rng = np.random.default_rng(0)
    labels, speakers = np.arange(count) % 3, np.arange(count) // 5 % 6
    features = rng.normal(0, 1, (count, 30)).astype(np.float32) * np.arange(1, 31)
    features[np.arange(count), labels] += 2
    features += 3 * rng.normal(0, 1, (6, 30))[speakers]
    return features, np.array(CLASSES)[labels], np.char.add("s", speakers.astype(str))


def written_out(cost: float, features: NDArray[np.float32], emotions: NDArray[np.str_], splits):
    """UA of pooled predictions, each inner fold scaled by what it trains on."""
    predicted = np.empty_like(emotions)
    for train, test in splits:
        model = make_pipeline(StandardScaler(), linear_svm(cost))
        predicted[test] = model.fit(features[train], emotions[train]).predict(features[test])
    return recall_score(emotions, predicted, average="macro")


@pytest.mark.parametrize("grouped", [True, False])
def test_every_cost_has_the_accuracy_of_the_loop_written_out(grouped: bool) -> None:
    features, emotions, speakers = make_data()
    groups = speakers if grouped else None
    tried = try_costs(features, emotions, COSTS, groups, seed=3)
    assert tried["cost"].tolist() == sorted(COSTS)
    splits = inner_folds(emotions, groups, 3)
    expected = [written_out(cost, features, emotions, splits) for cost in sorted(COSTS)]
    assert len(set(expected)) > 1
    assert tried["inner_ua"].tolist() == pytest.approx(expected)
    assert tried["chosen"].tolist() == [int(i == np.argmax(expected)) for i in range(3)]


def test_of_equally_good_costs_the_smaller_is_chosen() -> None:
    features, emotions, _ = make_data()
    features[np.arange(90), np.arange(90) % 3] += 1000
    tried = try_costs(features, emotions, (10.0, 1.0, 100.0), None, seed=0)
    assert tried["inner_ua"].tolist() == [1, 1, 1]
    assert tried["chosen"].tolist() == [1, 0, 0]


def test_one_cost_is_chosen_untried() -> None:
    features, emotions, speakers = make_data(count=3)
    tried = try_costs(features, emotions, (0.5, 0.5), speakers, seed=0)
    assert tried["cost"].tolist() == [0.5]
    assert tried["inner_ua"].isna().all()
    assert tried["chosen"].tolist() == [1]


def test_inner_folds_keep_speakers_apart_and_test_everybody_once() -> None:
    _, emotions, speakers = make_data()
    splits = inner_folds(emotions, speakers, 0)
    assert len(splits) == 5
    assert sorted(np.concatenate([test for _, test in splits])) == list(range(90))
    for train, test in splits:
        assert not set(speakers[train]) & set(speakers[test])
        assert len(train) + len(test) == 90


def test_inner_folds_are_stratified_and_drawn_from_the_seed() -> None:
    _, emotions, _ = make_data()
    once, again, other = (inner_folds(emotions, None, seed) for seed in (1, 1, 2**63 - 1))
    for _, test in once:
        assert np.unique(emotions[test], return_counts=True)[1].tolist() == [6, 6, 6]
    assert all((a[1] == b[1]).all() for a, b in zip(once, again, strict=True))
    assert not all((a[1] == b[1]).all() for a, b in zip(once, other, strict=True))


@pytest.mark.parametrize("speakers", [2, 3, 7])
def test_there_are_as_many_inner_folds_as_speakers_up_to_five(speakers: int) -> None:
    emotions = np.array(CLASSES)[np.arange(84) % 3]
    groups = (np.arange(84) % speakers).astype(str)
    if speakers == 3:  # or each speaker would have an emotion of their own
        groups = (np.arange(84) // 3 % 3).astype(str)
    assert len(inner_folds(emotions, groups, 0)) == min(5, speakers)


def test_a_rare_class_is_no_hindrance_and_no_warning() -> None:
    features, emotions, _ = make_data()
    emotions[:2] = "bored"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tried = try_costs(features, emotions, COSTS, None, seed=0)
    assert tried["chosen"].sum() == 1


@pytest.mark.parametrize(
    ("emotions", "speakers", "message"),
    [
        (list("aabb"), list("ssss"), "too few speakers"),
        (list("ab"), None, "too few speakers or utterances"),
        (list("aabb"), list("ssrr"), "trains on one class"),
        (list("aaab"), None, "trains on one class"),
    ],
)
def test_too_little_to_choose_from_is_said(
    emotions: list[str], speakers: list[str] | None, message: str
) -> None:
    groups = None if speakers is None else np.array(speakers)
    with pytest.raises(SersnakeError, match=f"{message}.*give one cost"):
        inner_folds(np.array(emotions), groups, 0)


@pytest.mark.parametrize(
    ("costs", "message"), [((), "is empty"), ((1.0, 0.0), "above 0"), ((1.0, np.nan), "above 0")]
)
def test_impossible_costs_are_refused(costs: tuple[float, ...], message: str) -> None:
    features, emotions, _ = make_data()
    with pytest.raises(SersnakeError, match=f"cost .*{message}"):
        try_costs(features, emotions, costs, None, seed=0)


@pytest.mark.parametrize(
    ("speakers", "apart"),
    [
        (["a", "b", "c", "d"], True),
        (["a", "b", "a", "d"], False),
        (["a", "", "c", "d"], False),
        (["a", "b", "c", ""], False),
    ],
)
def test_speakers_are_apart_where_all_are_known_and_none_is_shared(
    speakers: list[str], apart: bool
) -> None:
    found = separate_speakers(np.array(speakers), np.array([0, 1]), np.array([2, 3]))
    assert (found is not None) == apart
    if found is not None:
        assert found.tolist() == speakers[:2]


@pytest.fixture
def inputs(tmp_path: Path) -> list[str]:
    """Fold 0 tests the last speaker, fold 1 every fourth utterance; the verb's options."""
    write_inputs(tmp_path, *make_data())
    return [str(tmp_path / "features.safetensors"), "--arm=a", *paths(tmp_path)]


def paths(folder: Path) -> list[str]:
    return [f"--{name}={folder / name}.csv" for name in ("manifest", "folds")]


def write_inputs(
    folder: Path,
    features: NDArray[np.float32],
    emotions: NDArray[np.str_],
    speakers: NDArray[np.str_],
) -> None:
    names = [f"u{i:02d}" for i in range(90)]
    manifest = {"utterance": names, "speaker": speakers, "emotion": emotions, "corpus": "mine"}
    write_csv(folder / "manifest.csv", pd.DataFrame(manifest))
    parts = np.where([speakers == "s5", np.arange(90) % 4 == 0], "test", "train")
    folds = [pd.DataFrame({"fold": str(i), "utterance": names, "part": parts[i]}) for i in range(2)]
    write_csv(folder / "folds.csv", pd.concat(folds))
    Features.stack(names, list(features[:, None]), {}).save(folder / "features.safetensors")


def classify(folder: Path, inputs: list[str], fold: str, cost: str, *more: str) -> pd.DataFrame:
    files = ["--output", str(folder / "p.csv"), "--output-costs", str(folder / "costs.csv")]
    assert main(["classify", *inputs, "--fold", fold, "--cost", cost, *files, *more]) == 0
    return pd.read_csv(folder / "costs.csv")


@pytest.mark.parametrize(("fold", "how"), [("0", "speakers apart"), ("1", "stratified")])
def test_the_verb_predicts_with_the_chosen_cost_and_records_it(
    fold: str, how: str, inputs: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    costs = classify(tmp_path, inputs, fold, "10,0.001,0.1")
    chosen = costs.loc[costs["chosen"] == 1, "cost"].item()
    line = capsys.readouterr().err
    assert line.startswith(f"a fold {fold}: C {chosen:g}; UA of inner folds ({how}): ")
    assert list(costs) == ["arm", "fold", "member", "cost", "inner_ua", "chosen"]
    assert costs["cost"].tolist() == sorted(COSTS)
    predictions = (tmp_path / "p.csv").read_bytes()
    alone = classify(tmp_path, inputs, fold, str(chosen))
    assert (tmp_path / "p.csv").read_bytes() == predictions
    assert alone["cost"].tolist() == [chosen]
    assert alone["inner_ua"].isna().all()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("fold", ["0", "1"])
def test_the_test_part_has_no_say_in_the_choice(
    fold: str, inputs: list[str], tmp_path: Path
) -> None:
    before = classify(tmp_path, inputs, fold, "10,0.001,0.1")
    features, emotions, speakers = make_data()
    test = speakers == "s5" if fold == "0" else np.arange(90) % 4 == 0
    features[test] *= 1000
    emotions[test] = emotions[test][::-1]
    write_inputs(tmp_path, features, emotions, speakers)
    assert classify(tmp_path, inputs, fold, "10,0.001,0.1").equals(before)


def test_costs_that_make_no_difference_are_said(
    inputs: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    features, emotions, speakers = make_data()
    features[np.arange(90), np.arange(90) % 3] += 1000
    write_inputs(tmp_path, features, emotions, speakers)
    assert classify(tmp_path, inputs, "1", "10,1")["chosen"].tolist() == [1, 0]
    assert "a fold 1: C 1 (no difference: the smallest); UA" in capsys.readouterr().err


def test_every_member_has_its_cost(inputs: list[str], tmp_path: Path) -> None:
    features, *rest = inputs
    costs = classify(tmp_path, [features, features, *rest], "1", "0.001,0.1", "--members=2")
    assert costs["member"].tolist() == [0, 0, 1, 1]
    assert costs["inner_ua"][:2].tolist() == costs["inner_ua"][2:].tolist()


def test_other_classifiers_have_no_cost(inputs: list[str], tmp_path: Path) -> None:
    costs = classify(tmp_path, inputs, "1", "0.001,0.1", "--classifier=elm")
    assert list(costs) == ["arm", "fold", "member", "cost", "inner_ua", "chosen"]
    assert costs.empty


@pytest.mark.parametrize("cost", ["", "a", "1,", "1,b"])
def test_what_is_no_number_is_refused(
    cost: str, inputs: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["classify", *inputs, "--fold", "0", "--cost", cost, "--output", "p.csv"])
    assert "is not one number, or several with commas" in capsys.readouterr().err
