"""A network on several folds of a corpus: what the training verbs do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sersnake.corpora import emotion_order
from sersnake.errors import SersnakeError
from sersnake.io import Features
from sersnake.io.seeds import derived_seed
from sersnake.networks import Architecture, Draw, Network, build_network
from sersnake.protocols import fold_parts
from sersnake.settings.architecture import DEFAULT_ARCHITECTURE
from sersnake.settings.losses import DEFAULT_OBJECTIVE, Objective
from sersnake.settings.recipe import DEFAULT_RECIPE, Recipe
from sersnake.settings.schedule import Schedule
from sersnake.training.checkpoints import Checkpoint
from sersnake.training.dataset import Dataset
from sersnake.training.devices import pick_device, pick_precision
from sersnake.training.fold_epochs import Phase
from sersnake.training.losses import class_shares, cross_entropy, hard_example_weights, make_loss
from sersnake.training.trainer import Trainer

Report = Callable[[str, dict[str, float]], None]


class FoldTraining:
    """One network with the data of several folds, each with weights of its own.

    Nothing of a fold's test set reaches its weights (but the statistics of its features, where
    the recipe normalises by speaker), and nothing of a fold another's.
    """

    def __init__(
        self,
        network: str,
        *,
        manifest: pd.DataFrame,
        folds: pd.DataFrame,
        names: Sequence[str],
        mfcc: Features,
        functionals: Features,
        seed: int,
        recipe: Recipe = DEFAULT_RECIPE,
        architecture: Architecture = DEFAULT_ARCHITECTURE,
        objective: Objective = DEFAULT_OBJECTIVE,
    ) -> None:
        """Puts the features in the manifest's order and draws the weights of every fold.

        Args:
            network: One of :data:`sersnake.networks.NETWORKS`.
            manifest: Columns utterance, emotion, corpus; to normalise by speaker, speaker.
            folds: Columns fold, utterance, part.
            names: The M folds to train on, in this order.
            mfcc: Packed MFCCs of at least the manifest's utterances.
            functionals: Packed functionals of at least the manifest's utterances.
            seed: All randomness of a fold comes from it, the network's name and the fold's.
            recipe: How the network is regularised, on what, and which errors are counted.
            architecture: What Tables 1 and 2 leave open of the networks.
            objective: The loss of :meth:`train`.

        Raises:
            SersnakeError: A fold, features and manifest do not fit each other, a fold is named
                twice, a speaker is wanted and unknown, or the device cannot be used.
        """
        if len(set(names)) < len(names):
            raise SersnakeError(f"fold: {', '.join(names)} names a fold twice")
        emotions = emotion_order(manifest)
        self.network, self.architecture, self.recipe = network, architecture, recipe
        self.names, self.classes = tuple(names), len(emotions)
        self.utterances = manifest["utterance"].tolist()
        self.labels = np.array([emotions.index(name) for name in manifest["emotion"]])
        chosen = pick_device(recipe.device)
        dtype = pick_precision(recipe.precision, chosen)
        mfcc, functionals = (pack.select(self.utterances) for pack in (mfcc, functionals))
        parts = [fold_parts(folds, fold, manifest["utterance"]) for fold in names]
        self.train_parts, self.test_sets = ([part[side] for part in parts] for side in (0, 1))
        self.shares = [class_shares(self.labels[part], self.classes) for part in self.train_parts]
        self.seeds = [derived_seed(seed, network, fold) for fold in names]
        self.losses = [make_loss(objective, shares, chosen) for shares in self.shares]
        speakers = _speakers(manifest) if recipe.normalisation == "speaker" else None
        self.dataset = Dataset(
            mfcc,
            functionals,
            self.labels,
            self.train_parts,
            chosen,
            speakers=speakers,
            crop=recipe.crop,
        )
        labels = [f"{network}, fold {fold}" for fold in names]
        self.trainer = Trainer(self._drawn(), self.dataset, dtype, recipe, labels)

    def _drawn(self) -> Network:
        """The network with its first weights."""
        draw = Draw(self.seeds)
        return build_network(
            self.network, draw, self.dataset.widths, self.classes, self.architecture
        )

    def train(
        self,
        schedule: Schedule,
        first_epochs: Sequence[int],
        report: Report,
        checkpoint: Checkpoint | None = None,
        *,
        curve: bool = False,
    ) -> list[Phase]:
        """Trains every fold on its whole training set with the chosen loss.

        Args:
            schedule: Schedule of the phase.
            first_epochs: Epochs trained so far, per fold.
            report: Called with the fold and the history's row after every epoch.
            checkpoint: As for :meth:`sersnake.training.trainer.Trainer.fit`.
            curve: Whether every epoch is evaluated on the test set, for the phase's curve alone;
                not where a fold has none.

        Returns:
            A phase per fold.
        """
        self.trainer.losses = self.losses
        return self.trainer.fit(
            self.train_parts,
            schedule,
            self.seeds,
            first_epochs=first_epochs,
            report=lambda fold, row: report(self.names[fold], row),
            checkpoint=checkpoint,
            tests=self._tests(curve),
        )

    def retrain(
        self,
        hard: pd.DataFrame,
        schedule: Schedule,
        first_epochs: Sequence[int],
        report: Report,
        checkpoint: Checkpoint | None = None,
        *,
        alpha_shares: str = "train",
        re_initialise: bool = False,
        curve: bool = False,
    ) -> list[Phase]:
        """Trains every fold on its hard examples alone with the hard-example loss (Eq. 3).

        A fold without any hard example stays as it is; its phase has no history.

        Args:
            hard: Columns fold, utterance, hard_index, hard (1 or 0), a row per training utterance.
            schedule: Schedule of the phase.
            first_epochs: Epochs trained so far, per fold.
            report: Called with the fold and the history's row after every epoch.
            checkpoint: As for :meth:`sersnake.training.trainer.Trainer.fit`.
            alpha_shares: What alpha of Eq. 3 is the class' share of: the fold's training set
                (``train``) or its hard examples (``hard``).
            re_initialise: Whether the folds with hard examples begin with the weights that the
                first phase began with, and not with those that it left.
            curve: Whether every epoch is evaluated on the test set, for the phase's curve alone;
                not where a fold has none.

        Returns:
            A phase per fold.

        Raises:
            SersnakeError: The hard index is not of these folds' training sets.
        """
        folds = range(len(self.names))
        examples = [self._hard_examples(fold, hard, alpha_shares) for fold in folds]
        if re_initialise:
            trained = [fold for fold in folds if len(examples[fold][0])]
            self.trainer.begin_again(trained, self._drawn())
        self.trainer.losses = [cross_entropy] * len(self.names)
        return self.trainer.fit(
            [chosen for chosen, _ in examples],
            schedule,
            [derived_seed(seed, "retrain") for seed in self.seeds],
            np.stack([weights for _, weights in examples]),
            first_epochs,
            lambda fold, row: report(self.names[fold], row),
            checkpoint,
            self._tests(curve),
        )

    def _tests(self, curve: bool) -> list[NDArray[np.int64]] | None:
        """The test sets to follow; none of folds that train on the whole corpus."""
        return self.test_sets if curve and all(map(len, self.test_sets)) else None

    def _hard_examples(
        self, number: int, hard: pd.DataFrame, alpha_shares: str
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Positions of a fold's hard examples and the factor on every utterance's loss."""
        fold, part = self.names[number], self.train_parts[number]
        rows = hard[hard["fold"] == fold].set_index("utterance")
        names = [self.utterances[i] for i in part]
        if sorted(rows.index) != sorted(names):
            raise SersnakeError(
                f"the hard index is of another fold than {fold}: mine this fold again"
            )
        rows = rows.loc[names]
        chosen = part[rows["hard"].to_numpy(int) == 1]
        shares = self.shares[number]
        if alpha_shares == "hard":
            shares = class_shares(self.labels[chosen], self.classes)
        weights = np.zeros(len(self.labels))
        weights[part] = hard_example_weights(
            rows["hard_index"].to_numpy(float), self.labels[part], shares
        )
        return chosen, weights

    def counts(self, phases: Sequence[Phase]) -> pd.DataFrame:
        """Fold, utterance, misclassified (m_i) and epochs (c_i) of the training sets (Eq. 2)."""
        frames = [
            pd.DataFrame(
                {
                    "fold": fold,
                    "utterance": [self.utterances[i] for i in part],
                    "misclassified": phase.misclassified[part],
                    "epochs": phase.counted,
                }
            )
            for fold, part, phase in zip(self.names, self.train_parts, phases, strict=True)
        ]
        return pd.concat(frames, ignore_index=True)

    def state(self) -> dict[str, NDArray[np.float32]]:
        """Weights and optimiser state: arrays ``(M, …)``, a row per fold."""
        return self.trainer.state()

    def restore(self, arrays: Mapping[str, NDArray[np.float32]]) -> None:
        """Takes over what :meth:`state` gave.

        Raises:
            SersnakeError: The arrays belong to a network of another shape or number of folds.
        """
        self.trainer.restore(arrays)

    def embed(self) -> NDArray[np.float32]:
        """The networks' features of every utterance, ``float32 (M, N, D)``."""
        return self.trainer.embed()


def _speakers(manifest: pd.DataFrame) -> NDArray[np.int64]:
    """A number from 0 on for the speaker of every utterance.

    Raises:
        SersnakeError: A speaker is unknown.
    """
    unknown = manifest.get("speaker", pd.Series([""])).eq("")
    if unknown.any():
        raise SersnakeError(
            "normalisation: speaker needs the speaker of every utterance, which the manifest's "
            "column speaker does not have; set normalisation to fold"
        )
    return pd.factorize(manifest["speaker"])[0].astype(np.int64)
