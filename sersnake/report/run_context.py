"""The context of a run and its numbers: ``context.json``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from sersnake.corpora import emotion_order
from sersnake.corpora.base import title_of
from sersnake.corpora.classes import label_sentence
from sersnake.errors import SersnakeError
from sersnake.evaluation.published import other_data, other_protocol
from sersnake.io import read_json, write_json
from sersnake.io.words import count
from sersnake.protocols import Protocol
from sersnake.report.encoders import encoder_sentences, with_answers
from sersnake.report.run_settings import SETTINGS
from sersnake.report.tables.systems import PAPER, Labels
from sersnake.settings.base import read_settings
from sersnake.settings.corpus import Labels as LabelSettings
from sersnake.settings.corpus import written_name
from sersnake.settings.degradation import CONDITIONS
from sersnake.settings.enrolment import Enrolment
from sersnake.settings.streams import STREAMS

# What a caption says of speakers and of sentences: shared, not shared, or unknown.
SHARING = {
    (True, True): "speakers and sentences are shared between training and test set",
    (True, False): "speakers are shared between training and test set, sentences are not",
    (True, None): "speakers are shared between training and test set",
    (False, True): "sentences are shared between training and test set, speakers are not",
    (False, False): "neither speakers nor sentences are shared between training and test set",
    (False, None): "speakers are not shared between training and test set",
    (None, True): "sentences are shared between training and test set, and the speakers are not "
    "all known",
    (None, False): "sentences are not shared between training and test set, and the speakers are "
    "not all known",
    (None, None): "the speakers are not all known, so training and test set may share them",
}
PRESET_NOTES = {
    "quick": "Quick preset: a short schedule, not the paper's.",
    "converged": "Converged preset: trained until the training loss is steady.",
    "paper": "Paper preset: the paper's number of epochs.",
}
TRANSDUCTIVE_NOTE = (
    "The networks' features are normalised per speaker with the test set included (transductive)."
)
ENROLLED = {
    "random": "drawn at random without their labels",
    "first": "the first of the corpus",
    "neutral": "drawn from those labelled neutral",
}
WHOSE = {"speaker": "that speaker's", "corpus": "that corpus'"}
SYNTHETIC_NOTE = (
    "The recordings are synthetic (made by a speech synthesiser), so the numbers say nothing "
    "about emotion in people."
)
OPTIONAL = (
    "encoders",
    "enrolment",
    "networks_enrolled",
    "training_copies",
    "emotion_labels",
)  # written where there are any


@dataclass(frozen=True)
class RunContext:
    """The context of a run and its numbers.

    Attributes:
        corpus: Name of the corpus in the config ("emodb").
        folds: Number of folds.
        protocol: How the folds were made, in words ("stratified random 80/20 split").
        shared_speakers: Whether training and test set share speakers; ``None`` if speakers are
            unknown.
        preset: Name of the schedule ("quick").
        synthetic: Whether the recordings are synthetic.
        shared_sentences: As ``shared_speakers``, for sentences.
        partial: Whether the corpus is incomplete.
        transductive: Whether statistics of the test set scale the networks' features.
        other_data: Data of the published values, if they differ from ours.
        emotions: The classes, in the order of every table.
        train_share: Share of the corpus in the training set, mean over folds.
        hard_share: Target share of hard examples, if there is one.
        streams: The streams by their names: ``label``, ``features`` and ``network``.
        feature_sets: Labels of the feature sets by their names.
        seed: The run's seed, from which bootstraps draw.
        encoders: The pretrained encoders of the run and its variants, per feature set, as
            :func:`sersnake.report.encoders.with_answers` returns them.
        enrolment: The settings of enrolment that differ from the defaults; empty without enrolment.
        networks_enrolled: Whether enrolment also scales the networks' features.
        training_copies: Conditions of the degraded copies in the training set.
        emotion_labels: The config's ``labels``; empty if no emotion is dropped or merged.
    """

    corpus: str
    folds: int
    protocol: str
    shared_speakers: bool | None
    preset: str
    synthetic: bool = False
    shared_sentences: bool | None = None
    partial: bool = False
    transductive: bool = False
    other_data: str | None = None
    emotions: tuple[str, ...] = ()
    train_share: float = 0.0
    hard_share: float | None = None
    streams: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: dict(STREAMS))
    feature_sets: Mapping[str, str] = field(default_factory=lambda: dict(PAPER.feature_sets))
    seed: int = 0
    encoders: tuple[Mapping[str, Any], ...] = ()
    enrolment: Mapping[str, Any] = field(default_factory=dict)
    networks_enrolled: bool = False
    training_copies: tuple[str, ...] = ()
    emotion_labels: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> RunContext:
        """Reads a ``context.json``.

        Raises:
            SersnakeError: It is missing, or was not written by this version.
        """
        fields = read_json(path)
        try:
            lists = {"emotions": fields["emotions"]}
            lists |= {name: fields.get(name, ()) for name in ("encoders", "training_copies")}
            return cls(**{**fields, **{name: tuple(values) for name, values in lists.items()}})
        except (KeyError, TypeError):
            raise SersnakeError(
                f"{path}: not a context.json of this version; write it again with `sersnake "
                "describe`"
            ) from None

    def save(self, path: Path) -> None:
        """Writes it as JSON; encoders, enrolment and labels only if there are any."""
        told = asdict(self)
        write_json(path, {k: told[k] for k in told if told[k] or k not in OPTIONAL})

    @property
    def corpus_name(self) -> str:
        """The corpus as written in a sentence."""
        return f"{self._whole_corpus()} (partial corpus)" if self.partial else self._whole_corpus()

    def _whole_corpus(self, word: str = "and") -> str:
        written = written_name(self.corpus, word)
        return f"the synthetic {self.corpus} corpus" if self.synthetic else written

    @property
    def labels(self) -> Labels:
        """The labels of systems, streams and feature sets."""
        labels = {name: str(stream["label"]) for name, stream in self.streams.items()}
        return Labels(labels, self.feature_sets)

    @property
    def sharing(self) -> str:
        """What training and test set share, in one phrase."""
        return SHARING[self.shared_speakers, self.shared_sentences]

    @property
    def published_of(self) -> str | None:
        """Protocol or data of the paper's values, if they differ from the run's."""
        return other_protocol(self.corpus, self.protocol) or self.other_data

    @property
    def published_notes(self) -> tuple[str, ...]:
        """Notes on the paper's values if their protocol or data differ."""
        paper = other_protocol(self.corpus, self.protocol)
        notes = (
            f"The published values are for {paper}, not for this protocol." if paper else "",
            f"The published values are of {self.other_data}." if self.other_data else "",
        )
        return tuple(filter(None, notes))

    @property
    def setting(self) -> str:
        """Folds, protocol, sharing, labels, schedule and encoders, in sentences."""
        folds = f"{count(self.folds, 'fold')} ({self.protocol}); {self.sharing}."
        return self._sentences(folds)

    @property
    def setting_of_protocols(self) -> str:
        """The setting without folds and protocol, for comparisons of protocols."""
        return self._sentences("")

    def _sentences(self, folds: str) -> str:
        sentences = (
            SYNTHETIC_NOTE if self.synthetic else "",
            folds,
            label_sentence(read_settings(LabelSettings, self.emotion_labels)),
            TRANSDUCTIVE_NOTE if self.transductive else "",
            enrolment_note(read_settings(Enrolment, self.enrolment), self.networks_enrolled),
            copies_note(self.training_copies),
            PRESET_NOTES.get(self.preset, f"Preset {self.preset}."),
            *encoder_sentences(self.encoders, self._whole_corpus("or")),
        )
        return " ".join(filter(None, sentences))


def copies_note(conditions: Sequence[str]) -> str:
    """The sentence on training copies in captions; empty if there are none."""
    if not conditions:
        return ""
    named = ", ".join(CONDITIONS[name].label for name in conditions)
    return (
        "Classifiers on feature sets are fitted on the training recordings and on degraded copies "
        f"of them ({named}); networks, if any, read one of these versions at random in each epoch."
    )


def enrolment_note(settings: Enrolment, networks: bool = False) -> str:
    """The sentence on enrolment in captions; empty without enrolment.

    Args:
        settings: The run's settings.
        networks: Whether the networks' features are scaled too.
    """
    if not settings.utterances:
        return ""
    neutral = " labelled neutral" * (settings.draw == "neutral")
    which = f"All utterances{neutral} of each test {settings.by}"
    if settings.utterances != "all":
        which = f"{settings.utterances} utterances of each test {settings.by}, "
        which += f"{ENROLLED[settings.draw]},"
    scored = (
        f"and are scored as well ({settings.by} normalisation, transductive)"
        if settings.transductive
        else "and are not scored"
    )
    where = "the networks and the classifiers" if networks else "the classifiers"
    return f"{which} set the scale of {WHOSE[settings.by]} features in {where} {scored}."


def describe_run(
    manifest: pd.DataFrame,
    audit: Mapping[str, Any],
    settings: Mapping[str, Any],
    source: str | Path = "audit",
) -> RunContext:
    """The context from a run's files and its config.

    Args:
        manifest: Columns utterance, emotion, corpus and synthetic, and certificate if it is known.
        audit: ``audit.json`` of its folds, with their protocol and what they share.
        settings: Settings from the config: ``preset``, ``transductive``, ``hard_share``,
            ``streams``, ``feature_sets``, ``seed``, ``enrolment``, ``networks_enrolled``,
            ``training_copies`` and ``emotion_labels`` of :class:`RunContext`, the first ``quick``
            by default; and ``encoders``, as :func:`sersnake.report.encoders.with_answers` takes
            them.
        source: Name of the audit in messages.

    Raises:
        SersnakeError: The audit names no protocol, or a setting is unknown.
    """
    if unknown := sorted(set(settings) - set(SETTINGS)):
        raise SersnakeError(
            f"--run: {unknown[0]} is not one of {', '.join(SETTINGS)}; leave it out"
        )
    if not audit.get("protocol"):
        raise SersnakeError(
            f"{source}: names no protocol; audit the folds with --set protocol=NAME"
        )
    trained = [fold["train"] for fold in audit["folds"].values()]
    corpus = title_of(manifest)
    encoders = tuple(with_answers(settings.get("encoders", ()), corpus))
    return RunContext(
        corpus=corpus,
        folds=len(trained),
        protocol=Protocol(**audit["protocol"]).description,
        shared_speakers=audit["shared"]["speakers"],
        shared_sentences=audit["shared"]["sentences"],
        synthetic=manifest["synthetic"].iloc[0] == "true",
        partial="certificate" in manifest and bool((manifest["certificate"] == "partial").any()),
        other_data=other_data(manifest),
        emotions=emotion_order(manifest),
        train_share=sum(trained) / (len(trained) * audit["sizes"]["utterances"]),
        **{"preset": "quick", **settings, "encoders": encoders},
    )
