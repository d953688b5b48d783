"""The readers of corpora: each is one entry of :data:`READERS`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

# Every reader with the module of sersnake.corpora that holds it, which is loaded when it is asked
# for; a run depends on the ones that it asks for alone.
READERS = {
    "demo": "demo",
    "emodb": "emodb",
    "casia": "casia",
    "iemocap": "iemocap",
    "ravdess": "ravdess",
    "emovo": "emovo",
    "csv": "own",
    "audformat": "audformat_database",
    "emobox": "emobox",
}

if TYPE_CHECKING:
    ReaderName = str
else:
    ReaderName = Literal["", *READERS]
