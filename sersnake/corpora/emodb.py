"""EMODB, the Berlin database of emotional speech: 535 utterances of 10 actors, German.

Everything stands in the file name, as in 03a01Fa.wav: speaker 03, sentence a01, emotion F
(Freude), version a (Burkhardt et al., INTERSPEECH 2005).
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from sersnake.corpora.base import Corpus, make_frame, require_folder, wav_files
from sersnake.errors import SersnakeError

EMOTIONS = {
    "W": "anger",
    "L": "boredom",
    "E": "disgust",
    "A": "fear",
    "F": "happiness",
    "N": "neutral",
    "T": "sadness",
}
MALE = ("03", "10", "11", "12", "15")
FEMALE = ("08", "09", "13", "14", "16")
SENTENCES = ("a01", "a02", "a04", "a05", "a07", "b01", "b02", "b03", "b09", "b10")

NAME = re.compile(
    f"({'|'.join(MALE + FEMALE)})({'|'.join(SENTENCES)})([{''.join(EMOTIONS)}])([a-z])"
)


def read(root: Path) -> pd.DataFrame:
    """Reads the file names under ``root/wav``.

    Raises:
        SersnakeError: The folder is missing, or a .wav file has a name of another scheme.
    """
    folder = root / "wav"
    require_folder(folder, "emodb/wav/*.wav")
    return make_frame([_row(path) for path in wav_files(folder)], "emodb", "de")


def _row(path: Path) -> dict[str, str]:
    match = NAME.fullmatch(path.stem)
    if match is None:
        raise SersnakeError(
            f"{path}: is no EMODB file name (speaker, sentence, emotion, version, as in "
            "03a01Fa.wav); rename it as published or move it out of the folder"
        )
    speaker, sentence, letter, _ = match.groups()
    return {
        "utterance": path.stem,
        "path": str(path),
        "speaker": speaker,
        "sex": "male" if speaker in MALE else "female",
        "sentence": sentence,
        "emotion": EMOTIONS[letter],
    }


CORPUS = Corpus(
    name="emodb",
    language="de",
    emotions=tuple(EMOTIONS.values()),
    read=read,
    expected={
        "anger": 127,
        "boredom": 81,
        "disgust": 46,
        "fear": 69,
        "happiness": 71,
        "neutral": 79,
        "sadness": 62,
    },
)
