"""Predictions as one page that opens from disk: waveform, emotion over time, player and table."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sersnake.io.audio import SAMPLE_RATE, stream_audio
from sersnake.io.files import write_text
from sersnake.io.names import written
from sersnake.model.prediction.answers import Answers, length
from sersnake.model.prediction.inputs import Recording
from sersnake.model.prediction.output import DIGITS
from sersnake.model.prediction.places import link, relative_names
from sersnake.model.prediction.rows import Row
from sersnake.model.prediction.timeline import timeline

if TYPE_CHECKING:
    from sersnake.model.attention import Attention

STEP = SAMPLE_RATE // 100  # samples that a waveform has a smallest and a largest one of
COLUMNS = 20_000  # of the waveform of a long recording, so that its page stays small
PAGE = "model/prediction/page"
SHARED = "report/atlas/page"  # what the atlas has too


def write_page(path: Path, answers: Answers) -> None:
    """Writes the page, which links to the recordings where they are.

    Args:
        path: The page.
        answers: The predictions.
    """
    files = resources.files("sersnake")
    html, css, script = (
        files.joinpath(PAGE, name).read_text(encoding="utf-8")
        for name in ("page.html", "page.css", "page.js")
    )
    style, shared = (
        files.joinpath(SHARED, name).read_text(encoding="utf-8")
        for name in ("atlas.css", "shared.js")
    )
    data = json.dumps(_everything(answers, path.parent), ensure_ascii=False, allow_nan=False)
    # No name of a recording ends the element that it stands in.
    parts = {
        "{{style}}": style + css,
        "{{script}}": shared + script,
        "{{data}}": data.replace("<", "\\u003c"),
    }
    for mark, text in parts.items():
        html = html.replace(mark, text)
    write_text(path, html)


def _everything(answers: Answers, folder: Path) -> dict[str, Any]:
    heard = list(answers.by_recording())
    labels = answers.columns.labels
    calibrated = not all(math.isnan(row.probabilities[0]) for row in answers.rows)
    names = relative_names([each for each, _ in heard])
    count = f"{len(heard)} recording{'s' if len(heard) != 1 else ''}"
    return {
        "title": f"Emotions in {count}",
        "note": f"Predicted by the model {answers.model}: how speech sounds, not what a person "
        "feels.",
        "emotions": labels,
        "calibrated": calibrated,
        "recordings": [
            {"name": written(str(name)), **_recording(each, rows, labels, folder)}
            for name, (each, rows) in zip(names, heard, strict=True)
        ],
    }


def _recording(
    recording: Recording, rows: Sequence[Row], labels: Sequence[str], folder: Path
) -> dict[str, Any]:
    number = {id(row): place for place, row in enumerate(rows)}
    return {
        "audio": link(recording, folder),
        "length": round(length(recording, rows), DIGITS),
        "waveform": _waveform(recording.path),
        "segments": [_segment(row, labels) for row in rows],
        "intervals": [
            [round(start, DIGITS), round(end, DIGITS), number[id(row)]]
            for start, end, row in timeline(rows)
        ],
    }


def _segment(row: Row, labels: Sequence[str]) -> dict[str, Any]:
    calibrated = not math.isnan(row.probabilities[0])
    best = -1 if row.silent else labels.index(row.emotion)
    value = None if row.silent else (row.probabilities if calibrated else row.scores)[best]
    return {
        "start": round(row.start, DIGITS),
        "end": round(row.end, DIGITS),
        "emotion": best,
        "value": value if value is None else round(value, DIGITS),
        "chances": [round(chance, DIGITS) for chance in row.probabilities] if calibrated else None,
        "attention": _attention(row.attention),
        "unusual": row.unusual,
    }


def _attention(attention: Attention | None) -> dict[str, Any] | None:
    """The weight of each step in hundredths of the largest, and the length of a step in s."""
    if attention is None:
        return None
    shares = np.round(100 * attention.weights / attention.weights.max()).astype(int)
    return {"step": round(attention.step, DIGITS), "shares": shares.tolist()}


def _waveform(path: Path) -> str:
    """Smallest and largest sample of each column, as signed bytes in base64.

    Loud and quiet recordings fill the same height: the largest sample is 127.
    """
    peaks, rest = [], np.empty(0, np.float32)
    for piece in stream_audio(path):
        signal = np.concatenate([rest, piece])
        whole = len(signal) // STEP * STEP
        blocks, rest = signal[:whole].reshape(-1, STEP), signal[whole:]
        peaks.append(np.stack([blocks.min(axis=1), blocks.max(axis=1)], axis=1))
    if len(rest):
        peaks.append(np.array([[rest.min(), rest.max()]]))
    each = np.concatenate(peaks)
    parts = np.array_split(each, min(COLUMNS, len(each)))
    columns = np.array([[part[:, 0].min(), part[:, 1].max()] for part in parts])
    top = np.abs(columns).max()
    scaled = np.round(columns * (127 / top if top > 0 else 0)).astype(np.int8)
    return base64.b64encode(scaled.tobytes()).decode("ascii")
