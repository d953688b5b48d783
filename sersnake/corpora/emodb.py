"""EMODB, the Berlin database of emotional speech: 535 utterances of 10 actors, German.

The file name tells everything, as in 03a01Fa.wav: speaker 03, sentence a01, emotion F
(Freude), version a (Burkhardt et al., INTERSPEECH 2005).

``emodb.sha256`` beside this file lists the published recordings in the format of sha256sum, paths
relative to the corpus' folder. It was made by ``sha256sum wav/*.wav`` on the unpacked archive.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pandas as pd

from sersnake.corpora.base import Corpus, Emotions, make_frame, require_folder, wav_files
from sersnake.corpora.certificate import Certificate
from sersnake.corpora.tree import path_text, readable
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
LAYOUT = "emodb/wav/03a01Fa.wav"

NAME = re.compile(
    f"({'|'.join(MALE + FEMALE)})({'|'.join(SENTENCES)})([{''.join(EMOTIONS)}])([a-z])"
)


def read(root: Path, _options: Mapping[str, str]) -> pd.DataFrame:
    """Reads the file names under ``root/wav``.

    Raises:
        SersnakeError: The folder is missing, or a .wav file has a name of another scheme.
    """
    folder = root / "wav"
    require_folder(folder, LAYOUT)
    return make_frame([_row(path) for path in wav_files(folder)], "emodb", "de")


def _row(path: Path) -> dict[str, str]:
    match = NAME.fullmatch(path.stem)
    if match is None:
        raise SersnakeError(
            f"{readable(path)}: is not an EMODB file name (speaker, sentence, emotion, version, "
            "as in 03a01Fa.wav); rename it as published or move it out of the folder"
        )
    speaker, sentence, letter, _ = match.groups()
    return {
        "utterance": path.stem,
        "path": path_text(path),
        "speaker": speaker,
        "sex": "male" if speaker in MALE else "female",
        "sentence": sentence,
        "emotion": EMOTIONS[letter],
    }


@cache
def published_hashes() -> dict[str, str]:
    """The sha256 of every published recording by its path below the corpus' folder."""
    lines = Path(__file__).with_name("emodb.sha256").read_text(encoding="ascii").splitlines()
    return {path: digest for digest, path in (line.split("  ") for line in lines)}


@cache
def _certificate(emotions: Emotions) -> Certificate:
    published = (_row(Path(path)) for path in published_hashes())
    rows = [row for row in published if row["emotion"] in emotions]
    classes = Counter(row["emotion"] for row in rows)
    return Certificate(
        edition="",
        classes={emotion: classes[emotion] for emotion in emotions},
        speakers=Counter(row["speaker"] for row in rows),
        names=frozenset(row["utterance"] for row in rows),
    )


CORPUS = Corpus(
    name="emodb",
    read=read,
    emotions=tuple(EMOTIONS.values()),
    layout=LAYOUT,
    source="EMODB is free to download from https://www.emodb.bilderbar.info",
    certificate=lambda _options, emotions: _certificate(emotions),
    license="cc0-1.0",
    speech="ten German sentences, spoken by actors",
)
