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
INNER = "given a list, inner folds of each training set choose per fold."


class Fusion(Settings, frozen=True):
    """How the final classifier combines the embeddings of the streams."""

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
            description="Feature sets to add by late fusion: each gets its own classifier, whose "
            "scores are averaged with those of the embeddings."
        ),
    ] = ()
    weights: Annotated[
        Literal["equal", "inner_folds"],
        Meta(
            description="Weights of the averaged classifiers: equal, or the weights (in steps of "
            "0.1) with the best unweighted accuracy (UA) in inner folds of the training set. The "
            "networks were trained on the whole training set, so inner folds overrate embeddings "
            "relative to feature sets."
        ),
    ] = "equal"
    scaling: Annotated[
        Literal["z_scores", "normal_scores"],
        Meta(
            description="Feature scaling in every classifier, baselines included: by mean and "
            "standard deviation of the training set, or to normal scores of the ranks in it."
        ),
    ] = "z_scores"

    def check(self) -> None:
        """Checks that no feature set is named twice."""
        if len(set(self.features)) < len(self.features):
            raise SersnakeError(f"features: {', '.join(self.features)}: name each once")


class Svm(Settings, frozen=True):
    """A linear support vector machine."""

    cost: Annotated[Several, Meta(description=f"C of the linear SVM; {INNER}")] = 1.0
    within_class: Annotated[
        Shrinkage | Annotated[tuple[Shrinkage, ...], Meta(min_length=1)] | None,
        Meta(
            description="Within-class covariance normalisation (Hatch et al. 2006), which divides "
            "the features by their deviations within the emotions: weight of the identity in the "
            f"covariance; null turns it off; {INNER}"
        ),
    ] = None


class Elm(Settings, frozen=True):
    """An extreme learning machine."""

    hidden_units: Annotated[
        int, Meta(ge=1, description="Number of sigmoids in the random hidden layer.")
    ] = 512
    ridge: Annotated[float, Meta(gt=0, description="Penalty on the squared output weights.")] = 10.0


class Mlp(Settings, frozen=True):
    """A multilayer perceptron."""

    hidden_units: Annotated[int, Meta(ge=1, description="Number of ReLUs in the hidden layer.")] = (
        512
    )
    max_epochs: Annotated[
        int,
        Meta(
            ge=1,
            description="Maximum number of epochs; training ends earlier once its loss is steady.",
        ),
    ] = 200


class Rbf(Settings, frozen=True):
    """A support vector machine with a Gaussian kernel, scaled to the variance of the features."""

    cost: Annotated[Several, Meta(description=f"C of the SVM; {INNER}")] = 1.0


class Lda(Settings, frozen=True):
    """A linear discriminant analysis with a shrunk covariance."""

    variance: Annotated[
        float,
        Meta(gt=0, le=1, description="Share of the variance kept by the principal components."),
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
            description="speaker gives each emotion a mean per training speaker and adds up their "
            "likelihoods (subclass discriminant analysis, Zhu and Martinez 2006), for protocols "
            f"that share speakers between training and test set; {INNER}"
        ),
    ] = "none"
    hard_weight: Annotated[
        float | Annotated[tuple[float, ...], Meta(min_length=1)],
        Meta(
            description="Weights each utterance by exp(hard_weight h), where h is 1 minus the "
            "probability of its emotion in inner folds of the training set: above 0 hard "
            f"utterances count more, below 0 less. Requires a number for shrinkage; {INNER}"
        ),
    ] = 0.0

    def check(self) -> None:
        """Checks that shrinkage is a number where utterances are weighted."""
        if self.hard_weight != 0 and self.shrinkage == "ledoit_wolf":
            raise SersnakeError("hard_weight: needs a number for shrinkage, such as 0.5")


class Logistic(Settings, frozen=True):
    """A multinomial logistic regression."""

    cost: Annotated[
        Several, Meta(description=f"Inverse of the penalty on the squared weights; {INNER}")
    ] = 1.0


@dataclass(frozen=True)
class ClassifierEntry:
    """A final classifier, used by the systems ``<training>_<loss>_<name>``.

    Attributes:
        scorer: Its class, ``module:class`` (:class:`sersnake.fusion.scorer.Scorer`).
        settings: Its settings, a section of the config under the classifier's name.
        label: Its name in tables and figures.
        phrase: What that means, in a sentence.
        scores: Kind of its scores: unbounded values, votes of the pairs of classes, or
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
