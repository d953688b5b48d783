"""A protocol with its options: what it claims, and how a caption calls it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import Meta

from sersnake.errors import SersnakeError
from sersnake.io.words import count
from sersnake.settings.base import Settings, read_settings

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


class Folds(Settings, frozen=True):
    """How folds are made."""

    protocol: Annotated[
        Literal[
            "random_split",
            "k_fold",
            "sentence_disjoint",
            "speaker_disjoint",
            "speaker_and_sentence_disjoint",
            "leave_one_session_out",
            "predefined",
            "whole",
        ],
        Meta(
            description="What training and test set may share. random_split and k_fold are "
            "stratified by emotion and share speakers and sentences; the others keep apart what "
            "they name; predefined reads `fold_file`; whole trains on everything and tests "
            "nothing, for a model."
        ),
    ] = "random_split"
    repeats: Annotated[int, Meta(ge=1, description="Number of random splits.")] = 10
    test_share: Annotated[
        float, Meta(gt=0, lt=1, description="Share of the utterances that a random split tests.")
    ] = 0.2
    k: Annotated[
        Annotated[int, Meta(ge=2)] | None,
        Meta(
            description="Folds of k_fold (10 if null), or groups of speakers and of sentences in "
            "the disjoint protocols; null leaves out one at a time."
        ),
    ] = None
    fold_file: Annotated[
        str,
        Meta(
            description="Of predefined: a table with fold, utterance and part (or without one of "
            "fold and part), or a folder with train.csv and test.csv or with EmoBox's fold files."
        ),
    ] = ""


class Protocol(Folds, frozen=True):
    """How the folds of one run are made."""

    inner: Annotated[
        int,
        Meta(
            ge=0,
            description="Inner folds (<outer>-<inner>) of every training set, to select by without "
            "its test set; 1 is one 80/20 split, 0 none. The folds are then the inner ones.",
        ),
    ] = 0
    shared: Annotated[
        bool,
        Meta(
            description="Outer folds share their inner ones: each leaves out the test sets of "
            "`inner` outer folds."
        ),
    ] = False
    seed: Annotated[int, Meta(ge=0, description="Seed of everything that is drawn.")] = 0

    def check(self) -> None:
        """Checks that inner folds can be shared."""
        if self.shared and self.inner < 2:
            raise SersnakeError(f"shared: {self.inner} inner folds share nothing; set inner to 2")

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
            outer = self.replace(inner=0, shared=False)
            return f"{how} of every training set of: {outer.description}"
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


def protocol_of(folds: Mapping[str, Any], seed: int) -> Protocol:
    """The protocol of a config's section ``folds``.

    Raises:
        SettingsError: A key is unknown or a value not allowed.
    """
    values = {key: value for key, value in folds.items() if key != "claims"}
    return read_settings(Protocol, {**values, "seed": seed})
