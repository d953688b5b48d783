"""A model of EMODB: the same answers whatever the container, and from ONNX."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import soundfile
import soxr

from sersnake.cli import main
from sersnake.io.audio import read_audio
from sersnake.model import load_model
from tests import small_model

pytestmark = pytest.mark.real
EMOTIONS = {"W": "anger", "N": "neutral", "T": "sadness"}
FORMS = ("16k.wav", "flac.flac", "48k-stereo.wav")


@pytest.fixture(scope="module")
def recordings(emodb_dir: Path) -> dict[Path, tuple[str, str]]:
    """Three emotions of four speakers."""
    paths = sorted((emodb_dir / "wav").glob("*.wav"))
    return {
        path: (path.stem[:2], EMOTIONS[path.stem[5]])
        for path in paths
        if path.stem[5] in EMOTIONS and path.stem[:2] in ("03", "08", "09", "10")
    }


@pytest.fixture(scope="module")
def model(
    recordings: dict[Path, tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("emodb") / "work"
    return small_model.make_model(folder, recordings, mfcc={"n_fft": 512})


def predicted(model: Path, folder: Path) -> dict[str, dict[str, str]]:
    output = folder / "rows.csv"
    assert main(["predict", str(folder), "--model", str(model), "--output", str(output)]) == 0
    with output.open(newline="") as file:
        return {Path(row["file"]).stem: row for row in csv.DictReader(file)}


def test_rate_channels_and_container_change_no_answer(
    model: Path, recordings: dict[Path, tuple[str, str]], tmp_path: Path
) -> None:
    """Twenty recordings at 16 kHz, as FLAC, and at 48 kHz in stereo."""
    folders = {form: tmp_path / form.partition(".")[0] for form in FORMS}
    for folder in folders.values():
        folder.mkdir()
    chosen = sorted(recordings)[:: len(recordings) // 20][:20]
    for path in chosen:
        samples, rate = soundfile.read(path, dtype="int16")
        soundfile.write(folders["16k.wav"] / path.name, samples, rate)
        soundfile.write(folders["flac.flac"] / f"{path.stem}.flac", samples, rate)
        high = soxr.resample(samples / 32768, rate, 48000)
        stereo = np.stack([high, high], 1)
        soundfile.write(folders["48k-stereo.wav"] / path.name, stereo, 48000, subtype="PCM_24")
    plain, flac, stereo = (predicted(model, folder) for folder in folders.values())
    assert len(plain) == 20
    for name, row in plain.items():
        assert {**flac[name], "file": ""} == {**row, "file": ""}
        assert stereo[name]["emotion"] == row["emotion"]
        assert stereo[name]["moment"] == row["moment"]
        scores = [key for key in row if key.startswith("score_")]
        for key in scores:
            assert float(stereo[name][key]) == pytest.approx(float(row[key]), abs=0.1)


@pytest.mark.slow
def test_onnx_gives_pytorchs_features_of_real_speech(
    model: Path, recordings: dict[Path, tuple[str, str]], tmp_path: Path
) -> None:
    assert main(["export-onnx", str(model), "--output-dir", str(tmp_path)]) == 0
    loaded = load_model(model)
    signals = [read_audio(path) for path in sorted(recordings)[::4]]
    features = [loaded.extraction.features(signal) for signal in signals]
    expected, attentions = loaded.ready().embedder(features)
    acln = onnxruntime.InferenceSession(tmp_path / "acln.onnx")
    for i, own in enumerate(of_one["mfcc"] for of_one in features):
        alf, _, attention = acln.run(None, {"features": own[None]})
        np.testing.assert_allclose(alf[0], expected["acln"][0, i], rtol=1e-3, atol=1e-4)
        np.testing.assert_allclose(attention[0], attentions[i].weights, atol=1e-4)
        assert attentions[i].length == pytest.approx(0.012 * len(own))
    vectors = np.concatenate([of_one["is09"] for of_one in features])
    elf, _ = onnxruntime.InferenceSession(tmp_path / "fcn.onnx").run(None, {"features": vectors})
    np.testing.assert_allclose(elf, expected["fcn"][0], rtol=1e-3, atol=1e-4)


def test_another_sound_is_unusual(model: Path, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 32000)
    soundfile.write(tmp_path / "noise.wav", noise, 16000)
    assert predicted(model, tmp_path)["noise"]["unusual"] == "1"
