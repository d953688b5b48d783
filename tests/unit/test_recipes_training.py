"""CONTRIBUTING's recipes for what is trained: each is one file and one entry, as done here."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sersnake
from sersnake.io import Features, read_csv, write_csv
from sersnake.training.embeddings import Embeddings

COUNT, FUNCTIONALS = 12, 6
NETWORK = '''
"""Toy: one layer."""

from torch import Tensor, nn
from torch.nn import functional as F

from sersnake.networks.batch import Batch
from sersnake.settings.networks import NoOptions


class Toy(nn.Module):
    """One layer of the vectors."""

    embedding_dimension = 8

    def __init__(self, inputs: int, classes: int) -> None:
        super().__init__()
        self.layer = nn.Linear(inputs, self.embedding_dimension)
        self.output = nn.Linear(self.embedding_dimension, classes)

    def embed(self, batch: Batch) -> Tensor:
        return F.relu(self.layer(batch.values))

    def forward(self, batch: Batch) -> Tensor:
        return self.output(self.embed(batch))


def build(inputs: int, classes: int, options: NoOptions, dropout: float) -> Toy:
    return Toy(inputs, classes)
'''
NETWORK_ENTRY = """    "toy": NetworkEntry(
        "sersnake.networks.toy:build", "vectors", folds_per_job=3
    ),
"""
LOSS = '''
"""Ten times cross entropy."""

import numpy as np
import torch
from numpy.typing import NDArray

from sersnake.settings.losses import Objective
from sersnake.training.losses import Loss, cross_entropy


def make_toy(objective: Objective, shares: NDArray[np.float64], device: torch.device) -> Loss:
    return lambda logits, labels: 10 * cross_entropy(logits, labels)
'''
LOSS_ENTRY = """    "toy": LossEntry(
        ("toy_phase_1", "toy"),
        label="toy",
        sentence="Toy: ten times cross entropy.",
        color="#CC79A7",
        objective="toy",
        make="sersnake.training.toy:make_toy",
    ),
"""
CLASSIFIER = '''
"""Toy: the nearest of the classes' means."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sersnake.settings.classifiers import Toy


@dataclass(frozen=True)
class NearestMean:
    """Means, and the exponent of the distance."""

    means: NDArray[np.float64]
    power: NDArray[np.float64]

    @classmethod
    def fit(
        cls,
        features: NDArray[np.float32],
        labels: NDArray[np.int64],
        settings: Toy,
        seed: int,
        origin: object = None,
    ) -> "NearestMean":
        means = [features[labels == label].mean(axis=0) for label in np.unique(labels)]
        return cls(np.float64(means), np.array([settings.power]))

    def scores(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        differences = np.abs(features[:, None] - self.means)
        return -np.power(differences, self.power).sum(axis=2)
'''
CLASSIFIER_SETTINGS = '''class Toy(Settings, frozen=True):
    """The nearest mean."""

    power: Annotated[float, Meta(gt=0, description="Exponent of the distance.")] = 2.0


'''
CLASSIFIER_ENTRY = """    "toy": ClassifierEntry(
        "sersnake.fusion.toy:NearestMean", Toy, label="Toy", phrase="the nearest mean"
    ),
"""
# What the library makes of the entries in a config with one system, as JSON.
ASK = """
import json, sys
from sersnake.experiment.runs import plan_runs
from sersnake.report.plot_style import LOSS_COLORS
from sersnake.report.tables.systems import Labels, explain
from sersnake.settings.config import read_config
from sersnake.settings.pages import config_schema
from sersnake.settings.systems import PAPER_SYSTEMS, read_system
config = read_config(json.loads(sys.argv[1]))
run = plan_runs(config, "results", lambda preset: {})["results"]
phases = read_system(run.systems[0]).phases(tuple(run.streams))
streams = {name: stream.label for name, stream in run.streams.items()}
labels = Labels(streams, {name: each.label for name, each in run.feature_sets.items()})
print(json.dumps({
    "told": {phase: run.train_settings(*phase.split("/")) for phase in phases},
    "folds_per_job": run.training.folds_per_job,
    "name": labels.system(run.systems[0]),
    "sentences": explain(run.systems),
    "color": LOSS_COLORS.get("toy"),
    "keys": list(config_schema()["properties"]["training"]["properties"]["networks"]["properties"]),
    "in_paper": any("toy" in name for name in PAPER_SYSTEMS),
}))
"""


class Copy:
    """A copy of the library, which a recipe changes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(Path(sersnake.__file__).parent, folder / "sersnake", ignore=ignored)

    def add(self, file: str, text: str, registry: str, entry: str) -> None:
        """A file, and an entry at the end of a registry."""
        (self.folder / "sersnake" / file).write_text(text.lstrip(), encoding="utf-8")
        path = self.folder / "sersnake" / registry
        before, end, after = path.read_text(encoding="utf-8").partition("\n}\n")
        assert end
        path.write_text(f"{before}\n{entry}}}\n{after}", encoding="utf-8")

    def insert(self, file: str, line: str, text: str) -> None:
        """A text above the only line that begins so."""
        path = self.folder / "sersnake" / file
        before, found, after = path.read_text(encoding="utf-8").partition(f"\n{line}")
        assert found and f"\n{line}" not in after
        path.write_text(f"{before}\n{text}{line}{after}", encoding="utf-8")

    def python(self, *words: object) -> str:
        """What a Python says that imports the copy."""
        command = [sys.executable, *map(str, words)]
        run = subprocess.run(
            command, cwd=self.folder, env={"PYTHONPATH": ""}, capture_output=True, text=True
        )
        assert run.returncode == 0, run.stderr
        return run.stdout

    def ask(self, system: str, **config: object) -> dict[str, Any]:
        """What the copy makes of a system."""
        config |= {"systems": [system], "model": {"system": system}}
        answers: dict[str, Any] = json.loads(self.python("-c", ASK, json.dumps(config)))
        return answers

    def train(self, network: str, **settings: object) -> Path:
        """Trains a network on made-up features; the stem of what it leaves."""
        stem = self.folder / "trained"
        how = {"epochs": 2, "batch_size": 4, "device": "cpu", **settings}
        self.python(
            *("-m", "sersnake", "train", network, "--fold", "0", *self._inputs()),
            *("--settings", json.dumps(how), "--output", stem),
        )
        return stem

    def _inputs(self) -> list[object]:
        """Made-up features, and one fold, as options."""
        names = [f"u{number:02d}" for number in range(COUNT)]
        emotions = ["angry", "sad"] * (COUNT // 2)
        parts = ["train"] * (COUNT - 4) + ["test"] * 4
        manifest = pd.DataFrame({"utterance": names, "emotion": emotions, "corpus": "demo"})
        write_csv(self.folder / "manifest.csv", manifest)
        folds = pd.DataFrame({"fold": "0", "utterance": names, "part": parts})
        write_csv(self.folder / "folds.csv", folds)
        rng = np.random.default_rng(0)
        for name, shape in (("mfcc", (20, 13)), ("is09", (1, FUNCTIONALS))):
            rows = [rng.normal(number % 2, 1, shape).astype(np.float32) for number in range(COUNT)]
            Features.stack(names, rows, {}).save(self.folder / f"{name}.safetensors")
        tables = [f"--{name}={self.folder / name}.csv" for name in ("manifest", "folds")]
        packs = [f"{name}={self.folder / name}.safetensors" for name in ("mfcc", "is09")]
        return [*tables, "--features", *packs]


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def test_a_network_more_is_a_file_and_an_entry(copy: Copy) -> None:
    copy.add("networks/toy.py", NETWORK, "settings/networks.py", NETWORK_ENTRY)
    streams = {"mine": {"features": "is09", "network": "toy", "label": "Mine"}}
    stem = copy.train("mine", streams=streams)
    history = read_csv(Path(f"{stem}.history.csv"), ["network", "epoch", "loss"])
    assert history["network"].tolist() == ["mine", "mine"]
    assert Embeddings.load(f"{stem}.safetensors").values.shape == (1, COUNT, 8)
    answers = copy.ask("mine_ce", streams=streams)
    told = {"streams": {"mine": {"features": "is09", "network": {"name": "toy"}}}}
    assert answers["told"] == {"mine/phase_1": told, "mine/ce": told}
    assert answers["name"] == "Mine alone (CE)"
    assert answers["folds_per_job"]["mine"] == 3
    assert answers["keys"] == ["acln", "fcn", "aln", "toy", "fused"]
    assert not answers["in_paper"]


def test_a_loss_more_is_a_file_and_an_entry(copy: Copy) -> None:
    copy.add("training/toy.py", LOSS, "settings/loss_registry.py", LOSS_ENTRY)
    history = read_csv(Path(f"{copy.train('fcn', loss='toy')}.history.csv"), ["loss"])
    assert (history["loss"].astype(float) > 3).all()  # cross entropy of two classes begins at 0.7
    answers = copy.ask("fused_toy")
    assert answers["told"] == {
        phase: {"loss": "toy"} for phase in ("fused/toy_phase_1", "fused/toy")
    }
    assert answers["name"] == "Fused training (toy)"
    assert answers["sentences"].startswith("Toy: ten times cross entropy.")
    assert answers["color"] == "#CC79A7"
    assert not answers["in_paper"]


def test_a_classifier_more_is_a_file_and_an_entry_with_its_settings(copy: Copy) -> None:
    registry = "settings/classifiers.py"
    copy.insert(registry, "@dataclass(frozen=True)\nclass ClassifierEntry", CLASSIFIER_SETTINGS)
    copy.add("fusion/toy.py", CLASSIFIER, registry, CLASSIFIER_ENTRY)
    where = ["--fold", "0", *copy._inputs()[:2], "--output", copy.folder / "p.csv"]
    copy.python(
        *("-m", "sersnake", "classify", copy.folder / "is09.safetensors", *where),
        *("--system", "fused_ce_toy", "--classifier", "toy", "--set", "power=1"),
    )
    predictions = read_csv(copy.folder / "p.csv", ["predicted", "score_angry", "score_sad"])
    scores = predictions[["score_angry", "score_sad"]].astype(float)
    assert (scores.idxmax(axis=1) == "score_" + predictions["predicted"]).all()
    assert (scores < 0).all(axis=None)  # distances, of the toy
    assert "power" in copy.python("-m", "sersnake", "settings", "classify")
    answers = copy.ask("fused_ce_toy", toy={"power": 3})
    assert answers["name"] == "Fused training (CE), Toy"
    assert not answers["in_paper"]
