"""How many of twenty listeners recognised each utterance of EMODB, in its own file erkennung.txt.

The published 535 utterances are those of which at least 80 % of the listeners recognised the
emotion and at least 60 % found it natural (erklaerung.txt beside it).
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from sersnake.errors import SersnakeError

FILE = "erkennung.txt"
ROW = re.compile(r"\d+\s+(\w+)\.wav\s+(\d+(?:,\d+)?)\s+(\d+(?:,\d+)?)")


def read_recognition(path: Path) -> pd.Series:
    """Share of listeners who recognised the emotion, from 0 to 1, by utterance.

    Args:
        path: The file, in Latin-1 as published: number, file, recognised and natural in percent.

    Raises:
        SersnakeError: A line is of another form.
    """
    shares = {}
    for number, line in enumerate(path.read_text(encoding="latin-1").splitlines()[1:], start=2):
        if not line.strip():
            continue
        match = ROW.fullmatch(line.strip())
        if match is None:
            raise SersnakeError(
                f"{path}: line {number} is not `number file recognised natural`; restore the file"
            )
        shares[match[1]] = float(match[2].replace(",", ".")) / 100
    return pd.Series(shares, name="recognised")
