"""Memory and time that jobs request from a cluster, by the size of their input.

Each method is one of a rule's resources: it takes the rule's wildcards and the attempt, since a job
that was killed for exceeding them requests more at each retry.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sersnake.experiment.plan import Plan
from sersnake.settings.systems import read_system

MB = 10**6
FLOAT32, FLOAT64 = 4, 8  # bytes
PYTORCH_MB, SKLEARN_MB = 1500, 1000
TRAINED_VALUES = 1024  # features of an utterance that a network is trained on, at most
EMBEDDED_VALUES = 1152  # ALF and ELF
COMPARE_VALUES = 6373  # of ComParE_2016
STEP_MS = 20  # per utterance and epoch, on a core ten times slower than in benchmarks.md


class JobResources:
    """The resources of the jobs of a plan."""

    def __init__(self, plan: Plan, utterances: int) -> None:
        """Takes the plan, and how many utterances the corpus has."""
        self._plan, self._utterances = plan, utterances

    def training_mb(self, wildcards: Any, attempt: int) -> int:
        """MB of PyTorch, and for each fold twice the features of every utterance and its copies."""
        versions = 2 * self._folds(wildcards) * self._versions(wildcards)
        values = versions * self._utterances * TRAINED_VALUES
        return attempt * (PYTORCH_MB + values * FLOAT32 // MB)

    def training_minutes(self, schedule: str) -> Callable[[Any, int], int]:
        """Minutes of a phase: its epochs over all utterances, and ten for all else."""

        def minutes(wildcards: Any, attempt: int) -> int:
            training = self._plan.runs[wildcards.run].training.network(wildcards.network)
            epochs = training.schedule(schedule).epochs
            steps = self._folds(wildcards) * self._utterances * epochs
            return attempt * (10 + steps * STEP_MS // 60_000)

        return minutes

    def embedding_mb(self, wildcards: Any, attempt: int) -> int:
        """MB of PyTorch, twice a corpus' features, and twice the embeddings of all folds."""
        folds = len(self._plan.folds[wildcards.run])
        values = 2 * (1 + folds) * self._utterances * TRAINED_VALUES
        return attempt * (PYTORCH_MB + values * FLOAT32 // MB)

    def whole_mb(self, _wildcards: Any, attempt: int) -> int:
        """MB of networks that run on all utterances, fold after fold."""
        values = 2 * self._utterances * EMBEDDED_VALUES
        return attempt * (PYTORCH_MB + values * FLOAT64 // MB)

    def classifier_mb(self, wildcards: Any, attempt: int) -> int:
        """MB of a classifier's features of every utterance and its copies, twice (scaled)."""
        late = self._plan.runs[wildcards.run].config.fusion.features
        large = read_system(wildcards.system).feature_sets or late
        versions = self._versions(wildcards) if read_system(wildcards.system).feature_sets else 1
        values = 2 * versions * self._utterances * (COMPARE_VALUES if large else TRAINED_VALUES)
        return attempt * (SKLEARN_MB + values * FLOAT64 // MB)

    def _versions(self, wildcards: Any) -> int:
        """Number of versions of an utterance: itself and its copies."""
        return 1 + len(self._plan.runs[wildcards.run].config.training_copies)

    def _folds(self, wildcards: Any) -> int:
        return len(self._plan.jobs[wildcards.run][wildcards.network][wildcards.group])
