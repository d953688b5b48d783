"""The demo corpus: synthetic emotional speech, made on this machine by eSpeak NG.

Eight voices say three sentences with the prosody of four emotions. It shows that the workflow
works; results on it say nothing about human speech.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sersnake.corpora import espeak_worker
from sersnake.corpora.base import Corpus, make_frame
from sersnake.corpora.certificate import Certificate
from sersnake.errors import SersnakeError
from sersnake.io.audio import SAMPLE_RATE

# Speakers: f1 … f4, m1 … m4, by eSpeak's English voice and its variants of the same names.
SPEAKERS = tuple(f"{sex}{number}" for sex in "fm" for number in range(1, 5))
SENTENCES = (
    "The cup is on the table.",
    "We meet in the garden.",
    "He reads the letter.",
)


@dataclass(frozen=True)
class Prosody:
    """eSpeak's parameters, as means of an emotion.

    Attributes:
        rate: Words per minute (80-450).
        volume: 0-200, 100 is normal.
        pitch: Base pitch, 0-99.
        range: Pitch range, 0-99; 0 is monotone.
    """

    rate: float
    volume: float
    pitch: float
    range: float


EMOTIONS = {
    "angry": Prosody(rate=215, volume=100, pitch=45, range=75),
    "happy": Prosody(rate=190, volume=88, pitch=75, range=85),
    "neutral": Prosody(rate=170, volume=78, pitch=50, range=45),
    "sad": Prosody(rate=145, volume=64, pitch=40, range=20),
}
# Each utterance strays from its emotion by at most this much, so that the emotions overlap.
JITTER = Prosody(rate=9, volume=5, pitch=4, range=8)


def read(root: Path, _options: Mapping[str, str]) -> pd.DataFrame:
    """The utterances, whether or not they have been made yet."""
    return make_frame(
        (
            {
                "utterance": utterance,
                "path": str(root / "wav" / f"{utterance}.wav"),
                "speaker": speaker,
                "sex": "female" if speaker.startswith("f") else "male",
                "sentence": utterance.rpartition("_")[2],
                "emotion": emotion,
            }
            for speaker in SPEAKERS
            for emotion in EMOTIONS
            for utterance in _utterances(speaker, emotion)
        ),
        "demo",
        "en",
    )


def synthesize_speaker(speaker: str, folder: Path) -> list[Path]:
    """Writes all utterances of one speaker as 16 kHz mono 16-bit WAV files.

    A speaker's files are the same to the byte whenever and in whatever order speakers are made.

    Args:
        speaker: One of ``SPEAKERS``.
        folder: Where ``<speaker>_<emotion>_<sentence>.wav`` go; it is made if missing.

    Returns:
        The 12 paths.

    Raises:
        SersnakeError: The speaker is unknown, or eSpeak NG is missing or fails.
    """
    import soundfile

    from sersnake.io import atomic_path

    if speaker not in SPEAKERS:
        raise SersnakeError(f"speaker {speaker!r} is not one of {', '.join(SPEAKERS)}")
    requests = {
        utterance: {"voice": f"en+{speaker}", "text": text, **_prosody(utterance, emotion)}
        for emotion in EMOTIONS
        for utterance, text in zip(_utterances(speaker, emotion), SENTENCES, strict=True)
    }
    paths = []
    for utterance, signal in zip(requests, _speak(list(requests.values())), strict=True):
        paths.append(folder / f"{utterance}.wav")
        with atomic_path(paths[-1]) as temporary:
            soundfile.write(temporary, signal, SAMPLE_RATE, subtype="PCM_16")
    return paths


def _utterances(speaker: str, emotion: str) -> list[str]:
    return [f"{speaker}_{emotion}_s{number:02d}" for number in range(1, len(SENTENCES) + 1)]


def _prosody(utterance: str, emotion: str) -> dict[str, int]:
    """The emotion's parameters, each moved by an amount that the utterance's name decides."""
    digest = hashlib.sha256(utterance.encode()).digest()
    moves = np.frombuffer(digest, dtype="<u2")[:4] / 32767.5 - 1  # in [-1, 1]
    values = zip(vars(EMOTIONS[emotion]).items(), vars(JITTER).values(), moves, strict=True)
    return {name: round(mean + width * move) for (name, mean), width, move in values}


def _speak(requests: list[dict[str, Any]]) -> list[NDArray[np.int16]]:
    """Speaks the utterances, one after the other, in one fresh process, as 16 kHz int16."""
    import soxr

    answer = _run_worker(requests)
    signals = []
    for speech in answer["speech"]:
        samples = np.frombuffer(base64.b64decode(speech), dtype=np.int16)
        signal = soxr.resample(samples.astype(np.float32), answer["sample_rate"], SAMPLE_RATE)
        signals.append(np.clip(np.rint(signal), -32768, 32767).astype(np.int16))
    return signals


def _run_worker(requests: list[dict[str, Any]]) -> Mapping[str, Any]:
    if importlib.util.find_spec("espeakng_loader") is None:
        raise SersnakeError("eSpeak NG is not installed: pip install espeakng-loader")
    import espeakng_loader

    command = [sys.executable, "-I", "-S", espeak_worker.__file__]
    result = subprocess.run(
        [*command, espeakng_loader.get_library_path()],
        input=json.dumps(requests),
        cwd=Path(espeakng_loader.get_data_path()).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        reason = (result.stderr.strip().splitlines() or [f"exit code {result.returncode}"])[-1]
        raise SersnakeError(
            f"eSpeak NG failed ({reason}): pip install --force-reinstall espeakng-loader"
        )
    return dict(json.loads(result.stdout))


CORPUS = Corpus(
    name="demo",
    read=read,
    emotions=tuple(EMOTIONS),
    layout="demo/wav/f1_angry_s01.wav",
    source="The demo is spoken by eSpeak NG on this machine: sersnake synthesize",
    certificate=lambda _options, emotions: Certificate(
        edition="",
        classes=dict.fromkeys(emotions, len(SPEAKERS) * len(SENTENCES)),
        speakers=dict.fromkeys(SPEAKERS, len(emotions) * len(SENTENCES)),
    ),
    synthetic=True,
)
