"""The final classifier."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from sersnake.errors import SersnakeError
from sersnake.settings.base import Settings
from sersnake.settings.recipe import Recipe


class Fusion(Settings, frozen=True):
    """How the embeddings of the streams meet in the final classifier."""

    balanced: Annotated[
        bool,
        Meta(
            description="Weights the embeddings so that each contributes the same variance. By "
            "default every dimension counts equally, so the larger embedding dominates."
        ),
    ] = False
    functionals: Annotated[
        bool,
        Meta(
            description="Late fusion with a second classifier on the functionals themselves: the "
            "scores of both are averaged (not in `snakemake model`)."
        ),
    ] = False
    scaling: Annotated[
        Literal["z_scores", "normal_scores"],
        Meta(
            description="How every classifier scales its features, the baselines' too: by mean and "
            "deviation of the training set, or to normal scores of their ranks in it (not in "
            "`snakemake model`)."
        ),
    ] = "z_scores"


def refuse_for_a_model(recipe: Recipe, fusion: Fusion) -> None:
    """Refuses what a model, which knows no speaker and has one classifier, cannot be made of.

    Raises:
        SersnakeError: The settings are such.
    """
    if recipe.normalisation == "speaker":
        raise SersnakeError(
            "normalisation: speaker scales by all recordings of a speaker, whom a model does not "
            "know; set normalisation to fold"
        )
    if fusion.functionals:
        raise SersnakeError(
            "fusion: functionals: a model has no second classifier; name a variant without it "
            "under model: variant"
        )
    if fusion.scaling != "z_scores":
        raise SersnakeError(
            "fusion: scaling: a model keeps a mean and a deviation of every feature, no ranks; "
            "name a variant of z_scores under model: variant"
        )


class Svm(Settings, frozen=True):
    """A linear support vector machine."""

    cost: Annotated[float, Meta(gt=0, description="C of the linear SVM.")] = 1.0


class Elm(Settings, frozen=True):
    """An extreme learning machine."""

    hidden_units: Annotated[int, Meta(ge=1, description="Sigmoids in the random hidden layer.")] = (
        512
    )
    ridge: Annotated[
        float, Meta(gt=0, description="Penalty on the squares of the output weights.")
    ] = 10.0


class Mlp(Settings, frozen=True):
    """A multilayer perceptron."""

    hidden_units: Annotated[int, Meta(ge=1, description="ReLUs in the hidden layer.")] = 512
    max_epochs: Annotated[
        int,
        Meta(ge=1, description="Epochs, at most; training ends earlier when its loss is steady."),
    ] = 200
