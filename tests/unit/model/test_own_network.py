"""A model of a user's own network: loaded by who names its code, then used as any other."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from sersnake.cli import main
from sersnake.errors import SersnakeError
from sersnake.io.audio import read_audio
from sersnake.model import load_model, save_model
from sersnake.training.embeddings import Embeddings
from tests import own_network, small_model
from tests.own_network import MODULE, PLACE

# One reads frames, the other vectors; the paper's two are left out.
STREAMS = {
    **{"acln": None, "fcn": None},
    **{"heard": own_network.stream("mfcc"), "told": own_network.stream("is09", width=5)},
}


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What a model was made of, beside it."""
    folder = tmp_path_factory.mktemp("own")
    recordings = small_model.write_recordings(folder / "wav", takes=2)
    with own_network.importable(folder):
        small_model.make_model(folder / "work", recordings, networks={"streams": STREAMS})
        yield folder / "work"


def test_code_that_only_the_model_names_is_not_imported(
    work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, MODULE)
    with pytest.raises(SersnakeError, match="if you have and trust that code, allow it") as caught:
        load_model(work / "model")
    assert str(caught.value).endswith(f"modules=['{PLACE}']), or --modules {PLACE}")
    for words in (["predict", "x.wav", "--model"], ["export-onnx", "--output-dir", "onnx"]):
        assert main([*words, str(work / "model"), *["--modules", "other.Net"]]) == 2
        assert f"--modules {PLACE}\n" in capsys.readouterr().err
    assert MODULE not in sys.modules


def test_it_predicts_by_what_training_left(work: Path, tmp_path: Path) -> None:
    model = load_model(work / "model", modules=[PLACE])
    paths = sorted((work.parent / "wav").glob("*.wav"))
    signals = [read_audio(path) for path in paths]
    recogniser = model.ready()
    features = [model.extraction.features(signal) for signal in signals]
    for name, embeddings in recogniser.embedder(features)[0].items():
        trained = Embeddings.load(work / f"{name}-whole-0.safetensors").values
        np.testing.assert_allclose(embeddings, trained, atol=1e-5)
    save_model(model, tmp_path)
    assert f"--model . --modules {PLACE}\n" in (tmp_path / "README.md").read_text()
    again = load_model(tmp_path, modules=[PLACE]).ready().predict(signals)
    told = recogniser.predict(signals)
    np.testing.assert_array_equal(again.scores, told.scores)
    assert np.isnan(told.moments).all()  # nothing is attended to
    output = tmp_path / "told.csv"
    words = ["predict", *paths, "--model", tmp_path, "--modules", PLACE, "--output", output]
    assert main([str(word) for word in words]) == 0
    assert len(output.read_text().splitlines()) == 1 + len(paths)


def test_a_single_frame_is_no_vector(work: Path) -> None:
    model = load_model(work / "model", modules=[PLACE])
    rng, recogniser = np.random.default_rng(0), model.ready()
    z, vector = model.scalings["mfcc"], model.scalings["is09"].mean[None]
    rows = [z.mean + z.scale * rng.normal(size=(n, len(z.mean))) for n in (1, 20, 300)]
    features = [{"mfcc": each.astype(np.float32), "is09": vector} for each in rows]
    together = recogniser.judge(features)
    alone = recogniser.judge(features[:1])
    # A product of one row adds up in another order than that of three.
    np.testing.assert_allclose(alone.scores, together.scores[:1], rtol=1e-12)


def test_it_is_exported(work: Path, tmp_path: Path) -> None:
    words = ["export-onnx", str(work / "model"), "--modules", PLACE, "--output-dir", str(tmp_path)]
    assert main(words) == 0
    model = load_model(work / "model", modules=[PLACE])
    (path, *_) = sorted((work.parent / "wav").glob("*.wav"))
    features = model.extraction.features(read_audio(path))
    expected, _ = model.ready().embedder([features])
    for name, stream in (("heard", "mfcc"), ("told", "is09")):
        session = onnxruntime.InferenceSession(tmp_path / f"{name}.onnx")
        rows = features[stream][None] if stream == "mfcc" else features[stream]
        embedding, logits = session.run(["embedding", "logits"], {"features": rows})
        np.testing.assert_allclose(embedding, expected[name][0], rtol=1e-4, atol=1e-5)
        assert logits.shape == (1, 3)
