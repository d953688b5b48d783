"""Seeds, which are inputs."""

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
        description="Ensemble members: networks of each kind that every fold trains, each from "
        "a seed of its own, whose classifiers' scores are averaged.",
    ),
]


class Seed(Settings, frozen=True):
    """The seed of a run."""

    seed: SeedNumber = 0


class Ensemble(Seed, frozen=True):
    """Networks of one kind that differ in their seeds alone."""

    seeds: Members = 1
