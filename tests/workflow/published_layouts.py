"""Small synthetic corpora in the layouts of CASIA and IEMOCAP: the demo's voices speak them.

No recording stands twice in a corpus, as a real one has none twice.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from sersnake.corpora.demo import synthesize_speaker

TAKES = (1, 2, 3)  # sentences of the demo that are spoken
# A speaker of CASIA with the voice of four emotions, and that of the two that the demo has not.
CASIA_VOICES = {
    "liuchanhg": ("f1", "f2"),
    "wangzhe": ("m1", "m2"),
    "zhaoquanyin": ("f3", "f4"),
    "ZhaoZuoxiang": ("m3", "m4"),
}
CASIA_EMOTIONS = {
    "angry": (0, "angry"),
    "fear": (1, "sad"),
    "happy": (0, "happy"),
    "neutral": (0, "neutral"),
    "sad": (0, "sad"),
    "surprise": (1, "happy"),
}
SESSIONS = ("1", "2")
IEMOCAP_LABELS = {"ang": "angry", "hap": "happy", "neu": "neutral", "sad": "sad"}
IEMOCAP_HEADER = "% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]\n\n"


def write_casia(corpora: Path, speech: Path) -> int:
    """Four speakers say three texts in six emotions.

    Args:
        corpora: Folder to make the folder of the corpus in.
        speech: Folder for the recordings of the demo, which are made where they are missing.

    Returns:
        Number of utterances.
    """
    for speaker, voices in CASIA_VOICES.items():
        for emotion, (voice, spoken) in CASIA_EMOTIONS.items():
            for take in TAKES:
                path = corpora / "casia" / speaker / emotion / f"{200 + take}.wav"
                _lay(speech, voices[voice], spoken, take, path)
    return len(CASIA_VOICES) * len(CASIA_EMOTIONS) * len(TAKES)


def write_iemocap(corpora: Path, speech: Path) -> int:
    """In two sessions a woman and a man improvise three dialogues in four emotions.

    Args:
        corpora: Folder to make the folder of the corpus in.
        speech: As for :func:`write_casia`.

    Returns:
        Number of utterances with one of the four labels; each dialogue has one more.
    """
    for session in SESSIONS:
        folder = corpora / "iemocap" / f"Session{session}"
        for take in TAKES:
            dialogue = f"Ses0{session}F_impro0{take}"
            lines = [_summary(f"{dialogue}_F009", "fru")]
            for letter in "FM":
                for number, (label, emotion) in enumerate(IEMOCAP_LABELS.items()):
                    turn = f"{dialogue}_{letter}{number:03d}"
                    lines.append(_summary(turn, label))
                    path = folder / "sentences" / "wav" / dialogue / f"{turn}.wav"
                    _lay(speech, f"{letter.lower()}{session}", emotion, take, path)
            labels = folder / "dialog" / "EmoEvaluation" / f"{dialogue}.txt"
            labels.parent.mkdir(parents=True, exist_ok=True)
            labels.write_text(IEMOCAP_HEADER + "".join(lines), encoding="latin-1")
    return len(SESSIONS) * len(TAKES) * 2 * len(IEMOCAP_LABELS)


def _lay(speech: Path, voice: str, emotion: str, take: int, path: Path) -> None:
    """Copies a recording of the demo to where a corpus has one of its own."""
    source = speech / f"{voice}_{emotion}_s{take:02d}.wav"
    if not source.exists():
        synthesize_speaker(voice, speech)
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, path)


def _summary(turn: str, label: str) -> str:
    return f"[6.2901 - 8.2357]\t{turn}\t{label}\t[2.5000, 2.5000, 3.0000]\n\n"
