"""Utterance-level functionals of openSMILE: the input of the FCN branch (Fig. 1)."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sersnake.errors import SersnakeError
from sersnake.features.extractor import Extractor
from sersnake.features.smile import SINK, SOURCE, as_samples, collect, only_row, open_smile
from sersnake.io.audio import SAMPLE_RATE, as_signal
from sersnake.settings.features import OpenSmile


def functionals(
    signal: ArrayLike, sample_rate: int = SAMPLE_RATE, *, feature_set: str = "IS09"
) -> NDArray[np.float32]:
    """Functionals of one utterance.

    ``IS09`` is the set of the INTERSPEECH 2009 Emotion Challenge (Schuller, Steidl and Batliner),
    the paper's input of the FCN: 12 functionals of each of 16 low-level descriptors and their
    deltas.

    Args:
        signal: ``(samples,)``: float32 or float64 in [-1, 1], or int16, divided by 32768.
        sample_rate: Of the signal, in Hz. It is resampled to 16 kHz, as when a file is read.
        feature_set: One of ``OPENSMILE_SETS``, or several joined by ``+``, such as
            ``IS09+ComParE_2016``, whose values are concatenated.

    Returns:
        ``float32 (dimension,)``: 384 for IS09, in the order of :func:`feature_names`.

    Raises:
        SersnakeError: The signal is not one finite channel, is not scaled to [-1, 1] or is too
            short, the rate is invalid, or a feature set is unknown or named twice.
    """
    samples = as_signal(signal, sample_rate)
    return np.concatenate([_of_one_set(samples, name) for name in OpenSmile(feature_set).names])


def functionals_extractor(settings: OpenSmile) -> Extractor:
    """The extractor of functionals, a single row."""
    return lambda signal: functionals(signal, feature_set=settings.feature_set)[None]


def feature_names(feature_set: str = "IS09") -> tuple[str, ...]:
    """Names that openSMILE gives the values of :func:`functionals`.

    With several sets, each name is preceded by its set (``IS09/F0_sma_max``), as sets share names.

    Raises:
        SersnakeError: A feature set is unknown or named twice.
    """
    sets = OpenSmile(feature_set).names
    if len(sets) == 1:
        return _names(feature_set)
    return tuple(f"{name}/{value}" for name in sets for value in _names(name))


def _of_one_set(signal: NDArray[np.float32], feature_set: str) -> NDArray[np.float32]:
    # openSMILE starts afresh for each, so nothing of an utterance reaches the next.
    with open_smile(feature_set) as smile:
        rows = collect(smile)
        smile.external_audio_source_write_data(
            SOURCE, as_samples(_long_enough(signal, feature_set))
        )
        smile.external_audio_source_set_eoi(SOURCE)
        smile.run()
    return only_row(rows, feature_set)


def _long_enough(signal: NDArray[np.float32], feature_set: str) -> NDArray[np.float32]:
    # One window of the longest kind: 25 ms in IS09, 60 ms in the others.
    needed = SAMPLE_RATE * (25 if feature_set == "IS09" else 60) // 1000
    if len(signal) < needed:
        raise SersnakeError(f"signal has {len(signal)} samples; {feature_set} needs {needed}")
    return signal


@cache
def _names(feature_set: str) -> tuple[str, ...]:
    with open_smile(feature_set) as smile:
        numbers = range(smile.external_sink_get_num_elements(SINK))
        return tuple(smile.external_sink_get_element_name(SINK, number) for number in numbers)
