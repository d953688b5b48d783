"""Packed features for the check of a GPU, and the networks that read them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sersnake.errors import SersnakeError
from sersnake.io import Features, read_csv
from sersnake.settings.recipe import Recipe
from sersnake.settings.streams import PAPER, Streams
from sersnake.training.fold_training import FoldTraining

SEED = 0
DROPOUT = 0.5
PAPERS = ("mfcc", "is09")
# The stream on an encoder's frames, beside the paper's ACLN, FCN and fused network.
ENCODER = "encoder"
ALN = {"aln": {"features": ENCODER, "network": "aln"}, "acln": None, "fcn": None}


@dataclass(frozen=True)
class Packs:
    """A folder of packed features.

    Attributes:
        manifest: Columns utterance, emotion, corpus.
        folds: Columns fold, utterance, part.
        features: By feature set.
    """

    manifest: pd.DataFrame
    folds: pd.DataFrame
    features: dict[str, Features]

    @classmethod
    def load(cls, folder: Path) -> Packs:
        """Reads manifest, folds and features from the result folder of a run.

        Raises:
            SersnakeError: A file is missing or damaged.
        """
        packs = {path.stem: path for path in sorted((folder / "features").glob("*.safetensors"))}
        if missing := sorted(set(PAPERS) - set(packs)):
            raise SersnakeError(
                f"{folder}: has no pack of {' and '.join(missing)}; `make gpu-check` makes them"
            )
        return cls(
            read_csv(folder / "manifest.csv", ["utterance", "emotion", "corpus"]),
            read_csv(folder / "folds.csv", ["fold", "utterance", "part"]),
            {name: Features.load(packs[name]) for name in (*PAPERS, ENCODER) if name in packs},
        )

    @property
    def networks(self) -> dict[str, Streams]:
        """Networks that can be trained on these features, with their streams."""
        networks = dict.fromkeys(("acln", "fcn", "fused"), PAPER)
        return networks | ({"aln": Streams(ALN)} if ENCODER in self.features else {})

    @property
    def fold_names(self) -> list[str]:
        """Names of the folds, in order."""
        return list(dict.fromkeys(self.folds["fold"]))

    def training(
        self,
        network: str,
        fold: str,
        device: str,
        precision: str = "auto",
        dropout: float = DROPOUT,
    ) -> FoldTraining:
        """A network with its first weights, on a device."""
        return FoldTraining(
            network,
            manifest=self.manifest,
            folds=self.folds,
            fold=fold,
            features=self.features,
            seed=SEED,
            recipe=Recipe(dropout=dropout, device=device, precision=precision),
            streams=self.networks[network],
        )
