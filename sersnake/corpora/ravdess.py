"""RAVDESS, the Ryerson audio-visual database of emotional speech and song: 24 actors, English.

Seven numbers in the file name tell everything, as in 03-01-06-01-02-01-12.wav: modality (03 is
audio alone), channel (01 speech, 02 song), emotion, intensity, statement, repetition, actor; odd
actors are male (Livingstone and Russo, PLoS ONE 13(5), 2018, and Zenodo's record 1188976). Neutral
has one intensity, song has neither disgust nor surprise, and actor 18 does not sing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from itertools import product
from pathlib import Path

import pandas as pd

from sersnake.corpora.base import Corpus, Emotions, choose, make_frame, require_folder
from sersnake.corpora.certificate import Certificate
from sersnake.corpora.tree import path_text, readable, wav_tree
from sersnake.errors import SersnakeError

LAYOUT = "ravdess/Actor_01/03-01-06-01-02-01-12.wav"
EMOTIONS = {
    "01": "neutral",
    "02": "calm",
    "03": "happy",
    "04": "sad",
    "05": "angry",
    "06": "fearful",
    "07": "disgust",
    "08": "surprised",
}
CHANNELS = {"speech": ("01",), "song": ("02",), "both": ("01", "02")}
ACTORS = tuple(f"{number:02d}" for number in range(1, 25))
AUDIO = "03"

NAME = re.compile(
    r"(0[1-3])-(0[12])-"
    rf"({'|'.join(EMOTIONS)})-(0[12])-(?P<statement>0[12])-(0[12])-({'|'.join(ACTORS)})"
)


def read(root: Path, options: Mapping[str, str]) -> pd.DataFrame:
    """Reads the names of all .wav files below ``root``; sound tracks of videos are left out.

    Raises:
        SersnakeError: The folder is missing, or a .wav file has a name of another scheme.
    """
    require_folder(root, LAYOUT)
    channels = CHANNELS[choose("channel", options["channel"], CHANNELS)]
    rows = [_row(path) for path in wav_tree(root) if _is_chosen(path, channels)]
    return make_frame(rows, "ravdess", "en")


def _is_chosen(path: Path, channels: tuple[str, ...]) -> bool:
    match = NAME.fullmatch(path.stem)
    if match is None:
        raise SersnakeError(
            f"{readable(path)}: is not a RAVDESS file name (seven numbers, as in "
            "03-01-06-01-02-01-12.wav); rename it as published or move it out of the folder"
        )
    return match[1] == AUDIO and match[2] in channels


def _row(path: Path) -> dict[str, str]:
    _, _, emotion, _, statement, _, actor = path.stem.split("-")
    return {
        "utterance": path.stem,
        "path": path_text(path),
        "speaker": actor,
        "sex": "male" if int(actor) % 2 else "female",
        "sentence": statement,
        "emotion": EMOTIONS[emotion],
    }


def _names(channel: str) -> list[str]:
    """The published names of one channel, 1440 of speech or 1012 of song."""
    numbers = product(EMOTIONS, ("01", "02"), ("01", "02"), ("01", "02"), ACTORS)
    return [
        "-".join((AUDIO, channel, emotion, intensity, statement, repetition, actor))
        for emotion, intensity, statement, repetition, actor in numbers
        if (emotion, intensity) != ("01", "02")
        and (channel == "01" or (emotion <= "06" and actor != "18"))
    ]


def _certificate(options: Mapping[str, str], emotions: Emotions) -> Certificate:
    channels = CHANNELS[choose("channel", options["channel"], CHANNELS)]
    published = (name for channel in channels for name in _names(channel))
    names = [name for name in published if EMOTIONS[name.split("-")[2]] in emotions]
    parts = [name.split("-") for name in names]
    return Certificate(
        edition="speech and song" if options["channel"] == "both" else options["channel"],
        classes=Counter(EMOTIONS[part[2]] for part in parts),
        speakers=Counter(part[6] for part in parts),
        names=frozenset(names),
    )


CORPUS = Corpus(
    name="ravdess",
    read=read,
    emotions=tuple(EMOTIONS.values()),
    layout=LAYOUT,
    source=(
        "RAVDESS is record 1188976 of Zenodo, CC BY-NC-SA 4.0, of which "
        "Audio_Speech_Actors_01-24.zip and Audio_Song_Actors_01-24.zip are read: "
        "https://zenodo.org/record/1188976"
    ),
    options={"channel": "speech"},
    certificate=_certificate,
    license="cc-by-nc-sa-4.0",
    speech="two English sentences, spoken or sung by actors",
)
