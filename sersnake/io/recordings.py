"""Opens and decodes recordings; an error says what a file is instead, and the remedy."""

from __future__ import annotations

import io
import shlex
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.io.containers import CutOffError, MendedFile, is_joined_ogg, mended
from sersnake.io.kinds import CONVERT, what_it_is

if TYPE_CHECKING:
    import soundfile

ENDLESS = 2**63 - 1  # libsndfile's number of samples for a FLAC whose header lacks it

# Samples that a header may promise beyond what decodes: some count an MP3's first frame, which
# holds no sound.
SLACK = 1152

# Samples per channel decoded at a time where an error may come at the end (the shortest frame of an
# MP3; FLAC's are longer), and bytes that may be left then (a tag, which is not sound).
SHORT_READ = 576
REST = 4096


@dataclass(frozen=True)
class Recording:
    """An open recording.

    Attributes:
        path: Its file.
        sound: Its decoder.
        source: What the decoder reads in place of the file, where the header had to be mended.
        frames: Samples per channel; None where only decoding tells how many there are.
        left: Tells how many bytes have not been read.
    """

    path: Path
    sound: soundfile.SoundFile
    source: MendedFile | None
    frames: int | None
    left: Callable[[], int]


@contextmanager
def open_audio(path: str | Path) -> Iterator[Recording]:
    """Opens a recording.

    A wrong length in its header is mended where it stands for "unknown" (from a program that wrote
    to a pipe) or is off by no more than the header. A truncated file is detected here in WAV, AIFF,
    AU, CAF, RF64, W64 and SPHERE, during decoding in FLAC and MP3, and not in other formats.

    Raises:
        SersnakeError: The file is missing, empty, not audio, cut off, has no samples, or is several
            Ogg files in one.
    """
    path = Path(path)
    with _opened(path) as file:
        size = file.seek(0, 2)
        if size == 0:
            raise SersnakeError(f"{path}: is empty (0 bytes); replace it")
        try:
            source = mended(file, size)
        except CutOffError as error:
            raise SersnakeError(_cut_off(path, str(error))) from error
        with _decoder(path, file, source) as sound:
            if sound.frames == 0:
                raise SersnakeError(f"{path}: contains no samples; replace it")
            if sound.format == "OGG" and is_joined_ogg(file):
                raise SersnakeError(
                    f"{path}: contains several Ogg recordings, but libsndfile reads only the "
                    "first; " + _remedy(CONVERT, path)
                )
            unknown = sound.frames == ENDLESS or (source is not None and source.open_ended)
            frames = None if unknown else sound.frames
            yield Recording(path, sound, source, frames, lambda: _left(file, size, source))


@contextmanager
def _opened(path: Path) -> Iterator[io.FileIO]:
    """The file, or a copy of what comes out of a pipe, such as a shell's ``<(sox …)``.

    Python opens it, since libsndfile takes no name that is not valid UTF-8. libsndfile reads it by
    its file descriptor, which is a third faster than through Python's file object.
    """
    try:
        file = path.open("rb", buffering=0)
    except OSError as error:
        raise SersnakeError(
            f"{path}: cannot be read ({error.strerror}); restore the file or its permissions"
        ) from error
    with file:
        if file.seekable():
            yield file
            return
        with tempfile.TemporaryFile(buffering=0) as copy:
            shutil.copyfileobj(file, copy)
            yield copy


def _left(file: io.FileIO, size: int, source: MendedFile | None) -> int:
    return size - file.tell() if source is None else source.left


def _decoder(path: Path, file: io.FileIO, source: MendedFile | None) -> soundfile.SoundFile:
    from soundfile import LibsndfileError

    file.seek(0)
    try:
        return _sequential()(file.fileno() if source is None else source, closefd=False)
    except LibsndfileError as error:
        file.seek(0)
        kind, remedy = what_it_is(file.read(1024)) or ("", "replace it by a WAV file")
        raise SersnakeError(
            f"{path}: is not audio that libsndfile reads{kind and f' but {kind}'}; "
            + _remedy(remedy, path)
        ) from error


def _remedy(remedy: str, path: Path) -> str:
    # A name that begins with a dash would be an option of the program.
    dot = "./" if str(path).startswith("-") else ""
    old, new = (shlex.quote(f"{dot}{name}") for name in (path, path.with_suffix(".new.wav")))
    return remedy.format(old=old, new=new)


@cache
def _sequential() -> type[soundfile.SoundFile]:
    """A SoundFile that does not seek to its own position after each read.

    Seeking would lose the state of an MP3's decoder, and is impossible in a FLAC of unknown length.
    """
    from soundfile import SoundFile

    class Sequential(SoundFile):
        def seekable(self) -> bool:
            return False

    return Sequential


def read_blocks(
    recording: Recording, dtype: str, length: int, done: int = 0, last: int | None = None
) -> Iterator[NDArray[Any]]:
    """Decodes an open recording piece by piece.

    Args:
        recording: What :func:`open_audio` gave.
        dtype: ``int16`` or ``float32``.
        length: Samples per channel that are read at a time.
        done: The sample at which the recording stands.
        last: Sample to stop before, if not at the end.

    Yields:
        ``(samples, channels)`` with at most ``length`` rows.

    Raises:
        SersnakeError: The recording cannot be decoded or is cut off, or a sample is not finite.
    """
    path, first = recording.path, done
    ends = [end for end in (recording.frames, last) if end is not None]
    end = min(ends, default=ENDLESS)
    while done < end and len(block := _block(recording, dtype, min(length, end - done))):
        done += len(block)
        if not np.isfinite(block).all():
            raise SersnakeError(f"{path}: contains samples that are not finite; replace it")
        yield block
    if done == first == 0:
        raise SersnakeError(f"{path}: contains no samples that can be decoded; replace it")
    if recording.frames is not None and done < end - SLACK:
        raise SersnakeError(_cut_off(path, f"{done} of {recording.frames} samples"))


def _block(recording: Recording, dtype: str, length: int) -> NDArray[Any]:
    """The next samples, none at the end."""
    if recording.frames is None:
        return _short_reads(recording, dtype, length)
    return _read(recording, dtype, length)


def _short_reads(recording: Recording, dtype: str, length: int) -> NDArray[Any]:
    """As :func:`_block`, frame by frame: a stream may have been stopped in the middle of a frame.

    The decoder returns nothing of a read that meets an error.
    """
    blocks = [np.empty((0, recording.sound.channels), dtype)]
    count = 0
    while count < length:
        try:
            block = _read(recording, dtype, min(SHORT_READ, length - count))
        except SersnakeError:
            if recording.left() > REST:
                raise
            break
        if len(block) == 0:
            break
        blocks.append(block)
        count += len(block)
    return np.concatenate(blocks)


def _read(recording: Recording, dtype: str, length: int) -> NDArray[Any]:
    from soundfile import LibsndfileError

    try:
        return recording.sound.read(length, dtype=dtype, always_2d=True)
    except LibsndfileError as error:
        raise SersnakeError(f"{recording.path}: cannot be decoded ({error}); replace it") from error


def _cut_off(path: Path, rest: str) -> str:
    return f"{path}: is cut off (only {rest} are present); copy or unpack it again"
