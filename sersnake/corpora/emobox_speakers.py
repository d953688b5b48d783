"""The speakers of a data set of EmoBox, which its JSON lines do not give.

Its ``data.seg.wrd.stm`` does, yet not reliably: for IEMOCAP it names the actor who wears the
markers, for MER2023 and RESD it repeats the file name. So sersnake's own reader of a corpus takes
precedence, and speakers with one utterance each are ignored. An unknown speaker stays empty.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from sersnake.corpora.base import as_utterance
from sersnake.errors import SersnakeError

STM = "data.seg.wrd.stm"
STM_LINE = re.compile(r"<id=(.*),lang=[^,]*,spk=(.*),emotion=.*>")
# Options under which a reader of a published corpus gives the most utterances.
WIDEST = {
    "iemocap": {"style": "both"},
    "ravdess": {"channel": "both"},
}
FACTS = ("speaker", "sex", "session", "sentence", "language")


def add_speakers(rows: pd.DataFrame, source: Path, folder: Path, dataset: str) -> None:
    """Fills in what is known about the speakers and sentences of N utterances.

    Args:
        rows: Columns utterance, path, speaker, sex and language; changed in place.
        source: The JSON lines.
        folder: The data set's recordings.
        dataset: Name of the data set.
    """
    published = _published(folder, dataset)
    if published is None:
        if (rows["speaker"] == "").all():
            speakers = _stm(source, dataset)
            rows["speaker"] = [speakers.get(utterance, "") for utterance in rows["utterance"]]
        return
    for fact in FACTS:
        known = dict(zip(published["path"], published[fact], strict=True))
        given = rows[fact] if fact in rows else [""] * len(rows)
        pairs = zip(rows["path"], given, strict=True)
        rows[fact] = [known.get(path, value) for path, value in pairs]


def _published(folder: Path, dataset: str) -> pd.DataFrame | None:
    """The frame of a published corpus; None without a reader of it."""
    from sersnake.corpora.registry import CORPORA

    corpus = CORPORA.get(dataset)
    if corpus is None or not corpus.emotions:
        return None
    try:
        return corpus.read(folder, {**corpus.options, **WIDEST.get(dataset, {})})
    except SersnakeError:  # without label files, for example, no speaker is known
        return pd.DataFrame(columns=["path", *FACTS], dtype=str)


def _stm(source: Path, dataset: str) -> dict[str, str]:
    """Speakers by utterance, from the file beside the JSON lines; empty if each speaks once."""
    path = source.with_name(STM)
    if not path.is_file():
        return {}
    text = path.read_text(encoding="utf-8", errors="replace")
    pairs = STM_LINE.findall(text)
    if len({speaker for _, speaker in pairs}) == len(pairs):
        return {}
    return {as_utterance(key.removeprefix(f"{dataset}-")): speaker for key, speaker in pairs}
