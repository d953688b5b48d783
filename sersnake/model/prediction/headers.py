"""The header of a file, read without decoding."""

from __future__ import annotations

from pathlib import Path

LONGEST = 7 * 24 * 3600.0  # s; what claims more does not know its length


def duration(path: Path) -> float | None:
    """Length in s, 0 if the header does not give it; None if libsndfile cannot open the file.

    It may be an estimate (for MP3), so it is used for messages alone.
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
