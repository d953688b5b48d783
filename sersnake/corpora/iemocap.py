"""IEMOCAP: improvised and scripted dialogues of 10 actors in 5 sessions, English.

The label files are ``SessionN/dialog/EmoEvaluation/Ses*.txt``, one per dialogue; the audio of a
turn is ``SessionN/sentences/wav/<dialogue>/<turn>.wav``. In a turn such as Ses01F_impro05a_M003 the
letter of the LAST token is the speaker; the first letter says who wore the markers (Busso et al.,
Language Resources and Evaluation 42(4), 2008).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from sersnake.corpora.base import Corpus, Emotions, choose, make_frame, require_folder
from sersnake.corpora.certificate import Certificate
from sersnake.corpora.tree import path_text, readable
from sersnake.errors import SersnakeError

LAYOUT = "iemocap/Session1 to iemocap/Session5"
RELEASE = "IEMOCAP_full_release"  # the folder in the archive
STYLES = {"improvised": ("impro",), "scripted": ("script",), "both": ("impro", "script")}
# Labels on which most annotators agreed; `xxx` means no agreement, and `oth` names no emotion.
EMOTIONS = {
    "ang": "angry",
    "neu": "neutral",
    "hap": "happy",
    "sad": "sad",
    "exc": "excited",
    "fru": "frustrated",
    "sur": "surprised",
    "fea": "fearful",
    "dis": "disgusted",
}
FOUR = ("angry", "neutral", "happy", "sad")  # the classes of most published results
SESSIONS = ("1", "2", "3", "4", "5")

DIALOGUE = re.compile(r"Ses0(\d)[FM]_((impro|script)\d\d(?:_\d)?)[a-z]?")
TURN = re.compile(r"(\w+)_([FM])\w+")
# The summary line of a turn: [start - end] <tab> turn <tab> label <tab> [v, a, d].
SUMMARY = re.compile(r"\[[\d.]+ - [\d.]+\]\t(\w+)\t(\w+)\t\[[-\d., ]+\]\s*")


def read(root: Path, options: Mapping[str, str]) -> pd.DataFrame:
    """Reads the label files of all sessions that exist.

    The column sentence, which a split by sentence keeps apart, is the scenario of improvised turns
    (impro05) and the scene of scripted ones (script01_1): all sessions have the same scenarios and
    scenes, but number their turns differently.

    Raises:
        SersnakeError: There is no session, a session has no label files, or one is damaged.
    """
    require_folder(root, LAYOUT)
    styles = STYLES[choose("style", options["style"], STYLES)]
    rows = []
    for session in _sessions(root):
        for file, scenario in _label_files(session, styles):
            rows += [
                _row(session, file, scenario, turn, EMOTIONS[label])
                for turn, label in _turns(file)
                if label in EMOTIONS
            ]
    return make_frame(rows, "iemocap", "en")


def _sessions(root: Path) -> list[Path]:
    for folder in (root, root / RELEASE):
        sessions = [folder / f"Session{number}" for number in SESSIONS]
        if existing := [session for session in sessions if session.is_dir()]:
            return existing
    raise SersnakeError(f"{root}: contains no folder Session1 to Session5; unpack IEMOCAP there")


def _label_files(session: Path, styles: tuple[str, ...]) -> Iterator[tuple[Path, str]]:
    """The label files of a session and the scenarios of their dialogues."""
    # Not the folders below: they hold each annotator's own labels.
    folder = session / "dialog" / "EmoEvaluation"
    files = sorted(folder.glob("Ses*.txt"))
    if not files:
        raise SersnakeError(f"{folder}: contains no Ses*.txt; unpack this session again")
    for file in files:
        match = DIALOGUE.fullmatch(file.stem)
        if match is None or match[1] != session.name[-1]:
            raise SersnakeError(
                f"{readable(file)}: is not a label file of {session.name} (as in "
                f"Ses0{session.name[-1]}F_impro01.txt); move it out of the folder"
            )
        if match[3] in styles:
            yield file, match[2]


def _turns(file: Path) -> Iterator[tuple[str, str]]:
    """Turns and labels of one dialogue.

    The blocks between blank lines are of any length and hold free comments in Latin-1, so a summary
    is recognised only by its own form; a line that merely begins like one is damaged.
    """
    empty = True
    text = file.read_text(encoding="latin-1")
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.startswith("[") and "]\tSes" not in line:
            continue
        match = SUMMARY.fullmatch(line)
        if match is None:
            raise SersnakeError(f"{file}: line {number} is damaged ({line[:60]!r}); restore it")
        empty = False
        yield match[1], match[2]
    if empty:
        raise SersnakeError(f"{file}: contains no summary of a turn, so it is damaged; restore it")


def _row(session: Path, file: Path, scenario: str, turn: str, emotion: str) -> dict[str, str]:
    match = TURN.fullmatch(turn)
    if match is None or match[1] != file.stem:
        raise SersnakeError(
            f"{file}: turn {turn!r} is not named as in {file.stem}_M003; restore the file"
        )
    number = session.name[-1]
    return {
        "utterance": turn,
        "path": path_text(session / "sentences" / "wav" / file.stem / f"{turn}.wav"),
        "speaker": number + match[2],
        "sex": "female" if match[2] == "F" else "male",
        "session": number,
        "sentence": scenario,
        "emotion": emotion,
    }


# Many papers count the 10039 turns by label, as do the metadata of EmoBox (Ma et al., INTERSPEECH
# 2024): 1103 ang, 1708 neu, 595 hap, 1084 sad, 1041 exc. The improvised turns of the first four
# are the 2280 of the paper that this workflow reproduces, 2943 with 663 exc. Scripted is the
# difference. For the other emotions, these numbers are not published.
COUNTS = {
    "improvised": {"angry": 289, "neutral": 1099, "happy": 284, "sad": 608, "excited": 663},
    "scripted": {"angry": 814, "neutral": 609, "happy": 311, "sad": 476, "excited": 378},
    "both": {"angry": 1103, "neutral": 1708, "happy": 595, "sad": 1084, "excited": 1041},
}
# Of the four emotions.
SPEAKERS = {
    "improvised": {
        **{"1F": 217, "1M": 205, "2F": 185, "2M": 208, "3F": 264},
        **{"3M": 274, "4F": 149, "4M": 221, "5F": 298, "5M": 259},
    }
}


def _certificate(options: Mapping[str, str], emotions: Emotions) -> Certificate | None:
    style = choose("style", options["style"], STYLES)
    if not set(emotions) <= set(COUNTS[style]):
        return None
    return Certificate(
        edition=f"style {style}",
        classes={emotion: COUNTS[style][emotion] for emotion in emotions},
        speakers=SPEAKERS.get(style, {}) if emotions == FOUR else {},
    )


CORPUS = Corpus(
    name="iemocap",
    read=read,
    emotions=tuple(EMOTIONS.values()),
    kept=FOUR,
    layout=LAYOUT,
    source=(
        "IEMOCAP is distributed by the Signal Analysis and Interpretation Laboratory of the "
        "University of Southern California on a signed release form: https://sail.usc.edu/iemocap/"
    ),
    options={"style": "improvised"},
    certificate=_certificate,
    license="other",
    speech="English dialogues, improvised or read by actors",
)
