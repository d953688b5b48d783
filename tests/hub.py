"""A web server on loopback that speaks as much of the Hugging Face hub as a download needs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from tests.web import listening

NAME, COMMIT = "lab/tiny", "0123456789" * 4


@dataclass
class Hub:
    """One model at one commit, what is said of it, and which of its files were asked for."""

    files: Mapping[str, bytes]
    hashes: Mapping[str, str] = field(default_factory=dict)  # other than the files'
    fetched: list[str] = field(default_factory=list)
    url: str = ""

    def about(self) -> bytes:
        """The answer of the hub's API."""
        siblings = [self._sibling(name) for name in self.files]
        card = {"license": "mit"}
        return json.dumps(
            {"id": NAME, "sha": COMMIT, "siblings": siblings, "cardData": card}
        ).encode()

    def sha256(self, name: str) -> str:
        return self.hashes.get(name) or hashlib.sha256(self.files[name]).hexdigest()

    def _sibling(self, name: str) -> dict[str, object]:
        size = len(self.files[name])
        large = {"sha256": self.sha256(name), "size": size, "pointerSize": 100}
        lfs = {} if name.endswith(("json", "py", "md")) else {"lfs": large}
        return {"rfilename": name, "size": size, "blobId": "0" * 40, **lfs}


class Handler(BaseHTTPRequestHandler):
    hub: Hub

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = self.path.partition("?")[0].strip("/")
        files = f"{NAME}/resolve/{COMMIT}/"
        if path in (f"api/models/{NAME}", f"api/models/{NAME}/revision/{COMMIT}"):
            self._answer(self.hub.about())
        elif path.startswith(f"api/models/{NAME}"):
            self._answer(b"", 404, "RevisionNotFound")
        elif path.startswith(files) and path.removeprefix(files) in self.hub.files:
            self._send(path.removeprefix(files))
        else:
            self._answer(b"", 404, "RepoNotFound")

    def _send(self, name: str) -> None:
        if self.command == "GET":
            self.hub.fetched.append(name)
        self._answer(self.hub.files[name], etag=self.hub.sha256(name))

    def _answer(self, content: bytes, status: int = 200, code: str = "", etag: str = "") -> None:
        self.send_response(status)
        headers = {"X-Error-Code": code, "ETag": f'"{etag}"' if etag else ""}
        for name, value in {**headers, "X-Repo-Commit": COMMIT if etag else ""}.items():
            if value:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)


@contextmanager
def serve(hub: Hub) -> Iterator[Hub]:
    with listening(type("Bound", (Handler,), {"hub": hub})) as hub.url:
        yield hub
