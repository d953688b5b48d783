"""The counts of the enrolment curve: what a point is, and what its failures are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sersnake.cli import main
from sersnake.fusion import enrolment_curve
from sersnake.fusion.enrolment import Trial
from sersnake.fusion.enrolment_curve import count_fold
from sersnake.fusion.enrolment_failures import one_emotion, wrong_speaker
from sersnake.fusion.fold import FoldData
from sersnake.fusion.origin import Origin
from sersnake.fusion.part import ClassifierRecipe
from sersnake.io import Features, write_csv
from sersnake.settings.classifiers import Fusion, Svm
from sersnake.settings.enrolment import Enrolment

ORDER = ("angry", "happy", "sad")
SPEAKERS = np.repeat([f"s{number}" for number in range(8)], 24)
EMOTIONS = np.tile(ORDER, 64)
TEN = Enrolment(utterances=10)


@pytest.fixture(scope="module")
def fold() -> FoldData:
    """Eight speakers far apart, of whom two are tested."""
    rng = np.random.default_rng(0)
    values = rng.normal(0, 1, (192, 5)) + 3 * (EMOTIONS[:, None] == np.array([*ORDER, "", ""]))
    values += np.repeat(rng.normal(0, 4, (8, 5)), 24, axis=0)
    blocks = {"mine": values.astype(np.float32)[None]}
    rows = np.arange(192)
    return FoldData(blocks, EMOTIONS, Origin(SPEAKERS, SPEAKERS, SPEAKERS), rows[:144], rows[144:])


@pytest.fixture(scope="module")
def counts(fold: FoldData) -> pd.DataFrame:
    recipe = ClassifierRecipe("svm", Svm(), Fusion(), (0, "mine", "0"))
    return count_fold(fold, ORDER, recipe, [0, 4, 10, "all"], 0)


def totals(counts: pd.DataFrame) -> pd.DataFrame:
    return counts.groupby(["condition", "enrolled"])[["tested", "scored", "correct"]].sum()


def test_every_draw_scores_what_it_has_not_enrolled(counts: pd.DataFrame) -> None:
    scored = totals(counts)["scored"]
    assert scored["random", "0"] == scored["random", "all"] == 48
    assert scored["random", "4"] == 10 * (48 - 2 * 4)
    assert scored["random", "10"] == 10 * (48 - 2 * 10)
    assert scored["wrong_speaker", "10"] == 10 * 48
    assert scored["one_emotion", "10"] == 10 * 3 * (48 - 2 * 8)  # of an emotion there are 8
    assert (totals(counts)["tested"] == 48).all()


def test_speakers_far_apart_gain_and_less_where_it_fails(counts: pd.DataFrame) -> None:
    accuracy = totals(counts)["correct"] / totals(counts)["scored"]
    assert accuracy["random", "0"] + 0.1 < accuracy["random", "10"]
    assert accuracy["random", "4"] < accuracy["random", "all"]
    for failure in ("wrong_speaker", "one_emotion"):
        assert accuracy[failure, "10"] + 0.03 < accuracy["random", "10"]


def test_one_emotion_is_all_that_is_known(fold: FoldData) -> None:
    trials = list(one_emotion(fold, TEN, 0))
    assert len(trials) == 3
    for trial, emotion in zip(trials, ORDER, strict=True):
        left = np.isin(fold.test, trial.scored, invert=True)
        assert set(fold.emotions[fold.test][left]) == {emotion}
        assert trial.enrolled and len(trial.enrolled.known) == left.sum() == 2 * 8


def test_a_wrong_speaker_is_another_of_the_fold(fold: FoldData) -> None:
    chosen = set()
    for seed in range(20):
        (trial,) = wrong_speaker(fold, TEN, seed)
        assert trial.enrolled
        for speaker in ("s6", "s7"):
            rows = trial.enrolled.of_one(speaker)["mine"][0]
            places = np.flatnonzero((fold.blocks["mine"][0][:, None] == rows[:1]).all(axis=2))
            assert len(rows) == 10
            chosen.add((speaker, str(SPEAKERS[places[0]])))
    assert not {("s6", "s6"), ("s7", "s7")} & chosen
    assert {("s6", "s7"), ("s7", "s6"), ("s6", "s0")} < chosen


@pytest.mark.parametrize("failing", [one_emotion, wrong_speaker])
def test_failures_that_cannot_be_are_left_out(
    failing: Callable[[FoldData, Enrolment, int], Iterator[Trial]], fold: FoldData
) -> None:
    one = np.full(192, "s0")
    alone = fold._replace(origin=Origin(one, SPEAKERS, one), test=fold.test[:1])
    assert list(failing(alone, TEN, 0)) == []


@pytest.fixture
def run(fold: FoldData, tmp_path: Path) -> list[str]:
    """The fold as the verbs read it."""
    names = [f"u{number:03d}" for number in range(192)]
    manifest = {"utterance": names, "emotion": EMOTIONS, "corpus": "mine", "speaker": SPEAKERS}
    write_csv(tmp_path / "manifest.csv", pd.DataFrame(manifest))
    parts = np.where(np.isin(np.arange(192), fold.train), "train", "test")
    write_csv(
        tmp_path / "folds.csv", pd.DataFrame({"fold": "0", "utterance": names, "part": parts})
    )
    Features.stack(names, list(fold.blocks["mine"][0][:, None]), {}).save(
        tmp_path / "mine.safetensors"
    )
    files = [f"--{name}={tmp_path / name}.csv" for name in ("manifest", "folds")]
    return [str(tmp_path / "mine.safetensors"), "--system=mine_svm", "--fold=0", *files]


def test_a_draw_is_what_a_run_with_so_many_predicts(
    run: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enrolment_curve, "DRAWS", 1)
    output = tmp_path / "out.csv"
    assert main(["enrol-curve", *run, "--set", "curve=[4, all]", f"--output={output}"]) == 0
    curve = pd.read_csv(output)
    assert list(curve)[:5] == ["system", "condition", "enrolled", "speaker", "emotion"]
    assert curve["enrolled"].unique().tolist() == ["0", "4", "all"]
    correct = curve.groupby(["enrolled", "speaker", "emotion"])["correct"].sum()
    for number in ("0", "4", "all"):
        told = f"{{enrolment: {{utterances: {number}}}}}"
        assert main(["classify", *run, "--set", told, f"--output={output}"]) == 0
        rows = pd.read_csv(output)
        speakers = SPEAKERS[rows["utterance"].str[1:].astype(int)]
        right = (rows["predicted"] == rows["emotion"]).groupby([speakers, rows["emotion"]]).sum()
        assert right.to_dict() == correct[number].to_dict()


def test_the_verb_writes_the_same_bytes_again(run: list[str], tmp_path: Path) -> None:
    outputs = [tmp_path / "once.csv", tmp_path / "again.csv"]
    for output in outputs:
        assert main(["enrol-curve", *run, "--set", "curve=[2, 10]", f"--output={output}"]) == 0
    assert outputs[0].read_bytes() == outputs[1].read_bytes()
