"""Reading recordings, good and bad."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from numpy.typing import ArrayLike, NDArray

from sersnake.errors import SersnakeError
from sersnake.features.cepstra import log_mel, mfcc
from sersnake.features.functionals import functionals
from sersnake.io.audio import as_signal, read_audio, stream_audio


def tone(seconds: float, rate: int = 16000, frequency: float = 440.0) -> NDArray[np.float64]:
    return 0.5 * np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)


@pytest.mark.parametrize("name", ["a.wav", "with space.wav", 'it\'s "so".wav', "Übung.WAV"])
def test_names_of_all_kinds_are_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    samples = (tone(0.5) * 32768).astype(np.int16)
    soundfile.write(path, samples, 16000, format="WAV")
    signal = read_audio(path)
    assert signal.dtype == np.float32
    assert np.array_equal(signal * 32768, samples)


def test_name_that_is_not_utf8_is_read(tmp_path: Path) -> None:
    path = Path(f"{tmp_path}/\udcb0\udcb2.wav")  # two bytes of GB18030
    try:
        path.touch()
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    with path.open("wb") as file:
        soundfile.write(file, tone(0.5), 16000, format="WAV")
    assert len(read_audio(path)) == 8000


def test_stereo_44100_becomes_mono_16000(tmp_path: Path) -> None:
    path = tmp_path / "stereo.wav"
    soundfile.write(path, np.stack([tone(1.0, 44100), np.zeros(44100)], axis=1), 44100)
    signal = read_audio(path)
    assert signal.shape == (16000,)
    expected = tone(1.0) / 2  # the mean of the channels
    assert np.abs(signal - expected)[400:-400].max() < 1e-3


def test_full_scale_never_wraps_in_16_bits(tmp_path: Path) -> None:
    path = tmp_path / "loud.wav"
    soundfile.write(path, np.tile([1.5, -1.5], 4000), 16000, subtype="FLOAT")
    assert np.array_equal(np.unique((read_audio(path) * 32768).astype(np.int16)), [-32768, 32767])


def write_text(path: Path) -> None:
    path.write_text("This is no recording, whatever its name says.\n" * 50)


def write_short(path: Path) -> None:
    soundfile.write(path, tone(0.01), 16000)


def write_no_samples(path: Path) -> None:
    soundfile.write(path, np.zeros(0), 16000)


def write_cut_off(path: Path) -> None:
    soundfile.write(path, tone(1.0), 16000)
    path.write_bytes(path.read_bytes()[:20000])


def write_cut_off_header(path: Path) -> None:
    soundfile.write(path, tone(1.0), 16000)
    path.write_bytes(path.read_bytes()[:30])


BAD = [
    (lambda path: None, "No such file"),
    (Path.mkdir, "Is a directory"),
    (Path.touch, "is empty"),
    (write_text, "is not audio"),
    (write_cut_off_header, "is not audio"),
    (write_no_samples, "contains no samples"),
    (write_short, "lasts 0.010 s, but at least 0.1 s"),
    (write_cut_off, r"is cut off \(only 19956 of 32000 bytes"),
]


@pytest.mark.parametrize(("write", "message"), BAD)
def test_bad_file_is_refused_by_name(
    tmp_path: Path, write: Callable[[Path], None], message: str
) -> None:
    path = tmp_path / "bad one.wav"
    write(path)
    with pytest.raises(SersnakeError, match=f"bad one.wav: .*{message}"):
        read_audio(path)


def test_cut_off_flac_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    soundfile.write(path, np.random.default_rng(0).normal(0, 0.1, 32000), 16000)
    path.write_bytes(path.read_bytes()[:20000])
    with pytest.raises(SersnakeError, match=r"a\.flac: (is cut off|cannot be decoded)"):
        read_audio(path)


def test_samples_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "nan.wav"
    samples = tone(0.5)
    samples[100] = np.nan
    soundfile.write(path, samples, 16000, subtype="FLOAT")
    with pytest.raises(SersnakeError, match=r"nan\.wav: .*not finite"):
        read_audio(path)


def test_length_left_open_by_a_pipe_is_read(tmp_path: Path) -> None:
    path = tmp_path / "piped.wav"
    soundfile.write(path, tone(0.5), 16000)
    content = bytearray(path.read_bytes())
    content[4:8] = content[40:44] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    assert len(read_audio(path)) == 8000


def test_as_signal_scales_int16_like_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    samples = (tone(0.5) * 32768).astype(np.int16)
    soundfile.write(path, samples, 16000)
    assert np.array_equal(as_signal(samples), read_audio(path))
    assert np.array_equal(as_signal(samples / 32768), read_audio(path))


@pytest.mark.parametrize(
    ("signal", "message"),
    [
        (np.zeros((100, 2), dtype=np.float32), "one channel"),
        (np.full(100, 2**30, dtype=np.int32), "signal is int32, .*; divide it by 2147483648"),
        (np.full(100, -(2**15), dtype=np.int32), "signal is int32, .*; convert it to int16, which"),
        ([3, -4000] * 400, "signal is int64, .*; convert it to int16, which holds its values"),
        (np.full(100, 2**15), "signal is int64, .*; divide it by its full scale"),
        (np.zeros(100, dtype=np.uint8), "signal is uint8, .*; subtract 128 and divide it by 128"),
        (np.zeros(100, dtype=np.float16), "signal is float16, .*; convert it to float32"),
        (np.full(100, np.inf), r"signal\[0\] is inf, not finite"),
        (np.array([0, np.nan]), r"signal\[1\] is nan, not finite"),
    ],
)
def test_as_signal_refuses(signal: ArrayLike, message: str) -> None:
    with pytest.raises(SersnakeError, match=message):
        as_signal(signal)


@pytest.mark.parametrize("type_", [np.float32, np.float64])
@pytest.mark.parametrize(
    "signal",
    [
        tone(1.0) * 32767,  # in steps of 16 bits
        tone(1.0) * 2.0**31,
        tone(1.0) / tone(1.0).std() * 2,  # standardised, as networks like it
    ],
)
@pytest.mark.parametrize("use", [as_signal, mfcc, log_mel, functionals])
def test_floats_that_were_not_scaled_are_refused(
    use: Callable[[NDArray[np.floating]], object],
    signal: NDArray[np.float64],
    type_: type[np.floating],
) -> None:
    with pytest.raises(SersnakeError, match=r"signal\[\d+\] is .*; divide 16-bit samples by 32768"):
        use(signal.astype(type_))


@pytest.mark.parametrize("use", [mfcc, log_mel, functionals])
def test_floats_a_little_beyond_full_scale_are_taken(
    use: Callable[..., NDArray[np.float32]],
) -> None:
    """A full-scale square wave, resampled, overshoots; two signals may have been added."""
    square = np.sign(tone(1.0, 44100)).astype(np.float32)
    overshot = soxr.resample(square, 44100, 16000)
    assert 1 < np.abs(overshot).max() < 2
    assert np.isfinite(use(overshot)).all()
    assert np.isfinite(use(2 * np.sign(tone(1.0)))).all()


def test_as_signal_takes_either_byte_order() -> None:
    samples = (tone(0.5) * 32768).astype(np.int16)
    assert np.array_equal(as_signal(samples.astype(">i2")), as_signal(samples))
    assert np.array_equal(as_signal((samples / 32768).astype(">f4")), as_signal(samples))


@pytest.mark.parametrize("rate", [0, -1, 16000.0, True, 10**7])
def test_rate_that_is_none_is_refused(tmp_path: Path, rate: object) -> None:
    soundfile.write(tmp_path / "a.wav", tone(0.5), 16000)
    for call in (as_signal, functionals, mfcc, log_mel):
        with pytest.raises(SersnakeError, match=r"sample_rate is .*; choose a whole number"):
            call(tone(0.5), rate)  # type: ignore[operator]
    with pytest.raises(SersnakeError, match=r"sample_rate is .*; choose a whole number"):
        read_audio(tmp_path / "a.wav", rate)  # type: ignore[arg-type]


PCM = ["PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"]
FORMATS = [
    *(("WAV", subtype) for subtype in [*PCM, "PCM_U8", "ULAW", "ALAW", "IMA_ADPCM", "MS_ADPCM"]),
    ("WAV", "GSM610"),
    *(("WAVEX", subtype) for subtype in PCM),
    *(("AIFF", subtype) for subtype in ["PCM_S8", *PCM]),
    *(("FLAC", subtype) for subtype in ["PCM_S8", "PCM_16", "PCM_24"]),
    *(("OGG", subtype) for subtype in ["VORBIS", "OPUS"]),
    ("MP3", "MPEG_LAYER_III"),
    *((format_, "PCM_16") for format_ in ["AU", "CAF", "NIST", "RF64", "W64"]),
]


@pytest.mark.parametrize(("format_", "subtype"), FORMATS)
def test_every_format_of_libsndfile_is_read(tmp_path: Path, format_: str, subtype: str) -> None:
    path = tmp_path / "a.audio"
    soundfile.write(path, tone(1.0), 16000, format=format_, subtype=subtype)
    signal = read_audio(path)
    # Block codecs fill their last block with silence.
    assert 16000 <= len(signal) <= 16000 + 1024
    if subtype in PCM:
        assert np.abs(signal - tone(1.0)).max() <= 2**-15
    else:
        assert np.corrcoef(signal[:16000], tone(1.0))[0, 1] > 0.99


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 32000, 44100, 48000, 96000])
def test_every_rate_becomes_16000(tmp_path: Path, rate: int) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, tone(1.0, rate), rate, subtype="FLOAT")
    signal = read_audio(path)
    assert len(signal) == 16000
    assert np.abs(signal - tone(1.0))[400:-400].max() < 1e-3


@pytest.mark.parametrize("channels", [1, 2, 3, 6, 8])
def test_the_mean_of_all_channels_is_taken(tmp_path: Path, channels: int) -> None:
    path = tmp_path / "a.wav"
    levels = np.arange(1, channels + 1) / channels
    soundfile.write(path, np.outer(tone(0.5), levels), 16000, subtype="FLOAT")
    np.testing.assert_allclose(read_audio(path), tone(0.5) * levels.mean(), atol=1e-6)


@pytest.mark.parametrize("format_", ["AIFF", "WAVEX"])
def test_cut_off_aiff_and_wavex_are_refused(tmp_path: Path, format_: str) -> None:
    path = tmp_path / "a.audio"
    soundfile.write(path, tone(1.0), 16000, format=format_, subtype="PCM_16")
    path.write_bytes(path.read_bytes()[:20000])
    with pytest.raises(SersnakeError, match=r"a\.audio: is cut off \(only \d+ of 3200\d bytes"):
        read_audio(path)


def test_cut_off_mp3_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    soundfile.write(path, np.random.default_rng(0).normal(0, 0.1, 32000), 16000)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(SersnakeError, match=r"a\.mp3: is cut off \(only \d+ of 32000 samples"):
        read_audio(path)


def test_length_that_a_header_invents_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    soundfile.write(path, tone(0.5), 16000)
    content = bytearray(path.read_bytes())
    content[21] |= 0x0F  # the 36 bits of STREAMINFO that count samples
    content[22:26] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    with pytest.raises(SersnakeError, match=r"a\.flac: (is cut off|cannot be decoded)"):
        read_audio(path)


def test_recording_of_several_blocks_is_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.flac"
    soundfile.write(path, np.stack([tone(1.0)] * 2, axis=1), 16000)
    whole = read_audio(path)
    monkeypatch.setattr("sersnake.io.audio.BLOCK", 1000)
    assert np.array_equal(read_audio(path), whole)


PARTS = [(0.0, 0.5), (0.25, None), (0.5, 2.0), (1.3, 2.0), (1.0, 2.009)]


@pytest.mark.parametrize(("start", "end"), PARTS)
@pytest.mark.parametrize(
    ("format_", "subtype"),
    [("WAV", "PCM_16"), ("FLAC", "PCM_16"), ("OGG", "VORBIS"), ("MP3", None), ("WAV", "GSM610")],
)
def test_part_is_what_the_whole_has_there(
    tmp_path: Path, format_: str, subtype: str | None, start: float, end: float | None
) -> None:
    path = tmp_path / "a.audio"
    noise = np.random.default_rng(0).normal(0, 0.1, 32000)
    soundfile.write(path, noise, 16000, format=format_, subtype=subtype)
    whole = read_audio(path)[: 32000 if end else None]
    expected = whole[round(start * 16000) : None if end is None else round(end * 16000)]
    assert np.array_equal(read_audio(path, start=start, end=end)[: len(expected)], expected)


def test_part_is_cut_at_the_rate_of_the_file(tmp_path: Path) -> None:
    signal = np.random.default_rng(0).normal(0, 0.1, (88200, 2))
    soundfile.write(tmp_path / "whole.wav", signal, 44100)
    soundfile.write(tmp_path / "part.wav", signal[13671:66150], 44100)
    part = read_audio(str(tmp_path / "whole.wav"), start=0.31, end=1.5)
    assert np.array_equal(part, read_audio(tmp_path / "part.wav"))


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        (-1.0, None, "choose a start of at least 0 s"),
        (0.5, 0.5, "choose a start of at least 0 s"),
        (float("nan"), 1.0, "choose a start of at least 0 s"),
        (0.0, float("inf"), "choose a start of at least 0 s"),
        (0.5, 2.02, "lasts 2.000 s, which excludes the part from 0.5 s to 2.02 s"),
        (3.0, 4.0, "lasts 2.000 s, which excludes the part from 3 s to 4 s"),
        (3.0, None, "lasts 2.000 s, which excludes the part from 3 s;"),
        (0.5, 0.55, "lasts 0.050 s, but at least 0.1 s"),
    ],
)
@pytest.mark.parametrize("format_", ["WAV", "MP3"])
def test_part_that_the_recording_lacks_is_refused(
    tmp_path: Path, format_: str, start: float, end: float | None, message: str
) -> None:
    path = tmp_path / "a.audio"
    soundfile.write(path, tone(2.0), 16000, format=format_)
    with pytest.raises(SersnakeError, match=f"a.audio: .*{message}"):
        read_audio(path, start=start, end=end)


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 44100, 48000])
@pytest.mark.parametrize("channels", [1, 2, 9])
def test_pieces_join_to_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rate: int, channels: int
) -> None:
    path = tmp_path / "a.wav"
    signal = np.random.default_rng(0).normal(0, 0.2, (3 * rate, channels)).astype(np.float32)
    soundfile.write(path, signal, rate, subtype="FLOAT")
    mono = signal[:, 0] if channels == 1 else signal.mean(axis=1)
    resampled = mono if rate == 16000 else soxr.resample(mono, rate, 16000)
    expected = np.clip(resampled, -1, 1 - 2**-15)
    assert np.array_equal(read_audio(path), expected)
    monkeypatch.setattr("sersnake.io.audio.BLOCK", 4097)
    pieces = list(stream_audio(path))
    assert len(pieces) > 3
    assert np.array_equal(np.concatenate(pieces), expected)


def test_long_recording_takes_the_memory_of_its_result(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    with soundfile.SoundFile(path, "w", 44100, 2) as sound:
        for _ in range(20):
            sound.write(np.stack([tone(30.0, 44100)] * 2, axis=1))
    tracemalloc.start()
    signal = read_audio(path)
    kept, peak = tracemalloc.get_traced_memory()
    assert len(signal) == 600 * 16000
    assert peak < 1.5 * signal.nbytes + 30e6  # decoded it is 212 MB
    tracemalloc.reset_peak()
    assert sum(len(piece) for piece in stream_audio(path)) == len(signal)
    assert tracemalloc.get_traced_memory()[1] - kept < 30e6
    tracemalloc.stop()
