"""What the header of a file says, before anything is decoded."""

from __future__ import annotations

from pathlib import Path

LONGEST = 7 * 24 * 3600.0  # s; what claims more does not know its length


def duration(path: Path) -> float | None:
    """Length in s, 0 where the header does not know it; None where libsndfile opens no audio.

    It may be an estimate (of MP3), so it decides what a user is told, and no more.
    """
    import soundfile

    if not path.is_file():
        return None
    try:
        with (
            path.open("rb", buffering=0) as file,
            soundfile.SoundFile(file.fileno(), closefd=False) as sound,
        ):
            seconds = float(sound.frames / sound.samplerate)
    except (OSError, soundfile.LibsndfileError):
        return None
    return seconds if seconds < LONGEST else 0.0
