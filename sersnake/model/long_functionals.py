"""Functionals of long recordings, whose samples openSMILE is given as it asks for them.

Handed over as a whole, a recording is in memory several times. The values
are the same to the last bit; what is kept here are the low-level descriptors, about 8 MB per
minute of IS09 and 30 MB of ComParE_2016.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.features.smile import SOURCE, as_samples, collect, only_row, open_smile
from sersnake.io.audio import SAMPLE_RATE, as_signal

BLOCK = SAMPLE_RATE  # samples that are handed over at a time
PAUSE = 0.001  # s until a full buffer is tried again

# As openSMILE's own source, but with a buffer of ten blocks in place of one that grows.
SOURCE_CONFIGURATION = f"""
[componentInstances:cComponentManager]
instance[extsource].type=cExternalAudioSource

[extsource:cExternalAudioSource]
writer.dmLevel=wave
writer.levelconf.growDyn=0
writer.levelconf.isRb=1
writer.levelconf.nT={10 * BLOCK}
sampleRate={SAMPLE_RATE}
nBits=16
channels=1
"""


def long_functionals(signal: NDArray[np.float32], feature_set: str) -> NDArray[np.float32]:
    """As :func:`~sersnake.features.functionals.functionals`, in less memory and no less time.

    Args:
        signal: ``(samples,)`` at 16 kHz, at least a second.
        feature_set: As there.

    Raises:
        SersnakeError: A sample or a value is not finite.
    """
    return np.concatenate([_of_one_set(signal, name) for name in feature_set.split("+")])


def _of_one_set(signal: NDArray[np.float32], feature_set: str) -> NDArray[np.float32]:
    with _waiting(feature_set) as smile, ThreadPoolExecutor(1) as pool:
        rows = collect(smile)
        run = pool.submit(smile.run)
        try:
            _feed(smile, signal, run)
        finally:
            smile.external_audio_source_set_eoi(SOURCE)
        run.result()
    return only_row(rows, feature_set)


def _feed(smile: Any, signal: NDArray[np.float32], run: Future[None]) -> None:
    """Hands over all samples in 16 bits, as fast as they are taken."""
    for start in range(0, len(signal), BLOCK):
        content = as_samples(as_signal(signal[start : start + BLOCK]))
        while not smile.external_audio_source_write_data(SOURCE, content):
            if run.done():
                run.result()
                raise SersnakeError("openSMILE ended before the end of the recording")
            time.sleep(PAUSE)


@contextmanager
def _waiting(feature_set: str) -> Iterator[Any]:
    """openSMILE, waiting for samples."""
    with ExitStack() as stack:
        with tempfile.TemporaryDirectory(prefix="sersnake-") as folder:
            source = Path(folder) / "source.conf"
            source.write_text(SOURCE_CONFIGURATION, encoding="utf-8")
            smile = stack.enter_context(open_smile(feature_set, source))
        yield smile
