"""One training phase of one network on one or several folds, repeatable to the byte."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NoReturn

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sersnake.errors import SersnakeError
from sersnake.networks import Network
from sersnake.networks.packing import padded_size, to_device
from sersnake.settings.recipe import Recipe
from sersnake.settings.schedule import Schedule
from sersnake.training import evaluation
from sersnake.training.augmentation import hide_frames
from sersnake.training.curve import accuracies
from sersnake.training.dataset import Dataset, filled
from sersnake.training.fold_epochs import NONE, FoldEpochs, Phase
from sersnake.training.losses import Loss, cross_entropy
from sersnake.training.stacked_adam import StackedAdam

if TYPE_CHECKING:
    from sersnake.training.checkpoints import Checkpoint

Report = Callable[[int, dict[str, float]], None]


class Trainer:
    """Trains one network on M folds side by side and reads their embeddings.

    The folds share the matrix products and nothing else: each has its own weights, batches,
    dropout, learning rate and end.
    """

    def __init__(
        self,
        network: Network,
        dataset: Dataset,
        precision: torch.dtype,
        recipe: Recipe,
        labels: Sequence[str],
    ) -> None:
        """Moves the network to the device of the dataset; the labels name the folds in errors."""
        self.labels = labels
        self.network: Network = network.to(dataset.device)
        self.optimizer = StackedAdam(self.network)
        self.dataset = dataset
        self.precision = precision
        self.recipe = recipe
        self.losses: Sequence[Loss] = [cross_entropy] * dataset.members

    def _autocast(self) -> torch.autocast:
        return torch.autocast(
            self.dataset.device.type,
            dtype=torch.bfloat16,
            enabled=self.precision == torch.bfloat16,
        )

    def fit(
        self,
        utterances: Sequence[NDArray[np.int64]],
        schedule: Schedule,
        seeds: Sequence[int],
        weights: NDArray[np.float64] | None = None,
        first_epochs: Sequence[int] | None = None,
        report: Report = lambda fold, row: None,
        checkpoint: Checkpoint | None = None,
        tests: Sequence[NDArray[np.int64]] | None = None,
    ) -> list[Phase]:
        """Trains every fold on some utterances of the corpus; one without any stays as it is.

        Args:
            utterances: Positions of the utterances to train on, an array per fold.
            schedule: Epochs, batch size and learning rate.
            seeds: Every epoch of a fold draws its batches, dropout and augmentation from the
                fold's seed and the epoch's number alone.
            weights: ``(M, N)`` factors on the loss of every utterance of the corpus.
            first_epochs: Epochs that earlier phases have trained, per fold.
            report: Called with the fold's number and the history's row after every epoch.
            checkpoint: Where an earlier call that was killed left off, and this one may be.
            tests: Positions to evaluate on after every epoch for the phases' curves, at least one
                per fold. Nothing else depends on them.

        Raises:
            SersnakeError: The loss is no longer finite, or the recipe does not fit the schedule.
        """
        self.recipe.check_counts(schedule)
        members, count = self.dataset.members, len(self.dataset.lengths)
        factors = np.ones((members, count)) if weights is None else weights
        factor = torch.as_tensor(factors, dtype=torch.float32, device=self.dataset.device)
        phases = [Phase(np.zeros(count, dtype=np.int64)) for _ in range(members)]
        if checkpoint:
            checkpoint.restore(self, phases)
        firsts = first_epochs or [0] * members
        folds = [
            FoldEpochs(chosen, schedule, seed, first, phase)
            for chosen, seed, first, phase in zip(utterances, seeds, firsts, phases, strict=True)
        ]
        while active := {m: fold for m, fold in enumerate(folds) if fold.begin_epoch()}:
            sums, wrong = self._epoch(active, factor)
            self._count(active, wrong)
            if tests:
                self._follow(active, tests)
            for m, fold in active.items():
                report(m, fold.end_epoch(sums[m], wrong[m]))
            if checkpoint:
                checkpoint(self, phases)
        return phases

    def _count(self, active: Mapping[int, FoldEpochs], wrong: NDArray[np.int64]) -> None:
        """Counts an epoch's misclassifications; ``wrong (M, N)`` are those made in training."""
        last = self.recipe.counted_epochs
        counted = {m: fold for m, fold in active.items() if not last or fold.left <= last}
        if not counted:
            return
        if self.recipe.counting == "evaluation":
            wrong = np.zeros_like(wrong)
            utterances = {m: fold.utterances for m, fold in counted.items()}
            for m, (labels, predicted) in self._predict(utterances).items():
                wrong[m, utterances[m]] = predicted != labels
        for m, fold in counted.items():
            fold.count(wrong[m])

    def _follow(self, active: Mapping[int, FoldEpochs], tests: Sequence[NDArray[np.int64]]) -> None:
        for m, pair in self._predict({m: tests[m] for m in active}).items():
            active[m].phase.curve.append({"epoch": active[m].epoch, **accuracies(*pair)})

    def _predict(
        self, utterances: Mapping[int, NDArray[np.int64]]
    ) -> dict[int, tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Labels and predicted classes of some utterances per fold, in training's precision."""
        chosen = [utterances.get(fold, NONE) for fold in range(self.dataset.members)]
        with self._autocast():
            predicted = evaluation.predict(self.network, self.dataset, chosen)
        labels = self.dataset.labels.cpu().numpy()
        return {m: (labels[positions], predicted[m]) for m, positions in utterances.items()}

    def _epoch(
        self, active: Mapping[int, FoldEpochs], factor: Tensor
    ) -> tuple[list[float], NDArray[np.int64]]:
        """One pass of the folds that still train.

        Returns:
            The sum of the losses per fold, and who was misclassified, ``int64 (M, N)``. Both stay
            on the device until the end, so that it never waits.

        Raises:
            SersnakeError: The loss of a batch is not finite.
        """
        self.network.train()
        running = torch.zeros(self.dataset.members, device=self.dataset.device)
        finite, missed = [], []
        for step in range(max(len(fold.batches) for fold in active.values())):
            chosen = [
                active[m].batch(step) if m in active else NONE for m in range(self.dataset.members)
            ]
            losses, misses = self._step(active, chosen, factor)
            running += losses
            finite.append(running.isfinite())
            missed.append((chosen, misses))
        sums = running.tolist()
        if not all(math.isfinite(value) for value in sums):
            self._stop(active, torch.stack(finite, 1).tolist())
        wrong = np.zeros(factor.shape, np.int64)
        for chosen, misses in missed:
            for fold, row in enumerate(misses.cpu().numpy()):
                wrong[fold, chosen[fold]] = row[: len(chosen[fold])]
        return sums, wrong

    def _stop(self, active: Mapping[int, FoldEpochs], finite: list[list[bool]]) -> NoReturn:
        fold = next(m for m, row in enumerate(finite) if not all(row))
        raise SersnakeError(
            f"{self.labels[fold]}: the loss of epoch {active[fold].epoch}, batch "
            f"{finite[fold].index(False) + 1} of {len(active[fold].batches)}, is not finite; "
            "lower the learning rate, or set precision: float32"
        )

    def _step(
        self, active: Mapping[int, FoldEpochs], chosen: Sequence[NDArray[np.int64]], factor: Tensor
    ) -> tuple[Tensor, Tensor]:
        """One step of Adam.

        Returns:
            Sum of the losses ``(M,)`` and who was misclassified, ``bool (M, B)``.
        """
        batch = self.dataset.batch(chosen, self.network.reads)
        batch = hide_frames(batch, active, chosen, self.dataset, self.recipe.frame_mask)
        keep = self._dropout(active, chosen)
        table = to_device(filled(chosen)[0], self.dataset.device)
        labels, factors = self.dataset.labels[table], factor.gather(1, table)
        with self._autocast():
            logits = self.network(batch, keep).float()
        each = [loss(*pair) for loss, *pair in zip(self.losses, logits, labels, strict=True)]
        losses = (torch.stack(each) * factors).where(batch.present, 0).sum(1)
        self.network.zero_grad()
        (losses / batch.present.sum(1).clamp_min(1)).sum().backward()
        rates = {m: active[m].rate for m, positions in enumerate(chosen) if len(positions)}
        self.optimizer.step(rates)
        return losses.detach(), logits.argmax(2) != labels

    def _dropout(
        self, active: Mapping[int, FoldEpochs], chosen: Sequence[NDArray[np.int64]]
    ) -> Tensor:
        """Factors ``(M, B, D)`` on the embedding, each fold's drawn by its own generator."""
        width = self.network.embedding_dimension
        keep = np.zeros((len(chosen), padded_size(max(map(len, chosen))), width), np.float32)
        for fold, positions in enumerate(chosen):
            if count := len(positions):
                keep[fold, :count] = active[fold].dropout(count, width, self.recipe.dropout)
        return to_device(torch.from_numpy(keep), self.dataset.device)

    def embed(self) -> NDArray[np.float32]:
        """The networks' features of every utterance, ``float32 (M, N, D)``, in float32."""
        return evaluation.embed(self.network, self.dataset)

    def _tensors(self) -> dict[str, Tensor]:
        tensors = {f"network.{k}": v for k, v in self.network.state_dict().items()}
        return tensors | {f"adam.{k}": v for k, v in self.optimizer.state.items()}

    def state(self) -> dict[str, NDArray[np.float32]]:
        """Weights and optimiser state as arrays ``(M, ...)``, named ``network.*``, ``adam.*``."""
        tensors = self._tensors()
        return {name: tensor.cpu().contiguous().numpy() for name, tensor in tensors.items()}

    def restore(self, arrays: Mapping[str, NDArray[np.float32]]) -> None:
        """Takes over what :meth:`state` gave, or the network alone, to read its embeddings.

        Raises:
            SersnakeError: The arrays belong to a network of another shape.
        """
        current = self._tensors()
        if all(name.startswith("network.") for name in arrays):
            current = {k: v for k, v in current.items() if k.startswith("network.")}
        shapes = {name: tuple(tensor.shape) for name, tensor in current.items()}
        if {name: array.shape for name, array in arrays.items()} != shapes:
            raise SersnakeError(
                "the initial weights belong to another network, number of folds, features or "
                "emotions: train the first phase again"
            )
        with torch.no_grad():
            for name, tensor in current.items():
                tensor.copy_(torch.from_numpy(arrays[name]))

    def begin_again(self, folds: Sequence[int], fresh: Network) -> None:
        """Gives some folds the weights of a fresh network, and an Adam without a past."""
        with torch.no_grad():
            for name, tensor in self.network.state_dict().items():
                tensor[folds] = fresh.state_dict()[name][folds].to(tensor.device)
            for tensor in self.optimizer.state.values():
                tensor[folds] = 0
