"""IS09 functionals of real speech."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sersnake.features.functionals import feature_names, functionals
from sersnake.io.audio import read_audio

pytestmark = pytest.mark.real


def test_values_are_those_opensmile_reads_from_the_files(emodb_dir: Path) -> None:
    import opensmile

    paths = sorted((emodb_dir / "wav").glob("*.wav"))[::60]
    smile = opensmile.Smile(opensmile.FeatureSet.IS09, opensmile.FeatureLevel.Functionals)
    expected = smile.process_files([str(path) for path in paths]).to_numpy()
    values = np.stack([functionals(read_audio(path)) for path in paths])
    assert np.array_equal(values, expected)


def test_women_speak_higher_than_men(emodb_dir: Path) -> None:
    position = feature_names().index("F0_sma_max")

    def pitch(speaker: str) -> float:
        paths = sorted((emodb_dir / "wav").glob(f"{speaker}*N?.wav"))
        return float(np.median([functionals(read_audio(path))[position] for path in paths]))

    assert min(pitch("08"), pitch("13")) > 1.2 * max(pitch("10"), pitch("15"))
