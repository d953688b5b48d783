"""Which files of a folder are recordings."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sersnake.model.prediction.headers import duration

# What libsndfile's formats are called in the wild. RAW is missing, since a file without a header
# does not say what it holds, and so is SD2, whose header lies in a file beside it.
FORMATS = {
    "AIFF": (".aif", ".aifc", ".aiff"),
    "AU": (".au", ".snd"),
    "AVR": (".avr",),
    "CAF": (".caf",),
    "FLAC": (".flac",),
    "HTK": (".htk",),
    "IRCAM": (".ircam", ".sf"),
    "MAT4": (".mat",),
    "MAT5": (".mat",),
    "MP3": (".m1a", ".m2a", ".mp1", ".mp2", ".mp3", ".mpa", ".mpga"),
    "MPC2K": (".mpc",),
    "NIST": (".nist", ".sph", ".wav"),
    "OGG": (".oga", ".ogg", ".opus"),
    "PAF": (".paf",),
    "PVF": (".pvf",),
    "RF64": (".bwf", ".rf64", ".wav"),
    "SDS": (".sds",),
    "SVX": (".16sv", ".8svx", ".iff", ".svx"),
    "VOC": (".voc",),
    "W64": (".w64",),
    "WAV": (".bwf", ".wav", ".wave"),
    "WAVEX": (".wav", ".wavex"),
    "WVE": (".wve",),
    "XI": (".xi",),
}

# Mostly something else (matrices, features, pictures): such a file has to open as audio.
DOUBTFUL = frozenset({".htk", ".iff", ".mat", ".sf", ".xi"})

# Audio, and video with it, that libsndfile does not read: named as left out, not passed over.
UNREADABLE = frozenset(
    (
        *(".3ga", ".3gp", ".3gpp", ".aa", ".aac", ".aax", ".ac3", ".adts", ".amr", ".ape"),
        *(".awb", ".dff"),
        *(".ds2", ".dsf", ".dss", ".dts", ".eac3", ".evs", ".gsm", ".m4a", ".m4b", ".m4p", ".m4r"),
        *(".avi", ".flv", ".m4v", ".mkv", ".mov", ".mpeg", ".mpg", ".ogv", ".ogx"),
        *(".mka", ".mp4", ".oma", ".pcm", ".qcp", ".ra", ".ram", ".raw", ".sd2", ".shn", ".silk"),
        *(".spx", ".tta", ".vox", ".weba", ".webm", ".wma", ".wv", ".wv1", ".wv2"),
    )
)


def is_recording(path: Path) -> bool:
    """Whether a file's name ends like that of a recording, readable or not.

    Broken links and folders that cannot be listed are included, so that errors name them.
    """
    if path.name.startswith("."):  # macOS leaves ._x.wav beside x.wav
        return False
    ending = path.suffix.rstrip().lower()
    if ending in DOUBTFUL:
        return duration(path) is not None
    if path.is_dir():
        return True
    named = ending in readable_endings() or ending in UNREADABLE
    return named and (path.is_file() or path.is_symlink())


@cache
def readable_endings() -> frozenset[str]:
    """The endings of all formats that this libsndfile reads."""
    import soundfile

    return frozenset(
        ending for name in soundfile.available_formats() for ending in FORMATS.get(name, ())
    )
