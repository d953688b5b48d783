"""How the corpora of a run are read, and which recordings are good enough."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from msgspec import Meta

from sersnake.settings.base import Settings, SettingsError
from sersnake.settings.readers import ReaderName

JOINED = "+"  # between the names of joined corpora, which do not have it


def join_names(corpora: Iterable[str]) -> str:
    """Name of joined corpora in captions and files, such as ``emodb+nemo``."""
    return JOINED.join(corpora)


def written_name(corpus: str, word: str = "and") -> str:
    """A result of :func:`join_names` as written in a sentence: ``EMODB and NEMO``."""
    *first, last = corpus.upper().split(JOINED)
    return f"{', '.join(first)} {word} {last}" if first else last


class Audio(Settings, frozen=True):
    """Which recordings count as bad."""

    min_duration: Annotated[
        float, Meta(ge=0.1, description="Minimum duration of a recording in s.")
    ] = 0.1
    max_duration: Annotated[
        float, Meta(gt=0, description="Maximum duration of a recording in s.")
    ] = 60.0


class Labels(Settings, frozen=True):
    """The classes of a run, from the emotions labelled in its corpora."""

    keep: Annotated[
        tuple[str, ...],
        Meta(
            description="Classes to keep, by their names after merging; empty keeps all (for "
            "IEMOCAP: angry, neutral, happy and sad)."
        ),
    ] = ()
    merge: Annotated[
        dict[str, str],
        Meta(
            description="Emotions to merge into another one or into a new class, such as "
            "`excited: happy`."
        ),
    ] = {}


class CorpusReader(Settings, frozen=True):
    """The reader of one corpus, and its options."""

    reader: Annotated[
        ReaderName,
        Meta(
            description="Reader of the corpus; empty is the reader with the corpus' name. For "
            "your own corpus choose csv, audformat or emobox."
        ),
    ] = ""
    corpus_options: Annotated[
        dict[str, str | int | float | bool | dict[str, str | None]],
        Meta(
            description="Options of the reader, such as `style` for IEMOCAP or `columns: "
            "{emotion: label}` for your own table."
        ),
    ] = {}


class JoinedCorpus(CorpusReader, frozen=True):
    """One of several corpora that a run joins."""

    folder: Annotated[
        str,
        Meta(
            description="Folder of the corpus, below `corpora_dir` or absolute; empty is its name."
        ),
    ] = ""


class CorpusSettings(CorpusReader, frozen=True):
    """How the corpora of a run are read."""

    corpora: Annotated[
        dict[Annotated[str, Meta(pattern="^[A-Za-z0-9_][A-Za-z0-9_-]*$")], JoinedCorpus],
        Meta(
            description="Corpora to join, by name, each with `reader`, `corpus_options` and "
            "`folder`. Utterances, speakers, sentences and sessions are then named "
            "`<corpus>-<name>`."
        ),
    ] = {}
    labels: Annotated[
        Labels,
        Meta(description="The classes, from the emotions labelled in the corpora."),
    ] = Labels()
    allow_partial: Annotated[
        bool,
        Meta(
            description='Continue even if files are missing, and mark every table "partial corpus".'
        ),
    ] = False
    on_bad_audio: Annotated[
        Literal["stop", "skip"],
        Meta(
            description="Handling of recordings that are broken, silent, too short or too long; "
            "skip leaves them out and lists them in audio_report.csv."
        ),
    ] = "stop"
    audio: Annotated[Audio, Meta(description="Which recordings count as bad.")] = Audio()

    def check(self) -> None:
        """Checks that joined corpora have their own readers, and recordings."""
        if self.corpora and (self.reader or self.corpus_options):
            raise SettingsError(
                ("corpora",), "each corpus has its own reader; move reader and corpus_options there"
            )
        for name, corpus in self.corpora.items():
            if (corpus.reader or name) == "demo":
                raise SettingsError(
                    ("corpora", name), "the synthetic demo cannot be joined; leave it out"
                )
