"""Predictions as annotations for ELAN (https://archive.mpi.nl/tla/elan), in its format 3.0."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

from sersnake import __version__
from sersnake.model.prediction.answers import Answers
from sersnake.model.prediction.inputs import Recording
from sersnake.model.prediction.places import link, new_files
from sersnake.model.prediction.timeline import Label, tiers

SCHEMA = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
VOCABULARY = "emotions"
# What ELAN writes of the language that nobody has chosen, which entries of a vocabulary need.
UNDETERMINED = {
    "LANG_ID": "und",
    "LANG_DEF": "http://cdb.iso.org/lg/CDB-00130975-001",
    "LANG_LABEL": "undetermined (und)",
}
Element = ElementTree.Element


def write_elan(folder: Path, answers: Answers) -> None:
    """Writes an EAF file per recording, which leads to the recording.

    Args:
        folder: Folder to write; it does not exist yet, or is empty.
        answers: The predictions.

    Raises:
        SersnakeError: Something is in the folder.
    """
    with new_files(folder, answers, ".eaf") as files:
        for path, place, recording, rows in files:
            document = _document(recording, answers)
            document.append(_header(recording, place.parent))
            document.extend(_annotations(tiers(rows, answers.columns), answers.model))
            document.extend(_types(answers.columns.labels))
            ElementTree.indent(document)
            ElementTree.ElementTree(document).write(path, "UTF-8", xml_declaration=True)


def _document(recording: Recording, answers: Answers) -> Element:
    """The root. Its date is the recording's, so that the same call writes the same bytes."""
    changed = datetime.fromtimestamp(int(recording.path.stat().st_mtime), UTC)
    return Element(
        "ANNOTATION_DOCUMENT",
        {
            "AUTHOR": f"sersnake {__version__}",
            "DATE": changed.isoformat(),
            "FORMAT": "3.0",
            "VERSION": "3.0",
            "xmlns:xsi": INSTANCE,
            "xsi:noNamespaceSchemaLocation": SCHEMA,
        },
    )


def _header(recording: Recording, folder: Path) -> Element:
    header = Element("HEADER", MEDIA_FILE="", TIME_UNITS="milliseconds")
    relative = link(recording, folder)
    if relative is not None:
        kind = mimetypes.guess_type(recording.path.name)[0] or "unknown"
        ElementTree.SubElement(
            header,
            "MEDIA_DESCRIPTOR",
            MEDIA_URL=recording.path.resolve().as_uri(),
            MIME_TYPE=kind,
            RELATIVE_MEDIA_URL=f"./{relative}",
        )
    return header


def _annotations(labels: Mapping[str, Sequence[Label]], model: str) -> list[Element]:
    """The times in ms, two of each annotation, and the tiers that name them."""
    order, elements = Element("TIME_ORDER"), []
    times = 0
    for name, tier in labels.items():
        kind = VOCABULARY if name == "emotion" else "text"
        element = Element("TIER", TIER_ID=name, ANNOTATOR=model, LINGUISTIC_TYPE_REF=kind)
        elements.append(element)
        for label in tier:
            slots = [f"ts{times + 1}", f"ts{times + 2}"]
            times += 2
            for slot, seconds in zip(slots, (label.start, label.end), strict=True):
                ElementTree.SubElement(
                    order, "TIME_SLOT", TIME_SLOT_ID=slot, TIME_VALUE=str(round(1000 * seconds))
                )
            annotation = ElementTree.SubElement(
                ElementTree.SubElement(element, "ANNOTATION"),
                "ALIGNABLE_ANNOTATION",
                ANNOTATION_ID=f"a{times // 2}",
                TIME_SLOT_REF1=slots[0],
                TIME_SLOT_REF2=slots[1],
            )
            ElementTree.SubElement(annotation, "ANNOTATION_VALUE").text = label.text
    return [order, *elements]


def _types(emotions: Sequence[str]) -> list[Element]:
    """The kinds of tiers, and the emotions that an annotator may choose from."""
    kinds = [
        Element(
            "LINGUISTIC_TYPE",
            {"CONTROLLED_VOCABULARY_REF": VOCABULARY} if name == VOCABULARY else {},
            LINGUISTIC_TYPE_ID=name,
            TIME_ALIGNABLE="true",
            GRAPHIC_REFERENCES="false",
        )
        for name in (VOCABULARY, "text")
    ]
    vocabulary = Element("CONTROLLED_VOCABULARY", CV_ID=VOCABULARY)
    ElementTree.SubElement(vocabulary, "DESCRIPTION", LANG_REF=UNDETERMINED["LANG_ID"])
    for number, emotion in enumerate(emotions):
        entry = ElementTree.SubElement(vocabulary, "CV_ENTRY_ML", CVE_ID=f"cveid{number}")
        value = ElementTree.SubElement(
            entry, "CVE_VALUE", DESCRIPTION="", LANG_REF=UNDETERMINED["LANG_ID"]
        )
        value.text = emotion
    return [*kinds, Element("LANGUAGE", UNDETERMINED), vocabulary]
