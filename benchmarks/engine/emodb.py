"""EMODB's recordings, folds and features, and the schedules of the quick preset."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
import yaml
from numpy.typing import NDArray

from sersnake import MfccOptions
from sersnake.corpora import emotion_order, read_corpus
from sersnake.features.cepstra import extract
from sersnake.features.functionals import functionals
from sersnake.io import Features
from sersnake.io.audio import read_audio
from sersnake.protocols import Protocol, make_folds
from sersnake.settings.recipe import Recipe
from sersnake.settings.schedule import Schedule
from sersnake.settings.streams import STREAMS
from sersnake.training.fold_training import FoldTraining

ROOT = Path(__file__).parents[2]
CORPORA = "SERSNAKE_CORPORA"
SEED = 0
# By number of coefficients: the workflow's default, and one per mel band.
MFCC = {
    13: MfccOptions(n_mfcc=13, n_mels=26, n_fft=256),
    40: MfccOptions(n_mfcc=40, n_mels=40, n_fft=512),
}


@dataclass(frozen=True)
class Emodb:
    """The corpus under the protocol of ``config/emodb.yaml``.

    Attributes:
        manifest: Columns utterance, path, emotion, corpus and more.
        folds: Columns fold, utterance, part.
    """

    manifest: pd.DataFrame
    folds: pd.DataFrame

    @classmethod
    def read(cls) -> Emodb:
        """Reads file names, not recordings."""
        manifest = read_corpus("emodb", Path(os.environ[CORPORA]) / "emodb")
        chosen = _read_yaml("config/emodb.yaml")["folds"]
        return cls(manifest, make_folds(manifest, Protocol(**chosen, seed=SEED)))

    @property
    def fold_names(self) -> list[str]:
        """Names of the folds, in order."""
        return list(dict.fromkeys(self.folds["fold"]))

    @property
    def classes(self) -> tuple[str, ...]:
        """The emotions, in order."""
        return emotion_order(self.manifest)

    @property
    def labels(self) -> NDArray[np.int64]:
        """``int64 (N,)``, position of each utterance's emotion."""
        return np.array([self.classes.index(name) for name in self.manifest["emotion"]])

    def mfcc(self, coefficients: int) -> Features:
        """MFCCs of all recordings; 13 or 40 coefficients."""
        signals = [read_audio(Path(path)) for path in self.manifest["path"]]
        return self._packed(extract(signals, MFCC[coefficients]))

    def functionals(self) -> Features:
        """IS09 functionals of all recordings."""
        paths = map(Path, self.manifest["path"])
        return self._packed([functionals(read_audio(path))[None] for path in paths])

    def training(
        self,
        network: str,
        fold: str,
        features: Features,
        precision: str = "auto",
    ) -> FoldTraining:
        """The engine on a fold; ``features`` are those that the network reads."""
        return FoldTraining(
            network,
            manifest=self.manifest,
            folds=self.folds,
            fold=fold,
            features={str(STREAMS[network]["features"]): features},
            recipe=Recipe(dropout=quick_preset()["dropout"], device="cpu", precision=precision),
            seed=SEED,
        )

    def _packed(self, rows: Sequence[NDArray[np.float32]]) -> Features:
        return Features.stack(self.manifest["utterance"].tolist(), rows, {})


@contextmanager
def as_the_verb() -> Iterator[None]:
    """The PyTorch settings of the verb ``train``; a plain loop has none."""
    torch.set_flush_denormal(True)
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = False
    try:
        yield
    finally:
        torch.set_flush_denormal(False)
        torch.use_deterministic_algorithms(False)
        torch.utils.deterministic.fill_uninitialized_memory = True


def quick_schedule(network: str) -> Schedule:
    """Schedule of a network's first phase in the quick preset."""
    preset = quick_preset()
    of_network = preset["networks"].get(network, {})
    return Schedule(**{**preset["phase_1"], **of_network.get("phase_1", {})})


def quick_preset() -> dict[str, Any]:
    """The quick preset, from its file."""
    return _read_yaml("config/presets/quick.yaml")


def _read_yaml(path: str) -> dict[str, Any]:
    actual: dict[str, Any] = yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))
    return actual
