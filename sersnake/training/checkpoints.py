"""Checkpoints: a killed phase of training continues from them, to the same bytes."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sersnake.errors import SersnakeError
from sersnake.io import read_tensors, remove_halves, write_tensors

if TYPE_CHECKING:
    from sersnake.training.phase import Phase
    from sersnake.training.trainer import Trainer

MISCLASSIFIED = "misclassified"


def identity(settings: Mapping[str, object], files: Iterable[Path]) -> str:
    """A hash of everything that determines the result of a phase of training.

    This includes the settings, the content of the files, the library's source, PyTorch and the
    processor features that it uses.

    Args:
        settings: Values that JSON can write.
        files: Inputs.

    Raises:
        OSError: A file cannot be read.
    """
    import torch

    source = sorted(Path(__file__).parents[1].rglob("*.py"))
    machine = [torch.__version__, torch.backends.cpu.get_cpu_capability()]
    text = json.dumps([settings, machine], sort_keys=True)
    digests = [hashlib.sha256(text.encode()).digest()]
    for path in (*files, *source):
        with path.open("rb") as file:
            digests.append(hashlib.file_digest(file, "sha256").digest())
    return hashlib.sha256(b"".join(digests)).hexdigest()


@dataclass
class Checkpoint:
    """One file with everything that the next epoch needs.

    It contains the weights, Adam's moments, the counts of misclassifications, the history and the
    curve. Every epoch draws its batches, dropout and augmentation from the seed and its own number,
    so there is no state of a random generator to keep.

    Attributes:
        path: The file, removed once the call is complete.
        identity: Everything that determines the result; a checkpoint of another identity is
            ignored.
        seconds: Time between two checkpoints; 0 writes one after every epoch.
    """

    path: Path
    identity: str
    seconds: float = 60.0

    def __post_init__(self) -> None:
        """Counts the time from here."""
        self.written = time.monotonic()

    def restore(self, trainer: Trainer, phase: Phase) -> bool:
        """Continues from the file, if there is one of the same identity.

        Returns:
            Whether there was one.
        """
        try:
            arrays, state = read_tensors(self.path)
        except SersnakeError:  # there is none, or it is damaged
            return False
        if not isinstance(state, dict) or state.get("identity") != self.identity:
            return False
        phase.misclassified[:] = arrays.pop(MISCLASSIFIED)
        phase.history[:], phase.curve[:] = state["history"], state["curve"]
        phase.counted = state["counted"]
        trainer.restore(arrays)
        return True

    def __call__(self, trainer: Trainer, phase: Phase) -> None:
        """Writes the file if it is time; called after every epoch."""
        if time.monotonic() - self.written >= self.seconds:
            self.write(trainer, phase)

    def write(self, trainer: Trainer, phase: Phase) -> None:
        """Writes the file."""
        state = {name: getattr(phase, name) for name in ("history", "curve", "counted")}
        arrays = {**trainer.state(), MISCLASSIFIED: phase.misclassified}
        write_tensors(self.path, arrays, {"identity": self.identity, **state})
        self.written = time.monotonic()

    def remove(self) -> None:
        """Removes the file, and partial files of killed calls."""
        self.path.unlink(missing_ok=True)
        remove_halves(self.path)
