"""Acoustic fingerprints: which recordings are the same speech, despite changes of the file.

A fingerprint survives a change of level, a resampling, a codec, another bit depth, a little noise,
and silence that was cut off or added at the ends. Its input is a coarse spectrogram, the picture:
the log-energies of ``BANDS`` mel bands in ``SEGMENTS`` equal intervals of time, from ``REACH``
spreads before the centre of the speech to ``REACH`` spreads after it. Centre and spread are the
mean and the standard deviation of time, weighted by the amplitude. Hence no threshold decides where
the utterance begins, and small changes move the picture only a little. The differences of
neighbouring bands are projected on ``BITS`` random directions, and the signs are the bits: the
share of bits in which two fingerprints differ estimates the angle between the two pictures
(Charikar, Similarity estimation techniques from rounding algorithms, STOC 2002).

People never say a sentence twice in exactly the same way, synthesisers do: two voices of eSpeak NG
may differ in 26 bits, less than some copies. So synthetic speech has to be left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sersnake.errors import SersnakeError

WINDOW = 0.032  # s
HOP = 0.0105  # s; a third of the window, so that it does not matter where the frames begin
LONGEST = 120  # s
# The band of telephone speech; a signal sampled below 8000 Hz does not have all of it.
LOWEST, HIGHEST = 200.0, 3400.0  # Hz
MIN_SAMPLE_RATE = 8000  # Hz
BANDS = 16
SEGMENTS = 24
REACH = 1.8  # standard deviations; constant energy would reach to sqrt(3)
QUIET = 0.01  # of the loudest frame's energy; frames below have no weight: background noise
FLOOR = 1e-3  # of the loudest cell's energy (-30 dB); cells below hardly differ: noise again
BITS = 256
DIGITS = 4 + BITS // 4  # the spread in ms, and the bits

# On EMODB two different recordings differ in 67 bits or more, two takes of one speaker in 71 or
# more, and 12,302 of 12,305 changed copies are found.
MAX_DISTANCE = 44  # bits
SPAN_SHARE, SPAN_MS = 0.03, 3  # largest difference of the spreads of two copies
MAX_PAIRS = 1_000_000
ROWS = 64  # fingerprints that are compared with their neighbours at once: 1-2 MB


def fingerprint(signal: ArrayLike, sample_rate: int) -> str:
    """The fingerprint of an utterance.

    Args:
        signal: ``(samples,)``, of any scale.
        sample_rate: In Hz.

    Returns:
        68 hexadecimal digits: the spread in ms (4) and 256 bits. Empty (unknown) for a sample rate
        below 8000 Hz, silence, more than 120 s, or a mere click.
    """
    sketch = Sketch(sample_rate)
    sketch.add(np.asarray(signal, np.float32))
    return sketch.fingerprint()


class Sketch:
    """The fingerprint of a signal that comes in blocks, of which none is kept."""

    def __init__(self, sample_rate: int) -> None:
        """Starts a signal of ``sample_rate`` Hz."""
        self._window, self._hop = round(WINDOW * sample_rate), round(HOP * sample_rate)
        phase = (np.arange(self._window) + 0.5) / self._window
        self._taper = np.sin(np.pi * phase).astype(np.float32)
        self._rest = np.empty(0, np.float32)
        self._frames: list[NDArray[np.float32]] = []
        self._left = LONGEST * sample_rate if sample_rate >= MIN_SAMPLE_RATE else 0

    def add(self, block: NDArray[np.float32]) -> None:
        """Takes the next ``float32 (samples,)``."""
        self._left -= len(block)
        if self._left < 0:
            return
        signal = np.concatenate([self._rest, block])
        count = max(0, (len(signal) - self._window) // self._hop + 1)
        self._rest = signal[count * self._hop :]
        if count:
            windows = np.lib.stride_tricks.sliding_window_view(signal, self._window)
            self._frames.append(_band_energies(windows[:: self._hop] * self._taper))

    def fingerprint(self) -> str:
        """What :func:`fingerprint` gives for all blocks together."""
        known = self._frames and self._left >= 0
        return _encode(np.concatenate(self._frames)) if known else ""


def _band_edges() -> NDArray[np.int64]:
    """Spectral lines at which bands begin; they lie 1 / WINDOW apart at every sample rate."""
    low, high = 2595 * np.log10(1 + np.array([LOWEST, HIGHEST]) / 700)
    mels = np.linspace(low, high, BANDS + 1)
    return np.rint(700 * (10 ** (mels / 2595) - 1) * WINDOW).astype(np.int64)


EDGES = _band_edges()


def _band_energies(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    lines = np.fft.rfft(windows)[:, EDGES[0] : EDGES[-1]]
    return np.add.reduceat(lines.real**2 + lines.imag**2, EDGES[:-1] - EDGES[0], axis=1)


def _encode(frames: NDArray[np.float32]) -> str:
    energy = frames.sum(axis=1, dtype=np.float64)
    weight = np.sqrt(np.maximum(energy - QUIET * energy.max(), 0))
    if not weight.any():
        return ""
    time = np.arange(len(frames))
    centre = np.average(time, weights=weight)
    spread = np.sqrt(np.average((time - centre) ** 2, weights=weight))
    if spread < 1:
        return ""
    bits = _bits(_picture(frames, centre, spread))
    return f"{round(spread * HOP * 1000):04x}{np.packbits(bits).tobytes().hex()}"


def _picture(frames: NDArray[np.float32], centre: float, spread: float) -> NDArray[np.float64]:
    """Log-energies, ``(BANDS, SEGMENTS)``."""
    edges = np.linspace(centre - REACH * spread, centre + REACH * spread, SEGMENTS + 1) + 0.5
    time = np.arange(len(frames) + 1)
    until = np.zeros((len(time), BANDS))
    np.cumsum(frames, axis=0, out=until[1:])
    energy = np.diff([np.interp(edges, time, band) for band in until.T], axis=1)
    return np.log(energy / energy.max() + FLOOR)


def _directions() -> NDArray[np.float64]:
    """Random signs ``(BITS, (BANDS - 1) * SEGMENTS)``, the same on every machine."""
    count = BITS * (BANDS - 1) * SEGMENTS
    drawn = np.frombuffer(hashlib.shake_256(b"sersnake").digest(count // 8), np.uint8)
    return np.where(np.unpackbits(drawn), 1.0, -1.0).reshape(BITS, -1)


DIRECTIONS = _directions()


def _bits(picture: NDArray[np.float64]) -> NDArray[np.bool_]:
    slopes = np.diff(picture, axis=0)
    # Half of the mean spectrum is removed, as all speech shares it; a tone has nothing else.
    slopes -= slopes.mean(axis=1, keepdims=True) / 2
    return DIRECTIONS @ (slopes - slopes.mean()).ravel() > 0


def near_pairs(fingerprints: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of recordings that are the same speech.

    Two are near if they differ in at most ``MAX_DISTANCE`` bits and their spreads by at most 3 %
    plus 3 ms. The second condition makes it fast: sorted by spread, each is compared with its
    neighbours only, 1 s for 100,000. No pair is left out; if all spreads are equal, all are
    compared, which takes a minute.

    Args:
        fingerprints: What :func:`fingerprint` gave; an empty one is near no other.

    Returns:
        Positions i < j, sorted.

    Raises:
        SersnakeError: A text is not a fingerprint, or there are more than ``MAX_PAIRS`` pairs,
            which only a corpus that was copied into itself has.
    """
    known, spreads, words = _decode(fingerprints)
    furthest = np.searchsorted(spreads, spreads * (1 + SPAN_SHARE) + SPAN_MS, side="right")
    pairs: list[NDArray[np.int64]] = []
    total = 0
    for first, second in _near(words, furthest):
        pairs.append(np.sort(known[np.stack([first, second], axis=1)], axis=1))
        total += len(first)
        if total > MAX_PAIRS:
            raise SersnakeError(
                f"fingerprints: more than {MAX_PAIRS} pairs of recordings are the same speech; "
                "remove the copies, the audio report names those with the same samples"
            )
    joined = np.concatenate([np.empty((0, 2), np.int64), *pairs])
    return [(i, j) for i, j in joined[np.lexsort(joined.T[::-1])].tolist()]


def _decode(
    fingerprints: Sequence[str],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint64]]:
    """Positions, spreads in ms and bits ``(BITS / 64, known)``, in the order of the spreads."""
    known = np.array([i for i, text in enumerate(fingerprints) if text], np.int64)
    strange = [i for i in known if len(fingerprints[i]) != DIGITS]
    try:
        octets = bytes.fromhex("".join(fingerprints[i] for i in known))
    except ValueError:
        strange = strange or known.tolist()
    if strange:
        raise SersnakeError(
            f"fingerprint {fingerprints[strange[0]]!r}: was not made by this version of sersnake; "
            "make the manifest again"
        )
    table = np.frombuffer(octets, np.uint8).reshape(len(known), DIGITS // 2)
    spreads = table[:, 0] * np.int64(256) + table[:, 1]
    order = np.argsort(spreads, kind="stable")
    words = np.ascontiguousarray(table[order, 2:]).view(np.uint64)
    return known[order], spreads[order], np.ascontiguousarray(words.T)


def _near(
    words: NDArray[np.uint64], furthest: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Pairs of columns with few different bits; i is compared with i + 1 to furthest[i] - 1."""
    for start in range(0, words.shape[1], ROWS):
        stop = min(start + ROWS, words.shape[1])
        ones, neighbours = words[:, start:stop], words[:, start : furthest[stop - 1]]
        # Half of the bits are enough to tell most pairs apart.
        half = np.bitwise_count(ones[0, :, None] ^ neighbours[0])
        half += np.bitwise_count(ones[1, :, None] ^ neighbours[1])
        first, second = np.nonzero(half <= MAX_DISTANCE)
        ahead = (second > first) & (second < furthest[start + first] - start)
        first, second = first[ahead], second[ahead]
        different = np.bitwise_count(ones[:, first] ^ neighbours[:, second])
        near = different.sum(axis=0, dtype=np.int64) <= MAX_DISTANCE
        if near.any():
            yield start + first[near], start + second[near]
