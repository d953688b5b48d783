"""The final classifiers: each is one entry of :data:`CLASSIFIERS`, below its settings.

Systems, settings, verbs, rules and tables ask this list. A new classifier is an entry here, with
the model of its settings, and the file with its class. Nothing is imported for the list: a class
is loaded when it is fitted or read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from sersnake.errors import SersnakeError
from sersnake.settings.base import Settings

Positive = Annotated[float, Meta(gt=0)]
# Of several the one with the best UA in inner folds of the training set.
Several = Positive | Annotated[tuple[Positive, ...], Meta(min_length=1)]
Shrinkage = Annotated[float, Meta(ge=0, le=1)]
Subclass = Literal["none", "speaker"]
ScoreKind = Literal["values", "votes", "probabilities"]
INNER = "of a list, inner folds of the training set choose for each fold."


class Fusion(Settings, frozen=True):
    """How the embeddings of the streams meet in the final classifier."""

    method: Annotated[
        Literal["early", "late"],
        Meta(
            description="early joins the embeddings before one classifier; late fits a classifier "
            "on each and averages their scores."
        ),
    ] = "early"
    balanced: Annotated[
        bool,
        Meta(
            description="Weights joined embeddings so that each contributes the same variance. By "
            "default every dimension counts equally, so the larger embedding dominates."
        ),
    ] = False
    features: Annotated[
        tuple[str, ...],
        Meta(
            description="Feature sets with a further classifier each, whose scores are averaged "
            "with those of the embeddings (late fusion)."
        ),
    ] = ()
    weights: Annotated[
        Literal["equal", "inner_folds"],
        Meta(
            description="Weights of the averaged classifiers: equal, or in steps of a tenth those "
            "with the best UA in inner folds of the training set. The networks were trained on "
            "all of it, so inner folds overrate embeddings against feature sets."
        ),
    ] = "equal"
    scaling: Annotated[
        Literal["z_scores", "normal_scores"],
        Meta(
            description="How every classifier scales its features, the baselines' too: by mean and "
            "deviation of the training set, or to normal scores of their ranks in it."
        ),
    ] = "z_scores"

    def check(self) -> None:
        """Checks that each feature set is named once."""
        if len(set(self.features)) < len(self.features):
            raise SersnakeError(f"features: {', '.join(self.features)}: name each once")


class Svm(Settings, frozen=True):
    """A linear support vector machine."""

    cost: Annotated[Several, Meta(description=f"C of the linear SVM; {INNER}")] = 1.0
    within_class: Annotated[
        Shrinkage | Annotated[tuple[Shrinkage, ...], Meta(min_length=1)] | None,
        Meta(
            description="Divides the features by their deviations within the emotions "
            "(within-class covariance normalisation, Hatch et al. 2006): the number is the weight "
            f"of the identity in the covariance, null does without; {INNER}"
        ),
    ] = None


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


class Rbf(Settings, frozen=True):
    """A support vector machine with a Gaussian kernel, as wide as the features vary."""

    cost: Annotated[Several, Meta(description=f"C of the SVM; {INNER}")] = 1.0


class Lda(Settings, frozen=True):
    """A linear discriminant analysis, whose covariance is shrunk."""

    variance: Annotated[
        float,
        Meta(gt=0, le=1, description="Share of the variance that the principal components keep."),
    ] = 0.95
    shrinkage: Annotated[
        Literal["ledoit_wolf"] | Shrinkage | Annotated[tuple[Shrinkage, ...], Meta(min_length=1)],
        Meta(
            description="Weight of the identity in the covariance: estimated (Ledoit and Wolf "
            f"2004), or a number; {INNER}"
        ),
    ] = "ledoit_wolf"
    subclasses: Annotated[
        Subclass | Annotated[tuple[Subclass, ...], Meta(min_length=1)],
        Meta(
            description="speaker gives each emotion a mean for each speaker of the training set, "
            "whose likelihoods are added up (subclass discriminant analysis, Zhu and Martinez "
            f"2006): for protocols that test the speakers they train on; {INNER}"
        ),
    ] = "none"
    hard_weight: Annotated[
        float | Annotated[tuple[float, ...], Meta(min_length=1)],
        Meta(
            description="Weighs each utterance by exp(hard_weight h), where h is one minus the "
            "probability that inner folds of the training set give its emotion: above 0 the hard "
            f"ones count more, below 0 less. It needs a number for shrinkage; {INNER}"
        ),
    ] = 0.0

    def check(self) -> None:
        """Checks that what is weighed is shrunk by a number."""
        if self.hard_weight != 0 and self.shrinkage == "ledoit_wolf":
            raise SersnakeError("hard_weight: needs a number for shrinkage, such as 0.5")


class Logistic(Settings, frozen=True):
    """A multinomial logistic regression."""

    cost: Annotated[
        Several, Meta(description=f"Inverse of the penalty on the squares of the weights; {INNER}")
    ] = 1.0


@dataclass(frozen=True)
class ClassifierEntry:
    """A final classifier, that of the systems ``<training>_<loss>_<name>``.

    Attributes:
        scorer: Where its class stands, ``module:class`` (:class:`sersnake.fusion.scorer.Scorer`).
        settings: Its settings, a section of the config under the classifier's name.
        label: Its name in tables and figures.
        phrase: What that means, in a sentence.
        scores: What its scores are: values without bounds, votes of the pairs of classes, or
            probabilities.
    """

    scorer: str
    settings: type[Settings]
    label: str
    phrase: str
    scores: ScoreKind = "values"


# The first is that of systems whose name says no other.
CLASSIFIERS = {
    "svm": ClassifierEntry(
        "sersnake.fusion.svm:LinearSvm",
        Svm,
        label="linear SVM",
        phrase="a linear SVM",
        scores="votes",
    ),
    "elm": ClassifierEntry(
        "sersnake.fusion.elm:ExtremeLearningMachine",
        Elm,
        label="ELM",
        phrase="an extreme learning machine",
    ),
    "mlp": ClassifierEntry(
        "sersnake.fusion.mlp:MultilayerPerceptron",
        Mlp,
        label="MLP",
        phrase="a multilayer perceptron",
        scores="probabilities",
    ),
    "rbf": ClassifierEntry(
        "sersnake.fusion.rbf:RbfSvm",
        Rbf,
        label="RBF SVM",
        phrase="an SVM with a Gaussian kernel",
        scores="votes",
    ),
    "lda": ClassifierEntry(
        "sersnake.fusion.lda:ShrinkageLda",
        Lda,
        label="LDA",
        phrase="a shrinkage LDA on principal components",
    ),
    "logistic": ClassifierEntry(
        "sersnake.fusion.logistic:LogisticRegression",
        Logistic,
        label="logistic",
        phrase="a logistic regression",
        scores="probabilities",
    ),
}
DEFAULT_CLASSIFIER = next(iter(CLASSIFIERS))
