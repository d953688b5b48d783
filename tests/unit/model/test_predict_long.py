"""Long recordings: the same numbers in memory and time that grow with the length, and no faster."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from sersnake.features.functionals import functionals
from sersnake.model import Model, load_model
from sersnake.model.extraction import Rows
from sersnake.model.long_functionals import long_functionals
from sersnake.model.novelty import Novelty
from sersnake.networks import Batch, build_fused
from sersnake.settings.features import OPENSMILE_SETS
from tests import small_model

RATE = 16000

# Peak memory in KiB and CPU time in s of a call, printed behind its answers.
MEASURED = """
import resource, sys
from sersnake.cli import main
assert main(sys.argv[1:]) == 0
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_maxrss, used.ru_utime + used.ru_stime)
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("long")
    return small_model.make_model(
        folder / "work", small_model.write_recordings(folder / "wav", takes=2)
    )


def rows_of(model: Model, count: int) -> Rows:
    """So many frames, and a vector."""
    rng, rows = np.random.default_rng(count), {}
    for name, z in model.scalings.items():
        size = count if model.extraction.frames(name) else 1, len(z.mean)
        rows[name] = (z.mean + z.scale * rng.normal(size=size)).astype(np.float32)
    return rows


def fused(model: Model) -> Model:
    """The same with a fused network of random weights."""
    streams, width = model.read_by("fused"), model.streams.fusion_width
    widths = {name: len(model.scalings[each.features].mean) for name, each in streams.items()}
    choices, states = {name: stream.network for name, stream in streams.items()}, []
    for seed in (3, 4):
        torch.manual_seed(seed)
        states.append(build_fused(choices, widths, 3, width).state_dict())
    arrays = {name: np.stack([state[name].numpy() for state in states]) for name in states[0]}
    rng = np.random.default_rng(0)
    classifier = small_model.random_classifier(model.labels, {"fused": width}, 2)
    middles = rng.normal(size=(2, 3, width)).astype(np.float32)
    return replace(
        model, networks={"fused": arrays}, classifier=classifier, novelty=Novelty(middles, 1.0)
    )


def test_a_fused_network_gives_what_pytorch_gives(model: Path) -> None:
    loaded = fused(load_model(model))
    streams = loaded.read_by("fused")
    widths = {name: len(loaded.scalings[each.features].mean) for name, each in streams.items()}
    choices = {name: stream.network for name, stream in streams.items()}
    network = build_fused(choices, widths, 3, loaded.streams.fusion_width).eval()
    arrays = loaded.networks["fused"].items()
    network.load_state_dict({name: torch.as_tensor(array[1]) for name, array in arrays})
    features = rows_of(loaded, 200)
    scaled = {
        name: torch.from_numpy(loaded.scalings[each.features](features[each.features]))
        for name, each in streams.items()
    }
    batches = {
        name: Batch(rows[None], torch.tensor([len(rows)])) if len(rows) > 1 else Batch(rows)
        for name, rows in scaled.items()
    }
    with torch.no_grad():
        expected = network.embed(batches)
    embeddings, attentions = loaded.ready().embedder([features])
    np.testing.assert_allclose(embeddings["fused"][1], expected, atol=1e-4)
    assert attentions == [None]


@pytest.mark.parametrize("feature_set", [*OPENSMILE_SETS, "IS09+eGeMAPSv02"])
def test_functionals_in_pieces_are_the_same_bytes(feature_set: str) -> None:
    rng = np.random.default_rng(1)
    signal = small_model.buzz("glad", 12.3456, rng) + 0.1 * rng.normal(size=round(12.3456 * RATE))
    signal = np.clip(signal, -1, 1 - 2**-15).astype(np.float32)
    expected = functionals(signal, feature_set=feature_set)
    assert long_functionals(signal, feature_set).tobytes() == expected.tobytes()


def measured(model: Path, recording: Path) -> tuple[float, float]:
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, "predict", recording, "--model", model],
        capture_output=True,
        text=True,
        check=True,
    )
    memory, seconds = done.stdout.splitlines()[-1].split()
    return float(memory), float(seconds)


@pytest.mark.slow
def test_memory_and_time_grow_with_the_length_and_no_faster(model: Path, tmp_path: Path) -> None:
    minute = small_model.buzz("calm", 60, np.random.default_rng(2))
    used = []
    for minutes in (1, 4):
        path = tmp_path / f"{minutes}.wav"
        soundfile.write(path, np.tile(minute, minutes), RATE)
        used.append(measured(model, path))
    (memory, seconds), (more_memory, more_seconds) = used
    # What grew with the square took three times the memory here; an interpreter takes most of it.
    assert more_memory < 1.4 * memory
    assert more_seconds < 3 * seconds


def test_the_advice_comes_before_the_work(model: Path, tmp_path: Path) -> None:
    soundfile.write(
        tmp_path / "long.wav", small_model.buzz("calm", 5, np.random.default_rng(1)), RATE
    )
    words = ["predict", tmp_path / "long.wav", "--model", model]
    done = subprocess.run(
        [sys.executable, "-m", "sersnake", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    first, *rest = done.stdout.splitlines()
    assert "1 of 1 recordings are longer than 2 s" in first
    assert "--window 1 " in first
    assert any(line.startswith(str(tmp_path)) for line in rest)
    cut = subprocess.run(
        [sys.executable, "-m", "sersnake", *words, "--window", "1"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "are longer" not in cut.stderr
