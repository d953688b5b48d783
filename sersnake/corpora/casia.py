"""CASIA, the Chinese emotional speech corpus: 4 actors, 6 emotions.

Recorded by the Institute of Automation of the Chinese Academy of Sciences. 9600 files are sold: 400
per speaker and emotion, 300 with the same texts for all emotions and 100 with texts that suit their
emotion. 1200 are in circulation: 50 of the 300 texts, numbered 201 to 250, as
``<speaker>/<emotion>/<nnn>.wav``. In the large edition the 300 are in one folder and the 100 in
another, where the speakers are spelt in another way, neutral is "normal", and the numbers begin at
001. Names may be in GB18030.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from sersnake.corpora.base import Corpus, Emotions, choose, make_frame, require_folder
from sersnake.corpora.certificate import Certificate
from sersnake.corpora.tree import path_text, readable, wav_tree
from sersnake.errors import SersnakeError

LAYOUT = "casia/<speaker>/<emotion>/<nnn>.wav"
EMOTIONS = ("angry", "fear", "happy", "neutral", "sad", "surprise")
SEX = {
    "liuchanhg": "female",
    "wangzhe": "male",
    "zhaoquanyin": "female",
    "ZhaoZuoxiang": "male",
}
# Speakers as the part of 100 texts spells them.
OTHER_SPELLING = {
    "Chang.Liu": "liuchanhg",
    "Zhe.Wang": "wangzhe",
    "Quanyin.Zhao": "zhaoquanyin",
    "Zuoxiang.Zhao": "ZhaoZuoxiang",
}
NUMBERS = range(201, 251)  # of the edition in circulation


def read(root: Path, _options: Mapping[str, str]) -> pd.DataFrame:
    """Reads the names of files and folders; the number is the sentence.

    A number means the same sentence for all speakers and, in the part of 300 texts, for all
    emotions. In the part of 100 texts it means another sentence, and gets a "d" (different texts).

    Raises:
        SersnakeError: The folder is missing, or a .wav file is not in the folder of a speaker and
            an emotion, or its name is not a number.
    """
    require_folder(root, LAYOUT)
    return make_frame([_row(path) for path in wav_tree(root)], "casia", "zh")


def _row(path: Path) -> dict[str, str]:
    *_, folder, emotion, _ = path.parts
    speaker = OTHER_SPELLING.get(folder, folder)
    emotion = "neutral" if emotion == "normal" else emotion
    if speaker not in SEX or emotion not in EMOTIONS or not re.fullmatch("[0-9]+", path.stem):
        raise SersnakeError(
            f"{readable(path)}: is not a CASIA file name ({LAYOUT.partition('/')[2]}, as in "
            "wangzhe/happy/201.wav); rename it as published or move it out of the folder"
        )
    sentence = f"d{path.stem}" if folder in OTHER_SPELLING else path.stem
    return {
        "utterance": f"{speaker}_{emotion}_{sentence}",
        "path": path_text(path),
        "speaker": speaker,
        "sex": SEX[speaker],
        "sentence": sentence,
        "emotion": emotion,
    }


def _edition(size: int, emotions: Emotions, names: frozenset[str] = frozenset()) -> Certificate:
    of_emotion = size // len(EMOTIONS)
    return Certificate(
        edition=f"edition of {size}",
        classes=dict.fromkeys(emotions, of_emotion),
        speakers=dict.fromkeys(SEX, of_emotion * len(emotions) // len(SEX)),
        names=names,
    )


def _certificate(options: Mapping[str, str], emotions: Emotions) -> Certificate:
    names = frozenset(f"{s}_{e}_{n}" for s in SEX for e in emotions for n in NUMBERS)
    editions = {"1200": _edition(1200, emotions, names), "9600": _edition(9600, emotions)}
    edition = choose("edition", options["edition"], ("auto", *editions))
    if edition != "auto":
        return editions[edition]
    return replace(editions["1200"], alternatives=(editions["9600"],))


CORPUS = Corpus(
    name="casia",
    read=read,
    emotions=EMOTIONS,
    layout=LAYOUT,
    source=(
        "CASIA is distributed by the Chinese Linguistic Data Consortium, "
        "http://www.chineseldc.org/resource_info.php?rid=76"
    ),
    options={"edition": "auto"},
    certificate=_certificate,
    license="other",
    speech="Mandarin sentences, spoken by actors",
)
