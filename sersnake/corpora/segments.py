"""Segments: utterances that are parts of longer recordings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sersnake.errors import SersnakeError
from sersnake.io.audio import SEEKABLE, WHOLE, Segment

if TYPE_CHECKING:
    from sersnake.corpora.listing import Listing

# s by which times may miss the end of a file, or overlap the segment before: they may be rounded,
# or counted in frames of a film.
SLACK = 0.05


def settle_segments(listing: Listing) -> None:
    """Checks the times of a listing and writes them as text, empty for whole recordings.

    Only headers of recordings with times are read.

    Args:
        listing: N rows; without the columns start and end (s, NaN where unknown), all are whole
            recordings. Segments of one recording have the same path.

    Raises:
        SersnakeError: A time is negative, or a segment ends before it begins or after the end of
            its recording.
    """
    rows = listing.rows
    if "start" not in rows:
        rows["start"] = rows["end"] = ""
        return
    starts, ends = rows["start"].astype(float).fillna(0.0), rows["end"].astype(float)
    _require_order(listing, starts, ends)
    timed = rows["path"].where((starts > 0) | ends.notna(), "")
    lengths = timed.map({path: _length(path) for path in timed.unique()})
    _require_within(listing, starts, ends, lengths)
    ends = ends.mask(ends >= lengths)
    alone = ~rows["path"].duplicated(keep=False)
    whole = (starts <= SLACK) & (ends.isna() | (ends + SLACK >= lengths)) & alone
    whole |= (starts == 0) & ends.isna()
    rows["start"] = [time_text(start) for start in starts]
    rows["end"] = ["" if np.isnan(end) else time_text(end) for end in ends]
    rows.loc[whole, ["start", "end"]] = ""


def require_apart(listing: Listing) -> None:
    """Checks that no segment overlaps another of the same speaker; two speakers may overlap.

    Args:
        listing: After :func:`settle_segments`.

    Raises:
        SersnakeError: One does.
    """
    rows = listing.rows
    starts = pd.to_numeric(rows["start"].where(rows["start"] != "", "0"))
    ends = pd.to_numeric(rows["end"].where(rows["end"] != "", "inf"))
    times = rows[["path", "speaker"]].assign(start=starts, end=ends)
    times = times.sort_values(["path", "speaker", "start"], kind="stable")
    groups = [times["path"], times["speaker"]]
    before = times.groupby(groups)["end"].cummax().groupby(groups).shift().reindex(rows.index)
    overlap = before > starts + SLACK
    if overlap.any():
        start, until = starts[overlap].iloc[0], before[overlap].iloc[0]
        goes_on = "its end" if np.isinf(until) else f"{until:g} s"
        raise listing.error(
            overlap,
            f"begins at {start:g} s, where another segment of {rows['path'][overlap].iloc[0]} by "
            f"the same speaker continues to {goes_on}",
            "correct the times or remove one of the two",
        )


def fit(paths: pd.Series, starts: pd.Series, ends: pd.Series) -> bool:
    """Whether all times (s) can be those of segments of the recordings."""
    lengths = paths.map({path: _length(path) for path in paths.unique()})
    return bool(((starts >= 0) & (ends > starts) & (ends <= lengths + SLACK)).all())


def time_text(seconds: float) -> str:
    """A time in s, to the microsecond, in as few digits as possible."""
    return f"{seconds:.6f}".rstrip("0").rstrip(".")


def segments_of(frame: pd.DataFrame) -> list[Segment]:
    """Start and end of each utterance in its recording, in s; None is the end of the recording.

    Args:
        frame: A corpus' frame or a manifest, with columns start and end where it has segments.
    """
    if "start" not in frame:
        return [WHOLE] * len(frame)
    return [
        (float(start or 0), float(end) if end else None)
        for start, end in zip(frame["start"], frame["end"], strict=True)
    ]


def segment_texts(frame: pd.DataFrame) -> list[str]:
    """Where each utterance is in its recording, as START:END in s; no text without segments."""
    if "start" not in frame:
        return []
    return [f"{start}:{end}" for start, end in zip(frame["start"], frame["end"], strict=True)]


def segment_names(names: pd.Series, rows: pd.DataFrame) -> pd.Series:
    """Names of utterances; a segment has the name of its recording and its times in ms.

    Args:
        names: N names of recordings.
        rows: Columns start and end of :func:`settle_segments`.
    """
    return pd.Series(
        [
            f"{name}_{_milliseconds(start or '0')}-{_milliseconds(end) if end else 'end'}"
            if start or end
            else name
            for name, start, end in zip(names, rows["start"], rows["end"], strict=True)
        ],
        index=names.index,
        dtype=object,
    )


def _milliseconds(text: str) -> int:
    return round(1000 * float(text))


def _length(path: str) -> float:
    """Length in s; NaN where only decoding tells it, or a file is broken (reported later)."""
    if not path:
        return float("nan")
    from sersnake.io.recordings import open_audio

    try:
        with open_audio(path) as recording:
            frames, sound = recording.frames, recording.sound
            known = frames is not None and sound.subtype in SEEKABLE
            return frames / sound.samplerate if known else float("nan")
    except SersnakeError:
        return float("nan")


def _require_order(listing: Listing, starts: pd.Series, ends: pd.Series) -> None:
    negative = starts < 0
    if negative.any():
        start = starts[negative].iloc[0]
        raise listing.error(negative, f"begins at {start:g} s", "correct the start")
    inverted = ends <= starts
    if inverted.any():
        times = f"{starts[inverted].iloc[0]:g} s and ends at {ends[inverted].iloc[0]:g} s"
        raise listing.error(inverted, f"begins at {times}", "correct the times")


def _require_within(
    listing: Listing, starts: pd.Series, ends: pd.Series, lengths: pd.Series
) -> None:
    beyond = (ends > lengths + SLACK) | (starts >= lengths)
    if beyond.any():
        last = ends.where(ends.notna(), starts)[beyond].iloc[0]
        path, length = listing.rows["path"][beyond].iloc[0], lengths[beyond].iloc[0]
        raise listing.error(
            beyond,
            f"ends at {last:g} s, but {path} lasts {length:.3f} s",
            "correct the times (in s) or the path",
        )
