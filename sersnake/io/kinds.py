"""What a file really is, whatever its name says, by its first bytes."""

from __future__ import annotations

import codecs

CONVERT = "convert it, with `ffmpeg -i {old} -vn {new}`"
UNPACK = "unpack it and use its content"
AGAIN = "get the recording again"

# Offset, the bytes there, what it is, and what to do about it.
SIGNATURES = (
    (0, b"\x1a\x45\xdf\xa3", "a WebM or Matroska file", CONVERT),
    (4, b"ftypM4A", "an M4A file", CONVERT),
    (4, b"ftyp3g", "a 3GP file", CONVERT),
    (4, b"ftypqt", "a MOV (QuickTime) file", CONVERT),
    (4, b"ftyp", "an MP4 file", CONVERT),
    (4, b"moov", "a MOV (QuickTime) file", CONVERT),
    (4, b"mdat", "a MOV (QuickTime) file", CONVERT),
    (0, b"\0\0\0\x08wide", "a MOV (QuickTime) file", CONVERT),
    (0, b"\0\0\0\x08free", "an MP4 or MOV (QuickTime) file", CONVERT),
    (0, b"\0\0\0\x08skip", "an MP4 or MOV (QuickTime) file", CONVERT),
    (0, b"#!AMR", "an AMR file", CONVERT),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "a WMA or WMV file", CONVERT),
    (0, b"\xff\xf1", "an AAC file", CONVERT),
    (0, b"\xff\xf9", "an AAC file", CONVERT),
    (0, b"ADIF", "an AAC file", CONVERT),
    (0, b"FLV", "a Flash video", CONVERT),
    (8, b"AVI ", "an AVI video", CONVERT),
    (0, b"\x00\x00\x01\xba", "an MPEG video", CONVERT),
    (0, b"G@\0", "an MPEG transport stream", CONVERT),
    (0, b"G@\x11", "an MPEG transport stream", CONVERT),
    (0, b"\x0b\x77", "an AC-3 file", CONVERT),
    (0, b"MAC ", "a Monkey's Audio file", CONVERT),
    (0, b"wvpk", "a WavPack file", CONVERT),
    (0, b"TTA1", "a True Audio file", CONVERT),
    (0, b"MP+", "a Musepack file", CONVERT),
    (0, b"MPCK", "a Musepack file", CONVERT),
    (0, b".RMF", "a RealAudio file", CONVERT),
    (0, b"DSD ", "a DSD file", CONVERT),
    (0, b"#!SILK_V3", "a SILK voice message", "decode it with a SILK decoder"),
    (1, b"#!SILK_V3", "a SILK voice message", "decode it with a SILK decoder"),
    (0, b"NIST_1A", "a compressed SPHERE file", "convert it, with `sph2pipe -f wav {old} {new}`"),
    (0, b"OggS", "an Ogg file with another codec than Vorbis or Opus", CONVERT),
    (8, b"WEBP", "a picture (WebP)", AGAIN),
    (0, b"RIFF", "a WAV file with a damaged header or a codec that it lacks", CONVERT),
    (0, b"MThd", "a MIDI file, which contains no speech", AGAIN),
    (0, b"%PDF", "a PDF", AGAIN),
    (0, b"\x89PNG", "a picture (PNG)", AGAIN),
    (0, b"\xff\xd8\xff", "a picture (JPEG)", AGAIN),
    (0, b"GIF8", "a picture (GIF)", AGAIN),
    (0, b"\xd0\xcf\x11\xe0", "an Office document", AGAIN),
    (0, b"\x93NUMPY", "a NumPy array", "save its samples as WAV"),
    (0, b"\x89HDF", "an HDF5 file", "save its samples as WAV"),
    (0, b"PK\x03\x04", "a ZIP archive", UNPACK),
    (0, b"\x1f\x8b", "a gzip archive", UNPACK),
    (0, b"BZh", "a bzip2 archive", UNPACK),
    (0, b"\xfd7zXZ", "an XZ archive", UNPACK),
    (0, b"7z\xbc\xaf", "a 7z archive", UNPACK),
    (0, b"Rar!", "a RAR archive", UNPACK),
    (257, b"ustar", "a tar archive", UNPACK),
    (0, b"version https://git-lfs", "a Git LFS pointer", "fetch the recording with `git lfs pull`"),
    (
        0,
        b"/annex/objects/",
        "a git-annex pointer",
        "fetch the recording with `git annex get {old}`",
    ),
)


def what_it_is(head: bytes) -> tuple[str, str] | None:
    """Identifies a file that no decoder accepts as audio.

    Args:
        head: Its first bytes, 300 or more if there are as many.

    Returns:
        What it is, with an article, and what to do, where ``{old}`` and ``{new}`` stand for its
        path and that of a new file; None if unknown.
    """
    for offset, signature, kind, remedy in SIGNATURES:
        if head.startswith(signature, offset):
            return kind, remedy
    if not head.strip(b"\0"):
        return "only zeros, as after an interrupted download", AGAIN
    text = head.decode("latin-1").lstrip("\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(("<!doctype html", "<html", "<head")):
        return "an HTML page, as after a failed download", AGAIN
    if text.startswith("<?xml"):
        return "an XML document", AGAIN
    return ("a text", AGAIN) if _is_text(head) else None


def _is_text(head: bytes) -> bool:
    """Whether it is UTF-16 with a byte order mark, UTF-8, or Latin-1 that is mostly ASCII."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _is_printable(head, "utf-16")
    plain = 2 * sum(byte < 128 for byte in head) > len(head)
    return _is_printable(head, "utf-8") or (plain and _is_printable(head, "latin-1"))


def _is_printable(head: bytes, encoding: str) -> bool:
    """Whether it has no control characters; the end may be in the middle of a character."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return False
    return all(character.isprintable() or character.isspace() for character in text)
