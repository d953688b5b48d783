"""CASIA Chinese emotional corpus: 4 actors, 6 emotions, ``<speaker>/<emotion>/<nnn>.wav``."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from sersnake.corpora.base import Corpus, make_frame, require_folder, wav_files
from sersnake.errors import SersnakeError

LAYOUT = "casia/<speaker>/<emotion>/<nnn>.wav"
EMOTIONS = ("angry", "fear", "happy", "neutral", "sad", "surprise")
SEX = {
    "liuchanhg": "female",
    "wangzhe": "male",
    "zhaoquanyin": "female",
    "ZhaoZuoxiang": "male",
}


def read(root: Path) -> pd.DataFrame:
    """Reads the file names; the number is the sentence, the same for all speakers and emotions.

    Raises:
        SersnakeError: A folder is missing, or a .wav file is not named by a number.
    """
    require_folder(root, LAYOUT)
    rows = []
    for speaker in SEX:
        for emotion in EMOTIONS:
            folder = root / speaker / emotion
            require_folder(folder, LAYOUT)
            rows += [_row(path, speaker, emotion) for path in wav_files(folder)]
    return make_frame(rows, "casia", "zh")


def _row(path: Path, speaker: str, emotion: str) -> dict[str, str]:
    if not (path.stem.isascii() and path.stem.isdigit()):
        raise SersnakeError(
            f"{path}: is no CASIA file name (a number, as in 201.wav); rename it as published "
            "or move it out of the folder"
        )
    return {
        "utterance": f"{speaker}_{emotion}_{path.stem}",
        "path": str(path),
        "speaker": speaker,
        "sex": SEX[speaker],
        "sentence": path.stem,
        "emotion": emotion,
    }


# 1200 files are in circulation and 9600 are sold, so no number of utterances is expected.
CORPUS = Corpus(name="casia", language="zh", emotions=EMOTIONS, read=read, expected=None)
