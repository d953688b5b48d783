"""One training phase of one network on one fold, repeatable to the byte."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sersnake.errors import SersnakeError
from sersnake.io.seeds import derived_seed
from sersnake.networks import Network
from sersnake.networks.batch import to_device
from sersnake.settings.recipe import Recipe
from sersnake.settings.schedule import Schedule
from sersnake.training import evaluation
from sersnake.training.adam import Adam
from sersnake.training.augmentation import hide_frames
from sersnake.training.batches import draw_batches
from sersnake.training.copies import draw_versions
from sersnake.training.curve import accuracies
from sersnake.training.dataset import Batches, Dataset
from sersnake.training.losses import Loss, cross_entropy
from sersnake.training.phase import Phase
from sersnake.training.weights import ADAM, NETWORK

if TYPE_CHECKING:
    from sersnake.training.checkpoints import Checkpoint

NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
Report = Callable[[dict[str, float]], None]


class Trainer:
    """Trains one network and reads its embeddings."""

    def __init__(
        self,
        network: Network,
        dataset: Dataset,
        precision: torch.dtype,
        recipe: Recipe,
        label: str,
    ) -> None:
        """Moves the network to the device of the dataset; the label names it in errors."""
        self.network: Network = network.to(dataset.device)
        self.optimizer = Adam(self.network)
        self.dataset, self.precision, self.recipe = dataset, precision, recipe
        self.label = label

    def _autocast(self) -> torch.autocast:
        lower = self.precision == torch.bfloat16
        return torch.autocast(self.dataset.device.type, dtype=torch.bfloat16, enabled=lower)

    def fit(
        self,
        utterances: NDArray[np.int64],
        schedule: Schedule,
        seed: int,
        *,
        loss: Loss = cross_entropy,
        weights: NDArray[np.float64] | None = None,
        first_epoch: int = 0,
        report: Report = lambda row: None,
        checkpoint: Checkpoint | None = None,
        test: NDArray[np.int64] | None = None,
        population: NDArray[np.int64] | None = None,
    ) -> Phase:
        """Trains on some utterances of the corpus; without any the network stays as it is.

        Args:
            utterances: Positions of the training utterances.
            schedule: Epochs, batch size and learning rate.
            seed: Source of all random draws of an epoch, with the epoch's number.
            loss: Loss of each utterance of a batch.
            weights: ``(N,)`` factors on the loss of every utterance of the corpus.
            first_epoch: Epochs that earlier phases have trained.
            report: Called with the history's row after every epoch.
            checkpoint: Checkpoint of an earlier killed call, and of this one.
            test: Positions to evaluate on after every epoch for the phase's curve, at least one.
                Used for nothing else.
            population: Positions of the training set for batch norm's statistics, if the recipe
                recomputes them; otherwise ``utterances``.

        Raises:
            SersnakeError: The loss is no longer finite, or the recipe does not fit the schedule.
        """
        self.recipe.check_counts(schedule)
        factor, phase = self._factor(weights), Phase(np.zeros(len(self.dataset.labels), np.int64))
        if checkpoint:
            checkpoint.restore(self, phase)
        while len(utterances) and (left := phase.left(schedule)) > 0:
            epoch, rate = first_epoch + phase.epochs + 1, phase.rate(schedule)
            with _seeded(seed, epoch, self.dataset.device) as generator:
                batches = draw_batches(utterances, schedule.batch_size, generator)
                total, wrong = self._epoch(epoch, batches, rate, loss, factor, seed)
            self._count(phase, left, utterances, wrong)
            if test is not None:
                phase.curve.append({"epoch": epoch, **accuracies(*self._predict(test))})
            row = {
                "epoch": epoch,
                "loss": total / len(utterances),
                "accuracy": 1 - int(wrong.sum()) / len(utterances),
                "learning_rate": rate,
            }
            report(phase.add(row, schedule))
            if checkpoint:
                checkpoint(self, phase)
        if self.recipe.norm_statistics == "training_set" and phase.epochs:
            whole = utterances if population is None else population
            self._take_statistics(whole, schedule.batch_size, seed)
            if test is not None:
                phase.curve[-1] |= accuracies(*self._predict(test))
        return phase

    def _factor(self, weights: NDArray[np.float64] | None) -> Tensor:
        """The factor on every utterance's loss, ``float32 (N,)``."""
        factors = np.ones(len(self.dataset.labels)) if weights is None else weights
        return torch.as_tensor(factors, dtype=torch.float32, device=self.dataset.device)

    @torch.no_grad()
    def _take_statistics(self, utterances: NDArray[np.int64], batch_size: int, seed: int) -> None:
        """Sets batch norm's running statistics to means over batches of some utterances.

        Like :func:`torch.optim.swa_utils.update_bn`, whose momentum of None the kernel lacks.
        """
        versions = self._versions(seed, "statistics")
        norms = [m for m in self.network.modules() if isinstance(m, NORMS)]
        momenta = [norm.momentum for norm in norms]
        self.network.train()
        with (
            _seeded(derived_seed(seed, "statistics"), 0, self.dataset.device) as generator,
            self._autocast(),
        ):
            for number, positions in enumerate(draw_batches(utterances, batch_size, generator)):
                for norm in norms:
                    norm.momentum = 1 / (number + 1)
                self.network(self.dataset.batch(positions, versions))
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum

    def _count(
        self, phase: Phase, left: int, utterances: NDArray[np.int64], wrong: NDArray[np.int64]
    ) -> None:
        """Counts an epoch's misclassifications; ``wrong (N,)`` are those made in training."""
        last = self.recipe.counted_epochs
        if last and left > last:
            return
        if self.recipe.counting == "evaluation":
            labels, predicted = self._predict(utterances)
            wrong = np.zeros_like(wrong)
            wrong[utterances] = predicted != labels
        phase.count(wrong)

    def _predict(
        self, utterances: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Labels and predicted classes of some utterances, in training's precision."""
        with self._autocast():
            predicted = evaluation.predict(self.network, self.dataset, utterances)
        return self.dataset.labels.cpu().numpy()[utterances], predicted

    def _epoch(
        self,
        epoch: int,
        batches: list[NDArray[np.int64]],
        rate: float,
        loss: Loss,
        factor: Tensor,
        seed: int,
    ) -> tuple[float, NDArray[np.int64]]:
        """One pass over the batches.

        Returns:
            The sum of the losses, and misclassified utterances, ``int64 (N,)``. Both stay on the
            device until the end, so that it never waits.

        Raises:
            SersnakeError: The loss of a batch is not finite.
        """
        self.network.train()
        # Hidden frames move neither batches nor dropout.
        generator = np.random.default_rng(derived_seed(seed, epoch, "frame_mask"))
        versions, mask = self._versions(seed, epoch), self.recipe.frame_mask
        sums, missed = [], []
        for positions in batches:
            batch = hide_frames(self.dataset.batch(positions, versions), mask, generator)
            losses, misses = self._step(batch, positions, rate, loss, factor)
            sums.append(losses)
            missed.append(misses)
        totals = torch.stack(sums).tolist()
        if not all(map(math.isfinite, totals)):
            number = next(n for n, total in enumerate(totals, 1) if not math.isfinite(total))
            raise SersnakeError(
                f"{self.label}: the loss of epoch {epoch}, batch {number} of {len(batches)}, is "
                "not finite; lower the learning rate, or set precision: float32"
            )
        wrong = np.zeros(len(factor), np.int64)
        wrong[np.concatenate(batches)] = torch.cat(missed).cpu().numpy()
        return sum(totals), wrong

    def _versions(self, *seeds: object) -> NDArray[np.int64] | None:
        """The version of each utterance, ``int64 (N,)``; None without copies."""
        utterances, copies = len(self.dataset.labels), len(self.dataset.copies)
        seed = derived_seed(*seeds, "copies")
        return draw_versions(utterances, copies, seed) if copies else None

    def _step(
        self,
        batch: Batches,
        positions: NDArray[np.int64],
        rate: float,
        loss: Loss,
        factor: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """One step of Adam.

        Returns:
            Sum of the losses, and misclassified utterances, ``bool (B,)``.
        """
        chosen = to_device(torch.from_numpy(positions), self.dataset.device)
        labels = self.dataset.labels[chosen]
        with self._autocast():
            logits = self.network(batch).float()
        losses = (loss(logits, labels) * factor[chosen]).sum()
        self.network.zero_grad()
        (losses / len(positions)).backward()
        self.optimizer.step(rate)
        return losses.detach(), logits.argmax(1) != labels

    def embed(self, dataset: Dataset | None = None) -> NDArray[np.float32]:
        """The network's embedding of every utterance, ``float32 (N, D)``, in float32.

        Args:
            dataset: Dataset of degraded copies, instead of the utterances.
        """
        return evaluation.embed(self.network, dataset or self.dataset)

    def _tensors(self) -> dict[str, Tensor]:
        tensors = {f"{NETWORK}{k}": v for k, v in self.network.state_dict().items()}
        return tensors | {f"{ADAM}{k}": v for k, v in self.optimizer.state.items()}

    def state(self) -> dict[str, NDArray[Any]]:
        """Weights and optimiser state as arrays, named ``network.*`` and ``adam.*``."""
        return {name: tensor.cpu().contiguous().numpy() for name, tensor in self._tensors().items()}

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Restores the result of :meth:`state`, or the network alone, to read its embeddings.

        Raises:
            SersnakeError: The arrays belong to a network of another shape.
        """
        current = self._tensors()
        if all(name.startswith(NETWORK) for name in arrays):
            current = {k: v for k, v in current.items() if k.startswith(NETWORK)}
        shapes = {name: tuple(tensor.shape) for name, tensor in current.items()}
        if {name: array.shape for name, array in arrays.items()} != shapes:
            raise SersnakeError(
                "the initial weights belong to another network, features or emotions; train the "
                "first phase again"
            )
        with torch.no_grad():
            for name, tensor in current.items():
                tensor.copy_(torch.as_tensor(arrays[name]))

    def begin_again(self, fresh: Network) -> None:
        """Takes the weights of a fresh network, and a fresh Adam."""
        self.network.load_state_dict(fresh.state_dict())
        for tensor in self.optimizer.state.values():
            tensor.zero_()


@contextmanager
def _seeded(seed: int, epoch: int, device: torch.device) -> Iterator[np.random.Generator]:
    """The random generators of an epoch: NumPy's for batches, PyTorch's for the rest."""
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices):
        torch.manual_seed(derived_seed(seed, epoch))
        yield np.random.default_rng(derived_seed(seed, epoch))
