"""The frame of every corpus: one row per utterance."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from sersnake.corpora.certificate import Certificate
from sersnake.errors import SersnakeError
from sersnake.settings.corpus import join_names

COLUMNS = (
    "utterance",
    "path",
    "speaker",
    "sex",
    "session",
    "sentence",
    "emotion",
    "language",
    "corpus",
)
SEGMENT = ("start", "end")  # s; columns that follow path where a row is a part of a recording
Options = Mapping[str, str]
Emotions = tuple[str, ...]
UNKNOWN = "unknown"  # the option speaker of a general reader, where speakers are unknown
DIGITS = 10  # of a hash in a name
LONGEST = 200  # characters; a file name can have 255, with times and endings


def no_certificate(_options: Options, _emotions: Emotions) -> None:
    """For a corpus without published numbers of utterances."""
    return None


@dataclass(frozen=True)
class Corpus:
    """A corpus and its reader.

    Attributes:
        name: Name of the reader in the config; for a published corpus also that of its folder
            under ``corpora_dir``.
        read: Takes the corpus' folder and all ``options``, looks at names and label files only,
            and gives a frame with ``COLUMNS`` (all text, empty where unknown), sorted by utterance.
            Where utterances are segments of recordings, ``SEGMENT`` follows path: both are empty
            for a whole recording, and an empty end is that of the recording.
        emotions: Its labels, in the order of every table; empty for a corpus that brings its own
            emotions, which are in alphabetical order.
        kept: Emotions that a run keeps if its ``labels`` name none to keep; empty for all.
        layout: The files as they are published, below the folder of all corpora.
        source: Where to get the corpus, as a sentence.
        options: The reader's options with their defaults; all values are text.
        certificate: Published numbers of utterances, for the options and the emotions that are
            kept, in their order.
        synthetic: Whether the recordings come from a synthesiser.
        license: Its licence, as the Hugging Face hub names it; ``other`` where it has terms of its
            own, empty where sersnake does not know them.
        speech: What is spoken in it, as a phrase after a colon; empty where unknown.
    """

    name: str
    read: Callable[[Path, Options], pd.DataFrame]
    emotions: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    layout: str = ""
    source: str = ""
    options: Options = field(default_factory=dict)
    certificate: Callable[[Options, Emotions], Certificate | None] = no_certificate
    synthetic: bool = False
    license: str = ""
    speech: str = ""


def corpora_of(manifest: pd.DataFrame) -> list[str]:
    """Names of the corpora of a manifest, in its order."""
    return [str(name) for name in manifest["corpus"].unique()]


def title_of(manifest: pd.DataFrame) -> str:
    """The name of a manifest's corpus, or of its joined corpora, in captions and messages."""
    return join_names(corpora_of(manifest))


def make_frame(rows: Iterable[Mapping[str, str]], corpus: str, language: str) -> pd.DataFrame:
    """Puts the rows of one corpus in order; what a row leaves out is empty.

    Raises:
        SersnakeError: As for :func:`order_frame`.
    """
    common = dict.fromkeys(COLUMNS, "") | {"language": language, "corpus": corpus}
    frame = pd.DataFrame([common | dict(row) for row in rows], columns=list(COLUMNS), dtype=str)
    return order_frame(frame, corpus)


def order_frame(frame: pd.DataFrame, corpus: str) -> pd.DataFrame:
    """Sorts a frame with ``COLUMNS``, all text, by utterance.

    Raises:
        SersnakeError: A name is used twice, or is not a valid file name on every system.
    """
    strange = frame[~frame["utterance"].str.fullmatch(r"(?!-)[A-Za-z0-9_-]+")]
    if len(strange):
        raise SersnakeError(
            f"{corpus}: utterance {strange['utterance'].iloc[0]!r} has characters other than "
            "letters, digits, _ and -, or begins with -; rename it"
        )
    twice = frame[frame["utterance"].duplicated(keep=False)].sort_values("utterance")
    if len(twice):
        raise SersnakeError(
            f"{corpus}: {' and '.join(twice['path'][:2])} name the same utterance "
            f"{twice['utterance'].iloc[0]}; remove one"
        )
    return frame.sort_values("utterance", ignore_index=True)


def as_utterance(text: str) -> str:
    """A name for an utterance: characters that a file name cannot have become ``_``.

    So does a dash at the beginning, which a command line would take for an option.
    """
    return re.sub(r"^-|[^A-Za-z0-9_-]", "_", text)


def as_utterances(texts: pd.Series) -> pd.Series:
    """Names for utterances, see :func:`as_utterance`.

    Names that are equal only because letters were lost (of another alphabet, or beyond ``LONGEST``)
    are distinguished by a hash of the whole text, which does not depend on the files' folder.

    Args:
        texts: N texts.
    """
    names = texts.map(as_utterance)
    hashed = (names.duplicated(keep=False) & (names != texts)) | (names.str.len() > LONGEST)
    return names.where(~hashed, texts.where(hashed, "").map(hashed_utterance))


def hashed_utterance(text: str) -> str:
    """The part of a text that a file name can have, and a hash of the whole text."""
    rest = re.sub("_+", "_", as_utterance(text)).strip("_")[:LONGEST]
    whole = unicodedata.normalize("NFC", text).encode("utf-8", "surrogateescape")
    return "_".join(filter(None, [rest, hashlib.sha256(whole).hexdigest()[:DIGITS]]))


def choose(name: str, value: str, known: Iterable[str]) -> str:
    """Checks that the value of an option is a known one, and returns it.

    Raises:
        SersnakeError: It is not.
    """
    known = tuple(known)
    if value not in known:
        raise SersnakeError(f"corpus_options: {name}: {value!r} is not one of {', '.join(known)}")
    return value


def require_folder(folder: Path, layout: str) -> None:
    """Checks that a folder of a corpus exists.

    Args:
        folder: The folder.
        layout: The corpus as it is published, below the folder of all corpora.

    Raises:
        SersnakeError: There is no such folder.
    """
    if not folder.is_dir():
        raise SersnakeError(
            f"{folder}: no such folder; set the config key corpora_dir or the environment "
            f"variable SERSNAKE_CORPORA to the folder that contains {layout}"
        )


def wav_files(folder: Path) -> list[Path]:
    """The .wav files of a folder itself, sorted, without those that macOS adds (._*)."""
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() == ".wav" and not path.name.startswith("._")
    )
