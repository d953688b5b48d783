"""A web server on loopback that misbehaves on demand."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Site:
    """What the server answers, and how often it was asked."""

    content: bytes = b""
    status: int = 200
    lacks: int = 0  # bytes that are announced and never sent
    stalls: bool = False  # keeps the connection open when all is sent
    requests: int = 0
    url: str = ""


class Handler(BaseHTTPRequestHandler):
    site: Site

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.site.requests += 1
        self.send_response(self.site.status)
        self.send_header("Content-Length", str(len(self.site.content) + self.site.lacks))
        self.end_headers()
        self.wfile.write(self.site.content)
        self.close_connection = not self.site.stalls


@contextmanager
def serve(site: Site) -> Iterator[Site]:
    with listening(type("Bound", (Handler,), {"site": site})) as address:
        site.url = f"{address}/download.zip"
        yield site


@contextmanager
def listening(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """The address of a server on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
