"""The files of the atlas: the page, and the data that it loads at once or on demand."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd

from sersnake.corpora.segments import segments_of
from sersnake.io import Features, atomic_folder
from sersnake.io.audio import SAMPLE_RATE, WHOLE, Segment, read_audio
from sersnake.io.files import write_text
from sersnake.io.progress import Progress
from sersnake.report.atlas import page_data, pictures
from sersnake.training.scaling import ZScore

PAGE = ("index.html", "atlas.css", "shared.js", "atlas.js")
SHARD = 40  # utterances whose pictures are loaded together


@dataclass(frozen=True)
class Atlas:
    """The contents of an atlas.

    Attributes:
        manifest: One row per utterance.
        emotions: The C classes.
        hard_index: Columns network, fold, utterance, misclassified, epochs, hard_index, hard; empty
            if nothing was mined.
        predictions: Columns system, fold, utterance, predicted.
        frames: Packed frames.
        attention: As :func:`sersnake.report.atlas.attention.pack_attention` returns it, or None.
        recognised: Share of listeners by utterance, or None.
        agreement: As :func:`sersnake.report.atlas.agreement.measure_agreement` returns it, or None.
        titles: Name of each system.
        networks: Name of each network.
        system: System shown first.
        about: Title and note of the page.
    """

    manifest: pd.DataFrame
    emotions: Sequence[str]
    hard_index: pd.DataFrame
    predictions: pd.DataFrame
    frames: Features
    attention: Features | None
    recognised: pd.Series | None
    agreement: pd.DataFrame | None
    titles: Mapping[str, str]
    networks: Mapping[str, str]
    system: str
    about: Mapping[str, str]


def write_atlas(atlas: Atlas, folder: Path, *, embed_audio: bool, progress: Progress) -> None:
    """Writes the atlas; a folder of that name is replaced once the new one is complete.

    Args:
        atlas: Its contents.
        folder: The folder; ``index.html`` in it is the page.
        embed_audio: Whether recordings (or the segments of them) are copied into it. Else the page
            links to them where they are, relative to ``folder``.
        progress: Called for every utterance.

    Raises:
        SersnakeError: The folder contains something other than an atlas, or a recording cannot be
            read.
    """
    with atomic_folder(folder, "atlas.js") as temporary:
        _write_all(atlas, temporary, folder, embed_audio, progress)


def _write_all(
    atlas: Atlas, folder: Path, final: Path, embed_audio: bool, progress: Progress
) -> None:
    for name in PAGE:
        source = resources.files("sersnake.report.atlas") / "page" / name
        (folder / name).write_bytes(source.read_bytes())
    recordings = [Path(path) for path in atlas.manifest["path"]]
    segments = segments_of(atlas.manifest)
    if embed_audio:
        links = _copy_audio(atlas.manifest["utterance"].tolist(), recordings, segments, folder)
    else:
        parts = zip(recordings, segments, strict=True)
        links = [page_data.link(path, final, *segment) for path, segment in parts]
    _write_script(folder / "data.js", "ATLAS", _everything(atlas, links))
    _write_details(atlas, recordings, segments, folder, progress)


def _copy_audio(
    names: Sequence[str], recordings: Sequence[Path], segments: Sequence[Segment], folder: Path
) -> list[str]:
    """Copies every recording, or writes the segment of it that is the utterance.

    Returns:
        The files, relative to the folder.
    """
    import soundfile

    (folder / "audio").mkdir()
    links = []
    for name, source, segment in zip(names, recordings, segments, strict=True):
        if segment == WHOLE:
            links.append(f"audio/{name}{source.suffix.lower()}")
            shutil.copyfile(source, folder / links[-1])
        else:
            links.append(f"audio/{name}.wav")
            signal = read_audio(source, start=segment[0], end=segment[1])
            soundfile.write(folder / links[-1], signal, SAMPLE_RATE)
    return links


def _everything(atlas: Atlas, links: Sequence[str]) -> dict[str, Any]:
    names = atlas.manifest["utterance"].tolist()
    mined = len(atlas.hard_index) > 0
    agreement = [] if atlas.agreement is None else atlas.agreement.to_dict("records")
    return {
        **atlas.about,
        "emotions": list(atlas.emotions),
        "system": atlas.system,
        "systems": dict(atlas.titles),
        "networks": dict(atlas.networks),
        "shard": SHARD,
        "utterances": page_data.utterance_columns(atlas.manifest, atlas.emotions, atlas.recognised)
        | {"audio": list(links)},
        "hard": page_data.hard_columns(atlas.hard_index, names) if mined else {},
        "predicted": page_data.predicted_columns(atlas.predictions, names, atlas.emotions),
        "agreement": [_without_nan(row) for row in agreement],
    }


def _without_nan(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(key): None if pd.isna(value) else value for key, value in row.items()}


def _write_details(
    atlas: Atlas,
    recordings: Sequence[Path],
    segments: Sequence[Segment],
    folder: Path,
    progress: Progress,
) -> None:
    (folder / "details").mkdir()
    names = atlas.manifest["utterance"].tolist()
    frames = atlas.frames.select(names)
    everything = pd.RangeIndex(len(names)).to_numpy()
    scale = ZScore.fit_utterances(frames, everything)
    mined = page_data.mined_rows(atlas.hard_index)
    attention = _attention(atlas.attention) if atlas.attention else {}
    for start in range(0, len(names), SHARD):
        shard = []
        for position in range(start, min(start + SHARD, len(names))):
            rows = frames.rows(position)
            begin, end = segments[position]
            signal = read_audio(recordings[position], start=begin, end=end)
            detail: dict[str, Any] = {
                "waveform": pictures.waveform(signal),
                "frames": pictures.picture(rows, scale),
                "coefficients": rows.shape[1],
                "hop": frames.options["hop_ms"] / 1000,
                "mined": mined.get(names[position], []),
            }
            if names[position] in attention:
                detail["attention"] = attention[names[position]]
            shard.append(detail)
            progress()
        number = start // SHARD
        _write_script(folder / "details" / f"{number}.js", f"ATLAS_DETAILS[{number}]", shard)


def _attention(pack: Features) -> dict[str, dict[str, Any]]:
    """The attention weights of every utterance and the fold of each, by its name."""
    columns = (pack.utterances, pack.options["folds"], pack.options["held_out"])
    return {
        name: {
            "weights": [round(float(weight), 5) for weight in pack.rows(position)[:, 0]],
            "frames": pack.options["step_frames"],
            "fold": fold,
            "held_out": held_out,
        }
        for position, (name, fold, held_out) in enumerate(zip(*columns, strict=True))
    }


def _write_script(path: Path, variable: str, value: Any) -> None:
    """Writes a value as a script, which a page can load from disk, unlike JSON."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    write_text(path, f"{variable}={text};\n")
