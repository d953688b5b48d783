"""Verbs of the corpus: the demo's speech and the manifest."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sersnake.cli.arguments import add_folder, add_output, add_threads, add_verb
from sersnake.cli.settings import add_settings, settings_of
from sersnake.errors import SersnakeError

if TYPE_CHECKING:
    import pandas as pd

    from sersnake.corpora.inspection import Inspection
    from sersnake.corpora.joined import Member
    from sersnake.settings.corpus import CorpusSettings


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verbs of this stage."""
    parser = add_verb(
        verbs,
        "synthesize",
        "Synthesise the demo corpus, or some of its speakers, with eSpeak NG.",
        synthesize,
    )
    parser.add_argument("speakers", nargs="+", help="speakers of the demo corpus, such as f1")
    add_folder(parser, "--output-dir", "folder for the wav files")
    _add_manifest(verbs)


def _add_manifest(verbs: argparse._SubParsersAction) -> None:
    parser = add_verb(
        verbs,
        "manifest",
        "List a corpus' utterances, and check that it is complete and that every recording can be "
        "used. The report names recordings that are broken, silent, too short, too long, clipped, "
        "or duplicates of another.",
        manifest,
    )
    parser.add_argument("name", metavar="NAME", help="name of the corpus, such as emodb")
    parser.add_argument(
        "root",
        metavar="ROOT",
        type=Path,
        help="folder of the corpus; for joined corpora the folder that contains them",
    )
    add_settings(parser)
    add_threads(parser, "number of processes")
    add_output(parser, "manifest.csv (and audio_report.csv in the same folder)")


def synthesize(options: argparse.Namespace) -> None:
    """Writes the recordings of some speakers."""
    from sersnake.corpora.demo import synthesize_speaker

    for speaker in options.speakers:
        synthesize_speaker(speaker, options.output_dir)


def manifest(options: argparse.Namespace) -> None:
    """Writes manifest.csv and the audio report; the report also if bad recordings stop it."""
    from sersnake.corpora.joined import members_of, read_members
    from sersnake.corpora.manifest import make_manifest
    from sersnake.io import write_csv
    from sersnake.settings.corpus import CorpusSettings

    (settings,) = settings_of(options, CorpusSettings)
    members = members_of(options.name, options.root, settings)
    frame = read_members(members, options.name)
    made = make_manifest(
        options.name,
        frame,
        certificates=_certify(options.name, members, frame, settings.allow_partial),
        synthetic=[member.name for member in members if member.corpus.synthetic],
        inspections=_inspect(options, frame, settings),
        on_bad_audio=settings.on_bad_audio,
    )
    write_csv(options.output, made)


def _certify(
    name: str, members: Sequence[Member], frame: pd.DataFrame, allow_partial: bool
) -> dict[str, str]:
    """Certificate of each corpus: complete, partial or none.

    Raises:
        SersnakeError: A corpus is not as published, and partial corpora are not allowed.
    """
    wrong = {member.name: member.differences(frame) for member in members}
    if sentences := [sentence for of_member in wrong.values() for sentence in of_member]:
        message = f"{name}: {'; '.join(sentences)}"
        if not allow_partial:
            raise SersnakeError(
                f"{message}; or set allow_partial: true to continue with a partial corpus"
            )
        print(f"sersnake manifest: warning: partial corpus: {message}", file=sys.stderr)
    states = {member.name: "complete" if member.certificate else "none" for member in members}
    return states | {name: "partial" for name, of_member in wrong.items() if of_member}


def _inspect(
    options: argparse.Namespace, frame: pd.DataFrame, settings: CorpusSettings
) -> list[Inspection]:
    """Inspects every recording and writes the report."""
    from sersnake.corpora.inspection import (
        AudioLimits,
        audio_report,
        audio_summary,
        inspect_recordings,
    )
    from sersnake.corpora.segments import segments_of
    from sersnake.io import write_csv
    from sersnake.io.progress import Progress

    limits = AudioLimits(settings.audio.min_duration, settings.audio.max_duration)
    progress = Progress("recordings", len(frame), sys.stderr)
    paths = [Path(path) for path in frame["path"]]
    inspections = inspect_recordings(paths, limits, options.threads, progress, segments_of(frame))
    report = audio_report(frame["utterance"].tolist(), inspections, settings.on_bad_audio)
    path = options.output.with_name("audio_report.csv")
    write_csv(path, report)
    more = "" if report.empty else f"; see {path}"
    print(f"{audio_summary(inspections, report)}{more}", file=sys.stderr)
    return inspections
