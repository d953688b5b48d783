"""The inputs of a model: a system trained on the whole corpus, and its run's folds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sersnake.settings.systems import read_system

if TYPE_CHECKING:
    from sersnake.experiment.plan import Plan


@dataclass(frozen=True)
class MadeModel:
    """A model, and the files that it is made of.

    Attributes:
        plan: The plan of the call.
        base: The run, or the variant of it, whose folds measured the system.
        whole: The same run on the whole corpus.
        system: The system's name.
    """

    plan: Plan
    base: str
    whole: str
    system: str

    @property
    def inputs(self) -> dict[str, str | list[str]]:
        """The input of the rule that makes it, by the options of make-model."""
        return {
            "weights": self.weights,
            "embeddings": self.embeddings,
            "held_out": self.held_out,
            "predictions": self.predictions,
            "manifest": f"{self.plan.results}/manifest.csv",
            "folds": f"{self.base}/folds.csv",
            "context": f"{self.base}/context.json",
            "features": list(self.features.values()),
            "copies": list(self.copies.values()),
            "robustness": self.robustness,
        }

    @property
    def classifier(self) -> str:
        """The name of its final classifier."""
        return read_system(self.system).classifier

    @property
    def networks(self) -> tuple[str, ...]:
        """Its networks; none for a baseline."""
        return self.plan.networks_of(self.whole, self.system)

    @property
    def network_names(self) -> list[str]:
        """The entries of :data:`~sersnake.settings.networks.NETWORKS` that it is built from."""
        return self.plan.network_names(self.whole, self.networks)

    @property
    def weights(self) -> list[str]:
        """Their weights."""
        return self.plan.embeddings(self.whole, self.system, "weights.safetensors")

    @property
    def embeddings(self) -> list[str]:
        """Their features of every utterance."""
        return self.plan.embeddings(self.whole, self.system, "safetensors")

    @property
    def held_out(self) -> list[str]:
        """The features of the same system in the folds of the run."""
        return self.plan.classified(self.base, self.system)

    @property
    def predictions(self) -> str:
        """Its predictions in these folds."""
        return f"{self.base}/predictions/{self.system}.csv"

    @property
    def robustness(self) -> list[str]:
        """Its robustness, if the run measures it."""
        measured = self.plan.config.robustness.conditions
        return [f"{self.base}/robustness/{self.system}.csv"] if measured else []

    @property
    def robustness_option(self) -> list[str]:
        """The option that names it."""
        return ["--robustness", *self.robustness] if self.robustness else []

    @property
    def features(self) -> dict[str, str]:
        """The packed feature sets that it reads, by their names."""
        if alone := read_system(self.system).feature_sets:
            return {name: self.plan.features(self.whole, name) for name in alone}
        packs: dict[str, str] = {}
        for network in self.networks:
            packs |= self.plan.read_by(self.whole, network)
        return packs | self.plan.late(self.whole, self.system)

    @property
    def copies(self) -> dict[str, str]:
        """The features of the copies that its classifier is fitted on, by their conditions."""
        return self.plan.copies(self.whole, self.system)

    @property
    def settings(self) -> str:
        """Settings of the verb that makes the model, as JSON.

        Raises:
            SersnakeError: No model can be made of such networks.
        """
        return self.plan.model_settings(self.whole, self.system)

    @property
    def training(self) -> str:
        """The training settings of its networks, as JSON."""
        return self.plan.model_training(self.whole, self.system)
