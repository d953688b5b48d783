"""The manifest: the corpus' frame with the properties of each recording."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from sersnake.corpora.base import COLUMNS
from sersnake.corpora.inspection import Inspection
from sersnake.errors import SersnakeError
from sersnake.io.words import first_of

MEASURED = ("duration", "sample_rate", "channels", "format", "sha256", "fingerprint")
MANIFEST_COLUMNS = (*COLUMNS, *MEASURED, "synthetic", "certificate")
NAMED = 10  # bad files that a message names


def make_manifest(
    name: str,
    frame: pd.DataFrame,
    inspections: Sequence[Inspection],
    *,
    certificates: Mapping[str, str],
    synthetic: Collection[str] = (),
    on_bad_audio: str = "stop",
) -> pd.DataFrame:
    """Joins names and labels with the properties of the recordings.

    Features are always computed at 16 kHz from one channel. A recording with another
    ``sample_rate`` is resampled, and several ``channels`` are averaged.

    Args:
        name: Name of the corpus, or of all that are joined, in messages.
        frame: What :func:`sersnake.corpora.read_corpus` returned.
        inspections: What :func:`sersnake.corpora.inspection.inspect_recordings` returned for it.
        certificates: By corpus "complete", "partial", or "none" where nothing is published.
        synthetic: The corpora whose recordings come from a synthesiser.
        on_bad_audio: "stop", or "skip" to leave bad recordings out, which makes a complete corpus
            partial.

    Returns:
        Columns ``MANIFEST_COLUMNS``, with ``SEGMENT`` after path where the frame has them: then the
        properties are those of the segment. synthetic is "true" or "false". The fingerprint of
        synthetic speech is empty (unknown), see :mod:`sersnake.corpora.fingerprint`.

    Raises:
        SersnakeError: Recordings are bad and the run is to stop, or all of them are bad; the
            message names up to ten.
    """
    bad = [inspection for inspection in inspections if inspection.bad]
    if bad and (on_bad_audio == "stop" or len(bad) == len(inspections)):
        raise SersnakeError(_message(name, bad, len(inspections), on_bad_audio))
    corpora, are_bad = frame["corpus"], [bool(inspection.bad) for inspection in inspections]
    partial = corpora.map(certificates).eq("complete") & corpora.isin(corpora[are_bad])
    is_synthetic = corpora.isin(list(synthetic))
    manifest = frame.assign(
        **{name: [getattr(inspection, name) for inspection in inspections] for name in MEASURED},
        synthetic=is_synthetic.map({True: "true", False: "false"}),
        certificate=corpora.map(certificates).mask(partial, "partial"),
    )
    manifest.loc[is_synthetic, "fingerprint"] = ""
    columns = [*frame.columns, *MANIFEST_COLUMNS[len(COLUMNS) :]]
    return manifest.loc[[not is_bad for is_bad in are_bad], columns].reset_index(drop=True)


def _message(name: str, bad: Sequence[Inspection], total: int, on_bad_audio: str) -> str:
    reasons = [
        f"{inspection.path}: {problem.detail}"
        for inspection in bad
        for problem in inspection.problems[:1]
    ]
    remedy = " (on_bad_audio: skip leaves them out)" if on_bad_audio == "stop" else ""
    named = first_of(reasons, NAMED, "; ")
    return f"{name}: {len(bad)} of {total} recordings cannot be used{remedy}: {named}"
