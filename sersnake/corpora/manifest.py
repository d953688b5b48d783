"""The manifest: the corpus' frame with what the header of each recording says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from sersnake.audio import AudioInfo, inspect_audio
from sersnake.corpora.base import COLUMNS, Corpus
from sersnake.errors import SersnakeError

MANIFEST_COLUMNS = (*COLUMNS, "duration", "sample_rate", "channels", "synthetic")
NAMED = 10  # bad files a message names


def make_manifest(corpus: Corpus, frame: pd.DataFrame) -> pd.DataFrame:
    """Adds duration (s), sample_rate (Hz), channels and synthetic (true, false) to a frame.

    Args:
        corpus: Where the frame comes from.
        frame: What ``corpus.read`` gave.

    Raises:
        SersnakeError: Recordings are missing or broken; names up to ten of them.
    """
    infos = _inspect(corpus, [Path(path) for path in frame["path"]])
    return frame.assign(
        duration=[info.duration for info in infos],
        sample_rate=[info.sample_rate for info in infos],
        channels=[info.channels for info in infos],
        synthetic="true" if corpus.synthetic else "false",
    )


def _inspect(corpus: Corpus, paths: Sequence[Path]) -> list[AudioInfo]:
    results = [_try_inspect(path) for path in paths]  # 0.1 ms each; threads make it slower
    bad = [result for result in results if isinstance(result, SersnakeError)]
    if bad:
        more = f"; and {len(bad) - NAMED} more" if len(bad) > NAMED else ""
        reasons = "; ".join(str(error) for error in bad[:NAMED])
        raise SersnakeError(
            f"{corpus.name}: {len(bad)} of {len(paths)} recordings cannot be used: {reasons}{more}"
        )
    return [result for result in results if isinstance(result, AudioInfo)]


def _try_inspect(path: Path) -> AudioInfo | SersnakeError:
    try:
        return inspect_audio(path)
    except SersnakeError as error:
        return error
