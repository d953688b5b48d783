"""What a reader has to know of a run before reading its numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from sersnake.evaluation.published import other_data, other_protocol
from sersnake.io.words import count
from sersnake.protocols import Protocol
from sersnake.protocols.audit import is_shared

# What a caption says of speakers and of sentences: shared, not shared, or unknown.
SHARING = {
    (True, True): "speakers and sentences are shared between training and test part",
    (True, False): "speakers are shared between training and test part, sentences are not",
    (True, None): "speakers are shared between training and test part",
    (False, True): "no speaker stands in both training and test part, but sentences do",
    (False, False): "no speaker and no sentence stands in both training and test part",
    (False, None): "no speaker stands in both training and test part",
    (None, True): "sentences are shared between training and test part, and the speakers are not "
    "all known",
    (None, False): "no sentence stands in both training and test part, and the speakers are not "
    "all known",
    (None, None): "the speakers are not all known, so training and test part may share them",
}
PRESET_NOTES = {
    "quick": "Quick preset: a look, not the paper's schedule.",
    "converged": "Converged preset: trained until the training loss is steady.",
    "paper": "Paper preset: the paper's numbers of epochs.",
}
TRANSDUCTIVE_NOTE = (
    "The networks' features are scaled by speaker, over recordings of training and test part alike "
    "(transductive)."
)
SYNTHETIC_NOTE = (
    "The recordings are synthetic: a speech synthesiser made them, and the figures say nothing "
    "about emotion in people."
)


@dataclass(frozen=True)
class RunContext:
    """What a reader has to know of a run before reading its numbers.

    Attributes:
        corpus: Name of the corpus in the config ("emodb").
        folds: Number of folds; 0 where several protocols are compared.
        protocol: How the folds were made, in words ("stratified random 80/20 split").
        shared_speakers: Whether a speaker of a test part also trains; ``None`` if speakers are
            unknown.
        preset: Name of the schedule ("quick").
        synthetic: Whether the recordings come from a synthesiser.
        notes: Further sentences to print under a table.
        shared_sentences: As ``shared_speakers``, for sentences.
        partial: Whether the corpus lacks utterances that it is known to have.
        transductive: Whether the networks' features are scaled by statistics of the test part too.
        other_data: What the published values are of, where that is other data than ours.
    """

    corpus: str
    folds: int
    protocol: str
    shared_speakers: bool | None
    preset: str
    synthetic: bool = False
    notes: tuple[str, ...] = ()
    shared_sentences: bool | None = None
    partial: bool = False
    transductive: bool = False
    other_data: str | None = None

    @property
    def corpus_name(self) -> str:
        """The corpus as it is written in a sentence."""
        name = f"the synthetic {self.corpus} corpus" if self.synthetic else self.corpus.upper()
        return f"{name} (partial corpus)" if self.partial else name

    @property
    def sharing(self) -> str:
        """What training and test part share, in one phrase."""
        return SHARING[self.shared_speakers, self.shared_sentences]

    @property
    def published_notes(self) -> tuple[str, ...]:
        """What has to be said beside the paper's values: that protocol or data are others."""
        paper = other_protocol(self.corpus, self.protocol)
        notes = (
            f"The published values are of {paper}, not of this protocol." if paper else "",
            f"The published values are of {self.other_data}." if self.other_data else "",
        )
        return tuple(filter(None, notes))

    @property
    def setting(self) -> str:
        """Folds, protocol, what is shared, and schedule, in sentences."""
        sentences = [SYNTHETIC_NOTE] if self.synthetic else []
        if self.folds:
            sentences.append(f"{count(self.folds, 'fold')} ({self.protocol}); {self.sharing}.")
        sentences += [TRANSDUCTIVE_NOTE] if self.transductive else []
        return " ".join([*sentences, PRESET_NOTES.get(self.preset, f"Preset {self.preset}.")])


def corpus_context(manifest: pd.DataFrame, preset: str, normalisation: str = "fold") -> RunContext:
    """What is the same whatever the protocol.

    Args:
        manifest: Columns corpus and synthetic, and certificate where it is known.
        preset: Name of the schedule.
        normalisation: Of the networks' features, ``fold`` or ``speaker``.
    """
    return RunContext(
        corpus=manifest["corpus"].iloc[0],
        folds=0,
        protocol="",
        shared_speakers=None,
        preset=preset,
        synthetic=manifest["synthetic"].iloc[0] == "true",
        partial="certificate" in manifest and bool((manifest["certificate"] == "partial").any()),
        transductive=normalisation == "speaker",
        other_data=other_data(manifest),
    )


def run_context(
    manifest: pd.DataFrame,
    folds: pd.DataFrame,
    protocol: Protocol,
    preset: str,
    normalisation: str = "fold",
) -> RunContext:
    """Reads from a run's files what its captions have to say.

    Whether speakers and sentences are shared is counted, not concluded from the protocol's name.

    Args:
        manifest: As for :func:`corpus_context`, with utterance and speaker, and sentence where it
            is known.
        folds: Columns fold, utterance, part.
        protocol: The protocol of the folds.
        preset: Name of the schedule.
        normalisation: As for :func:`corpus_context`.
    """
    return replace(
        corpus_context(manifest, preset, normalisation),
        folds=folds["fold"].nunique(),
        protocol=protocol.description,
        shared_speakers=is_shared("speakers", manifest, folds),
        shared_sentences=is_shared("sentences", manifest, folds),
    )
