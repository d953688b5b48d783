"""A protocol with its options: what it claims, and how a caption calls it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from sersnake.errors import SersnakeError
from sersnake.protocols.words import count

# The columns of the manifest whose values a protocol keeps on one side of a fold.
GROUP_COLUMNS: dict[str, tuple[str, ...]] = {
    "random_split": (),
    "k_fold": (),
    "sentence_disjoint": ("sentence",),
    "speaker_disjoint": ("speaker",),
    "speaker_and_sentence_disjoint": ("speaker", "sentence"),
    "leave_one_session_out": ("session",),
    "predefined": (),
    "whole": (),
}
WHOLE = "whole"  # one fold that trains on all and tests nothing: for a model, not for a result
PROTOCOLS = tuple(name for name in GROUP_COLUMNS if name != WHOLE)
CLAIMS = ("recordings", "speakers", "sentences", "sessions")
K_FOLD = 10  # folds of k_fold where k is not set
POOLED = "pooled"  # what stands for all folds together, which no fold may be called


@dataclass(frozen=True)
class Protocol:
    """How folds are made. The fields are the keys ``folds`` and ``seed`` of the config.

    Attributes:
        protocol: One of ``PROTOCOLS``, or ``WHOLE``.
        repeats: Splits of random_split.
        test_share: Share of the utterances in the test part of random_split.
        k: Folds of k_fold (10 where it is not set), or groups of speakers and of sentences in the
            protocols that are disjoint in them (leave one out where it is not set).
        fold_file: File or folder of predefined.
        inner: Into how many inner folds the training part of every fold is split, to choose by
            without its test part; 1 is one 80/20 split, 0 none. The folds are then the inner ones.
        shared: Whether the outer folds share their inner ones: each leaves out the test parts of
            ``inner`` outer folds.
        seed: Seed of everything that is drawn.
    """

    protocol: str = "random_split"
    repeats: int = 10
    test_share: float = 0.2
    k: int | None = None
    fold_file: str = ""
    inner: int = 0
    shared: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        """Checks the options.

        Raises:
            SersnakeError: A value can never work, whatever the corpus.
        """
        if self.protocol not in GROUP_COLUMNS:
            known = ", ".join(PROTOCOLS)
            raise SersnakeError(f"protocol: {self.protocol!r} is none of {known}")
        if self.repeats < 1:
            raise SersnakeError(f"repeats: {self.repeats} splits are none; set at least 1")
        if not 0 < self.test_share < 1:
            raise SersnakeError(f"test_share: {self.test_share} is not between 0 and 1")
        if self.k is not None and self.k < 2:
            raise SersnakeError(f"k: {self.k} leaves nothing to train on; set at least 2")
        if self.inner < 0:
            raise SersnakeError(f"inner: {self.inner} inner folds are none; set 0 or more")
        if self.shared and self.inner < 2:
            raise SersnakeError(f"shared: {self.inner} inner folds share nothing; set inner to 2")
        if self.seed < 0:
            raise SersnakeError(f"seed: {self.seed} is negative; set 0 or more")

    @property
    def claims(self) -> tuple[str, ...]:
        """What never stands on both sides of a fold, if the protocol does what it says."""
        claims = {f"{column}s" for column in GROUP_COLUMNS[self.protocol]} | {"recordings"}
        if self.protocol == "leave_one_session_out":
            claims.add("speakers")  # nobody speaks in two sessions of such a corpus
        if self.inner and not self.shared:
            claims &= {"recordings", "speakers"}  # of groups, inner folds keep speakers alone
        return tuple(claim for claim in CLAIMS if claim in claims)

    @property
    def groups(self) -> int | None:
        """Into how many groups the names of a column are drawn; ``None`` leaves one out."""
        return self.k if self.protocol.endswith("_disjoint") else None

    @property
    def label(self) -> str:
        """The protocol's name with its inner folds, and with the seed where one is used."""
        drawn = self.protocol in ("random_split", "k_fold") or self.groups or self.inner
        kind = "shared inner fold" if self.shared else "inner fold"
        with_what = [count(self.inner, kind)] * bool(self.inner)
        with_what += [f"seed {self.seed}"] * bool(drawn)
        return " with ".join(filter(None, [self.protocol, " and ".join(with_what)]))

    @property
    def description(self) -> str:
        """The protocol in the words of a caption."""
        if self.inner:
            kind = "shared inner folds" if self.shared else "inner folds"
            how = f"{self.inner} {kind}" if self.inner > 1 else "an inner 80/20 split"
            outer = replace(self, inner=0, shared=False)
            return f"{how} of every training part of: {outer.description}"
        if self.protocol == "random_split":
            test = 100 * self.test_share
            return f"stratified random {100 - test:.3g}/{test:.3g} split"
        if self.protocol == "k_fold":
            return f"stratified {self.k or K_FOLD}-fold cross-validation"
        if self.protocol == WHOLE:
            return "trained on all utterances, none tested"
        if self.protocol == "predefined":
            return f"predefined folds of {Path(self.fold_file).name}"
        if self.protocol == "speaker_and_sentence_disjoint":
            how = f"{self.k} x {self.k} groups" if self.groups else "leave one of each out"
            return f"speakers and sentences disjoint ({how})"
        column = GROUP_COLUMNS[self.protocol][0]
        return f"{self.k} groups of {column}s" if self.groups else f"leave one {column} out"
