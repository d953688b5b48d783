"""Recordings whose header does not know their length, cut off, or no recordings at all."""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sersnake.corpora.inspection import AudioLimits, inspect_recording
from sersnake.errors import SersnakeError
from sersnake.io.audio import read_audio
from sersnake.io.containers import W64_DATA, CutOffError, mended
from sersnake.io.kinds import SIGNATURES, what_it_is

NOISE = np.random.default_rng(0).normal(0, 3000, 16000).astype(np.int16)


def content(format_: str, subtype: str | None = "PCM_16", signal: NDArray = NOISE) -> bytearray:
    file = io.BytesIO()
    soundfile.write(file, signal, 16000, format=format_, subtype=subtype)
    return bytearray(file.getvalue())


# How the length of the samples is written: behind this name, with these bytes between, as this,
# with so much counted too.
FIELDS = {
    "WAV": (b"data", 0, "<I", 0),
    "WAVEX": (b"data", 0, "<I", 0),
    "AIFF": (b"SSND", 0, ">I", 8),
    "AU": (b".snd", 4, ">I", 0),
    "RF64": (b"ds64", 12, "<Q", 0),
    "W64": (W64_DATA, 0, "<Q", 24),
    "CAF": (b"data", 0, ">Q", 4),
}
UNKNOWN = [0, 1, 0x7F000000, 0x7FFFF000, 0x7FFFFFFF - 36, 0x80000000, 0xFFFFFFFF - 44, 0xFFFFFFFF]
CLAIMS = [
    *((format_, claim) for format_ in FIELDS for claim in UNKNOWN),
    *((format_, claim) for format_ in ("RF64", "W64", "CAF") for claim in (2**63 - 1, 2**64 - 1)),
]


def with_length(format_: str, length: int, subtype: str = "PCM_16") -> bytes:
    name, between, kind, _ = FIELDS[format_]
    file = content(format_, subtype)
    struct.pack_into(kind, file, file.index(name) + len(name) + between, length)
    return bytes(file)


def assert_whole(path: Path, expected: NDArray) -> None:
    assert np.array_equal(read_audio(path), expected)
    inspection = inspect_recording(path, AudioLimits())
    assert inspection.duration == len(expected) / 16000
    assert not inspection.problems


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.audio"


@pytest.fixture
def expected(path: Path) -> NDArray[np.float32]:
    path.write_bytes(content("WAV"))
    return read_audio(path)


@pytest.mark.parametrize(("format_", "length"), CLAIMS)
def test_length_that_a_pipe_left_open(
    path: Path, expected: NDArray[np.float32], format_: str, length: int
) -> None:
    path.write_bytes(with_length(format_, length))
    assert_whole(path, expected)


@pytest.mark.parametrize("riff", [0, 36, 0x7FFFF024, 0xFFFFFFFF])
@pytest.mark.parametrize("length", [0, 32000, 0xFFFFFFFF])
def test_length_of_the_whole_that_a_pipe_left_open(
    path: Path, expected: NDArray[np.float32], riff: int, length: int
) -> None:
    file = bytearray(with_length("WAV", length))
    file[4:8] = struct.pack("<I", riff)
    path.write_bytes(file)
    assert_whole(path, expected)


@pytest.mark.parametrize("format_", FIELDS)
@pytest.mark.parametrize("more", ["byte", "two", "length of RIFF", "file", "file and a byte"])
def test_length_that_is_off_by_the_header(
    path: Path, expected: NDArray[np.float32], format_: str, more: str
) -> None:
    right, whole = 32000 + FIELDS[format_][3], len(content(format_))
    wrong = {"byte": right + 1, "two": right + 2, "length of RIFF": whole - 8, "file": whole}
    length = wrong.get(more, whole + 1)
    path.write_bytes(with_length(format_, length))
    assert_whole(path, expected)


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_24", "FLOAT", "ULAW", "IMA_ADPCM", "GSM610"])
def test_length_left_open_in_every_coding(path: Path, subtype: str) -> None:
    path.write_bytes(content("WAV", subtype))
    whole = read_audio(path)
    path.write_bytes(with_length("WAV", 0xFFFFFFFF, subtype))
    assert np.array_equal(read_audio(path), whole)


def test_chunk_of_odd_length_without_the_byte_that_fills_it(
    path: Path, expected: NDArray[np.float32]
) -> None:
    file = content("WAV")
    chunk = b"LIST" + struct.pack("<I", 13) + b"INFOISFT\x01\0\0\0a"
    path.write_bytes(file[:36] + chunk + file[36:])
    assert_whole(path, expected)
    file[40:44] = b"\xff\xff\xff\xff"
    path.write_bytes(file[:36] + chunk + file[36:])
    assert_whole(path, expected)


def test_no_samples_before_another_chunk_are_none(path: Path) -> None:
    path.write_bytes(content("WAV", signal=NOISE[:0]) + b"LIST\x04\0\0\0INFO")
    with pytest.raises(SersnakeError, match=r"a\.audio: contains no samples"):
        read_audio(path)


@pytest.mark.parametrize("format_", FIELDS)
def test_what_is_cut_off_is_named(path: Path, format_: str) -> None:
    path.write_bytes(content(format_)[:20000])
    with pytest.raises(SersnakeError, match=r"a\.audio: is cut off \(only \d+ of 3200\d bytes"):
        read_audio(path)


def test_sphere_that_is_cut_off_is_named(path: Path, expected: NDArray[np.float32]) -> None:
    file = content("NIST")
    path.write_bytes(file)
    assert_whole(path, expected)
    path.write_bytes(file[:20000])
    with pytest.raises(SersnakeError, match=r"is cut off \(only 18976 of 32000 bytes"):
        read_audio(path)
    path.write_bytes(file.replace(b"sample_count -i 16000", b"sample_count -i 0    "))
    assert_whole(path, expected)


def test_pipe_is_read_to_the_end(path: Path, expected: NDArray[np.float32]) -> None:
    """As in `sersnake predict <(sox …)`."""
    for file in (with_length("WAV", 0x7FFFF000), content("OGG", "VORBIS")):
        end, start = os.pipe()
        os.write(start, file)  # a pipe holds as much
        os.close(start)
        signal = read_audio(f"/dev/fd/{end}")
        os.close(end)
        path.write_bytes(file)
        assert np.array_equal(signal, read_audio(path))


def test_long_recording_that_is_cut_off_is_named(path: Path) -> None:
    path.write_bytes(with_length("WAV", 3_000_000_000))  # no power of two lies near
    with pytest.raises(SersnakeError, match="is cut off"):
        read_audio(path)


def flac_of_a_stream(signal: NDArray) -> bytearray:
    file = content("FLAC", signal=signal)
    file[21] &= 0xF0  # the 36 bits of STREAMINFO that count samples
    file[22:26] = bytes(4)
    return file


def test_flac_that_does_not_know_its_samples(path: Path, expected: NDArray[np.float32]) -> None:
    path.write_bytes(flac_of_a_stream(NOISE))
    assert_whole(path, expected)
    part = read_audio(path, start=0.25, end=0.75)
    assert np.array_equal(part, expected[4000:12000])


# Loud and quiet in turn, so that frames of an MP3 differ in size.
SPEECH = np.random.default_rng(1).normal(0, 0.2, 128000).clip(-0.9, 0.9)
SPEECH *= np.arange(128000) // 16000 % 2 == 0


def mp3(signal: NDArray = SPEECH) -> bytes:
    file = io.BytesIO()
    with soundfile.SoundFile(
        file, "w", 16000, 1, format="MP3", bitrate_mode="VARIABLE", compression_level=0.5
    ) as sound:
        sound.write(signal)
    return file.getvalue()


def without_count(file: bytes) -> bytes:
    """Without the first frame, which has no sound but the number of frames."""
    return file[file.index(b"\xff\xf3", file.index(b"Xing")) :]


@pytest.mark.parametrize("gain", [1, -1])
def test_mp3_without_a_count_is_decoded_to_the_end(path: Path, gain: int) -> None:
    """Whether its first frame is large, so that the decoder guesses too few, or small."""
    file = mp3(SPEECH[::gain])
    path.write_bytes(file)
    whole = read_audio(path)
    assert len(whole) == 128000
    path.write_bytes(without_count(file))
    assert (soundfile.info(path).frames - 128000) * gain < -20000
    signal = read_audio(path)
    assert 128000 <= len(signal) <= 128000 + 3 * 576  # with what the coder fills frames up with
    delay = len(signal) - 128000
    best = max(np.corrcoef(signal[i : i + 128000], whole)[0, 1] for i in range(delay + 1))
    assert best > 0.999
    assert inspect_recording(path, AudioLimits()).duration == len(signal) / 16000
    assert np.array_equal(read_audio(path, start=6.0, end=7.0), signal[96000:112000])


@pytest.mark.parametrize("before", [b"", b"ID3\x04\0\0\0\0\x02\x00" + bytes(256)])
@pytest.mark.parametrize("behind", [b"", b"TAG" + bytes(125), b"APETAGEX" + bytes(200)])
def test_tags_of_an_mp3_are_no_sound(path: Path, before: bytes, behind: bytes) -> None:
    path.write_bytes(without_count(mp3()))
    alone = read_audio(path)
    path.write_bytes(before + without_count(mp3()) + behind)
    assert np.array_equal(read_audio(path), alone)


def test_mp3_that_was_stopped_in_a_frame_ends_there(path: Path) -> None:
    whole = without_count(mp3())
    path.write_bytes(whole)
    signal = read_audio(path)
    path.write_bytes(whole[: len(whole) // 2 + 17])
    part = read_audio(path)
    assert len(part) > 0.4 * len(signal)
    assert np.array_equal(part, signal[: len(part)])


def test_flac_stream_that_was_stopped_in_a_frame_ends_there(path: Path) -> None:
    signal = np.tile(NOISE, 4)
    whole = flac_of_a_stream(signal)
    for length in (len(whole) // 2, len(whole) - 5):
        path.write_bytes(whole[:length])
        part = read_audio(path)
        assert len(part) > len(signal) * length / len(whole) - 2 * 4096  # samples of a frame
        assert np.array_equal(part * 32768, signal[: len(part)])
    whole[len(whole) // 2 : len(whole) // 2 + 100] = bytes(100)
    path.write_bytes(whole)
    with pytest.raises(SersnakeError, match=r"a\.audio: cannot be decoded"):
        read_audio(path)


def test_joined_mp3s_are_read_as_one(path: Path) -> None:
    path.write_bytes(mp3() * 2)
    assert len(read_audio(path)) >= 2 * 128000
    path.write_bytes(mp3() + b"ID3\x04\0\0\0\0\0\x0a" + bytes(10) + mp3())
    assert len(read_audio(path)) >= 2 * 128000


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
def test_joined_oggs_are_named(path: Path, subtype: str) -> None:
    file = bytes(content("OGG", subtype))
    path.write_bytes(file)
    assert len(read_audio(path)) == 16000
    path.write_bytes(file + bytes(content("OGG", subtype, NOISE[::-1])))
    with pytest.raises(SersnakeError, match=r"a\.audio: contains several Ogg .* with `ffmpeg -i"):
        read_audio(path)


def test_mp3_that_is_damaged_in_the_middle_is_named(path: Path) -> None:
    file = bytearray(without_count(mp3()))
    middle = len(file) // 2
    path.write_bytes(file[:middle] + bytes(8000) + file[middle:])
    with pytest.raises(SersnakeError, match=r"a\.audio: cannot be decoded"):
        read_audio(path)


def test_blocks_of_an_mp3_join_to_the_whole(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The decoder keeps a state from one block to the next."""
    path.write_bytes(mp3())
    whole = read_audio(path)
    monkeypatch.setattr("sersnake.io.audio.BLOCK", 5000)
    assert np.array_equal(read_audio(path), whole)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([*FIELDS, "FLAC", "MP3"]),
    st.lists(st.tuples(st.integers(0, 120), st.integers(0, 255)), max_size=6),
    st.integers(0, 3000),
)
def test_no_header_breaks_the_reader(
    tmp_path_factory: pytest.TempPathFactory,
    format_: str,
    changes: list[tuple[int, int]],
    length: int,
) -> None:
    file = content(format_, None, NOISE[:1000])[:length]
    for offset, byte in changes:
        if offset < len(file):
            file[offset] = byte
    path = tmp_path_factory.getbasetemp() / "fuzz.audio"
    path.write_bytes(file)
    with path.open("rb", buffering=0) as opened:
        try:
            source = mended(opened, len(file))
        except CutOffError:
            return
        assert source is None or len(source.read()) <= len(file) + 1


FILES: dict[str, Callable[[], bytes]] = {
    "a WebM or Matroska file": lambda: b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01" + bytes(500),
    "an M4A file": lambda: b"\0\0\0\x20ftypM4A \0\0\0\0" + bytes(500),
    "an MP4 file": lambda: b"\0\0\0\x20ftypisom\0\0\x02\0" + bytes(500),
    "an AMR file": lambda: b"#!AMR\n" + bytes(range(200)),
    "a WMA or WMV file": lambda: b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9" + bytes(500),
    "an AAC file": lambda: b"\xff\xf1\x50\x80\x02\x1f\xfc" + bytes(500),
    "an HTML page": lambda: b"\n<!DOCTYPE html>\n<html><body>404</body></html>",
    "a PDF": lambda: b"%PDF-1.4\n%\xe2\xe3",
    "a ZIP archive": lambda: b"PK\x03\x04\x14\0\0\0" + bytes(100),
    "a tar archive": lambda: bytes(257) + b"ustar\x0000" + bytes(300),
    "a Git LFS pointer": lambda: b"version https://git-lfs.github.com/spec/v1\noid sha256:0",
    "only zeros": lambda: bytes(3000),
    "an MPEG transport stream": lambda: (b"G@\0\x10" + bytes(184)) * 3,
    "an MP4 or MOV": lambda: b"\0\0\0\x08free\0\0\1\0mdat" + bytes(500),
    "a picture": lambda: b"RIFF\x24\0\0\0WEBPVP8 " + bytes(300),
    "a text": lambda: "Grüße, das ist keine Aufnahme.\n".encode() * 40,
    "a text;": lambda: "Grüße, das ist keine Aufnahme.\n".encode("latin-1") * 40,
    "a text; get": lambda: ("Grüße, das ist keine Aufnahme.\n" * 40).encode("utf-16"),
    "a WAV file with": lambda: bytes(content("WAV")[:30]),
}


@pytest.mark.parametrize("kind", FILES)
def test_file_that_is_no_recording_is_named_for_what_it_is(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "my rec.wav"
    path.write_bytes(FILES[kind]())
    message = f"my rec.wav: is not audio that libsndfile reads but {kind}"
    with pytest.raises(SersnakeError, match=message) as caught:
        read_audio(path)
    assert str(caught.value).count(";") == 1  # and what to do
    assert "\n" not in str(caught.value)
    if "ffmpeg" in str(caught.value):
        assert f"ffmpeg -i '{path}' -vn '{tmp_path}/my rec.new.wav'" in str(caught.value)


def test_name_with_a_leading_dash_is_no_option_of_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("-x.wav").write_bytes(b"#!AMR\n" + bytes(range(200)))
    with pytest.raises(SersnakeError, match=r"`ffmpeg -i \./-x\.wav -vn \./-x\.new\.wav`"):
        read_audio("-x.wav")


def test_each_signature_names_its_own_kind() -> None:
    for offset, signature, kind, _ in SIGNATURES:
        named = what_it_is(bytes(offset) + signature + bytes(300))
        assert named is not None
        assert named[0] == kind
    assert what_it_is(bytes(range(256))) is None
