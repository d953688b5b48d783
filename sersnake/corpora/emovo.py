"""EMOVO, an Italian corpus of emotional speech: 6 actors, 7 emotions, 14 sentences, 588 utterances.

File names are emotion, actor and sentence, as in f1/dis-f1-b1.wav; each actor says each sentence
once in each emotion (Costantini et al., LREC 2014). Sentences are short (b), long (l), nonsense (n)
or questions (d).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import product
from pathlib import Path

import pandas as pd

from sersnake.corpora.base import Corpus, Emotions, make_frame, require_folder
from sersnake.corpora.certificate import Certificate
from sersnake.corpora.tree import path_text, readable, wav_tree
from sersnake.errors import SersnakeError

LAYOUT = "emovo/f1/dis-f1-b1.wav"
EMOTIONS = {
    "dis": "disgust",
    "gio": "joy",
    "pau": "fear",
    "rab": "anger",
    "sor": "surprise",
    "tri": "sadness",
    "neu": "neutral",
}
ACTORS = ("f1", "f2", "f3", "m1", "m2", "m3")
SENTENCES = (
    *("b1", "b2", "b3"),
    *("l1", "l2", "l3", "l4"),
    *("n1", "n2", "n3", "n4", "n5"),
    *("d1", "d2"),
)

NAME = re.compile(f"({'|'.join(EMOTIONS)})-({'|'.join(ACTORS)})-({'|'.join(SENTENCES)})")


def read(root: Path, _options: Mapping[str, str]) -> pd.DataFrame:
    """Reads the names of all .wav files below ``root``.

    Raises:
        SersnakeError: The folder is missing, or a .wav file has a name of another scheme.
    """
    require_folder(root, LAYOUT)
    return make_frame([_row(path) for path in wav_tree(root)], "emovo", "it")


def _row(path: Path) -> dict[str, str]:
    match = NAME.fullmatch(path.stem)
    if match is None:
        raise SersnakeError(
            f"{readable(path)}: is not an EMOVO file name (emotion-actor-sentence, as in "
            "dis-f1-b1.wav); rename it as published or move it out of the folder"
        )
    emotion, actor, sentence = match.groups()
    return {
        "utterance": path.stem,
        "path": path_text(path),
        "speaker": actor,
        "sex": "female" if actor.startswith("f") else "male",
        "sentence": sentence,
        "emotion": EMOTIONS[emotion],
    }


def _certificate(_options: Mapping[str, str], emotions: Emotions) -> Certificate:
    letters = [code for code, emotion in EMOTIONS.items() if emotion in emotions]
    return Certificate(
        edition="",
        classes=dict.fromkeys(emotions, len(ACTORS) * len(SENTENCES)),
        speakers=dict.fromkeys(ACTORS, len(emotions) * len(SENTENCES)),
        names=frozenset("-".join(name) for name in product(letters, ACTORS, SENTENCES)),
    )


CORPUS = Corpus(
    name="emovo",
    read=read,
    emotions=tuple(EMOTIONS.values()),
    layout=LAYOUT,
    source=(
        "EMOVO is published by the Fondazione Ugo Bordoni, "
        "http://voice.fub.it/activities/corpora/emovo/index.html"
    ),
    certificate=_certificate,
    speech="Italian sentences, spoken by actors",
)
