"""A network on several folds of a corpus: what the training verbs do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sersnake.checkpoints import Checkpoint
from sersnake.corpora import emotion_order
from sersnake.course import Phase, derived_seed
from sersnake.dataset import Dataset
from sersnake.devices import pick_device, pick_precision
from sersnake.errors import SersnakeError
from sersnake.io import Features
from sersnake.losses import class_shares, hard_example_weights, make_loss
from sersnake.networks import Draw, build_network
from sersnake.protocols import fold_parts
from sersnake.schedule import Schedule
from sersnake.training import Trainer

Report = Callable[[str, dict[str, float]], None]


class FoldTraining:
    """One network with the data of several folds, each a member with weights of its own.

    Nothing of a fold's test part reaches its weights, and nothing of a fold another.
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
        dropout: float,
        seed: int,
        device: str,
        precision: str,
        loss: str = "cross_entropy",
        gamma: float = 2.0,
    ) -> None:
        """Puts the features in the manifest's order and draws every member's weights.

        Args:
            network: ``acln``, ``fcn`` or ``fused``.
            manifest: Columns utterance, emotion, corpus.
            folds: Columns fold, utterance, part.
            names: Folds to train on; the M members, in this order.
            mfcc: Packed MFCCs of at least the manifest's utterances.
            functionals: Packed functionals of at least the manifest's utterances.
            dropout: Dropout rate before the output layer.
            seed: All randomness of a member comes from it, the network's name and the fold.
            device: ``auto`` or a PyTorch device.
            precision: ``auto``, ``float32`` or ``bfloat16``.
            loss: ``cross_entropy`` or ``focal``, of :meth:`train`.
            gamma: Of the focal loss.

        Raises:
            SersnakeError: A fold, features and manifest do not fit each other, a fold is named
                twice, or the device cannot be used.
        """
        if len(set(names)) < len(names):
            raise SersnakeError(f"fold: {', '.join(names)} names a fold twice")
        emotions = emotion_order(manifest)
        self.names = tuple(names)
        self.utterances = manifest["utterance"].tolist()
        self.labels = np.array([emotions.index(name) for name in manifest["emotion"]])
        chosen = pick_device(device)
        # FCN's matrices are too small to gain from bfloat16.
        dtype = pick_precision("float32" if network == "fcn" else precision, chosen)
        mfcc, functionals = (pack.select(self.utterances) for pack in (mfcc, functionals))
        self.train_parts = [fold_parts(folds, fold, manifest["utterance"])[0] for fold in names]
        self.shares = [class_shares(self.labels[part], len(emotions)) for part in self.train_parts]
        self.seeds = [derived_seed(seed, network, fold) for fold in names]
        self.losses = [make_loss(loss, gamma, shares, chosen) for shares in self.shares]
        dataset = Dataset(mfcc, functionals, self.labels, self.train_parts, chosen)
        drawn = build_network(network, Draw(self.seeds), dataset.functionals, len(emotions))
        labels = [f"{network}, fold {fold}" for fold in names]
        self.trainer = Trainer(drawn, dataset, dtype, dropout, labels)

    def train(
        self,
        schedule: Schedule,
        first_epochs: Sequence[int],
        report: Report,
        checkpoint: Checkpoint | None = None,
    ) -> list[Phase]:
        """Trains every member on its whole training part with the chosen loss.

        Args:
            schedule: Schedule of the phase.
            first_epochs: Epochs trained so far, a member.
            report: Called with the fold and the history's row after every epoch.
            checkpoint: As for :meth:`sersnake.training.Trainer.fit`.

        Returns:
            A phase a member.
        """
        self.trainer.losses = self.losses
        return self.trainer.fit(
            self.train_parts,
            schedule,
            self.seeds,
            first_epochs=first_epochs,
            report=lambda member, row: report(self.names[member], row),
            checkpoint=checkpoint,
        )

    def retrain(
        self,
        hard: pd.DataFrame,
        schedule: Schedule,
        first_epochs: Sequence[int],
        report: Report,
        checkpoint: Checkpoint | None = None,
    ) -> list[Phase]:
        """Trains every member on its hard examples alone with the hard-example loss (Eq. 3).

        A member without any hard example stays as it is; its phase has no history.

        Args:
            hard: Columns fold, utterance, hard_index, hard (1 or 0), one row a training utterance.
            schedule: Schedule of the phase.
            first_epochs: Epochs trained so far, a member.
            report: Called with the fold and the history's row after every epoch.
            checkpoint: As for :meth:`sersnake.training.Trainer.fit`.

        Returns:
            A phase a member.

        Raises:
            SersnakeError: The hard index is not of these folds' training parts.
        """
        found = [self._hard_examples(member, hard) for member in range(len(self.names))]
        return self.trainer.fit(
            [chosen for chosen, _ in found],
            schedule,
            [derived_seed(seed, "retrain") for seed in self.seeds],
            np.stack([weights for _, weights in found]),
            first_epochs,
            lambda member, row: report(self.names[member], row),
            checkpoint,
        )

    def _hard_examples(
        self, member: int, hard: pd.DataFrame
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Positions of a fold's hard examples and the factor on every utterance's loss."""
        fold, part = self.names[member], self.train_parts[member]
        rows = hard[hard["fold"] == fold].set_index("utterance")
        names = [self.utterances[i] for i in part]
        if sorted(rows.index) != sorted(names):
            raise SersnakeError(
                f"the hard index is of another fold than {fold}: mine this fold again"
            )
        rows = rows.loc[names]
        weights = np.zeros(len(self.labels))
        weights[part] = hard_example_weights(
            rows["hard_index"].to_numpy(float), self.labels[part], self.shares[member]
        )
        return part[rows["hard"].to_numpy(int) == 1], weights

    def counts(self, phases: Sequence[Phase]) -> pd.DataFrame:
        """Fold, utterance, misclassified (m_i) and epochs (c_i) of the training parts (Eq. 2)."""
        frames = [
            pd.DataFrame(
                {
                    "fold": fold,
                    "utterance": [self.utterances[i] for i in part],
                    "misclassified": phase.misclassified[part],
                    "epochs": phase.epochs,
                }
            )
            for fold, part, phase in zip(self.names, self.train_parts, phases, strict=True)
        ]
        return pd.concat(frames, ignore_index=True)

    def state(self) -> dict[str, NDArray[np.float32]]:
        """Weights and optimiser state: arrays ``(M, …)``, a fold a row."""
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
