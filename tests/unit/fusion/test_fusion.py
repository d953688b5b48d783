"""The verbs of the final classifier and its scores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sersnake.cli import main
from sersnake.errors import SersnakeError
from sersnake.io import Features, write_csv
from sersnake.io.rows import join_rows
from sersnake.settings.classifiers import CLASSIFIERS
from sersnake.training.embeddings import Embeddings

CLASSES = ("angry", "happy", "sad")
SMALL = {"elm": ["--set", "hidden_units=50"], "mlp": ["--set", "hidden_units=50"]}


def make_data() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    labels = np.arange(90) % 3
    features = rng.normal(0, 1, (90, 8)).astype(np.float32)
    features[np.arange(90), labels] += 3
    return features, np.array(CLASSES)[labels]


@pytest.fixture
def inputs(tmp_path: Path) -> list[str]:
    """A fold and its features, as the verb's options."""
    features, emotions = make_data()
    names = [f"u{i:02d}" for i in range(90)]
    manifest = {"utterance": names, "emotion": emotions, "corpus": "mine"}
    parts = ["train"] * 60 + ["test"] * 30
    write_csv(tmp_path / "manifest.csv", pd.DataFrame(manifest))
    folds = pd.DataFrame({"fold": "0", "utterance": names, "part": parts})
    write_csv(tmp_path / "folds.csv", folds)
    pack = Features.stack(names, list(features[:, None]), {})
    pack.save(tmp_path / "features.safetensors")
    paths = [f"--{name}={tmp_path / name}.csv" for name in ("manifest", "folds")]
    return [str(tmp_path / "features.safetensors"), "--fold", "0", *paths]


@pytest.mark.parametrize("classifier", CLASSIFIERS)
def test_the_verb_writes_the_same_bytes_again(
    classifier: str, inputs: list[str], tmp_path: Path
) -> None:
    outputs = [tmp_path / "once.csv", tmp_path / "again.csv"]
    for output in outputs:
        options = ["--system", "a", "--classifier", classifier, *SMALL.get(classifier, [])]
        assert main(["classify", *inputs, *options, "--output", str(output)]) == 0
    table = pd.read_csv(outputs[0])
    assert (table["predicted"] == table["emotion"]).mean() > 0.8
    assert outputs[0].read_bytes() == outputs[1].read_bytes()


@pytest.mark.parametrize(
    ("classifier", "setting"),
    [
        *(("svm", "cost"), ("rbf", "cost"), ("logistic", "cost"), ("lda", "variance")),
        *(("elm", "hidden_units"), ("elm", "ridge"), ("mlp", "max_epochs")),
    ],
)
def test_settings_of_nothing_are_refused(
    classifier: str,
    setting: str,
    inputs: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["--system", "a", "--classifier", classifier, "--set", f"{setting}=0"]
    assert main(["classify", *inputs, *words, "--output", str(tmp_path / "out.csv")]) == 2
    assert f"{setting}: 0 is not allowed; choose a" in capsys.readouterr().err


def test_a_setting_of_another_classifier_is_refused(
    inputs: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--system", "a", "--classifier", "elm", "--set", "cost=1"]
    assert main(["classify", *inputs, *words, "--output", str(tmp_path / "out.csv")]) == 2
    assert "cost: there is no such key" in capsys.readouterr().err


def test_systems_draw_their_own_hidden_layers(inputs: list[str], tmp_path: Path) -> None:
    for system in ("a", "b"):
        output = str(tmp_path / f"{system}.csv")
        main(["classify", *inputs, "--system", system, "--classifier", "elm", "--output", output])
    a, b = (pd.read_csv(tmp_path / f"{system}.csv") for system in "ab")
    assert not a["score_sad"].equals(b["score_sad"])


def classified(inputs: list[str], tmp_path: Path, *words: str) -> pd.DataFrame:
    output = tmp_path / "out.csv"
    assert main(["classify", *inputs, "--system", "a", *words, "--output", str(output)]) == 0
    return pd.read_csv(output)


def scores_of(predictions: pd.DataFrame) -> pd.DataFrame:
    return predictions[[f"score_{name}" for name in CLASSES]]


def test_folds_of_a_call_are_those_of_calls_of_their_own(inputs: list[str], tmp_path: Path) -> None:
    """Each fold's networks have features of their own, in a file per fold."""
    path, _, _, manifest, _ = inputs
    pack = Features.load(Path(path))
    names = list(pack.utterances)
    files = [str(tmp_path / f"fold-{fold}.safetensors") for fold in "01"]
    for fold, file in enumerate(files):
        Embeddings((str(fold),), pack.utterances, (fold + pack.values)[None], "acln").save(
            Path(file)
        )
    parts = {"0": ["train"] * 60 + ["test"] * 30, "1": ["test"] * 30 + ["train"] * 60}
    folds = [pd.DataFrame({"fold": f, "utterance": names, "part": p}) for f, p in parts.items()]
    write_csv(tmp_path / "both.csv", pd.concat(folds))
    rest = [manifest, f"--folds={tmp_path / 'both.csv'}"]
    alone = [classified([files[int(f)], "--fold", f, *rest], tmp_path) for f in "01"]
    both = classified([*files, "--fold", "0", "1", *rest], tmp_path)
    pd.testing.assert_frame_equal(both, pd.concat(alone, ignore_index=True))


def test_members_take_their_share_of_the_files(inputs: list[str], tmp_path: Path) -> None:
    """Two members of two files each are the mean of a call with the first two and one with the
    last two."""
    path, *rest = inputs
    pack = Features.load(Path(path))
    other = str(tmp_path / "other.safetensors")
    rng = np.random.default_rng(1)
    noisy = pack.values + rng.normal(0, 2, pack.values.shape).astype(np.float32)
    Features(pack.utterances, pack.offsets, noisy, {}).save(Path(other))
    one, two = (classified([*files, *rest], tmp_path) for files in ([path, other], [other] * 2))
    both = classified([path, other, other, other, *rest], tmp_path, "--set", "seeds=2")
    expected = (scores_of(one) + scores_of(two)) / 2
    pd.testing.assert_frame_equal(scores_of(both), expected, atol=2e-6)
    assert not scores_of(one).equals(scores_of(two))
    best = scores_of(both).idxmax(axis=1).str.removeprefix("score_")
    assert (best == both["predicted"]).all()


@pytest.mark.parametrize("classifier", CLASSIFIERS)
def test_members_draw_their_own_hidden_layers(
    classifier: str, inputs: list[str], tmp_path: Path
) -> None:
    path, *rest = inputs
    words = ["--classifier", classifier, *SMALL.get(classifier, [])]
    alone = classified([path, *rest], tmp_path, *words)
    twice = classified([path, path, *rest], tmp_path, *words, "--set", "seeds=2")
    assert scores_of(twice).equals(scores_of(alone)) == (classifier not in SMALL)


@pytest.mark.parametrize(
    ("seeds", "message"),
    [
        ("0", "seeds: 0 is not allowed; choose a whole number of at least 1"),
        ("2", "seeds: 2: 1 files cannot be distributed"),
    ],
)
def test_files_have_to_deal_out(
    seeds: str,
    message: str,
    inputs: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["--system", "a", "--set", f"seeds={seeds}", "--output", str(tmp_path / "out.csv")]
    assert main(["classify", *inputs, *words]) == 2
    assert message in capsys.readouterr().err


def test_collect_keeps_the_rows_of_some_systems_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "1.csv").write_text("system,fold,loss,fall\na,01,0.10,\nb,01,1e-05,\n")
    (tmp_path / "2.csv").write_text("system,fold,loss,fall\na,02,NA,0.5\n")
    sources = [str(tmp_path / name) for name in ("1.csv", "2.csv")]
    output = tmp_path / "both.csv"
    assert main(["collect", *sources, "--systems", "a", "c", "--output", str(output)]) == 0
    assert output.read_text() == "system,fold,loss,fall\na,01,0.10,\na,02,NA,0.5\n"


def test_rows_of_a_missing_column_cannot_be_chosen(tmp_path: Path) -> None:
    (tmp_path / "1.csv").write_text("fold,loss\n0,1\n")
    with pytest.raises(SersnakeError, match=r"1\.csv: has no column system"):
        join_rows([tmp_path / "1.csv"], tmp_path / "out.csv", "system", ["a"])
    assert not (tmp_path / "out.csv").exists()


def test_a_classifier_beside_has_as_much_say_as_all_members(
    inputs: list[str], tmp_path: Path
) -> None:
    path, *rest = inputs
    pack = Features.load(Path(path))
    other = str(tmp_path / "other.safetensors")
    rng = np.random.default_rng(2)
    noisy = pack.values[:, :5] + rng.normal(0, 3, (len(pack.values), 5)).astype(np.float32)
    Features(pack.utterances, pack.offsets, noisy, {}).save(Path(other))
    words = ["--settings", "{seeds: 2, balanced: true}"]
    members = classified([path, path, *rest], tmp_path, *words)
    alone = classified([other, *rest], tmp_path)
    words += ["--set", "features=[noisy]", "--late", f"noisy={other}"]
    both = classified([path, path, *rest], tmp_path, *words)
    expected = (scores_of(members) + scores_of(alone)) / 2
    pd.testing.assert_frame_equal(scores_of(both), expected, atol=2e-6)
    best = scores_of(both).idxmax(axis=1).str.removeprefix("score_")
    assert (best == both["predicted"]).all()


def test_a_late_feature_set_without_its_pack_is_named(
    inputs: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--system", "a", "--set", "features=[is09, mine]", "--late", f"is09={inputs[0]}"]
    assert main(["classify", *inputs, *words, "--output", str(tmp_path / "out.csv")]) == 2
    assert "name the packed mine by --late mine=FILE" in capsys.readouterr().err


def test_inner_folds_keep_apart_what_the_fold_does(
    inputs: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Speakers where no speaker is on both sides, recordings otherwise."""
    seen: list[list[str]] = []

    def spy(labels: np.ndarray, groups: np.ndarray, seed: int) -> np.ndarray:
        seen.append(groups.tolist())
        return np.arange(len(labels)) // 3 % 2

    monkeypatch.setattr("sersnake.fusion.final.inner_folds", spy)
    manifest = tmp_path / "manifest.csv"
    table = pd.read_csv(manifest)
    for speakers in (["ann", "ben", "cleo"], ["ann", "ann", "ann"]):
        write_csv(manifest, table.assign(speaker=np.repeat(speakers, 30)))
        classified(inputs, tmp_path, "--set", "cost=[0.1, 1]")
    assert seen == [["ann"] * 30 + ["ben"] * 30, table["utterance"][:60].tolist()]
