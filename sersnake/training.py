"""One training phase of one network on one fold, repeatable to the byte on one machine."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sersnake.batches import draw_batches, sorted_batches
from sersnake.dataset import Dataset
from sersnake.errors import SersnakeError
from sersnake.losses import Loss, cross_entropy
from sersnake.networks import Network

if TYPE_CHECKING:
    from sersnake.checkpoints import Checkpoint

EVALUATION_BATCH = 64


@dataclass(frozen=True)
class Schedule:
    """How long and how fast a phase trains.

    Attributes:
        epochs: Passes over the training utterances, at the most.
        batch_size: Utterances in a batch, at the most.
        learning_rate: Adam's learning rate.
        decay_epochs: The last epochs of the phase, in which a cosine brings the learning rate
            towards zero. 0 keeps it constant.
        steady_window: The loss is steady when its mean over this many epochs has fallen by less
            than ``steady_tolerance`` against the same number of epochs before; the decay then
            begins. 0 trains all epochs.
        steady_tolerance: Relative fall of the loss below which it counts as steady.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    decay_epochs: int = 0
    steady_window: int = 0
    steady_tolerance: float = 0.0

    def __post_init__(self) -> None:
        """Checks the ranges.

        Raises:
            SersnakeError: A field is out of its range.
        """
        if self.epochs < 0 or not 0 <= self.decay_epochs <= self.epochs:
            raise SersnakeError(
                f"decay_epochs must lie between 0 and epochs, not {self.decay_epochs} of "
                f"{self.epochs}"
            )
        if self.batch_size < 1 or self.learning_rate <= 0 or self.steady_window < 0:
            raise SersnakeError(
                "batch_size must be at least 1, learning_rate above 0, steady_window at least 0"
            )

    def rate(self, decayed: int) -> float:
        """Learning rate of an epoch, given how many epochs the decay has run (or is away)."""
        if decayed < 0 or not self.decay_epochs:
            return self.learning_rate
        return self.learning_rate * 0.5 * (1 + math.cos(math.pi * decayed / self.decay_epochs))

    def decay_start(self, losses: Sequence[float]) -> int:
        """Epochs before the decay begins, as far as the losses of the epochs so far tell."""
        latest = self.epochs - self.decay_epochs
        steady = (n for n in range(1, min(len(losses) + 1, latest)) if self.is_steady(losses[:n]))
        return next(steady, latest)

    def is_steady(self, losses: Sequence[float]) -> bool:
        """Whether the loss of the epochs so far has stopped falling."""
        window = self.steady_window
        if not window or len(losses) < 2 * window:
            return False
        before, now = np.mean(losses[-2 * window : -window]), np.mean(losses[-window:])
        return bool(now > (1 - self.steady_tolerance) * before)


@dataclass
class Phase:
    """What a phase leaves behind beside the trained weights.

    Attributes:
        history: One row an epoch: epoch (from 1, counted over all phases), loss, accuracy,
            learning_rate. Both are means over the phase's utterances as they were trained on.
        misclassified: ``int64 (N,)``, the m_i of Eq. 2, from the predictions made in training.
        epochs: The c_i of Eq. 2 for the utterances trained on.
    """

    misclassified: NDArray[np.int64]
    history: list[dict[str, float]] = field(default_factory=list)
    epochs: int = 0


def derived_seed(*parts: object) -> int:
    """A seed that depends on all parts and on nothing else."""
    text = "/".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def pick_device(name: str) -> torch.device:
    """``auto`` is a GPU where there is one; any other name is PyTorch's.

    Raises:
        SersnakeError: PyTorch does not know the device or has no access to it.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        return torch.zeros(1, device=name).device
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise SersnakeError(f"device: {name!r} cannot be used ({reason})") from error


def pick_precision(name: str, device: torch.device) -> torch.dtype:
    """``auto`` is bfloat16 where the processor computes in it, float32 elsewhere."""
    if name == "auto":
        fast = (
            torch.cuda.is_bf16_supported(including_emulation=False)
            if device.type == "cuda"
            else torch.cpu.get_capabilities().get("avx512_bf16", False)
        )
        name = "bfloat16" if fast else "float32"
    return {"bfloat16": torch.bfloat16, "float32": torch.float32}[name]


class Trainer:
    """Trains one network on one fold and reads its embedding."""

    def __init__(
        self, network: Network, dataset: Dataset, precision: torch.dtype, label: str = "training"
    ) -> None:
        """Moves the network to the device of the dataset; the label stands in errors."""
        self.label = label
        self.network: Network = network.to(dataset.device)
        for parameter in self.network.parameters():
            if parameter.dim() == 4:  # convolutions run on channels-last maps
                parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
        self.optimizer = torch.optim.Adam(self.network.parameters())
        self.dataset = dataset
        self.precision = precision
        self.loss: Loss = cross_entropy

    def _autocast(self) -> torch.autocast:
        return torch.autocast(
            self.dataset.device.type,
            dtype=torch.bfloat16,
            enabled=self.precision == torch.bfloat16,
        )

    def fit(
        self,
        utterances: NDArray[np.int64],
        schedule: Schedule,
        seed: int,
        weights: NDArray[np.float64] | None = None,
        first_epoch: int = 0,
        report: Callable[[dict[str, float]], None] = lambda row: None,
        checkpoint: Checkpoint | None = None,
    ) -> Phase:
        """Trains on some utterances of the corpus.

        Args:
            utterances: Positions of the utterances to train on.
            schedule: Epochs, batch size and learning rate.
            seed: Every epoch draws its batches and dropout from the seed and its number alone.
            weights: ``(N,)`` factors on the loss of every utterance of the corpus.
            first_epoch: Epochs that earlier phases have trained.
            report: Called with the history's row after every epoch.
            checkpoint: Where an earlier call that was killed left off, and this one may be.

        Raises:
            SersnakeError: The loss is no longer finite.
        """
        count = len(self.dataset.lengths)
        factors = np.ones(count) if weights is None else weights
        factor = torch.as_tensor(factors, dtype=torch.float32, device=self.dataset.device)
        phase = Phase(np.zeros(count, dtype=np.int64))
        if checkpoint:
            checkpoint.restore(self, phase)
        for rate in self._rates(schedule, phase):
            epoch = first_epoch + phase.epochs + 1
            try:
                loss, wrong = self._epoch(
                    utterances, schedule, derived_seed(seed, epoch), rate, factor
                )
            except FloatingPointError as error:
                raise SersnakeError(
                    f"{self.label}: the loss of epoch {epoch}, {error}, is not finite; lower the "
                    "learning rate, or set precision: float32"
                ) from error
            phase.misclassified += wrong
            phase.epochs += 1
            accuracy = 1 - wrong.sum() / len(utterances)
            row = {"epoch": epoch, "loss": loss, "accuracy": accuracy, "learning_rate": rate}
            phase.history.append(row)
            report(row)
            if checkpoint:
                checkpoint(self, phase)
        return phase

    @staticmethod
    def _rates(schedule: Schedule, phase: Phase) -> Iterator[float]:
        """Learning rate of epoch after epoch; looks at the losses that the phase collects."""
        losses = [row["loss"] for row in phase.history]
        decay_start = schedule.decay_start(losses)
        while phase.epochs < decay_start + schedule.decay_epochs:
            yield schedule.rate(phase.epochs - decay_start)
            losses.append(phase.history[-1]["loss"])
            if phase.epochs < decay_start and schedule.is_steady(losses):
                decay_start = phase.epochs

    def _epoch(
        self,
        utterances: NDArray[np.int64],
        schedule: Schedule,
        seed: int,
        rate: float,
        factor: Tensor,
    ) -> tuple[float, NDArray[np.int64]]:
        """One pass; returns the mean loss and who was misclassified, ``int64 (N,)``.

        Raises:
            FloatingPointError: The loss of a batch is not finite; found out at the epoch's end,
                so that the device never waits.
        """
        torch.manual_seed(seed)
        rng = np.random.default_rng(seed)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.network.train()
        total = torch.zeros((), device=self.dataset.device)
        finite = []
        wrong = torch.zeros(len(factor), dtype=torch.int64, device=self.dataset.device)
        batches = draw_batches(utterances, self.dataset.lengths, schedule.batch_size, rng)
        for positions in batches:
            batch = torch.from_numpy(positions).to(self.dataset.device)
            logits, losses = self._losses(batch)
            losses = losses * factor[batch]
            self.optimizer.zero_grad()
            losses.mean().backward()
            self.optimizer.step()
            total += losses.detach().sum()
            finite.append(total.isfinite())
            wrong[batch] = (logits.argmax(1) != self.dataset.labels[batch]).long()
        if not total.isfinite():
            first = torch.stack(finite).tolist().index(False)
            raise FloatingPointError(f"batch {first + 1} of {len(finite)}")
        return float(total) / len(utterances), wrong.cpu().numpy()

    def _losses(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        with self._autocast():
            logits = self.network(self.dataset.batch(batch)).float()
        return logits, self.loss(logits, self.dataset.labels[batch])

    @torch.no_grad()
    def embed(self) -> NDArray[np.float32]:
        """The network's features of every utterance, ``float32 (N, D)``, in float32.

        An utterance's features do not depend on the others it is batched with.
        """
        self.network.eval()
        found = np.empty((len(self.dataset.lengths), self.network.embedding_dimension), np.float32)
        for positions in sorted_batches(self.dataset.lengths, EVALUATION_BATCH):
            batch = torch.from_numpy(positions).to(self.dataset.device)
            found[positions] = self.network.embed(self.dataset.batch(batch)).cpu().numpy()
        return found

    def state(self) -> dict[str, NDArray[np.float32]]:
        """Weights and optimiser state as arrays, named ``network.*`` and ``adam.*``."""
        arrays = {f"network.{k}": v for k, v in self.network.state_dict().items()}
        for index, values in self.optimizer.state_dict()["state"].items():
            arrays |= {f"adam.{index}.{k}": v for k, v in values.items()}
        return {name: tensor.cpu().contiguous().numpy() for name, tensor in arrays.items()}

    def restore(self, arrays: dict[str, NDArray[np.float32]]) -> None:
        """Takes over what :meth:`state` gave.

        Raises:
            SersnakeError: The arrays belong to a network of another shape.
        """
        tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
        weights = {k.removeprefix("network."): v for k, v in tensors.items() if "network." in k}
        try:
            self.network.load_state_dict(weights)
        except RuntimeError as error:
            raise SersnakeError(
                "the initial weights belong to another network, number of features or number of "
                "emotions: train the first phase again"
            ) from error
        moments: dict[int, dict[str, Tensor]] = {}
        for name in (name for name in tensors if name.startswith("adam.")):
            _, index, key = name.split(".", 2)
            moments.setdefault(int(index), {})[key] = tensors[name]
        state = self.optimizer.state_dict()
        self.optimizer.load_state_dict({**state, "state": moments})


def draw_weights(build: Callable[[], Network], seed: int) -> Network:
    """Builds a network with weights drawn from the seed alone."""
    torch.manual_seed(seed)
    return build()
