"""Sound on a pipe is what the same sound in a file is."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sersnake.errors import SersnakeError
from sersnake.io.audio import read_audio
from sersnake.io.live import Layout, read_layout, stream_signal


class Trickle(io.BytesIO):
    """A stream of which little is there at a time, and never a whole number of samples."""

    def read1(self, size: int | None = -1, /) -> bytes:
        return self.read(min(997, size or 997))


def heard(content: bytes) -> np.ndarray:
    stream = Trickle(content)
    return np.concatenate(list(stream_signal(stream, read_layout(stream))))


def sound(seconds: float, rate: int, channels: int) -> np.ndarray:
    shape = (round(seconds * rate), channels)
    return np.random.default_rng(3).uniform(-0.5, 0.5, shape)


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
@pytest.mark.parametrize(("rate", "channels"), [(16000, 1), (44100, 2)])
def test_a_stream_is_the_same_as_the_file(
    subtype: str, rate: int, channels: int, tmp_path: Path
) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, sound(0.7, rate, channels), rate, subtype=subtype)
    np.testing.assert_array_equal(heard(path.read_bytes()), read_audio(path))


@pytest.mark.parametrize("length", [0, 0xFFFFFFFF, 0x80000000, 0x7FFFF000])
def test_a_length_that_stands_for_unknown_is_passed_over(length: int, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, sound(0.3, 16000, 1), 16000)
    content = bytearray(path.read_bytes())
    struct.pack_into("<I", content, content.index(b"data") + 4, length)
    np.testing.assert_array_equal(heard(bytes(content)), read_audio(path))


def test_what_follows_the_samples_is_no_sound(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, sound(0.3, 16000, 1), 16000)
    with_list = path.read_bytes() + b"LIST" + struct.pack("<I", 4) + b"INFO"
    np.testing.assert_array_equal(heard(with_list), read_audio(path))


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.flac", sound(0.3, 16000, 1), 16000)
    soundfile.write(tmp_path / "a.wav", sound(0.3, 8000, 1), 8000, subtype="ALAW")
    for name, message in (("a.flac", "is not a WAV; .* --raw"), ("a.wav", "of kind 6 with 8 bits")):
        with pytest.raises(SersnakeError, match=message):
            read_layout(io.BytesIO((tmp_path / name).read_bytes()))
    with pytest.raises(SersnakeError, match="ends before its samples"):
        read_layout(io.BytesIO((tmp_path / "a.wav").read_bytes()[:30]))


def test_samples_without_a_header(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, sound(0.3, 16000, 1), 16000)
    samples = soundfile.read(path, dtype="int16")[0]
    pieces = list(stream_signal(Trickle(samples.tobytes()), Layout(16000)))
    assert len(pieces) > 5
    np.testing.assert_array_equal(np.concatenate(pieces), read_audio(path))
