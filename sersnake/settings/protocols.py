"""The evaluation protocols: each is one entry of :data:`ENTRIES`.

The allowed values of the setting, the captions, the claims of the audit, the folds and their number
ask this list. A new protocol is an entry here and a file with its functions. Nothing is imported
for the list: a function is loaded when folds are made or counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal


@dataclass(frozen=True)
class ProtocolEntry:
    """A protocol.

    Attributes:
        name: The value of the setting ``protocol``.
        meaning: What training and test set may share, for the reference of all settings.
        caption: Its name in captions. ``{train}`` and ``{test}`` are shares in percent, ``{k}`` is
            the number of folds or groups, ``{file}`` the name of ``fold_file``.
        split: Function that makes the folds, ``module:function``. It takes the manifest and the
            :class:`~sersnake.settings.protocol.Protocol`, and yields the parts of each fold
            (:mod:`sersnake.protocols.splits`).
        folds: Function that counts the folds without making them, with the same arguments as
            ``split``.
        columns: Columns of the manifest whose values training and test set do not share.
        implied: Further columns for which this holds in every corpus of this protocol.
        caption_of_groups: The caption if ``k`` is set and draws the values of the columns into
            groups; empty if it does not.
        drawn: Whether the folds depend on the seed even without groups.
        of_file: Whether the folds are those of ``fold_file``. Its ``split`` also takes ``note`` and
            yields names with the parts; its ``folds`` returns the names.
    """

    name: str
    meaning: str
    caption: str
    split: str
    folds: str
    columns: tuple[str, ...] = ()
    implied: tuple[str, ...] = ()
    caption_of_groups: str = ""
    drawn: bool = False
    of_file: bool = False

    @property
    def functions(self) -> tuple[str, str]:
        """The places of its two functions."""
        return self.split, self.folds


# The order is that of the page of all settings.
ENTRIES = (
    ProtocolEntry(
        "random_split",
        "random splits, stratified by emotion, that share speakers and sentences",
        "stratified random {train}/{test} split",
        "sersnake.protocols.splits:random_splits",
        "sersnake.protocols.splits:count_random_splits",
        drawn=True,
    ),
    ProtocolEntry(
        "k_fold",
        "`k` folds, stratified by emotion, that share speakers and sentences",
        "stratified {k}-fold cross-validation",
        "sersnake.protocols.splits:k_folds",
        "sersnake.protocols.splits:count_k_folds",
        drawn=True,
    ),
    ProtocolEntry(
        "sentence_disjoint",
        "no sentence is in both",
        "leave one sentence out",
        "sersnake.protocols.splits:disjoint_folds",
        "sersnake.protocols.splits:count_disjoint_folds",
        columns=("sentence",),
        caption_of_groups="{k} groups of sentences",
    ),
    ProtocolEntry(
        "speaker_disjoint",
        "no speaker is in both",
        "leave one speaker out",
        "sersnake.protocols.splits:disjoint_folds",
        "sersnake.protocols.splits:count_disjoint_folds",
        columns=("speaker",),
        caption_of_groups="{k} groups of speakers",
    ),
    ProtocolEntry(
        "speaker_and_sentence_disjoint",
        "neither a speaker nor a sentence is in both",
        "speakers and sentences disjoint (leave one of each out)",
        "sersnake.protocols.splits:cell_folds",
        "sersnake.protocols.splits:count_cell_folds",
        columns=("speaker", "sentence"),
        caption_of_groups="speakers and sentences disjoint ({k} x {k} groups)",
    ),
    ProtocolEntry(
        "leave_one_session_out",
        "no session, and so no speaker, is in both",
        "leave one session out",
        "sersnake.protocols.splits:disjoint_folds",
        "sersnake.protocols.splits:count_disjoint_folds",
        columns=("session",),
        implied=("speaker",),  # nobody speaks in two sessions of such a corpus
    ),
    ProtocolEntry(
        "corpus_disjoint",
        "one of several joined corpora is the test set, all others are the training set",
        "leave one corpus out",
        "sersnake.protocols.splits:disjoint_folds",
        "sersnake.protocols.splits:count_disjoint_folds",
        columns=("corpus",),
        implied=("speaker",),  # names of joined corpora begin with that of the corpus
    ),
    ProtocolEntry(
        "corpus_pairs",
        "one of several joined corpora is the test set, one other is the training set",
        "one corpus trained on, another one tested",
        "sersnake.protocols.corpora:corpus_pairs",
        "sersnake.protocols.corpora:count_corpus_pairs",
        columns=("corpus",),
        implied=("speaker",),
    ),
    ProtocolEntry(
        "within_corpus",
        "no speaker is in both, and both come from the same one of several joined corpora",
        "leave one speaker out within each corpus",
        "sersnake.protocols.corpora:within_corpus",
        "sersnake.protocols.corpora:count_within_corpus",
        columns=("speaker",),
        caption_of_groups="{k} groups of speakers within each corpus",
    ),
    ProtocolEntry(
        "predefined",
        "the folds of `fold_file`",
        "predefined folds of {file}",
        "sersnake.protocols.predefined:predefined_folds",
        "sersnake.protocols.predefined:predefined_names",
        of_file=True,
    ),
    ProtocolEntry(
        "whole",
        "all utterances are in the training set, for a model",
        "trained on all utterances, none tested",
        "sersnake.protocols.splits:whole_corpus",
        "sersnake.protocols.splits:count_whole_corpus",
    ),
)
BY_NAME = {entry.name: entry for entry in ENTRIES}
MEANINGS = "; ".join(f"{entry.name}: {entry.meaning}" for entry in ENTRIES)

if TYPE_CHECKING:
    ProtocolName = str
else:
    ProtocolName = Literal[tuple(BY_NAME)]
