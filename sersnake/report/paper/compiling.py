"""The PDF of the paper."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sersnake.errors import SersnakeError
from sersnake.io import atomic_path

PROGRAMS = ("pdflatex", "bibtex")  # both are part of every TeX distribution
ERRORS = {"pdflatex": r"^! .*", "bibtex": r"^I (?:couldn't|didn't) .*"}


def can_compile() -> bool:
    """Whether the programs are installed."""
    return all(map(shutil.which, PROGRAMS))


def compile_paper(source: Path, target: Path) -> None:
    """Runs pdflatex and bibtex on a document; the same source and pieces give the same bytes.

    Args:
        source: The document, beside what it reads.
        target: The PDF to write.

    Raises:
        SersnakeError: One of the programs is missing, or finds an error.
    """
    for program in PROGRAMS:
        if shutil.which(program) is None:
            raise SersnakeError(
                f"{program} is not installed; install TeX Live, or use the .tex file"
            )
    folder, name = source.parent.resolve(), source.stem
    with tempfile.TemporaryDirectory() as scratch:
        latex = [
            *("pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape"),
            *(f"-output-directory={scratch}", source.name),
        ]
        _run(latex, folder, source)
        if r"\citation" in (Path(scratch) / f"{name}.aux").read_text(encoding="utf-8"):
            # bibtex writes below its working directory alone.
            _run(("bibtex", name), Path(scratch), source, BIBINPUTS=f"{folder}:")
            _run(latex, folder, source)
        _run(latex, folder, source)
        with atomic_path(target) as temporary:
            shutil.copyfile(Path(scratch) / f"{name}.pdf", temporary)


def _run(command: Sequence[str], folder: Path, source: Path, **variables: str) -> None:
    always = {"SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1"}
    made = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **always, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if made.returncode:
        told = made.stdout.decode(errors="replace")
        raise SersnakeError(
            f"{source}: {command[0]}: {_reason(command[0], told) or f'status {made.returncode}'}"
        )


def _reason(program: str, told: str) -> str:
    """The first error that a program tells, with the line of the document; empty without one."""
    wrong = re.search(ERRORS[program], told, re.MULTILINE)
    if not wrong:
        return ""
    line = re.compile(r"^l\.\d.*", re.MULTILINE).search(told, wrong.end())
    return f"{wrong[0]} ({line[0].strip()})" if line else wrong[0]
