"""A download that goes on after a broken connection or a killed process.

What has come stays in the file, and a small JSON file beside it says of which address and edition
it is: the server's ETag or Last-Modified, sent back as If-Range (RFC 9110, 13.1.5). A server that
knows no ranges, or whose file has changed, sends the whole file, and the download starts over.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import BinaryIO
from urllib.request import getproxies

from sersnake.corpora.fetch.progress import ByteProgress
from sersnake.corpora.fetch.size import as_text, require_space
from sersnake.corpora.fetch.web import (
    BrokenConnectionError,
    RangeError,
    ask,
    reason,
    require_web_address,
)
from sersnake.errors import SersnakeError
from sersnake.io import write_json

CHUNK = 65536  # bytes
ATTEMPTS = 5  # in a row that bring nothing new
CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


@dataclass(frozen=True)
class Edition:
    """What a part is of.

    Attributes:
        url: Where it came from.
        validator: The server's mark of this edition of the file; empty where it gave none.
        size: Bytes of the whole file; 0 where the server did not say.
    """

    url: str = ""
    validator: str = ""
    size: int = 0

    @classmethod
    def of(cls, url: str, answer: HTTPResponse) -> Edition:
        """The edition that an answer with the whole file is of."""
        tag = answer.headers.get("ETag", "")
        if tag.startswith("W/"):  # a weak mark must not be sent as If-Range
            tag = ""
        return cls(url, tag or answer.headers.get("Last-Modified", ""), answer.length or 0)

    @classmethod
    def load(cls, path: Path) -> Edition:
        """What :func:`write_json` wrote; an unknown edition if that cannot be read."""
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            return cls(str(kept["url"]), str(kept["validator"]), int(kept["size"]))
        except (OSError, ValueError, TypeError, KeyError):
            return cls()


@dataclass
class Download:
    """One file on its way.

    Attributes:
        url: An http or https address.
        part: What has come, open for appending and reading.
        kept: JSON file with the edition that ``part`` is of.
        limit: The file may have so many bytes.
        progress: Where to tell how far it is.
        timeout: Longest wait for the next byte, in seconds.
        pause: Wait before the second attempt, in seconds; it doubles from one to the next.
    """

    url: str
    part: BinaryIO
    kept: Path
    limit: int
    progress: ByteProgress
    timeout: float = 30.0
    pause: float = 1.0

    def run(self) -> None:
        """Brings what is missing.

        Raises:
            SersnakeError: The address is none, the server refuses, the file is larger than
                ``limit``, the disk has no room, or five attempts in a row brought nothing new.
        """
        require_web_address(self.url)
        failures, best = 0, self._size()
        while True:
            try:
                self._attempt()
                return
            except BrokenConnectionError as error:
                failures = 1 if self._size() > best else failures + 1
                best = max(best, self._size())
                self._wait(failures, error)
            finally:
                self.progress.close()

    def _wait(self, failures: int, error: BrokenConnectionError) -> None:
        if failures == ATTEMPTS:
            raise SersnakeError(
                f"{self.url}: {error}, {ATTEMPTS} times in a row{self._proxy()}; repeat the call "
                f"later{self._prospect()}"
            ) from error
        seconds = self.pause * 2 ** (failures - 1)
        self.progress.note(f"{error}; trying again in {seconds:g} s")
        time.sleep(seconds)

    def _prospect(self) -> str:
        if self._size():
            return f", which goes on after {as_text(self._size())}"
        return " or give another address with --url"

    def _proxy(self) -> str:
        """Says that a proxy is set, but not which: its address may hold a password."""
        scheme = self.url.partition(":")[0]
        return f" ({scheme}_proxy is set)" if scheme in getproxies() else ""

    def _attempt(self) -> None:
        """Asks for what is missing and appends it."""
        edition = Edition.load(self.kept)
        if edition.url != self.url or not edition.validator:
            self._start_over()
        have = self._size()
        if have and have == edition.size:
            return
        with self._ask(have, edition) as answer:
            total = self._begin(answer, have, edition)
            self._append(answer, total)

    def _ask(self, have: int, edition: Edition) -> HTTPResponse:
        headers = {"Range": f"bytes={have}-", "If-Range": edition.validator} if have else {}
        try:
            return ask(self.url, headers, self.timeout)
        except RangeError:
            self._start_over()
            raise

    def _begin(self, answer: HTTPResponse, have: int, edition: Edition) -> int:
        """Makes the part ready for what comes; gives the size of the whole file, 0 if unknown."""
        if answer.status == 206:
            self._require_rest(answer, have, edition)
        else:
            if have:
                self.progress.note("the server sends the whole file again; starting over")
            self._start_over()
            edition, have = Edition.of(self.url, answer), 0
        self._require_limit(edition.size)
        require_space(self.kept.parent, max(edition.size - have, 0))
        write_json(self.kept, asdict(edition))
        self.progress.start(have, edition.size)
        return edition.size

    def _require_rest(self, answer: HTTPResponse, have: int, edition: Edition) -> None:
        """Checks that an answer is the rest that was asked for."""
        match = CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", ""))
        sizes = ("*", str(edition.size)) if edition.size else ("*",)
        if match is None or int(match[1]) != have or match[2] not in sizes:
            self._start_over()
            raise BrokenConnectionError("the server sent another part than was asked for")

    def _append(self, answer: HTTPResponse, total: int) -> None:
        have = self._size()
        for chunk in self._chunks(answer):
            have += len(chunk)
            self._require_limit(have)
            self.part.write(chunk)
            self.part.flush()  # a killed process then leaves all that has come
            self.progress.show(have)
        if have < total:
            raise BrokenConnectionError(
                f"the connection ended after {as_text(have)} of {as_text(total)}"
            )

    def _chunks(self, answer: HTTPResponse) -> Iterator[bytes]:
        while True:
            try:
                chunk = answer.read1(CHUNK)  # read() would lose what came before a break
            except (OSError, HTTPException) as error:
                raise BrokenConnectionError(reason(error)) from error
            if not chunk:
                return
            yield chunk

    def _require_limit(self, size: int) -> None:
        if size > self.limit:
            self._start_over()
            raise SersnakeError(
                f"{self.url}: sends more than {as_text(self.limit)}, so it is not the archive; "
                "look for the present address and give it with --url"
            )

    def _start_over(self) -> None:
        self.part.truncate(0)
        self.kept.unlink(missing_ok=True)

    def _size(self) -> int:
        return self.part.seek(0, 2)
