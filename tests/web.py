"""A web server on loopback that misbehaves on demand."""

from __future__ import annotations

import re
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Site:
    """What the server does; a list has one item a request, and the last holds for all others."""

    content: bytes = b""
    mark: Mapping[str, str] = field(default_factory=lambda: {"ETag": '"first"'})
    ranges: bool = True
    length: int | None = -1  # declared; -1: the right one, None: not declared
    status: list[int] = field(default_factory=lambda: [200])
    location: str = ""
    cut: list[int | None] = field(default_factory=lambda: [None])  # bytes before the break
    stall: bool = False  # at the cut, wait for `released` before the connection ends
    released: threading.Event = field(default_factory=threading.Event)
    requests: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    def next(self, items: list[int] | list[int | None]) -> int | None:
        return items[min(len(self.requests), len(items)) - 1]


class Handler(BaseHTTPRequestHandler):
    site: Site

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        site = self.site
        site.requests.append({"path": self.path, **self.headers})
        status = site.next(site.status) or 200
        if status >= 400:
            self.send_error(status)
        elif status >= 300:
            self.send_response(status)
            self.send_header("Location", site.location)
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._send_content()

    def _send_content(self) -> None:
        site, start = self.site, self._start()
        if start is not None and start >= len(site.content):
            self.send_error(416)
            return
        self.send_response(200 if start is None else 206)
        body = site.content[start or 0 :]
        if start is not None:
            size = len(site.content)
            self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        if site.length is not None:
            self.send_header("Content-Length", str(len(body) if site.length < 0 else site.length))
        for name, value in site.mark.items():
            self.send_header(name, value)
        self.end_headers()
        self._send_body(body)

    def _start(self) -> int | None:
        """Where the answer starts, if the request is for a range of this edition."""
        match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        known = self.headers.get("If-Range") in self.site.mark.values()
        return int(match[1]) if match and known and self.site.ranges else None

    def _send_body(self, body: bytes) -> None:
        cut = self.site.next(self.site.cut)
        self.wfile.write(body[:cut])
        if cut is not None:
            self.wfile.flush()
            if self.site.stall:
                self.site.released.wait(10)
            self.close_connection = True


class Proxy(BaseHTTPRequestHandler):
    """Answers whatever is asked through it with the site's content."""

    site: Site

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.site.requests.append({"path": self.path, **self.headers})
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.site.content)))
        self.end_headers()
        self.wfile.write(self.site.content)


class Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        pass  # a client that hangs up is part of the tests


@contextmanager
def serve(
    site: Site,
    handler: type[BaseHTTPRequestHandler] = Handler,
    tls: ssl.SSLContext | None = None,
) -> Iterator[Site]:
    bound = type("Bound", (handler,), {"site": site})
    with Server(("127.0.0.1", 0), bound) as server:
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        site.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}/download.zip"
        try:
            yield site
        finally:
            site.released.set()
            server.shutdown()
            thread.join()
