"""How a corpus is read, and which recordings are good enough."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from sersnake.settings.base import Settings
from sersnake.settings.readers import ReaderName


class Audio(Settings, frozen=True):
    """Which recordings count as bad."""

    min_duration: Annotated[float, Meta(ge=0.1, description="Shortest recording in s.")] = 0.1
    max_duration: Annotated[float, Meta(gt=0, description="Longest recording in s.")] = 60.0


class CorpusSettings(Settings, frozen=True):
    """How a corpus is read."""

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
