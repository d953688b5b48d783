"""Degraded copies in folds: what is trained on them, and that no split parts them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from sersnake.cli import main
from sersnake.errors import SersnakeError
from sersnake.fusion.copies import with_copies, with_test_set
from sersnake.fusion.fold import FoldData
from sersnake.fusion.inner import inner_folds
from sersnake.fusion.origin import Origin
from sersnake.fusion.part import ClassifierRecipe
from sersnake.fusion.robustness import count_conditions
from sersnake.fusion.scaling import Blocks
from sersnake.io import Features, write_csv
from sersnake.settings.classifiers import Fusion, Svm
from sersnake.settings.enrolment import Enrolment

ORDER = ("angry", "happy", "sad")
SPEAKERS = np.repeat([f"s{number}" for number in range(8)], 24)
EMOTIONS = np.tile(ORDER, 64)
RECIPE = ClassifierRecipe("svm", Svm(), Fusion(), (0, "mine", "0"))
NAMES = ("clean", "noisy")
NONE, ENROLLED = Enrolment(), Enrolment(utterances=10)


def features(shift: float) -> NDArray[np.float32]:
    """Three classes apart by 3 in a column each; under a condition all columns are shifted."""
    values = np.random.default_rng(0).normal(0, 1, (192, 5)) + shift
    values += 3 * (EMOTIONS[:, None] == np.array([*ORDER, "", ""]))
    values[:, 0] += shift  # such that angry is heard where none is
    return values.astype(np.float32)


CLEAN, NOISY = ({"0": features(shift)[None]} for shift in (0.0, 4.0))


@pytest.fixture(scope="module")
def fold() -> FoldData:
    rows = np.arange(192)
    return FoldData(CLEAN, EMOTIONS, Origin(SPEAKERS, SPEAKERS, SPEAKERS), rows[:144], rows[144:])


def test_a_copy_stands_with_its_recording_and_never_in_the_test_set(fold: FoldData) -> None:
    copied = with_copies(fold, {"noise_10": NOISY, "level": CLEAN})
    utterances = np.tile(np.arange(192), 3)
    np.testing.assert_array_equal(copied.test, fold.test)
    assert not set(utterances[copied.train]) & set(fold.test)
    assert sorted(utterances[copied.train]) == sorted([*fold.train] * 3)
    np.testing.assert_array_equal(copied.emotions, EMOTIONS[utterances])
    np.testing.assert_array_equal(copied.blocks["0"][0, 192:384], NOISY["0"][0])
    groups = copied.origin.groups[copied.train]
    inner = inner_folds(np.unique(copied.emotions[copied.train], return_inverse=True)[1], groups, 1)
    for utterance in fold.train:  # one inner fold holds an utterance and all its copies
        assert len(set(inner[utterances[copied.train] == utterance])) == 1
    for speaker in set(SPEAKERS[fold.train]):
        assert len(set(inner[groups == speaker])) == 1


def test_a_copy_is_another_voice_of_its_speaker_and_nobody_stays_nobody(fold: FoldData) -> None:
    origin = with_copies(fold, {"noise_10": NOISY}).origin
    assert list(origin.voices[[0, 192]]) == ["s0", "s0 (noise_10)"]
    assert list(origin.speakers[[0, 192]]) == ["s0", "s0"]
    nobody = np.full(192, "")
    unknown = fold._replace(origin=Origin(nobody, SPEAKERS, nobody))
    assert set(with_copies(unknown, {"noise_10": NOISY}).origin.voices) == {""}


def test_without_copies_a_fold_is_itself(fold: FoldData) -> None:
    assert with_copies(fold, {}) is fold


def test_copies_of_other_features_are_refused(fold: FoldData) -> None:
    for other in ({"acln": NOISY["0"]}, {"0": NOISY["0"][..., :3]}):
        with pytest.raises(SersnakeError, match="level: the degraded copies must have"):
            with_copies(fold, {"level": other})
        with pytest.raises(SersnakeError, match="level: the degraded copies must have"):
            with_test_set(fold, "level", other)


def accuracies(fold: FoldData, enrolment: Enrolment, noisy: Blocks = NOISY) -> pd.Series:
    conditions = [("noise_10", noisy), ("level", fold.blocks)]
    counts = count_conditions(fold, ORDER, RECIPE, enrolment, conditions, 0)
    assert counts["condition"].unique().tolist() == ["clean", "noise_10", "level"]
    assert set(counts["speaker"]) == {"s6", "s7"}
    sums = counts.groupby("condition")[["tested", "correct"]].sum()
    assert set(sums["tested"]) == {48 - 2 * enrolment.utterances}
    return sums["correct"] / sums["tested"]


def test_a_condition_harms_and_its_copies_help(fold: FoldData) -> None:
    plain = accuracies(fold, NONE)
    copied = accuracies(with_copies(fold, {"noise_10": NOISY}), NONE)
    assert plain["level"] == plain["clean"] > 0.85
    assert plain["noise_10"] < 0.5 < 0.75 < copied["noise_10"]


def test_speakers_are_enrolled_under_the_condition_that_they_are_tested_under(
    fold: FoldData,
) -> None:
    offsets = np.random.default_rng(0).normal(0, 3, (8, 5)).astype(np.float32)
    apart = np.repeat(offsets, 24, axis=0)
    noisy = {"0": NOISY["0"] + apart}
    fold = fold._replace(blocks={"0": CLEAN["0"] + apart})
    alone, enrolled = (accuracies(fold, each, noisy) for each in (NONE, ENROLLED))
    assert alone["clean"] + 0.2 < enrolled["clean"]
    assert alone["noise_10"] + 0.2 < enrolled["noise_10"]


@pytest.fixture
def run(tmp_path: Path) -> list[str]:
    """The fold as the verbs read it."""
    names = [f"u{number:03d}" for number in range(192)]
    manifest = {"utterance": names, "emotion": EMOTIONS, "corpus": "mine", "speaker": SPEAKERS}
    write_csv(tmp_path / "manifest.csv", pd.DataFrame(manifest))
    parts = np.where(np.arange(192) < 144, "train", "test")
    folds = pd.DataFrame({"fold": "0", "utterance": names, "part": parts})
    write_csv(tmp_path / "folds.csv", folds)
    for name, blocks in zip(NAMES, (CLEAN, NOISY), strict=True):
        rows = list(blocks["0"][0][:, None])
        Features.stack(names, rows, {}).save(tmp_path / f"{name}.safetensors")
    files = [f"--{name}={tmp_path / name}.csv" for name in ("manifest", "folds")]
    return [str(tmp_path / "clean.safetensors"), "--system=mine_svm", "--fold=0", *files]


def test_late_features_are_degraded_too(run: list[str], tmp_path: Path) -> None:
    output, files = tmp_path / "out.csv", [f"{tmp_path}/{name}.safetensors" for name in NAMES]
    late = ["--settings={features: [mine]}", "--late", f"mine={files[0]}"]
    call = ["robustness", *run, *late, "--degraded", *(f"level={file}" for file in files[:1])]
    right = {}
    for name, file in zip(NAMES, files, strict=True):
        words = ["--degraded-late", f"level.mine={file}", f"--output={output}"]
        assert main([*call, *words]) == 0
        counts = pd.read_csv(output)
        right[name] = counts.groupby("condition")["correct"].sum()
    assert right["clean"]["clean"] == right["clean"]["level"] == right["noisy"]["clean"]
    assert right["noisy"]["level"] < right["clean"]["level"]
    assert main([*call, f"--output={output}"]) == 2  # the late features are not named


def test_clean_is_what_the_run_predicts_and_bytes_are_the_same_again(
    run: list[str], tmp_path: Path
) -> None:
    noisy, output = f"noise_10={tmp_path}/noisy.safetensors", tmp_path / "out.csv"
    for copies in ([], ["--copies", noisy]):
        call = ["robustness", *run, *copies, "--degraded", noisy, f"--output={output}"]
        assert main(call) == 0
        first = output.read_bytes()
        assert main(call) == 0
        assert output.read_bytes() == first
        counts = pd.read_csv(output)
        clean = counts[counts["condition"] == "clean"]
        assert main(["classify", *run, *copies, f"--output={output}"]) == 0
        rows = pd.read_csv(output)
        assert len(rows) == clean["tested"].sum() == 48
        assert (rows["predicted"] == rows["emotion"]).sum() == clean["correct"].sum()
