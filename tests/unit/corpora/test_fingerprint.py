"""Fingerprints find copies, tell different recordings apart, and pairs are found quickly."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

from sersnake.corpora.fingerprint import MAX_DISTANCE, Sketch, fingerprint, near_pairs
from sersnake.errors import SersnakeError


def babble(seed: int, rate: int = 16000) -> NDArray[np.float32]:
    """Some 2 s of noise whose level and spectrum change from syllable to syllable."""
    rng = np.random.default_rng(seed)
    syllables = []
    for _ in range(18):
        spectrum = np.fft.rfft(rng.normal(size=rng.integers(1000, 3000)))
        frequency = np.linspace(0, 8000, len(spectrum))
        formants = np.exp(-(((frequency - rng.uniform(200, 3500, (3, 1))) / 200) ** 2)).sum(axis=0)
        syllable = np.fft.irfft(spectrum * formants)
        syllables.append(rng.choice([0.02, 0.3, 1.0]) * syllable * np.hanning(len(syllable)))
    signal = np.concatenate(syllables)
    return (0.5 * signal / np.abs(signal).max()).astype(np.float32)


def distance(first: str, second: str) -> int:
    return (int(first[4:], 16) ^ int(second[4:], 16)).bit_count()


def noise(samples: int, level: float) -> NDArray[np.float32]:
    return np.random.default_rng(99).normal(0, level, samples).astype(np.float32)


COPIES = {
    "louder": lambda x: (x * 1.9, 16000),
    "quieter, in 16 bits": lambda x: (np.round(x * 0.01 * 32768) / 32768, 16000),
    "int16": lambda x: ((x * 32767).astype(np.int16), 16000),
    "8 bits": lambda x: (np.round(x * 128) / 128, 16000),
    "8 kHz": lambda x: (soxr.resample(x, 16000, 8000), 8000),
    "22.05 kHz": lambda x: (soxr.resample(x, 16000, 22050), 22050),
    "44.1 kHz": lambda x: (soxr.resample(x, 16000, 44100), 44100),
    "48 kHz": lambda x: (soxr.resample(x, 16000, 48000), 48000),
    "noise 25 dB below": lambda x: (x + noise(len(x), x.std() * 10**-1.25), 16000),
    "7 ms cut off": lambda x: (x[112:], 16000),
    "silence before": lambda x: (np.concatenate([noise(3200, 1e-4), x]), 16000),
    "silence after": lambda x: (np.concatenate([x, noise(3200, 1e-4)]), 16000),
    "inverted": lambda x: (-x, 16000),
    "with an offset": lambda x: (x * 0.5 + 0.1, 16000),
}


@pytest.mark.parametrize("change", COPIES)
def test_copies_are_found(change: str) -> None:
    for seed in range(10):
        signal = babble(seed)
        original, copy = fingerprint(signal, 16000), fingerprint(*COPIES[change](signal))
        assert near_pairs([original, copy]) == [(0, 1)]
        assert distance(original, copy) < 0.75 * MAX_DISTANCE


def test_different_recordings_are_not_near() -> None:
    prints = [fingerprint(babble(seed), 16000) for seed in range(60)]
    assert near_pairs(prints) == []
    assert min(distance(*pair) for pair in itertools.combinations(prints, 2)) > 1.3 * MAX_DISTANCE


def test_tones_of_different_frequency_are_not_near() -> None:
    time = np.arange(16000) / 16000
    prints = [fingerprint(np.sin(2 * np.pi * f * time), 16000) for f in (300, 600, 1200, 2400)]
    assert all(prints)
    assert near_pairs(prints) == []


def test_blocks_give_what_the_whole_gives() -> None:
    signal = babble(3)
    for size in (1, 100, 512, 7001):
        sketch = Sketch(16000)
        for start in range(0, len(signal), size):
            sketch.add(signal[start : start + size])
        assert sketch.fingerprint() == fingerprint(signal, 16000)


@pytest.mark.parametrize(
    ("signal", "rate"),
    [(np.zeros(16000), 16000), (np.zeros(0), 16000), (np.eye(1, 16000, 8000)[0], 16000)],
    ids=["silence", "nothing", "click"],
)
def test_sound_without_extent_has_no_fingerprint(signal: NDArray[np.float64], rate: int) -> None:
    assert fingerprint(signal, rate) == ""


def test_below_telephone_quality_there_is_no_fingerprint() -> None:
    assert fingerprint(babble(0), 7999) == ""
    assert len(fingerprint(babble(0), 8000)) == 68


def test_longer_than_two_minutes_there_is_no_fingerprint() -> None:
    signal = np.random.default_rng(0).normal(size=120 * 8000)
    assert fingerprint(signal, 8000)
    assert fingerprint([*signal, 0.0], 8000) == ""


def codes(count: int, seed: int = 0) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Spreads like those of speech, and random bits."""
    rng = np.random.default_rng(seed)
    spreads = rng.lognormal(np.log(600), 0.5, count).astype(np.int64)
    return spreads, rng.integers(0, 256, (count, 32), dtype=np.uint8)


def texts(spreads: NDArray[np.int64], octets: NDArray[np.uint8]) -> list[str]:
    return [f"{s:04x}{o.tobytes().hex()}" for s, o in zip(spreads, octets, strict=True)]


def test_near_pairs_are_those_of_a_full_comparison() -> None:
    rng = np.random.default_rng(1)
    spreads, octets = codes(300)
    for copy in range(150, 300):  # of one of the first: 0 to 70 bits flipped, other spread
        original = rng.integers(150)
        bits = np.unpackbits(octets[original])
        bits[rng.choice(256, rng.integers(0, 71), replace=False)] ^= 1
        octets[copy] = np.packbits(bits)
        spreads[copy] = spreads[original] * rng.uniform(0.95, 1.05)
    prints = texts(spreads, octets)
    expected = [
        (i, j)
        for i, j in itertools.combinations(range(300), 2)
        if distance(prints[i], prints[j]) <= MAX_DISTANCE
        and max(spreads[i], spreads[j]) <= min(spreads[i], spreads[j]) * 1.03 + 3
    ]
    assert 30 < len(expected) < 150
    assert near_pairs(prints) == expected


def test_unknown_fingerprints_are_near_none_and_keep_their_place() -> None:
    known = texts(*codes(1))[0]
    assert near_pairs(["", known, "", "", known, ""]) == [(1, 4)]
    assert near_pairs(["", ""]) == []
    assert near_pairs([]) == []


@pytest.mark.parametrize("strange", ["00", "x" * 68, "0" * 64])
def test_what_is_no_fingerprint_is_refused(strange: str) -> None:
    with pytest.raises(SersnakeError, match=r"make the manifest again"):
        near_pairs([*texts(*codes(1)), strange])


def test_a_corpus_of_copies_is_refused_instead_of_filling_the_memory() -> None:
    with pytest.raises(SersnakeError, match="more than 1000000 pairs"):
        near_pairs(texts(*codes(1)) * 2000)


def test_copies_are_found_among_many() -> None:
    spreads, octets = codes(20_000)
    prints = texts(spreads, octets)
    assert near_pairs([*prints, prints[5], prints[17]]) == [(5, 20_000), (17, 20_001)]
