"""What a reader has to know of a run before reading its numbers."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from sersnake.errors import SersnakeError

PROTOCOL_NAMES = {
    "random_split": "stratified random {train}/{test} split",
    "leave_one_session_out": "leave one session out",
}
PRESET_NOTES = {
    "quick": "Quick preset: a look, not the paper's schedule.",
    "converged": "Converged preset: trained until the training loss is steady.",
    "paper": "Paper preset: the paper's numbers of epochs.",
}
SYNTHETIC_NOTE = (
    "The recordings are synthetic: a speech synthesiser made them, and the figures say nothing "
    "about emotion in people."
)


@dataclass(frozen=True)
class RunContext:
    """What a reader has to know of a run before reading its numbers.

    Attributes:
        corpus: Name of the corpus in the config ("emodb").
        folds: Number of folds.
        protocol: How the folds were made, in words ("stratified random 80/20 split").
        shared_speakers: Whether a speaker of the test part may stand in the training part.
        preset: Name of the schedule ("quick").
        synthetic: Whether the recordings come from a synthesiser.
        notes: Further sentences to print under a table.
    """

    corpus: str
    folds: int
    protocol: str
    shared_speakers: bool
    preset: str
    synthetic: bool = False
    notes: tuple[str, ...] = ()

    @property
    def corpus_name(self) -> str:
        """The corpus as it is written in a sentence."""
        return f"the synthetic {self.corpus} corpus" if self.synthetic else self.corpus.upper()

    @property
    def setting(self) -> str:
        """Folds, protocol, speakers and schedule, in sentences."""
        speakers = (
            "speakers are shared between training and test part"
            if self.shared_speakers
            else "no speaker stands in both training and test part"
        )
        folds = "1 fold" if self.folds == 1 else f"{self.folds} folds"
        schedule = PRESET_NOTES.get(self.preset, f"Preset {self.preset}.")
        sentences = [f"{folds} ({self.protocol}); {speakers}.", schedule]
        return " ".join([SYNTHETIC_NOTE, *sentences] if self.synthetic else sentences)


def run_context(
    manifest: pd.DataFrame, folds: pd.DataFrame, protocol: str, preset: str
) -> RunContext:
    """Reads from a run's files what its captions have to say.

    Whether speakers are shared is counted, not concluded from the protocol's name.

    Args:
        manifest: Columns utterance, speaker, corpus, synthetic.
        folds: Columns fold, utterance, part.
        protocol: Name of the protocol.
        preset: Name of the schedule.

    Raises:
        SersnakeError: The protocol is unknown.
    """
    if protocol not in PROTOCOL_NAMES:
        raise SersnakeError(f"protocol: {protocol!r} is not one of {', '.join(PROTOCOL_NAMES)}")
    test = round(100 * float((folds["part"] == "test").mean()))
    speakers = folds["utterance"].map(manifest.set_index("utterance")["speaker"])
    parts = folds["part"].groupby([folds["fold"], speakers]).nunique()
    return RunContext(
        corpus=manifest["corpus"].iloc[0],
        folds=folds["fold"].nunique(),
        protocol=PROTOCOL_NAMES[protocol].format(train=100 - test, test=test),
        shared_speakers=bool((parts > 1).any()),
        preset=preset,
        synthetic=manifest["synthetic"].iloc[0] == "true",
    )
