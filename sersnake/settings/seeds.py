"""The seeds of a run."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from sersnake.settings.base import Settings

SeedNumber = Annotated[
    int, Meta(ge=0, description="Seed of the folds, the weights, the batches and dropout.")
]
Members = Annotated[
    int,
    Meta(
        ge=1,
        description="Ensemble members: number of networks of each kind per fold, each with its "
        "own seed; the scores of their classifiers are averaged.",
    ),
]


class Seed(Settings, frozen=True):
    """The seed of a run."""

    seed: SeedNumber = 0


class Ensemble(Seed, frozen=True):
    """Networks of one kind that differ only in their seeds."""

    seeds: Members = 1
