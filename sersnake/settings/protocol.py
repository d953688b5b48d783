"""A protocol with its options, its claims and its caption."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta

from sersnake.errors import SersnakeError
from sersnake.io.words import count
from sersnake.settings.base import Settings, read_settings
from sersnake.settings.protocols import BY_NAME, ENTRIES, MEANINGS, ProtocolEntry, ProtocolName

WHOLE = "whole"  # one fold that trains on all and tests nothing: for a model, not for a result
PROTOCOLS = tuple(entry.name for entry in ENTRIES if entry.name != WHOLE)
CLAIMS = ("recordings", "speakers", "sentences", "sessions")
K_FOLD = 10  # folds of k_fold where k is not set
POOLED = "pooled"  # what stands for all folds together, which no fold may be called


class Folds(Settings, frozen=True):
    """How folds are made."""

    protocol: Annotated[
        ProtocolName,
        Meta(description=f"What training and test set may share. {MEANINGS}."),
    ] = "random_split"
    repeats: Annotated[int, Meta(ge=1, description="Number of random splits.")] = 10
    test_share: Annotated[
        float,
        Meta(gt=0, lt=1, description="Share of the utterances in the test set of a random split."),
    ] = 0.2
    k: Annotated[
        Annotated[int, Meta(ge=2)] | None,
        Meta(
            description="Number of folds of k_fold (10 if null), or of groups of speakers and of "
            "sentences in the disjoint protocols; null leaves out one at a time."
        ),
    ] = None
    fold_file: Annotated[
        str,
        Meta(
            description="Folds of predefined: a table with fold, utterance and part (or without "
            "one of fold and part), or a folder with train.csv and test.csv or with EmoBox's fold "
            "files."
        ),
    ] = ""


class Protocol(Folds, frozen=True):
    """How the folds of one run are made."""

    inner: Annotated[
        int,
        Meta(
            ge=0,
            description="Number of inner folds per training set, named <outer>-<inner>, for model "
            "selection without the test set; 1 is one 80/20 split, 0 none. If set, only the inner "
            "folds are made.",
        ),
    ] = 0
    shared: Annotated[
        bool,
        Meta(
            description="Share inner folds among outer folds: each leaves out the test sets of "
            "`inner` outer folds."
        ),
    ] = False
    seed: Annotated[int, Meta(ge=0, description="Seed of all random draws.")] = 0

    def check(self) -> None:
        """Checks that inner folds can be shared."""
        if self.shared and self.inner < 2:
            raise SersnakeError(
                f"shared: {self.inner} inner folds cannot be shared; set inner to 2"
            )

    @property
    def entry(self) -> ProtocolEntry:
        """The protocol's entry in the list of all."""
        return BY_NAME[self.protocol]

    @property
    def claims(self) -> tuple[str, ...]:
        """What training and test set never share, if the protocol keeps its promise."""
        apart = (*self.entry.columns, *self.entry.implied)
        claims = {f"{column}s" for column in apart} | {"recordings"}
        if self.inner and not self.shared:
            claims &= {"recordings", "speakers"}  # of groups, inner folds keep speakers alone
        return tuple(claim for claim in CLAIMS if claim in claims)

    @property
    def groups(self) -> int | None:
        """Number of groups into which the names of a column are drawn; ``None`` leaves one out."""
        return self.k if self.entry.caption_of_groups else None

    @property
    def label(self) -> str:
        """The protocol's name with its inner folds, and with the seed where one is used."""
        drawn = self.entry.drawn or self.groups or self.inner
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
        test = 100 * self.test_share
        caption = self.entry.caption_of_groups if self.groups else self.entry.caption
        return caption.format(
            train=f"{100 - test:.3g}",
            test=f"{test:.3g}",
            k=self.k or K_FOLD,
            file=Path(self.fold_file).name,
        )


def protocol_of(folds: Mapping[str, Any], seed: int) -> Protocol:
    """The protocol of a config's section ``folds``.

    Raises:
        SettingsError: A key is unknown or a value not allowed.
    """
    values = {key: value for key, value in folds.items() if key != "claims"}
    return read_settings(Protocol, {**values, "seed": seed})
