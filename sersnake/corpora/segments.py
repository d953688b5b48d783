"""Segments of long recordings, which are refused: an utterance is a file."""

from __future__ import annotations

import pandas as pd

from sersnake.corpora.listing import Listing

SLACK = 0.05  # s by which a segment may miss the end of its file and still be the whole of it


def require_whole_files(listing: Listing, starts: pd.Series, ends: pd.Series) -> None:
    """Checks that every row is a whole recording.

    Args:
        listing: N rows.
        starts: N beginnings in s.
        ends: N ends in s; NaN is the end of the file, for any other the header of the recording is
            read.

    Raises:
        SersnakeError: A file has several segments, a segment is shorter than its file, or a
            recording is missing.
    """
    paths = listing.rows["path"]
    remedy = (
        "an utterance is a file here: cut the segments into files of their own, as "
        "config/own-corpus.md says"
    )
    several = paths.duplicated(keep=False)
    if several.any():
        path = paths[several].iloc[0]
        raise listing.error(
            several, f"is one of {(paths == path).sum()} segments of {path}", remedy
        )
    listing.require_files()
    measured = paths.where(ends.notna(), "").map(_duration)
    short = (starts > SLACK) | (ends + SLACK < measured)
    if short.any():
        raise listing.error(short, f"is only a part of {paths[short].iloc[0]}", remedy)


def _duration(path: str) -> float:
    """Length in s; 0 for a file that is not audio, which the inspection of all files reports."""
    import soundfile

    try:
        return float(soundfile.info(path).duration) if path else 0.0
    except soundfile.LibsndfileError:
        return 0.0
