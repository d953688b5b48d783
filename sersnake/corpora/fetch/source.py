"""Where the corpora are that anybody may download, and what they must hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Limits:
    """What a download and its archive may be at most.

    Attributes:
        packed: Bytes of the archive.
        unpacked: Bytes of all files in it together.
        files: Entries of the archive.
        ratio: Bytes unpacked to bytes packed, over the whole archive; speech has 1 to 3.
    """

    packed: int = 100_000_000
    unpacked: int = 200_000_000
    files: int = 10_000
    ratio: float = 50.0


@dataclass(frozen=True)
class Source:
    """A corpus as one zip archive on the web.

    Attributes:
        url: The archive's address.
        hashes: Gives the sha256 of every recording by its path below the corpus' folder.
        sha256: That of the archive; empty where none is known.
        limits: What is accepted.
    """

    url: str
    hashes: Callable[[], Mapping[str, str]]
    sha256: str = ""
    limits: Limits = field(default_factory=Limits)


def _emodb_hashes() -> Mapping[str, str]:
    from sersnake.corpora.emodb import published_hashes

    return published_hashes()


# EMODB: the address that its authors give as the source of their own re-publication (audEERING's
# audb database "emodb"). No https address and no hash of the archive are published; what makes a
# download trustworthy are the hashes of its recordings. It has 2103 files, 41 MB, unpacked 48 MB.
SOURCES = {
    "emodb": Source(url="http://emodb.bilderbar.info/download/download.zip", hashes=_emodb_hashes)
}
