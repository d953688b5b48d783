"""The final classifier of a system, shared by the workflow, models and `predict`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.fusion.inner import candidates, choose_settings, choose_weights, inner_folds
from sersnake.fusion.origin import Origin
from sersnake.fusion.part import ClassifierRecipe, Part
from sersnake.fusion.scaling import SCALINGS, Blocks, BlockScaling, side_by_side
from sersnake.fusion.scorer import load_scorer
from sersnake.fusion.speaker_scaling import Enrolled, SpeakerScaling
from sersnake.settings.base import read_settings
from sersnake.settings.classifiers import CLASSIFIERS, Fusion
from sersnake.training.shrinkage import sounding_alike

Arrays = Mapping[str, NDArray[Any]]
SPEAKERS = "speakers."  # prefix of the arrays of scaling by speaker


@dataclass(frozen=True)
class FinalClassifier:
    """One classifier on all blocks joined, or several (parts) whose scores are averaged.

    Attributes:
        labels: The classes, in the order of the score columns.
        trained: ``int64 (C,)``, index in ``labels`` of each class with training utterances, in the
            order of the parts' score columns.
        classifier: One of :data:`~sersnake.settings.classifiers.CLASSIFIERS`.
        scaling: One of :data:`~sersnake.fusion.scaling.SCALINGS`.
        parts: The classifiers.
        weights: ``float64``, one per part; their sum is 1.
        speakers: The scaling by speaker that comes before, where speakers are enrolled.

    Example:
        >>> import numpy as np
        >>> from sersnake.fusion.part import ClassifierRecipe
        >>> from sersnake.settings.classifiers import Fusion, Svm
        >>> labels = np.array(["sad", "glad"] * 10)
        >>> rows = np.float32(labels == "glad")[None, :, None] * np.ones(3, np.float32)
        >>> recipe = ClassifierRecipe("svm", Svm(), Fusion())
        >>> classifier = FinalClassifier.fit({"mine": rows}, labels, ["glad", "sad"], recipe)
        >>> classifier.predict({"mine": rows[:, :2]}).tolist()
        ['sad', 'glad']
    """

    labels: tuple[Any, ...]
    trained: NDArray[np.int64]
    classifier: str
    scaling: str
    parts: tuple[Part, ...]
    weights: NDArray[np.float64]
    speakers: SpeakerScaling | None = None

    @classmethod
    def fit(
        cls,
        blocks: Blocks,
        emotions: NDArray[Any],
        labels: Sequence[Any],
        recipe: ClassifierRecipe,
        origin: Origin | None = None,
    ) -> FinalClassifier:
        """Fits on a training set.

        Args:
            blocks: Features of N utterances, not scaled.
            emotions: ``(N,)``, the class of each.
            labels: All classes, in the order of the score columns.
            recipe: How to fit.
            origin: Their speakers and groups, where known.

        Raises:
            SersnakeError: There is only one class, inner folds are needed but cannot be made, or
                speakers are to be enrolled but are unknown.
        """
        # Sorted by name: the order of the classes changes a solver's last digits.
        known, numbers = np.unique(emotions, return_inverse=True)
        if len(known) < 2:
            raise SersnakeError(
                f"the training set has one class, {known[0]}; at least two are needed"
            )
        origin = origin or Origin.unknown(len(emotions))
        names = parts_of(blocks, recipe.fusion)
        speakers = None
        if recipe.enrolment.utterances:
            from sersnake.protocols.enrolment import may_enrol

            eligible = may_enrol(emotions, recipe.enrolment)
            speakers, blocks = scale_speakers(names, blocks, numbers, recipe, origin, eligible)
        recipes, weights = [recipe] * len(names), np.full(len(names), 1 / len(names))
        weighing = recipe.fusion.weights == "inner_folds" and len(names) > 1
        if weighing or len(candidates(recipe.settings)) > 1:
            folds = inner_folds(numbers, origin.groups, recipe.seed(0))
            inner = blocks, numbers, recipe, folds, origin
            chosen = [choose_settings(part, *inner) for part in names]
            recipes = [each for each, _ in chosen]
            if weighing:
                weights = choose_weights([scores for _, scores in chosen], numbers)
        parts = [
            Part.fit(part, blocks, numbers, each, origin)
            for part, each in zip(names, recipes, strict=True)
        ]
        trained = np.array([list(labels).index(name) for name in known.tolist()])
        how = recipe.classifier, recipe.fusion.scaling
        return cls(tuple(labels), trained, *how, tuple(parts), weights, speakers)

    def scores(self, blocks: Blocks, enrolled: Enrolled | None = None) -> NDArray[np.float64]:
        """A score per utterance and label, ``(N, L)``: the largest is that of the predicted class.

        For a class without training utterances it is minus infinity. SVMs score by votes of pairs
        of classes (of two classes by the distance from the hyperplane), ELM and LDA by unbounded
        values, MLP and logistic regression by probabilities.

        Args:
            blocks: Features of N utterances, not scaled.
            enrolled: Their speakers and enrolled utterances, where the classifier scales by
                speaker; without it every speaker is unknown.
        """
        return self._scores(self.by_speaker(blocks, enrolled))

    def by_speaker(self, blocks: Blocks, enrolled: Enrolled | None = None) -> Blocks:
        """The blocks scaled by speaker, where the classifier does that.

        If all enrolled utterances of a speaker are classified as one emotion, they count as one.
        """
        if not self.speakers:
            return blocks
        return self.speakers(blocks, enrolled, self.alike(enrolled) if enrolled else ())

    def alike(self, enrolled: Enrolled) -> list[Any]:
        """The speakers whose enrolled utterances are all classified as one emotion.

        Never corpora: all of a corpus far from the training set may be, as it is not yet scaled.
        """
        scaling = self.speakers
        if not scaling or scaling.neutral or scaling.by == "corpus" or not len(enrolled.known):
            return []
        heard = self._scores(scaling(enrolled.blocks)).argmax(axis=1)
        return sounding_alike(enrolled.known, heard)

    def _scores(self, blocks: Blocks) -> NDArray[np.float64]:
        each = np.stack([part.scores(blocks) for part in self.parts])
        mean = np.tensordot(self.weights.astype(each.dtype), each, 1)
        scores = np.full((len(mean), len(self.labels)), -np.inf)
        scores[:, self.trained] = mean
        return scores

    def predict(self, blocks: Blocks, enrolled: Enrolled | None = None) -> NDArray[Any]:
        """The class of each utterance, ``(N,)``."""
        scores = self.scores(blocks, enrolled)
        best: NDArray[Any] = np.array(self.labels)[scores.argmax(axis=1)]
        return best

    def scaled(self, blocks: Blocks, enrolled: Enrolled | None = None) -> NDArray[np.float32]:
        """The input of the parts on these blocks, side by side, ``float32 (S, N, D)``."""
        scalings = [part.scaling for part in self.parts]
        blocks = self.by_speaker(blocks, enrolled)
        return side_by_side([each for each in scalings if set(each.names) <= set(blocks)], blocks)

    def check(self) -> None:
        """Checks that the arrays fit each other and the labels.

        Raises:
            ValueError: They do not.
        """
        places, classes = self.trained.tolist(), len(self.trained)
        if len({*places} & {*range(len(self.labels))}) < classes:
            raise ValueError(f"{len(self.labels)} labels, but classes {places}")
        if self.speakers:
            blocks = self.speakers.nothing()
            if set(blocks) != {name for part in self.parts for name in part.scaling.names}:
                raise ValueError(f"speakers are scaled in {', '.join(blocks)}")
            self.scores(blocks)
        for part in self.parts:
            nothing = np.zeros((1, len(part.scaling.weights)), np.float32)
            for scale, scorer in zip(part.scaling.members, part.scorers, strict=True):
                shape = scorer.scores(scale(nothing)).shape
                if shape != (1, classes):
                    raise ValueError(f"scores {shape} of {classes} classes")

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """All arrays by name; with :attr:`structure` and the labels they define the classifier."""
        arrays: dict[str, NDArray[Any]] = {"trained": self.trained, "weights": self.weights}
        for number, part in enumerate(self.parts):
            arrays[f"{number}.weights"] = part.scaling.weights
            pairs = zip(part.scaling.members, part.scorers, strict=True)
            for member, objects in enumerate(pairs):
                for kind, fitted in zip(("scaling", "scorer"), objects, strict=True):
                    of_kind = f"{number}.{member}.{kind}."
                    arrays |= {of_kind + name: array for name, array in vars(fitted).items()}
        if self.speakers:
            of_speakers = self.speakers.to_arrays().items()
            arrays |= {SPEAKERS + name: array for name, array in of_speakers}
        return arrays

    @property
    def structure(self) -> dict[str, Any]:
        """What is no array: names, numbers and settings, for JSON."""
        parts = [
            {
                "blocks": list(part.scaling.names),
                "members": len(part.scorers),
                "settings": part.settings.as_dict(),
            }
            for part in self.parts
        ]
        structure = {"classifier": self.classifier, "scaling": self.scaling, "parts": parts}
        return {**structure, **({"speakers": self.speakers.structure} if self.speakers else {})}

    @classmethod
    def from_arrays(
        cls, arrays: Arrays, structure: Mapping[str, Any], labels: Sequence[Any]
    ) -> FinalClassifier:
        """Rebuilds a classifier from its :meth:`to_arrays` and :attr:`structure`.

        Raises:
            KeyError: An entry of the structure, or an array, is missing.
            TypeError: A scaling or scorer lacks an array, or has one too many.
        """
        name, scaling = structure["classifier"], structure["scaling"]
        model = CLASSIFIERS[name].settings
        parts = []
        for number, part in enumerate(structure["parts"]):
            places = [f"{number}.{member}" for member in range(part["members"])]
            scalings = [SCALINGS[scaling](**_below(arrays, f"{at}.scaling.")) for at in places]
            scorers = [load_scorer(name)(**_below(arrays, f"{at}.scorer.")) for at in places]
            blocks, weights = tuple(part["blocks"]), arrays[f"{number}.weights"]
            settings = read_settings(model, part["settings"])
            view = BlockScaling(blocks, tuple(scalings), weights)
            parts.append(Part(settings, view, tuple(scorers)))
        how = name, scaling, tuple(parts)
        speakers = None
        if of_speakers := structure.get("speakers"):
            speakers = SpeakerScaling.from_arrays(_below(arrays, SPEAKERS), of_speakers)
        return cls(tuple(labels), arrays["trained"], *how, arrays["weights"], speakers)


def scale_speakers(
    names: Sequence[tuple[str, ...]],
    blocks: Blocks,
    labels: NDArray[np.int64],
    recipe: ClassifierRecipe,
    origin: Origin,
    eligible: NDArray[np.bool_],
) -> tuple[SpeakerScaling, Blocks]:
    """The scaling by speaker of a training set, and its blocks scaled.

    Each speaker of the training set, or each corpus, is enrolled with all eligible utterances.

    Raises:
        SersnakeError: A speaker is not known, or inner folds cannot be made.
    """
    from sersnake.fusion.strength import choose_strength, inner_folds_of, known_by

    if (origin.voices == "").any():
        raise SersnakeError(
            "enrolment: needs the speaker of every utterance, but the manifest's column speaker "
            "has gaps; set enrolment: utterances to 0, or for joined corpora by to corpus"
        )
    folds = inner_folds_of(labels, recipe, origin)
    first = recipe._replace(settings=candidates(recipe.settings)[0])
    strength = choose_strength(names, blocks, labels, first, folds, origin, eligible)
    neutral = recipe.enrolment.draw == "neutral"
    scaling = SpeakerScaling.fit(blocks, strength, neutral, recipe.enrolment.by)
    rows = np.arange(len(labels))
    return scaling, scaling(blocks, known_by(blocks, origin.voices, rows, eligible))


def late_block(features: str) -> str:
    """The block of a feature set with a classifier of its own; no stream has such a name."""
    return f"features/{features}"


def late_features(classifier: FinalClassifier) -> dict[str, str]:
    """The feature sets with a classifier of their own, and each one's block."""
    blocks = [block for part in classifier.parts for block in part.scaling.names]
    late = late_block("")
    return {b.removeprefix(late): b for b in blocks if b.startswith(late)}


def parts_of(blocks: Blocks, fusion: Fusion) -> list[tuple[str, ...]]:
    """The blocks of each part: streams joined or each alone, late feature sets always alone."""
    late = [name for name in map(late_block, fusion.features) if name in blocks]
    streams = [name for name in blocks if name not in late]
    parts = [tuple(streams)] if fusion.method == "early" else [(name,) for name in streams]
    return [part for part in (*parts, *((name,) for name in late)) if part]


def _below(arrays: Arrays, place: str) -> dict[str, NDArray[Any]]:
    return {
        name.removeprefix(place): array for name, array in arrays.items() if name.startswith(place)
    }
