"""What ``import sersnake`` shows."""

from __future__ import annotations

import subprocess
import sys

import sersnake


def test_dir_shows_what_is_public_and_nothing_else() -> None:
    assert dir(sersnake) == sorted(sersnake.__all__)
    assert set(sersnake.__all__) == {*sersnake._MODULES, "__version__"}


def test_submodules_that_are_loaded_are_not_shown() -> None:
    code = "import sersnake; sersnake.read_audio; sersnake.mfcc; print(*dir(sersnake))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == sorted(sersnake.__all__)
