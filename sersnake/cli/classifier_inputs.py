"""The inputs of the verbs that fit a classifier per fold."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sersnake.cli.arguments import (
    add_classifier,
    add_conditions,
    add_folds,
    add_named_files,
    by_condition,
    under_condition,
)
from sersnake.cli.settings import add_settings, settings_of
from sersnake.errors import SersnakeError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from sersnake.fusion.fold import FoldData
    from sersnake.fusion.part import ClassifierRecipe
    from sersnake.settings.base import Settings
    from sersnake.settings.classifiers import Fusion
    from sersnake.settings.enrolment import By
    from sersnake.settings.seeds import Ensemble


def add_inputs(parser: argparse.ArgumentParser) -> None:
    """Adds all options except the output."""
    parser.add_argument(
        "features",
        type=Path,
        nargs="+",
        help="features with one row per utterance: packed, or the embeddings of folds (verb "
        "train); the embeddings of a fold are joined",
    )
    parser.add_argument("--system", required=True, default=argparse.SUPPRESS, help="system's name")
    add_folds(parser)
    add_classifier(parser)
    add_named_files(
        parser,
        "--late",
        "packed feature sets for late fusion: each gets its own classifier, whose scores are "
        "averaged with those of all members together",
        required=False,
    )
    add_conditions(
        parser, "--copies", "degraded copies, whose training set is added to the classifier's"
    )
    add_settings(parser)


@dataclass(frozen=True)
class Inputs:
    """The parsed options.

    Attributes:
        options: As :func:`add_inputs` adds them.
        settings: The classifier's.
        fusion: How the classifier combines features.
        ensemble: Its seeds.
        further: Settings of the verb alone.
        manifest: Columns utterance, emotion and corpus.
        folds: Columns fold, utterance and part.
    """

    options: argparse.Namespace
    settings: Settings
    fusion: Fusion
    ensemble: Ensemble
    further: Any
    manifest: pd.DataFrame
    folds: pd.DataFrame

    @property
    def order(self) -> tuple[str, ...]:
        """The emotions, in the order of the scores."""
        from sersnake.corpora import emotion_order

        return emotion_order(self.manifest)

    def recipe(self, fold: str) -> ClassifierRecipe:
        """How the classifier of a fold is fitted."""
        from sersnake.fusion.part import ClassifierRecipe

        seeds = (self.ensemble.seed, self.options.system, fold)
        return ClassifierRecipe(self.options.classifier, self.settings, self.fusion, seeds)

    def blocks(self, files: Sequence[Path], fold: str) -> dict[str, NDArray[np.float32]]:
        """The features of a fold's members in some files."""
        from sersnake.training.embeddings import member_blocks

        names = self.manifest["utterance"].to_numpy(str).tolist()
        return member_blocks(files, self.options.fold, fold, names, self.ensemble.seeds)

    def late_blocks(self, files: Mapping[str, Path], fold: str) -> dict[str, NDArray[np.float32]]:
        """The feature sets with a classifier of their own, from their files by name."""
        from sersnake.fusion.final import late_block
        from sersnake.training.embeddings import utterance_vectors

        names = self.manifest["utterance"].to_numpy(str).tolist()
        return {
            late_block(features): utterance_vectors(files[features], fold, names)[None]
            for features in self.fusion.features
            if features in files
        }

    def conditions(
        self, files: Mapping[str, Path], fold: str, late: Mapping[str, Path]
    ) -> Iterator[tuple[str, dict[str, NDArray[np.float32]]]]:
        """The features under each condition, read one after another.

        Args:
            files: The files of all members, as :func:`add_conditions` reads them.
            fold: Its name.
            late: The files of the feature sets with their own classifier, CONDITION.FEATURES each.
        """
        for condition, paths in by_condition(files).items():
            of_late = under_condition(late, condition)
            yield condition, self.blocks(paths, fold) | self.late_blocks(of_late, fold)

    def fold(self, name: str, by: By = "speaker") -> FoldData:
        """The features of a fold and their speakers, followed by its copies.

        Args:
            name: The fold's.
            by: Unit of enrolment: speaker or corpus.
        """
        import pandas as pd

        from sersnake.fusion.copies import with_copies
        from sersnake.fusion.fold import FoldData
        from sersnake.fusion.origin import Origin
        from sersnake.protocols import fold_parts
        from sersnake.protocols.recordings import kept_apart

        manifest, options = self.manifest, self.options
        train, test = fold_parts(self.folds, name, manifest["utterance"])
        blocks = self.blocks(options.features, name) | self.late_blocks(options.late, name)
        speakers = manifest.get("speaker", pd.Series("", manifest.index)).to_numpy(str)
        voices = speakers if by == "speaker" else manifest["corpus"].to_numpy(str)
        origin = Origin(speakers, kept_apart(manifest, train, test), voices)
        fold = FoldData(blocks, manifest["emotion"].to_numpy(str), origin, train, test)
        return with_copies(fold, dict(self.conditions(options.copies, name, {})))


def read_inputs(options: argparse.Namespace, further: type[Settings]) -> Inputs:
    """Reads settings, manifest and folds; features are read fold by fold.

    Args:
        options: As :func:`add_inputs` adds them.
        further: Settings of the verb alone.

    Raises:
        SersnakeError: A setting is not allowed or names features without a file, or a file cannot
            be read.
    """
    from sersnake.io import read_csv
    from sersnake.settings.classifiers import CLASSIFIERS, Fusion
    from sersnake.settings.seeds import Ensemble

    model = CLASSIFIERS[options.classifier].settings
    settings, fusion, ensemble, of_verb = settings_of(options, model, Fusion, Ensemble, further)
    if missing := [name for name in fusion.features if name not in options.late]:
        raise SersnakeError(f"features: name the packed {missing[0]} by --late {missing[0]}=FILE")
    if unused := [name for name in options.late if name not in fusion.features]:
        raise SersnakeError(f"--late: {unused[0]} is not in the setting features; add it there")
    manifest = read_csv(options.manifest, ["utterance", "emotion", "corpus"])
    folds = read_csv(options.folds, ["fold", "utterance", "part"])
    return Inputs(options, settings, fusion, ensemble, of_verb, manifest, folds)
