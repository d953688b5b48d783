"""Models with features of a pretrained encoder: made, loaded, asked, and exported."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import soundfile
import torch

from sersnake.cli import main
from sersnake.errors import SersnakeError
from sersnake.features.encoder import Encoder
from sersnake.features.pretrained import pretrained_extractor
from sersnake.fusion.final import FinalClassifier, late_block
from sersnake.fusion.part import ClassifierRecipe
from sersnake.io import Features, read_csv
from sersnake.io.audio import read_audio
from sersnake.model import load_model
from sersnake.model.onnx_files import _encoder, export_onnx
from sersnake.model.onnx_program import write_program
from sersnake.settings.classifiers import Fusion, Lda
from sersnake.settings.pretrained import Pretrained
from sersnake.training.embeddings import utterance_vectors
from tests import small_model
from tests.tiny_encoders import save_encoder

EMOTIONS = ["calm", "glad", "upset"]
KIND = {"kind": "pretrained", "model": "whisper"}
SMALLER = {"encoder_layers": 1}  # two hidden states; an exporter takes its time for each layer
OF_SAMPLES = {"num_hidden_layers": 1, "conv_dim": (8, 8)}
STEPS = {"conv_kernel": (20, 16), "conv_stride": (20, 16)}
STATES = {"layers": 2}
STREAMS = {
    "acln": None,
    "aln": {"features": "mfcc", "network": {"name": "aln", **STATES}},
    "fcn": {"network": {"name": "fcn", **STATES}},
}
Recordings = dict[Path, tuple[str, str]]


@pytest.fixture(scope="module", autouse=True)
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where encoders are looked for; there is one."""
    folder = tmp_path_factory.mktemp("models")
    save_encoder(folder, "whisper", **SMALLER)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SERSNAKE_MODELS", str(folder))
        yield folder


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Recordings:
    return small_model.write_recordings(tmp_path_factory.mktemp("speech") / "wav", takes=2)


@pytest.fixture(scope="module")
def work(recordings: Recordings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of ALN on frames and an FCN on means, with late fusion of these, and its packs."""
    folder = tmp_path_factory.mktemp("made") / "work"
    small_model.make_model(
        folder,
        recordings,
        mfcc={**KIND, "pooling": "none"},
        is09=KIND,
        networks={"streams": STREAMS},
        classifier={"features": ["is09"]},
    )
    return folder


@pytest.fixture(scope="module")
def baseline(work: Path) -> Path:
    """A model without networks, made of the same packs by the verbs."""
    system = ["--system", "is09_lda", "--classifier", "lda"]
    pack, folds = work / "is09.safetensors", work / "folds.csv"
    where = ["--manifest", work / "manifest.csv", "--folds", folds]
    small_model.call(
        *("classify", pack, *system, *where, "--fold", "0", "1", "--output", work / "lda.csv")
    )
    small_model.call(
        *("make-model", *system, "--name", "small", *where, "--features", f"is09={pack}"),
        *("--weights", "--embeddings", "--held-out", pack, "--predictions", work / "lda.csv"),
        *(*small_model.settings(features=["is09"]), "--context", work / "context.json"),
        *("--output-dir", work / "baseline"),
    )
    return work / "baseline"


def signals_of(recordings: Recordings) -> list[np.ndarray]:
    return [read_audio(path) for path in sorted(recordings)]


# ---- What it says


def test_it_reads_what_the_workflow_extracted(work: Path, recordings: Recordings) -> None:
    extraction = load_model(work / "model").extraction
    packs = {name: Features.load(work / f"{name}.safetensors") for name in ("mfcc", "is09")}
    for number, signal in enumerate(signals_of(recordings)):
        for name, rows in extraction.features(signal).items():
            np.testing.assert_array_equal(rows, packs[name].rows(number))
    assert extraction.hop("mfcc") == 0.02 and np.isnan(extraction.hop("is09"))


def test_a_model_scores_digit_for_digit_as_its_classifier(
    work: Path, recordings: Recordings
) -> None:
    model = load_model(work / "model")
    recogniser, signals = model.ready(), signals_of(recordings)
    features = [model.extraction.features(signal) for signal in signals]
    blocks = dict(recogniser.embedder(features)[0])
    blocks[late_block("is09")] = np.concatenate([each["is09"] for each in features])[None]
    prediction = recogniser.predict(signals)
    np.testing.assert_array_equal(prediction.scores, model.classifier.scores(blocks))
    assert np.isnan(prediction.moments).all()  # no network says what it attends to


def test_a_baseline_scores_digit_for_digit_as_the_workflows_classifier(
    baseline: Path, recordings: Recordings
) -> None:
    work = baseline.parent
    manifest = read_csv(work / "manifest.csv", ["utterance", "emotion"])
    emotions = manifest["emotion"].to_numpy(str)
    vectors = utterance_vectors(work / "is09.safetensors", "0", manifest["utterance"].tolist())
    recipe = ClassifierRecipe("lda", Lda(), Fusion(), (0, "is09_lda", "0"))
    fitted = FinalClassifier.fit({"0": vectors[None]}, emotions, EMOTIONS, recipe)
    model = load_model(baseline)
    assert not model.networks and model.members == 1
    prediction = model.ready().predict(signals_of(recordings))
    np.testing.assert_array_equal(prediction.scores, fitted.scores({"0": vectors[None]}))
    assert prediction.emotions == fitted.predict({"0": vectors[None]}).tolist()
    assert np.isfinite(prediction.distances).all() and prediction.unusual.mean() < 0.2
    noise = np.random.default_rng(0).normal(0, 0.3, 16000)
    assert model.ready().predict([noise]).distances > prediction.distances.max()


def predicted(model: Path, output: Path, *words: object) -> str:
    small_model.call("predict", "--model", model, "--output", output, *words)
    return output.read_text()


@pytest.mark.parametrize("kind", ["model", "baseline"])
def test_threads_and_windows_share_one_encoder(
    kind: str,
    baseline: Path,
    recordings: Recordings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model, loads = baseline.parent / kind, []
    load = Encoder.load
    monkeypatch.setattr(Encoder, "load", lambda settings: loads.append(0) or load(settings))
    alone = predicted(model, tmp_path / "1.csv", *recordings, "--threads", 1)
    assert len(alone.splitlines()) == 1 + len(recordings)
    assert len(loads) == len(load_model(model).extraction.sets)
    assert predicted(model, tmp_path / "4.csv", *recordings, "--threads", 4) == alone
    long = tmp_path / "long.wav"
    soundfile.write(long, np.concatenate(signals_of(recordings) * 4), 16000)  # more than 30 s
    assert len(predicted(model, tmp_path / "long.csv", long).splitlines()) == 2
    cut = predicted(model, tmp_path / "cut.csv", long, "--window", 10)
    assert len(cut.splitlines()) > 4


# ---- What stands in the folder, and what is refused


def test_the_folder_names_the_encoder_and_does_not_hold_it(baseline: Path, models: Path) -> None:
    weights = (models / "whisper" / "model.safetensors").stat().st_size
    for folder in (baseline, baseline.parent / "model"):
        told = json.loads((folder / "model.json").read_text())["features"]["is09"]
        assert told["model"] == "whisper" and len(told["sha256"]) == 64
        card = card_of(folder)
        of_encoder = "- is09: whisper, revision not recorded, SHA-256 of the weights"
        assert f"{of_encoder} {told['sha256']}" in card
        assert str(models) not in card and "opensmile" not in card.lower()
    names = sorted(path.name for path in baseline.iterdir())
    assert names == ["README.md", "classifier.safetensors", "model.json"]
    assert sum(path.stat().st_size for path in baseline.iterdir()) < weights
    assert "a shrinkage LDA on principal components on the features is09, made by" in card_of(
        baseline
    )


def card_of(folder: Path) -> str:
    return " ".join((folder / "README.md").read_text().split())


def test_an_encoder_that_is_missing_or_another_is_refused(
    baseline: Path,
    models: Path,
    recordings: Recordings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SERSNAKE_MODELS", str(tmp_path))
    words = ["predict", str(min(recordings)), "--model", str(baseline)]
    for damage, message in (
        (
            lambda: None,
            f"{tmp_path / 'whisper'}: no such folder; make it with `sersnake fetch model whisper`",
        ),
        (
            lambda: save_encoder(tmp_path, "whisper", seed=1, **SMALLER),
            "its weights have the SHA-256",
        ),
    ):
        damage()
        assert main(words) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("sersnake predict: error: ") and message in line
    with pytest.raises(SersnakeError, match="SHA-256"):
        load_model(baseline).ready()


def test_what_reads_an_encoder_may_be_missing(
    baseline: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(SersnakeError, match=r"transformers is not installed.*pip install"):
        load_model(baseline).ready()


def test_a_model_needs_the_networks_of_its_system(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["make-model", "--system", "independent_he", "--name", "n", "--context", work / "x"]
    words += ["--held-out", work / "x", "--predictions", work / "x", "--folds", work / "x"]
    words += [*small_model.inputs_of(work), "--output-dir", work / "y"]
    assert main([str(word) for word in words]) == 2
    assert "--weights: name those of the networks of independent_he" in capsys.readouterr().err


# ---- What an encoder gives


def test_whispers_states_are_those_of_its_own_pass(models: Path) -> None:
    """Which takes 30 s and nothing else."""
    states = Encoder.load(Pretrained("whisper")).module
    heard = torch.randn(1, 80, 3000, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        plain = states.encoder(heard, output_hidden_states=True).hidden_states
        assert [*map(torch.equal, states(heard), plain)] == [True, True]


# ---- ONNX


def test_onnx_gives_what_an_encoder_of_samples_gives(tmp_path: Path) -> None:
    folder = save_encoder(tmp_path, "wav2vec2", **OF_SAMPLES, **STEPS)
    settings = Pretrained(str(folder), layers=(1, 0), pooling="mean_std")
    write_program(_encoder("own", settings), {"of": "own"}, tmp_path / "encoder.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "encoder.onnx")
    encoder, extract = Encoder.load(settings), pretrained_extractor(settings)
    (told,) = session.get_inputs()
    assert told.name == "input_values" and told.shape == [1, "time"]
    rng = np.random.default_rng(0)
    for samples in (3000, 40000):
        signal = rng.normal(0, 0.1, samples).astype(np.float32)
        given = {told.name: encoder.prepared(signal).numpy()}
        (features,) = session.run(["features"], given)
        np.testing.assert_allclose(features, extract(signal), rtol=1e-3, atol=1e-5)


def test_a_model_is_exported_with_its_encoders(
    work: Path, recordings: Recordings, tmp_path: Path
) -> None:
    """From prepared sound to embeddings without PyTorch."""
    assert main(["export-onnx", str(work / "model"), "--output-dir", str(tmp_path)]) == 0
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["aln.onnx", "encoder_is09.onnx", "encoder_mfcc.onnx", "fcn.onnx"]
    sessions = {name: onnxruntime.InferenceSession(tmp_path / name) for name in names}
    model = load_model(work / "model")
    encoder = Encoder.load(model.extraction.sets["mfcc"][1])
    for signal in signals_of(recordings)[:4:3]:
        extracted = model.extraction.features(signal)
        expected, _ = model.ready().embedder([extracted])
        heard = {"input_features": encoder.prepared(signal).numpy()}
        for stream, features in (("aln", "mfcc"), ("fcn", "is09")):
            (rows,) = sessions[f"encoder_{features}.onnx"].run(None, heard)
            shaped = rows.reshape(extracted[features].shape)
            np.testing.assert_allclose(shaped, extracted[features], rtol=1e-3, atol=1e-5)
            embedding, logits = sessions[f"{stream}.onnx"].run(None, {"features": rows})
            np.testing.assert_allclose(embedding, expected[stream][0], rtol=1e-3, atol=1e-4)
            assert logits.shape == (1, 3)


def test_an_encoder_that_cannot_be_exported_leaves_no_files(
    baseline: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("step 2/3")

    monkeypatch.setattr("sersnake.model.onnx_files.make_program", fail)
    with pytest.raises(SersnakeError, match=r"PyTorch cannot export whisper .*\(RuntimeError\)"):
        export_onnx(load_model(baseline), tmp_path / "onnx")
    assert not (tmp_path / "onnx").exists()


def test_an_encoder_may_stand_within_the_model(
    baseline: Path,
    recordings: Recordings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = tmp_path / "model"
    shutil.copytree(baseline, model)
    before = load_model(model).ready().predict(signals_of(recordings))
    assert main(["include-encoders", str(model)]) == 0
    assert capsys.readouterr().out == f"{model / 'encoders' / 'is09'}\n"
    assert "this folder includes them" in (model / "README.md").read_text(encoding="utf-8")
    moved = model.rename(tmp_path / "moved")
    monkeypatch.setenv("SERSNAKE_MODELS", str(tmp_path / "nothing"))
    after = load_model(moved).ready().predict(signals_of(recordings))
    np.testing.assert_array_equal(after.scores, before.scores)
    weights = moved / "encoders" / "is09" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-4] + b"\0\0\0\1")
    with pytest.raises(SersnakeError, match="its weights have the SHA-256"):
        load_model(moved).ready()
