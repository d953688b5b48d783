"""openSMILE's C interface, without the further imports of its Python package.

``import opensmile`` imports pandas and audformat, 0.9 s for an extraction of 0.03 s. The module of
the package that calls the C library needs NumPy alone, and is loaded here from its file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.io.audio import SAMPLE_RATE
from sersnake.settings.features import OPENSMILE_SETS

SOURCE, SINK = "extsource", "extsink"  # components of openSMILE's configurations


@contextmanager
def open_smile(feature_set: str, source: Path | None = None) -> Iterator[Any]:
    """Sets openSMILE up for the functionals of one recording at 16 kHz in 16 bits.

    Args:
        feature_set: One of :data:`~sersnake.settings.features.OPENSMILE_SETS`.
        source: Configuration of the component that takes the samples; else openSMILE's own.

    Raises:
        SersnakeError: openSMILE is not installed.
    """
    configurations = _core() / "config"
    shared = configurations / "shared"
    smile = _library().OpenSMILE()
    smile.initialize(
        str(configurations / f"{OPENSMILE_SETS[feature_set]}.conf"),
        {
            "source": source or shared / "standard_external_wave_input.conf.inc",
            "sampleRate": SAMPLE_RATE,
            "nBits": 16,
            "sink": shared / "standard_external_data_output_single.conf.inc",
            "sinkLevel": "func",
            "bufferModeRbConf": shared / "BufferModeRb.conf.inc",
            "frameModeFunctionalsConf": shared / "FrameModeFunctionals.conf.inc",
        },
    )
    try:
        yield smile
    finally:
        smile.free()


def collect(smile: Any) -> list[NDArray[np.float32]]:
    """A list to which openSMILE adds rows of functionals ``float32 (1, D)`` as it runs."""
    rows: list[NDArray[np.float32]] = []
    smile.external_sink_set_callback_ex(SINK, lambda row, _: rows.append(row.copy()))
    return rows


def only_row(rows: list[NDArray[np.float32]], feature_set: str) -> NDArray[np.float32]:
    """The values ``float32 (D,)`` of :func:`collect` once openSMILE has run.

    Raises:
        SersnakeError: There are none, or one is not finite.
    """
    if not rows or not np.isfinite(rows[0]).all():
        raise SersnakeError(f"{feature_set}: openSMILE returned values that are not finite")
    return rows[0][0]


def as_samples(signal: NDArray[np.float32]) -> bytes:
    """The signal ``(samples,)`` as 16-bit samples for openSMILE."""
    return (signal * np.float32(32768)).astype(np.int16).tobytes()


@cache
def _core() -> Path:
    """The folder of the package's modules, configurations and library."""
    spec = find_spec("opensmile")
    if spec is None or not spec.submodule_search_locations:
        raise SersnakeError("openSMILE is not installed; run `pip install opensmile`")
    return Path(spec.submodule_search_locations[0]) / "core"


@cache
def _library() -> Any:
    """The module ``opensmile.core.lib``, without the packages that contain it."""
    spec = spec_from_file_location("sersnake.features._opensmile", _core() / "lib.py")
    assert spec and spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
