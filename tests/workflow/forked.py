"""Snakemake as a child of a process that has imported it.

Its import takes longer than most plans do, and tests call it a hundred times.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["snakemake.cli"])


def run_snakemake(
    folder: Path, arguments: Sequence[str], environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """What ``python -m snakemake`` does in a folder, to its end."""
    with tempfile.TemporaryDirectory() as printed:
        files = [f"{printed}/{name}" for name in ("stdout", "stderr")]
        call = SERVER.Process(target=_call, args=(folder, arguments, dict(environment), files))
        call.start()
        call.join()
        texts = [Path(file).read_text(encoding="utf-8") for file in files]
    return subprocess.CompletedProcess(arguments, call.exitcode or 0, *texts)


def _call(
    folder: Path, arguments: Sequence[str], environment: Mapping[str, str], files: Sequence[str]
) -> None:
    for number, file in enumerate(files, start=1):
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT)
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    sys.argv = ["snakemake", *arguments]

    from snakemake.cli import main

    main(arguments)
