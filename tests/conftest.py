"""Shared fixtures: where the real recordings are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def emodb_dir() -> Path:
    """The EMODB folder under ``SERSNAKE_CORPORA``; skips the test where it is missing."""
    corpora = os.environ.get("SERSNAKE_CORPORA")
    if not corpora:
        pytest.skip("SERSNAKE_CORPORA is not set: tests on real EMODB recordings are skipped")
    folder = Path(corpora) / "emodb"
    if not (folder / "wav").is_dir():
        pytest.skip(f"{folder / 'wav'} does not exist: tests on real EMODB recordings are skipped")
    return folder
