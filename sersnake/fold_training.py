"""A network on one fold of a corpus: what the training verbs do."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from sersnake.checkpoints import Checkpoint
from sersnake.corpora import emotion_order
from sersnake.dataset import Dataset
from sersnake.errors import SersnakeError
from sersnake.io import Features
from sersnake.losses import class_shares, hard_example_weights, make_loss
from sersnake.networks import build_network
from sersnake.protocols import fold_parts
from sersnake.training import (
    Phase,
    Schedule,
    Trainer,
    derived_seed,
    draw_weights,
    pick_device,
    pick_precision,
)

Report = Callable[[dict[str, float]], None]


class FoldTraining:
    """One network with the data of one fold; nothing of the test part reaches its weights."""

    def __init__(
        self,
        network: str,
        *,
        manifest: pd.DataFrame,
        folds: pd.DataFrame,
        fold: str,
        mfcc: Features,
        functionals: Features,
        dropout: float,
        seed: int,
        device: str,
        precision: str,
        loss: str = "cross_entropy",
        gamma: float = 2.0,
    ) -> None:
        """Puts the features in the manifest's order and draws the network's weights.

        Args:
            network: ``acln``, ``fcn`` or ``fused``.
            manifest: Columns utterance, emotion, corpus.
            folds: Columns fold, utterance, part.
            fold: Name of the fold.
            mfcc: Packed MFCCs of at least the manifest's utterances.
            functionals: Packed functionals of at least the manifest's utterances.
            dropout: Dropout rate before the output layer.
            seed: All randomness comes from it, the network's name and the fold.
            device: ``auto`` or a PyTorch device.
            precision: ``auto``, ``float32`` or ``bfloat16``.
            loss: ``cross_entropy`` or ``focal``, of :meth:`train`.
            gamma: Of the focal loss.

        Raises:
            SersnakeError: The fold, features and manifest do not fit each other, or the device
                cannot be used.
        """
        emotions = emotion_order(manifest)
        self.utterances = manifest["utterance"].tolist()
        self.train_part, _ = fold_parts(folds, fold, manifest["utterance"])
        self.labels = np.array([emotions.index(name) for name in manifest["emotion"]])
        self.shares = class_shares(self.labels[self.train_part], len(emotions))
        self.seed = derived_seed(seed, network, fold)
        chosen = pick_device(device)
        dataset = Dataset(
            mfcc.select(self.utterances),
            functionals.select(self.utterances),
            self.labels,
            self.train_part,
            chosen,
        )
        self.loss = make_loss(loss, gamma, self.shares, chosen)
        sizes = (dataset.coefficients, dataset.functionals, len(emotions))
        drawn = draw_weights(lambda: build_network(network, *sizes, dropout), self.seed)
        # FCN's matrices are too small to gain from bfloat16.
        dtype = pick_precision("float32" if network == "fcn" else precision, chosen)
        self.trainer = Trainer(drawn, dataset, dtype, f"{network}, fold {fold}")

    def train(
        self,
        schedule: Schedule,
        first_epoch: int,
        report: Report,
        checkpoint: Checkpoint | None = None,
    ) -> Phase:
        """Trains on the whole training part with the chosen loss."""
        self.trainer.loss = self.loss
        return self.trainer.fit(
            self.train_part,
            schedule,
            self.seed,
            first_epoch=first_epoch,
            report=report,
            checkpoint=checkpoint,
        )

    def retrain(
        self,
        hard: pd.DataFrame,
        schedule: Schedule,
        first_epoch: int,
        report: Report,
        checkpoint: Checkpoint | None = None,
    ) -> Phase:
        """Trains on the hard examples alone with the hard-example loss (Eq. 3).

        With no hard example at all the network stays as it is.

        Args:
            hard: Columns utterance, hard_index, hard (1 or 0), one row a training utterance.
            schedule: Schedule of the phase.
            first_epoch: Epochs trained so far.
            report: Called with the history's row after every epoch.
            checkpoint: As for :meth:`sersnake.training.Trainer.fit`.

        Raises:
            SersnakeError: The hard index is not of this fold's training part.
        """
        rows = hard.set_index("utterance")
        names = [self.utterances[i] for i in self.train_part]
        if set(rows.index) != set(names):
            raise SersnakeError("the hard index is of another fold: mine this fold again")
        rows = rows.loc[names]
        weights = np.zeros(len(self.labels))
        weights[self.train_part] = hard_example_weights(
            rows["hard_index"].to_numpy(float), self.labels[self.train_part], self.shares
        )
        chosen = self.train_part[rows["hard"].to_numpy(int) == 1]
        if not len(chosen):
            return Phase(np.zeros(len(self.labels), dtype=np.int64))
        return self.trainer.fit(
            chosen,
            schedule,
            derived_seed(self.seed, "retrain"),
            weights,
            first_epoch,
            report,
            checkpoint,
        )

    def counts(self, phase: Phase) -> pd.DataFrame:
        """Utterance, misclassified (m_i) and epochs (c_i) of the training part (Eq. 2)."""
        return pd.DataFrame(
            {
                "utterance": [self.utterances[i] for i in self.train_part],
                "misclassified": phase.misclassified[self.train_part],
                "epochs": phase.epochs,
            }
        )
