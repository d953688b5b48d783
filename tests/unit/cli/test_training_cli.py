"""The training verbs on a group of folds: their files, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sersnake.cli import build_parser, main
from sersnake.cli.training import _identity
from sersnake.io import Features, read_csv, read_tensors, write_csv
from sersnake.training.embeddings import Embeddings
from tests.unit.training.test_training import COUNT, EMOTIONS, FOLDS, SPEAKERS, UTTERANCES, parts_of


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Three folds of 24 utterances of made-up features, as options."""
    folder = tmp_path_factory.mktemp("inputs")
    emotions = [EMOTIONS[i % 4] for i in range(COUNT)]
    named = {"utterance": UTTERANCES, "emotion": emotions, "speaker": SPEAKERS}
    manifest = pd.DataFrame({**named, "corpus": "demo"})
    folds = [
        pd.DataFrame({"fold": fold, "utterance": UTTERANCES, "part": parts_of(fold)})
        for fold in FOLDS
    ]
    write_csv(folder / "manifest.csv", manifest)
    write_csv(folder / "folds.csv", pd.concat(folds))
    rng = np.random.default_rng(0)
    for name, shape in (("mfcc", (20, 13)), ("is09", (1, 384))):
        rows = [rng.normal(i % 4, 3, shape).astype(np.float32) for i in range(COUNT)]
        Features.stack(UTTERANCES, rows, {}).save(folder / f"{name}.safetensors")
    tables = ["--manifest", str(folder / "manifest.csv"), "--folds", str(folder / "folds.csv")]
    packs = [f"{name}={folder / name}.safetensors" for name in ("mfcc", "is09")]
    return [*tables, "--features", *packs]


def pack_of(inputs: list[str]) -> str:
    """The file of the last feature set."""
    return inputs[-1].partition("=")[2]


def settings(**values: object) -> list[str]:
    return ["--settings", json.dumps({"epochs": 3, "batch_size": 8, **values})]


def call(*words: object) -> None:
    assert not main([str(word) for word in words])


def train(inputs: list[str], folder: Path, names: list[str]) -> None:
    """Phase 1, mining and re-training of a group in ``folder``."""
    call(
        *("train", "fcn", "--fold", *names, *inputs, *settings(), "--output", folder / "phase_1"),
        *("--systems", "independent_ce", "independent_he"),
    )
    counts, hard = folder / "phase_1.counts.csv", folder / "hard.csv"
    call("mine", counts, "--network", "fcn", "--output", hard)
    call(*retrain(inputs, folder, names))


def retrain(inputs: list[str], folder: Path, names: list[str]) -> list[str]:
    initial = ["--initial", str(folder / "phase_1.weights.safetensors")]
    hard = ["--hard-index", str(folder / "hard.csv"), "--systems", "independent_he"]
    words = [*inputs, *initial, *hard, *settings(), "--output", str(folder / "he")]
    return ["retrain", "fcn", "--fold", *names, *words]


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
        assert any(name.startswith("adam.") for name in arrays) == (phase == "phase_1")


def test_nothing_goes_on_from_the_end_of_a_training(
    inputs: list[str], group: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = retrain(inputs, group, ["2", "0"])
    words[words.index("--initial") + 1] = str(group / "he.weights.safetensors")
    assert "name the weights of the first phase" in refused(words, capsys)


def test_history_has_one_fold_after_the_other(group: Path) -> None:
    rows = read_csv(group / "phase_1.history.csv", ["fold", "system", "epoch"])
    systems = ["independent_ce"] * 3 + ["independent_he"] * 3
    assert rows["fold"].tolist() == ["2"] * 6 + ["0"] * 6
    assert rows["system"].tolist() == systems * 2
    assert rows["epoch"].tolist() == [1, 2, 3] * 4
    assert set(read_csv(group / "he.history.csv", [])["epoch"]) == {4, 5, 6}


def test_counts_and_hard_index_have_all_folds(group: Path) -> None:
    counts = read_csv(group / "phase_1.counts.csv", [])
    assert list(counts) == ["fold", "utterance", "misclassified", "epochs"]
    hard = read_csv(group / "hard.csv", [])
    assert list(hard) == ["network", *counts, "hard_index", "hard"]
    for fold, rows in hard.groupby("fold"):
        assert rows["utterance"].tolist() == list(
            np.array(UTTERANCES)[parts_of(str(fold)) == "train"]
        )


def test_embeddings_are_of_every_fold_and_utterance(group: Path) -> None:
    actual = Embeddings.load(group / "he.safetensors")
    assert actual.folds == ("2", "0")
    assert actual.utterances == tuple(UTTERANCES)
    assert actual.values.shape == (2, COUNT, 1024)
    assert not np.array_equal(actual.values[0], actual.values[1])


def test_no_checkpoint_is_left(group: Path) -> None:
    assert not list(group.glob("*checkpoint*"))


def test_a_fold_of_a_group_is_classified_like_the_fold_alone(
    inputs: list[str], group: Path, tmp_path: Path
) -> None:
    train(inputs, tmp_path, ["0"])
    for folder in (group, tmp_path):
        files = [folder / "he.safetensors", pack_of(inputs)]
        where = [*inputs[:4], "--system", "independent_he", "--fold", "0"]
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
    assert "phase_1.weights.safetensors: contains the folds 2, 0" in line


def test_a_file_without_folds_holds_no_weights(
    inputs: list[str], group: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = retrain(inputs, group, ["2", "0"])
    words[words.index("--initial") + 1] = pack_of(inputs)
    assert "contains no weights" in refused(words, capsys)


def test_a_fold_that_embeddings_lack_is_named(
    inputs: list[str], group: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    features = str(group / "he.safetensors")
    where = [*inputs[:4], "--system", "independent_he", "--fold", "1"]
    words = ["classify", features, *where, "--output", str(tmp_path / "predictions.csv")]
    line = refused(words, capsys)
    assert f"{features}: contains no features of fold 1, only of 2, 0" in line


RECIPE = {
    "dropout": 0.5,
    "frame_mask": 0.2,
    "normalisation": "speaker",
    "crop": 15,
}
COUNTING = {"counting": "evaluation", "counted_epochs": 2}
ACLN = {"attention": "dot", "heads": 4, "leaky_slope": 0.1}
NETWORK = {"streams": {"acln": {"network": ACLN}}, "fusion_width": 64}


def test_all_settings_at_once_through_both_phases(inputs: list[str], tmp_path: Path) -> None:
    """The curve's file follows both; counts have the counted epochs; the widths are as asked."""
    first, second = tmp_path / "phase_1", tmp_path / "he"
    common = ["fused", "--fold", "2", "0", *inputs]
    recipe = {**RECIPE, **NETWORK}
    call(
        *("train", *common, *settings(**recipe, **COUNTING, learning_rate=1e-5)),
        *("--output", first, "--systems", "a", "b"),
    )
    counts, hard = tmp_path / "phase_1.counts.csv", tmp_path / "hard.csv"
    call("mine", counts, "--network", "fused", "--output", hard)
    call(
        *("retrain", *common, "--initial", f"{first}.weights.safetensors", "--hard-index", hard),
        *settings(**recipe, re_initialise=True, alpha_shares="hard"),
        *("--systems", "b", "--output", second),
    )
    assert set(read_csv(counts, [])["epochs"]) == {2}
    one, other = (read_csv(Path(f"{stem}.curve.csv"), []) for stem in (first, second))
    assert list(one) == ["network", "system", "fold", "phase", "epoch", "wa", "ua"]
    assert one["fold"].tolist() == ["2"] * 6 + ["0"] * 6
    assert one["system"].tolist() == (["a"] * 3 + ["b"] * 3) * 2
    assert one["epoch"].tolist() == [1, 2, 3] * 4
    assert set(one["phase"]) == {1} and set(other["phase"]) == {2}
    assert set(other["epoch"]) == {4, 5, 6}
    assert one[["wa", "ua"]].stack().between(0, 1).all()
    assert Embeddings.load(tmp_path / "he.safetensors").values.shape[2] == 64


def test_what_goes_on_counts_nothing(inputs: list[str], group: Path, tmp_path: Path) -> None:
    stem = tmp_path / "ce"
    call(
        *("train", "fcn", "--fold", "2", "0", *inputs, *settings(epochs=2), "--output", stem),
        *("--initial", group / "phase_1.weights.safetensors"),
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "ce.curve.csv",
        "ce.history.csv",
        "ce.safetensors",
        "ce.weights.safetensors",
    ]
    assert set(read_csv(tmp_path / "ce.history.csv", ["epoch"])["epoch"]) == {4, 5}


def test_copies_are_trained_on_and_decide_what_a_checkpoint_is_of(
    inputs: list[str], group: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of copies that are the utterances themselves the files are the same."""
    words = ["train", "fcn", "--fold", "2", "0", *inputs, *settings(), "--output"]
    both = ["independent_ce", "independent_he"]
    copies = ["--copies", f"level.is09={pack_of(inputs)}", f"noise_10.is09={pack_of(inputs)}"]
    call(*words, tmp_path / "copied", *copies, "--systems", *both)
    for ending in ("safetensors", "weights.safetensors", "counts.csv", "history.csv"):
        made, plain = tmp_path / f"copied.{ending}", group / f"phase_1.{ending}"
        assert made.read_bytes() == plain.read_bytes()
    call_of = build_parser().parse_args([*words, "out", *copies])
    plainly = build_parser().parse_args([*words, "out"])
    assert _identity(call_of, []) != _identity(plainly, [])
    copies[1] = copies[1].removeprefix("level.")
    assert "stream fcn reads is09, which is missing" in refused([*words, "out", *copies], capsys)
