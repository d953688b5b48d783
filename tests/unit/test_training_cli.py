"""The training verbs on a group of folds: their files, and what they refuse."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sersnake.cli import main
from sersnake.embeddings import Embeddings
from sersnake.io import Features, read_csv, read_tensors, write_csv
from tests.unit.test_training import COUNT, EMOTIONS, FOLDS, UTTERANCES, parts_of

SCHEDULE = ["--epochs", "3", "--batch-size", "8"]
FILES = ("manifest.csv", "folds.csv", "mfcc.safetensors", "functionals.safetensors")


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Three folds of 24 utterances of made-up features, as options."""
    folder = tmp_path_factory.mktemp("inputs")
    emotions = [EMOTIONS[i % 4] for i in range(COUNT)]
    manifest = pd.DataFrame({"utterance": UTTERANCES, "emotion": emotions, "corpus": "demo"})
    folds = [
        pd.DataFrame({"fold": fold, "utterance": UTTERANCES, "part": parts_of(fold)})
        for fold in FOLDS
    ]
    write_csv(folder / "manifest.csv", manifest)
    write_csv(folder / "folds.csv", pd.concat(folds))
    rng = np.random.default_rng(0)
    for kind, shape in (("mfcc", (20, 13)), ("functionals", (1, 384))):
        rows = [rng.normal(i % 4, 3, shape).astype(np.float32) for i in range(COUNT)]
        Features.stack(UTTERANCES, rows, {}).save(folder / f"{kind}.safetensors")
    return [word for name in FILES for word in (f"--{Path(name).stem}", str(folder / name))]


def outputs(folder: Path, phase: str) -> list[str]:
    kinds = {"weights": "safetensors", "history": "csv", "embedding": "safetensors"}
    return [
        word
        for kind, ending in kinds.items()
        for word in (f"--output-{kind}", str(folder / f"{phase}.{kind}.{ending}"))
    ]


def call(*words: object) -> None:
    assert not main([str(word) for word in words])


def train(inputs: list[str], folder: Path, names: list[str]) -> None:
    """Phase 1, mining and re-training of a group in ``folder``."""
    call(
        *("train", "fcn", "--fold", *names, *inputs, *SCHEDULE, *outputs(folder, "phase_1")),
        *("--arms", "independent_ce", "independent_he"),
        *("--output-counts", folder / "counts.csv"),
    )
    hard = folder / "hard.csv"
    call("mine", folder / "counts.csv", "--network", "fcn", "--output", hard)
    call(*retrain(inputs, folder, names))


def retrain(inputs: list[str], folder: Path, names: list[str]) -> list[str]:
    initial = ["--initial", str(folder / "phase_1.weights.safetensors")]
    hard = ["--hard-index", str(folder / "hard.csv"), "--arms", "independent_he"]
    paths = [*inputs, *initial, *hard, *outputs(folder, "he")]
    checkpoint = ["--checkpoint", str(folder / "checkpoint.safetensors")]
    return ["retrain", "fcn", "--fold", *names, *paths, *SCHEDULE, *checkpoint]


@pytest.fixture(scope="module")
def group(inputs: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the folds 2 and 0 leave as one job."""
    folder = tmp_path_factory.mktemp("group")
    train(inputs, folder, ["2", "0"])
    return folder


def test_weights_have_a_member_a_fold(group: Path) -> None:
    for phase, epochs in (("phase_1", 3), ("he", 6)):
        arrays, metadata = read_tensors(group / f"{phase}.weights.safetensors")
        assert metadata == {"folds": ["2", "0"], "epochs": [epochs, epochs]}
        assert arrays["network.linears.0.weight"].shape == (2, 256, 384)
        assert {len(array) for array in arrays.values()} == {2}


def test_history_has_one_fold_after_the_other(group: Path) -> None:
    rows = read_csv(group / "phase_1.history.csv", ["fold", "arm", "epoch"])
    arms = ["independent_ce"] * 3 + ["independent_he"] * 3
    assert rows["fold"].tolist() == ["2"] * 6 + ["0"] * 6
    assert rows["arm"].tolist() == arms * 2
    assert rows["epoch"].tolist() == [1, 2, 3] * 4
    assert set(read_csv(group / "he.history.csv", [])["epoch"]) == {4, 5, 6}


def test_counts_and_hard_index_have_all_folds(group: Path) -> None:
    counts = read_csv(group / "counts.csv", [])
    assert list(counts) == ["fold", "utterance", "misclassified", "epochs"]
    hard = read_csv(group / "hard.csv", [])
    assert list(hard) == ["network", *counts, "hard_index", "hard"]
    for fold, rows in hard.groupby("fold"):
        assert rows["utterance"].tolist() == list(
            np.array(UTTERANCES)[parts_of(str(fold)) == "train"]
        )


def test_embeddings_are_of_every_fold_and_utterance(group: Path) -> None:
    found = Embeddings.load(group / "he.embedding.safetensors")
    assert found.folds == ("2", "0")
    assert found.utterances == tuple(UTTERANCES)
    assert found.values.shape == (2, COUNT, 1024)
    assert not np.array_equal(found.values[0], found.values[1])


def test_no_checkpoint_is_left(group: Path) -> None:
    assert not list(group.glob("*checkpoint*"))


def test_a_fold_of_a_group_is_classified_like_the_fold_alone(
    inputs: list[str], group: Path, tmp_path: Path
) -> None:
    train(inputs, tmp_path, ["0"])
    for folder in (group, tmp_path):
        files = [folder / "he.embedding.safetensors", inputs[-1]]
        where = [*inputs[:4], "--arm", "independent_he", "--fold", "0"]
        call("classify", *files, *where, "--output", folder / "predictions.csv")
    alone, grouped = (
        read_csv(folder / "predictions.csv", ["utterance", "predicted"])
        for folder in (tmp_path, group)
    )
    assert alone["utterance"].tolist() == UTTERANCES[16:]
    pd.testing.assert_frame_equal(alone, grouped, rtol=1e-2, atol=1e-2)


def refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The line of error of a call that has to end with 2."""
    assert main(words) == 2
    (line,) = (line for line in capsys.readouterr().err.splitlines() if "error:" in line)
    return line


@pytest.mark.parametrize("names", [["0", "2"], ["2"]], ids=["another order", "one of two"])
def test_weights_of_other_folds_are_refused_by_name(
    names: list[str], inputs: list[str], group: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = refused(retrain(inputs, group, names), capsys)
    assert "phase_1.weights.safetensors: holds the folds 2, 0" in line


def test_a_file_without_folds_holds_no_weights(
    inputs: list[str], group: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = retrain(inputs, group, ["2", "0"])
    words[words.index("--initial") + 1] = inputs[-1]
    assert "holds no weights" in refused(words, capsys)


def test_a_fold_that_embeddings_lack_is_named(
    inputs: list[str], group: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    features = str(group / "he.embedding.safetensors")
    where = [*inputs[:4], "--arm", "independent_he", "--fold", "1"]
    words = ["classify", features, *where, "--output", str(tmp_path / "predictions.csv")]
    line = refused(words, capsys)
    assert f"{features}: holds no features of fold 1, only of 2, 0" in line
