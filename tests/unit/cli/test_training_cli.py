"""The training verbs on a group of folds: their files, and what they refuse."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sersnake.cli import build_parser, main
from sersnake.cli.training_options import chosen_network, chosen_recipe
from sersnake.io import Features, read_csv, read_tensors, write_csv
from sersnake.networks import NetworkOptions
from sersnake.training.embeddings import Embeddings
from sersnake.training.recipe import Recipe
from tests.unit.training.test_training import COUNT, EMOTIONS, FOLDS, SPEAKERS, UTTERANCES, parts_of

SCHEDULE = ["--epochs", "3", "--batch-size", "8"]
FILES = ("manifest.csv", "folds.csv", "mfcc.safetensors", "functionals.safetensors")


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
        assert any(name.startswith("adam.") for name in arrays) == (phase == "phase_1")


def test_nothing_goes_on_from_the_end_of_a_training(
    inputs: list[str], group: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = retrain(inputs, group, ["2", "0"])
    words[words.index("--initial") + 1] = str(group / "he.weights.safetensors")
    assert "name the weights of its first phase" in refused(words, capsys)


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


RECIPE = {
    "dropout": 0.5,
    "frame_mask": 0.2,
    "normalisation": "speaker",
    "crop": 15,
}
COUNTING = {"counting": "evaluation", "counted_epochs": 2}
NETWORK = {
    "attention": "dot",
    "heads": 4,
    "leaky_slope": 0.1,
    "coefficient_pooling": "floor",
    "fusion_width": 64,
}


def as_flags(settings: dict[str, object]) -> list[str]:
    return [
        word
        for name, value in settings.items()
        for word in (f"--{name.replace('_', '-')}", str(value))
    ]


def parsed(*words: str) -> argparse.Namespace:
    """Options of a verb whose files need not be there."""
    files = ["manifest", "folds", "mfcc", "functionals", "initial"]
    files += ["hard-index"] if words[0] == "retrain" else []
    files += ["output-weights", "output-history", "output-embedding"]
    paths = [word for name in files for word in (f"--{name}", "file")]
    return build_parser().parse_args([words[0], "fcn", "--fold", "0", *paths, *words[1:]])


def test_the_flags_of_training_are_the_recipe_and_the_networks_options() -> None:
    options = parsed("train", *as_flags({**RECIPE, **COUNTING, **NETWORK}))
    assert chosen_recipe(options) == Recipe(**RECIPE, **COUNTING)  # type: ignore[arg-type]
    assert chosen_network(options) == NetworkOptions(**NETWORK)  # type: ignore[arg-type]


def test_the_flags_of_retraining_are_the_same_but_it_counts_nothing() -> None:
    options = parsed("retrain", *as_flags({**RECIPE, **NETWORK}))
    assert chosen_recipe(options) == Recipe(**RECIPE)  # type: ignore[arg-type]
    assert chosen_network(options) == NetworkOptions(**NETWORK)  # type: ignore[arg-type]
    with pytest.raises(SystemExit):
        parsed("retrain", *as_flags(COUNTING))


@pytest.mark.parametrize("verb", ["train", "retrain"])
def test_without_flags_the_defaults_are_the_libraries_own(verb: str) -> None:
    assert chosen_recipe(parsed(verb)) == Recipe()
    assert chosen_network(parsed(verb)) == NetworkOptions()


def test_all_flags_at_once_through_both_phases(inputs: list[str], tmp_path: Path) -> None:
    """The curve's file follows both; counts have the counted epochs; the widths are as asked."""
    recipe = as_flags({**RECIPE, **NETWORK, "coefficient_pooling": "ceil"})
    weights = tmp_path / "phase_1.weights.safetensors"
    counts, hard = tmp_path / "counts.csv", tmp_path / "hard.csv"
    curves = [tmp_path / "1.curve.csv", tmp_path / "2.curve.csv"]
    common = ["fused", "--fold", "2", "0", *inputs, *SCHEDULE, *recipe]
    call(
        *("train", *common, *as_flags(COUNTING), *outputs(tmp_path, "phase_1")),
        *("--output-counts", counts, "--output-curve", curves[0], "--arms", "a", "b"),
    )
    call("mine", counts, "--network", "fused", "--output", hard)
    call(
        *("retrain", *common, *outputs(tmp_path, "he"), "--initial", weights),
        *("--hard-index", hard, "--output-curve", curves[1], "--arms", "b"),
        *("--re-initialise", "--alpha-shares", "hard"),
    )
    assert set(read_csv(counts, [])["epochs"]) == {2}
    first, second = (read_csv(path, []) for path in curves)
    assert list(first) == ["network", "arm", "fold", "phase", "epoch", "wa", "ua"]
    assert first["fold"].tolist() == ["2"] * 6 + ["0"] * 6
    assert first["arm"].tolist() == (["a"] * 3 + ["b"] * 3) * 2
    assert first["epoch"].tolist() == [1, 2, 3] * 4
    assert set(first["phase"]) == {1} and set(second["phase"]) == {2}
    assert set(second["epoch"]) == {4, 5, 6}
    assert first[["wa", "ua"]].stack().between(0, 1).all()
    assert Embeddings.load(tmp_path / "he.embedding.safetensors").values.shape[2] == 64


@pytest.mark.parametrize("phase", ["phase_1", "he"])
def test_a_curve_changes_no_byte(
    phase: str, inputs: list[str], group: Path, tmp_path: Path
) -> None:
    for name in ("phase_1.weights.safetensors", "hard.csv"):
        (tmp_path / name).write_bytes((group / name).read_bytes())
    words = retrain(inputs, tmp_path, ["2", "0"])
    if phase == "phase_1":
        words = ["train", "fcn", "--fold", "2", "0", *inputs, *SCHEDULE, *outputs(tmp_path, phase)]
        words += ["--arms", "independent_ce", "independent_he"]
    call(*words, "--output-curve", tmp_path / "curve.csv")
    for kind in ("weights.safetensors", "history.csv", "embedding.safetensors"):
        name = f"{phase}.{kind}"
        assert (tmp_path / name).read_bytes() == (group / name).read_bytes()
