"""The training of a network on one fold of a corpus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from sersnake.corpora import emotion_order
from sersnake.errors import SersnakeError
from sersnake.io import Features
from sersnake.io.seeds import derived_seed
from sersnake.networks import Network, build_fused, build_network
from sersnake.protocols import fold_parts
from sersnake.protocols.enrolment import Draw, draw_of_fold
from sersnake.settings.enrolment import UNKNOWN, KnownVoices
from sersnake.settings.losses import DEFAULT_OBJECTIVE, Objective
from sersnake.settings.networks import FUSED
from sersnake.settings.recipe import DEFAULT_RECIPE, Recipe
from sersnake.settings.schedule import Schedule
from sersnake.settings.streams import PAPER, StreamChoice, Streams, read_by
from sersnake.training.checkpoints import Checkpoint
from sersnake.training.dataset import Dataset, FeatureTable, reads_frames
from sersnake.training.devices import pick_device, pick_precision
from sersnake.training.losses import class_shares, hard_example_weights, make_loss
from sersnake.training.normalisation import Scaling
from sersnake.training.phase import Phase
from sersnake.training.trainer import Report, Trainer
from sersnake.training.voices import scale_voices


class FoldTraining:
    """One network with the data of one fold.

    The fold's test set does not affect the weights, except by the statistics of its features if the
    recipe normalises by speaker (not by enrolled recordings).
    """

    def __init__(
        self,
        network: str,
        *,
        manifest: pd.DataFrame,
        folds: pd.DataFrame,
        fold: str,
        features: Mapping[str, Features],
        seed: int,
        recipe: Recipe = DEFAULT_RECIPE,
        streams: Streams = PAPER,
        objective: Objective = DEFAULT_OBJECTIVE,
        copies: Sequence[Mapping[str, Features]] = (),
        known: KnownVoices = UNKNOWN,
    ) -> None:
        """Puts the features in the manifest's order and draws the weights.

        Args:
            network: Name of a stream, or ``fused`` for the network of all.
            manifest: Columns utterance, emotion and corpus, and speaker to normalise by speaker or
                by enrolled recordings.
            folds: Columns fold, utterance, part.
            fold: The fold to train on.
            features: Packed features of at least the manifest's utterances, by feature set; at
                least those of the network's streams.
            seed: Determines, with the names of network and fold, all randomness.
            recipe: Regularisation, device, and which errors are counted.
            streams: The streams.
            objective: The loss of :meth:`train`.
            copies: The same features of degraded copies of the utterances, one mapping per
                condition. Each epoch of training reads an utterance itself or one of its copies,
                drawn by the seed. Copies are scaled by the z-scores of the original utterances.
            known: Enrolment of test speakers, if the recipe normalises by it.

        Raises:
            SersnakeError: The fold, features, streams and manifest do not fit each other, a
                required speaker is unknown, or the device cannot be used.
        """
        emotions = emotion_order(manifest)
        self.network, self.recipe = network, recipe
        self.streams, self.fusion_width = read_by(network, streams), streams.fusion_width
        self.fold, self.classes = fold, len(emotions)
        self.utterances = manifest["utterance"].tolist()
        self.labels = np.array([emotions.index(name) for name in manifest["emotion"]])
        self.train_part, self.test_set = fold_parts(folds, fold, manifest["utterance"])
        self.shares = class_shares(self.labels[self.train_part], self.classes)
        self.seed = derived_seed(seed, network, fold)
        device = pick_device(recipe.device)
        self.loss = make_loss(objective, self.shares, device)
        self.dataset = self._dataset(features, copies, self._scaled_by(manifest, known), device)
        frames = any(table.frames for table in self.dataset.tables.values())
        dtype = pick_precision(recipe.precision, device, frames)
        label = f"{network}, fold {fold}"
        self.trainer = Trainer(self._drawn(), self.dataset, dtype, recipe, label)

    def _dataset(
        self,
        features: Mapping[str, Features],
        copies: Sequence[Mapping[str, Features]],
        by: NDArray[np.int64] | Draw | None,
        device: torch.device,
    ) -> Dataset:
        """The utterances, and their copies with the same scaling and labels."""
        tables = {
            name: self._table(stream, features, by, device) for name, stream in self.streams.items()
        }
        labels = torch.as_tensor(self.labels, dtype=torch.int64, device=device)
        heard = [self._copies(tables, packs) for packs in copies]
        of_copies = [Dataset(copied, labels, device) for copied in heard]
        return Dataset(tables, labels, device, of_copies)

    def _table(
        self,
        stream: StreamChoice,
        features: Mapping[str, Features],
        by: NDArray[np.int64] | Draw | None,
        device: torch.device,
    ) -> FeatureTable:
        pack = self._pack(stream, features)
        frames = reads_frames(stream, pack)
        if isinstance(by, Draw):
            scaling = scale_voices(pack, frames, self.train_part, self.labels, by, device)
        else:
            scaling = Scaling.fit(pack, frames, self.train_part, by, device)
        return FeatureTable(pack, scaling, device, frames=frames, crop=self.recipe.crop)

    def _copies(
        self, tables: Mapping[str, FeatureTable], packs: Mapping[str, Features]
    ) -> dict[str, FeatureTable]:
        streams = self.streams.items()
        return {name: tables[name].of_copies(self._pack(stream, packs)) for name, stream in streams}

    def _pack(self, stream: StreamChoice, features: Mapping[str, Features]) -> Features:
        if stream.features not in features:
            raise SersnakeError(
                f"stream {stream.name} reads {stream.features}, which is missing; give its pack "
                f"with --features {stream.features}=FILE, and those of all conditions"
            )
        return features[stream.features].select(self.utterances)

    def _scaled_by(
        self, manifest: pd.DataFrame, known: KnownVoices
    ) -> NDArray[np.int64] | Draw | None:
        """Speakers or their enrolment, if the recipe normalises by them."""
        self.recipe.check_enrolment(known.enrolment)
        if self.recipe.normalisation == "speaker":
            return _speakers(manifest)
        return self._draw(manifest, known) if self.recipe.normalisation == "enrolled" else None

    def _draw(self, manifest: pd.DataFrame, known: KnownVoices) -> Draw:
        """The enrolment of the fold's classifier, with the same recordings."""
        settings, parts = known.enrolment, (self.train_part, self.test_set)
        if settings.by == "speaker":
            _check_speakers(manifest, "enrolled")
        nobody = pd.Series("", manifest.index)
        speakers, voices, emotions = (
            manifest.get(name, nobody).to_numpy(str) for name in ("speaker", settings.by, "emotion")
        )
        return draw_of_fold(voices, speakers, emotions, *parts, settings, known.draw_seed)

    def _drawn(self) -> Network:
        """The network with its first weights."""
        widths, dropout = self.dataset.widths, self.recipe.dropout
        with torch.random.fork_rng([]):
            torch.manual_seed(self.seed)
            if self.network != FUSED:
                choice = self.streams[self.network].network
                return build_network(choice, widths[self.network], self.classes, dropout)
            choices = {name: stream.network for name, stream in self.streams.items()}
            return build_fused(choices, widths, self.classes, self.fusion_width, dropout)

    def train(
        self,
        schedule: Schedule,
        first_epoch: int,
        report: Report,
        checkpoint: Checkpoint | None = None,
        *,
        curve: bool = False,
    ) -> Phase:
        """Trains on the whole training set with the chosen loss.

        Args:
            schedule: Schedule of the phase.
            first_epoch: Epochs trained so far.
            report: Called with the history's row after every epoch.
            checkpoint: As for :meth:`sersnake.training.trainer.Trainer.fit`.
            curve: Whether every epoch is evaluated on the test set (if the fold has one), only for
                the phase's curve.
        """
        return self.trainer.fit(
            self.train_part,
            schedule,
            self.seed,
            loss=self.loss,
            first_epoch=first_epoch,
            report=report,
            checkpoint=checkpoint,
            test=self._test(curve),
            population=self.train_part,
        )

    def retrain(
        self,
        hard: pd.DataFrame,
        schedule: Schedule,
        first_epoch: int,
        report: Report,
        checkpoint: Checkpoint | None = None,
        *,
        alpha_shares: str = "train",
        re_initialise: bool = False,
        curve: bool = False,
    ) -> Phase:
        """Trains on the hard examples alone with the hard-example loss (Eq. 3).

        Without any hard example the network stays as it is; the phase has no history.

        Args:
            hard: Columns fold, utterance, hard_index, hard (1 or 0), a row per training utterance.
            schedule: Schedule of the phase.
            first_epoch: Epochs trained so far.
            report: Called with the history's row after every epoch.
            checkpoint: As for :meth:`sersnake.training.trainer.Trainer.fit`.
            alpha_shares: Set whose class shares are alpha in Eq. 3: the fold's training set
                (``train``) or its hard examples (``hard``).
            re_initialise: Whether a fold with hard examples starts from the initial weights of the
                first phase instead of its trained weights.
            curve: Whether every epoch is evaluated on the test set (if the fold has one), only for
                the phase's curve.

        Raises:
            SersnakeError: The hard index is not of this fold's training set.
        """
        chosen, weights = self._hard_examples(hard, alpha_shares)
        if re_initialise and len(chosen):
            self.trainer.begin_again(self._drawn())
        return self.trainer.fit(
            chosen,
            schedule,
            derived_seed(self.seed, "retrain"),
            weights=weights,
            first_epoch=first_epoch,
            report=report,
            checkpoint=checkpoint,
            test=self._test(curve),
            population=self.train_part,
        )

    def _test(self, curve: bool) -> NDArray[np.int64] | None:
        """The test set for the curve; None if the fold trains on the whole corpus."""
        return self.test_set if curve and len(self.test_set) else None

    def _hard_examples(
        self, hard: pd.DataFrame, alpha_shares: str
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Positions of the hard examples and the factor on every utterance's loss."""
        part = self.train_part
        rows = hard[hard["fold"] == self.fold].set_index("utterance")
        names = [self.utterances[i] for i in part]
        if sorted(rows.index) != sorted(names):
            raise SersnakeError(
                f"the hard index belongs to another fold than {self.fold}; mine this fold again"
            )
        rows = rows.loc[names]
        chosen = part[rows["hard"].to_numpy(int) == 1]
        shares = self.shares
        if alpha_shares == "hard":
            shares = class_shares(self.labels[chosen], self.classes)
        weights = np.zeros(len(self.labels))
        weights[part] = hard_example_weights(
            rows["hard_index"].to_numpy(float), self.labels[part], shares
        )
        return chosen, weights

    def counts(self, phase: Phase) -> pd.DataFrame:
        """Fold, utterance, misclassified (m_i) and epochs (c_i) of the training set (Eq. 2)."""
        part = self.train_part
        return pd.DataFrame(
            {
                "fold": self.fold,
                "utterance": [self.utterances[i] for i in part],
                "misclassified": phase.misclassified[part],
                "epochs": phase.counted,
            }
        )

    def state(self) -> dict[str, NDArray[Any]]:
        """Weights and optimiser state."""
        return self.trainer.state()

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Restores the result of :meth:`state`.

        Raises:
            SersnakeError: The arrays belong to a network of another shape.
        """
        self.trainer.restore(arrays)

    def embed(self) -> NDArray[np.float32]:
        """The network's embedding of every utterance, ``float32 (N, D)``."""
        return self.trainer.embed()

    def embed_copies(self) -> list[NDArray[np.float32]]:
        """As :meth:`embed`, for the degraded copies, condition by condition."""
        return [self.trainer.embed(copies) for copies in self.dataset.copies]


def _speakers(manifest: pd.DataFrame) -> NDArray[np.int64]:
    """A number from 0 on for the speaker of every utterance.

    Raises:
        SersnakeError: A speaker is unknown.
    """
    _check_speakers(manifest, "speaker")
    return pd.factorize(manifest["speaker"])[0].astype(np.int64)


def _check_speakers(manifest: pd.DataFrame, normalisation: str) -> None:
    unknown = manifest.get("speaker", pd.Series([""])).eq("")
    if unknown.any():
        raise SersnakeError(
            f"normalisation: {normalisation} needs the speaker of every utterance, which the "
            "manifest's column speaker does not have; set normalisation to fold"
        )
