"""How the corpus of a run, or several, are read, and which recordings are good enough."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from msgspec import Meta

from sersnake.settings.base import Settings, SettingsError
from sersnake.settings.readers import ReaderName

JOINED = "+"  # between the names of joined corpora, which do not have it


def join_names(corpora: Iterable[str]) -> str:
    """Corpora as captions and files call them together, such as ``emodb+nemo``."""
    return JOINED.join(corpora)


def written_name(corpus: str, word: str = "and") -> str:
    """What :func:`join_names` gives, as it is written in a sentence: ``EMODB and NEMO``."""
    *first, last = corpus.upper().split(JOINED)
    return f"{', '.join(first)} {word} {last}" if first else last


class Audio(Settings, frozen=True):
    """Which recordings count as bad."""

    min_duration: Annotated[float, Meta(ge=0.1, description="Shortest recording in s.")] = 0.1
    max_duration: Annotated[float, Meta(gt=0, description="Longest recording in s.")] = 60.0


class Labels(Settings, frozen=True):
    """The classes of a run, made of the emotions that its corpora label."""

    keep: Annotated[
        tuple[str, ...],
        Meta(
            description="The classes that are kept, as they are called once merged; empty keeps "
            "all, of IEMOCAP angry, neutral, happy and sad."
        ),
    ] = ()
    merge: Annotated[
        dict[str, str],
        Meta(
            description="Emotions that count as another one, or as a class of a new name, such as "
            "`excited: happy`."
        ),
    ] = {}


class CorpusReader(Settings, frozen=True):
    """The reader of one corpus, and its options."""

    reader: Annotated[
        ReaderName,
        Meta(
            description="How the corpus is read; empty is the reader of the corpus' own name. csv, "
            "audformat and emobox read a corpus of your own."
        ),
    ] = ""
    corpus_options: Annotated[
        dict[str, str | int | float | bool | dict[str, str | None]],
        Meta(
            description="Options of the reader, such as `style` of IEMOCAP, or of your own table "
            "`columns: {emotion: label}`."
        ),
    ] = {}


class JoinedCorpus(CorpusReader, frozen=True):
    """One of several corpora that a run joins."""

    folder: Annotated[
        str,
        Meta(description="Its folder, below `corpora_dir` or absolute; empty is its name."),
    ] = ""


class CorpusSettings(CorpusReader, frozen=True):
    """How the corpus of a run is read."""

    corpora: Annotated[
        dict[Annotated[str, Meta(pattern="^[A-Za-z0-9_][A-Za-z0-9_-]*$")], JoinedCorpus],
        Meta(
            description="Several corpora that the run joins, by name: each holds its `reader`, "
            "`corpus_options` and `folder`. Utterances, speakers, sentences and sessions are "
            "called `<corpus>-<name>` then."
        ),
    ] = {}
    labels: Annotated[
        Labels,
        Meta(description="The classes, made of the emotions that the corpora label."),
    ] = Labels()
    allow_partial: Annotated[
        bool,
        Meta(
            description='Continues even if files are missing, and says "partial corpus" on every '
            "table."
        ),
    ] = False
    on_bad_audio: Annotated[
        Literal["stop", "skip"],
        Meta(
            description="What to do about recordings that are broken, silent, too short or too "
            "long; skip leaves them out and says so in audio_report.csv."
        ),
    ] = "stop"
    audio: Annotated[Audio, Meta(description="Which recordings count as bad.")] = Audio()

    def check(self) -> None:
        """Checks that joined corpora have readers of their own, and recordings."""
        if self.corpora and (self.reader or self.corpus_options):
            raise SettingsError(
                ("corpora",), "each has a reader of its own; move reader and corpus_options there"
            )
        for name, corpus in self.corpora.items():
            if (corpus.reader or name) == "demo":
                raise SettingsError(
                    ("corpora", name), "the demo is spoken for a run of its own; leave it out"
                )
