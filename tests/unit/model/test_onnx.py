"""The networks of a model in other programs: the same numbers from ONNX as in `predict`."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from torch import Tensor, nn

from sersnake.cli import main
from sersnake.errors import SersnakeError
from sersnake.io import Features
from sersnake.model import Model, load_model
from sersnake.model.embedder import Embedder
from sersnake.model.extraction import Extraction
from sersnake.model.novelty import Novelty
from sersnake.model.onnx_files import _network, export_onnx
from sersnake.model.onnx_program import make_program, write_program
from sersnake.model.scaled_networks import scaled_networks
from sersnake.networks import build_network
from sersnake.settings.acln import AclnOptions
from sersnake.settings.streams import Streams, read_streams
from sersnake.training.embeddings import Embeddings
from sersnake.training.scaling import ZScore
from tests import small_model

LENGTHS = (3, 16, 17, 40, 129)  # frames, some of which fill a step
COEFFICIENTS, FUNCTIONALS, CLASSES = 20, 30, 4
OPTIONS = {
    "paper": AclnOptions(),
    "other": AclnOptions("dot", heads=4, leaky_slope=0.1, coefficient_pooling="floor"),
}


def make_model(options: AclnOptions, members: int) -> Model:
    """A model of random weights, with statistics as if it had been trained."""
    generator = torch.Generator().manual_seed(0)
    rng = np.random.default_rng(0)
    torch.manual_seed(0)
    widths = {"mfcc": COEFFICIENTS, "is09": FUNCTIONALS}
    streams = Streams({"acln": {"network": {"name": "acln", **options.as_dict()}}})
    networks = {}
    for name, stream in read_streams(streams.streams).items():
        states = []
        for _ in range(members):
            network = build_network(stream.network, widths[stream.features], CLASSES)
            states.append(network.state_dict())
            for key, tensor in states[-1].items():
                if key.endswith("running_mean"):
                    tensor += torch.randn(tensor.shape, generator=generator) / 3
                elif key.endswith("running_var"):
                    tensor *= 0.5 + torch.rand(tensor.shape, generator=generator)
        networks[name] = {
            key: np.stack([state[key].numpy() for state in states]) for key in states[0]
        }
    return Model(
        tuple("abcd"),
        Extraction.from_dict(
            {"mfcc": {"kind": "mfcc", "n_mfcc": COEFFICIENTS}, "is09": {"kind": "opensmile"}}
        ),
        0,
        streams,
        {
            name: ZScore(*rng.uniform(0.5, 2, (2, width)).astype(np.float32))
            for name, width in widths.items()
        },
        networks,
        small_model.random_classifier("abcd", {"acln": 128, "fcn": 1024}, members),
        Novelty(np.zeros((members, CLASSES, 128 + 1024), np.float32), 1.0),
        {"name": "random"},
    )


@pytest.fixture(params=OPTIONS)
def model(request: pytest.FixtureRequest) -> Model:
    return make_model(OPTIONS[request.param], members=2)


def made_up() -> tuple[list[np.ndarray], np.ndarray]:
    rng = np.random.default_rng(1)
    frames = [rng.normal(1, 2, (n, COEFFICIENTS)).astype(np.float32) for n in LENGTHS]
    return frames, rng.normal(1, 2, (len(LENGTHS), FUNCTIONALS)).astype(np.float32)


def as_predict(model: Model) -> tuple[dict[str, np.ndarray], list[list[np.ndarray]]]:
    """ALF and ELF ``(members, N, D)`` and each member's attention, as `predict` computes them."""
    frames, vectors = made_up()
    rows = [{"mfcc": f, "is09": v[None]} for f, v in zip(frames, vectors, strict=True)]
    alone = [
        replace(
            model,
            networks={
                name: {key: array[[member]] for key, array in arrays.items()}
                for name, arrays in model.networks.items()
            },
            novelty=Novelty(model.novelty.middles[[member]], model.novelty.threshold),
        )
        for member in range(model.members)
    ]
    seen = [Embedder(each)(rows) for each in alone]
    embeddings = {name: np.concatenate([each[name] for each, _ in seen]) for name in seen[0][0]}
    return embeddings, [[each.weights for each in of if each] for _, of in seen]


def close(actual: object, expected: object) -> None:
    np.testing.assert_allclose(np.asarray(actual), np.asarray(expected), rtol=1e-4, atol=2e-5)


@pytest.mark.parametrize("member", [0, 1])
def test_plain_layers_give_what_predict_takes(model: Model, member: int) -> None:
    frames, vectors = made_up()
    expected, attention = as_predict(model)
    networks = scaled_networks(model, member)
    with torch.no_grad():
        for i, rows in enumerate(frames):
            alf, logits, weights = networks["acln"](torch.from_numpy(rows)[None])
            close(alf[0], expected["acln"][member, i])
            close(weights[0], attention[member][i])
            output = model.networks["acln"]
            weight, bias = output["output.weight"][member], output["output.bias"][member]
            close(logits[0], weight @ alf[0].numpy() + bias)
        elf, logits = networks["fcn"](torch.from_numpy(vectors))
    close(elf, expected["fcn"][member])
    assert logits.shape == (len(LENGTHS), CLASSES)


def test_onnx_gives_what_predict_takes(tmp_path: Path) -> None:
    model = make_model(OPTIONS["other"], members=1)
    frames, vectors = made_up()
    expected, attention = as_predict(model)
    assert [path.name for path in export_onnx(model, tmp_path)] == ["acln.onnx", "fcn.onnx"]
    session = onnxruntime.InferenceSession(tmp_path / "acln.onnx")
    for i, rows in enumerate(frames):
        alf, _, weights = session.run(None, {"features": rows[None]})
        close(alf[0], expected["acln"][0, i])
        close(weights[0], attention[0][i])
    session = onnxruntime.InferenceSession(tmp_path / "fcn.onnx")
    elf, _ = session.run(["embedding", "logits"], {"features": vectors})
    close(elf, expected["fcn"][0])


def test_each_member_has_a_file(tmp_path: Path) -> None:
    """Of a length of its own too: PyTorch's exporter fixes that of a second LSTM, if it may."""
    model = make_model(OPTIONS["paper"], members=2)
    expected, _ = as_predict(model)
    model = replace(model, networks={"acln": model.networks["acln"]})
    paths = export_onnx(model, tmp_path)
    assert [path.name for path in paths] == ["acln-0.onnx", "acln-1.onnx"]
    session = onnxruntime.InferenceSession(paths[1])
    for rows, alf in zip(made_up()[0], expected["acln"][1], strict=True):
        close(session.run(["embedding"], {"features": rows[None]})[0][0], alf)


class LastState(nn.Module):
    """What an LSTM knows at the end, from a state of its own on."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(4, 3, batch_first=True)
        self.start = nn.Parameter(torch.randn(2, 1, 1, 3))

    def forward(self, frames: Tensor) -> Tensor:
        _, (hidden, cells) = self.lstm(frames, tuple(self.start))
        return torch.cat([hidden[0], cells[0]], 1)


def test_an_lstm_is_one_operator_whatever_is_read_of_it(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network, path = LastState().eval(), tmp_path / "last.onnx"
    program = make_program(network, torch.zeros(1, 9, 4), {1: "frames"}, "frames", ["state"])
    write_program(program, {}, path)
    session = onnxruntime.InferenceSession(path)
    for length in (1, 30):
        frames = torch.randn(1, length, 4)
        with torch.no_grad():
            close(session.run(None, {"frames": frames.numpy()})[0], network(frames))


class FixedLength(nn.Module):
    """What an exporter cannot make for any length."""

    def forward(self, frames: Tensor) -> Tensor:
        return sum(frames[:, i] for i in range(frames.shape[1]))


def test_what_would_be_of_one_length_is_refused() -> None:
    with pytest.raises(SersnakeError, match="fixes the number of frames"):
        make_program(FixedLength(), torch.zeros(1, 9, 4), {1: "frames"}, "frames", ["sum"])


def test_a_file_says_what_goes_in_and_what_comes_out(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    trained = small_model.make_model(
        folder, small_model.write_recordings(tmp_path / "wav", takes=3)
    )
    assert main(["export-onnx", str(trained), "--output-dir", str(tmp_path / "1")]) == 0
    files = sorted((tmp_path / "1").iterdir())
    assert [path.name for path in files] == ["acln.onnx", "fcn.onnx"]
    again = tmp_path / "fcn.onnx"
    model = load_model(trained)
    about = {"labels": model.labels, "features": model.extraction.as_dict()}
    write_program(_network(scaled_networks(model, 0)["fcn"]), about, again)
    assert again.read_bytes() == files[1].read_bytes()
    for path in files:
        for place in (str(tmp_path), "site-packages", sys.prefix):
            assert place.encode() not in path.read_bytes()
        told = onnxruntime.InferenceSession(path).get_modelmeta().custom_metadata_map
        about = json.loads(told["sersnake"])
        assert about["labels"] == ["calm", "glad", "upset"]
        assert about["features"] == load_model(trained).extraction.as_dict()
    session = onnxruntime.InferenceSession(files[0])
    pack = Features.load(folder / "mfcc.safetensors")
    embedded = Embeddings.load(folder / "acln-whole-0.safetensors")
    for i in range(0, len(pack.utterances), 5):
        alf, _, _ = session.run(None, {"features": np.array(pack.rows(i))[None]})
        np.testing.assert_allclose(alf[0], embedded.values[0, i], rtol=1e-3, atol=1e-4)
