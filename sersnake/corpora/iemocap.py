"""IEMOCAP, improvised turns of four emotions, nothing merged: 2280 turns of 10 actors, English.

The label files are ``SessionN/dialog/EmoEvaluation/Ses*.txt``; a turn's audio is
``SessionN/sentences/wav/<dialog>/<turn>.wav``. In a turn name such as Ses01F_impro05a_M003 the
letter of the LAST token is the speaker; the first letter says who wore the markers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from sersnake.corpora.base import Corpus, make_frame, require_folder
from sersnake.errors import SersnakeError

LABELS = {"ang": "angry", "neu": "neutral", "hap": "happy", "sad": "sad"}
SESSIONS = ("1", "2", "3", "4", "5")

# The line that sums a turn up: [start - end] <tab> turn <tab> label <tab> [v, a, d].
SUMMARY = re.compile(r"^\[[\d.]+ - [\d.]+\]\t(\w+)\t(\w+)\t\[", re.MULTILINE)
TURN = re.compile(r"Ses0(?P<session>\d)[FM]_(?P<scenario>impro\d+)[a-z]?_(?P<speaker>[FM])\w+")


def read(root: Path) -> pd.DataFrame:
    """Reads the label files of the five sessions; the scenario stands for the sentence.

    Raises:
        SersnakeError: A folder or its label files are missing, or a turn has an unknown name.
    """
    require_folder(root, "iemocap/Session1 to iemocap/Session5")
    return make_frame(
        [row for session in SESSIONS for row in _session_rows(root / f"Session{session}")],
        "iemocap",
        "en",
    )


def _session_rows(session: Path) -> Iterator[dict[str, str]]:
    # Not the folders below: they hold each annotator's own labels.
    label_files = sorted((session / "dialog" / "EmoEvaluation").glob("Ses*_impro*.txt"))
    if not label_files:
        raise SersnakeError(
            f"{session / 'dialog' / 'EmoEvaluation'}: holds no Ses*_impro*.txt; "
            "unpack the corpus again"
        )
    for file in label_files:
        text = file.read_text(encoding="utf-8", errors="replace")
        for turn, label in SUMMARY.findall(text):
            if label in LABELS:
                yield _row(session, file, turn, LABELS[label])


def _row(session: Path, file: Path, turn: str, emotion: str) -> dict[str, str]:
    match = TURN.fullmatch(turn)
    if match is None:
        raise SersnakeError(
            f"{file}: turn {turn!r} is not named as in Ses01F_impro01_M003; restore the file"
        )
    dialog = turn.rpartition("_")[0]
    return {
        "utterance": turn,
        "path": str(session / "sentences" / "wav" / dialog / f"{turn}.wav"),
        "speaker": match["session"] + match["speaker"],
        "sex": "female" if match["speaker"] == "F" else "male",
        "session": match["session"],
        "sentence": match["scenario"],
        "emotion": emotion,
    }


CORPUS = Corpus(
    name="iemocap",
    language="en",
    emotions=tuple(LABELS.values()),
    read=read,
    expected={"angry": 289, "neutral": 1099, "happy": 284, "sad": 608},
)
