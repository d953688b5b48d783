"""One request over http or https, through the user's proxies.

The standard library does it: urllib honours http_proxy, https_proxy and no_proxy and checks
certificates. Neither requests nor pooch goes on with a broken download, so neither would save
anything here.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib import request
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from sersnake import __version__
from sersnake.errors import SersnakeError

SCHEMES = ("http", "https")
PASSING = (408, 429, 500, 502, 503, 504)  # HTTP errors of a server that is busy or restarting


class BrokenConnectionError(Exception):
    """A failure that may be gone at the next attempt."""


class RangeError(BrokenConnectionError):
    """The server has no bytes where the download was to go on."""


def require_web_address(url: str) -> None:
    """Checks an address that a user gave.

    Raises:
        SersnakeError: It is no http or https address.
    """
    try:
        parts = urlsplit(url)
        good = parts.scheme in SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if (
        not good
        or "@" in parts.netloc
        or not (url.isascii() and url.isprintable() and " " not in url)
    ):
        raise SersnakeError(f"{url!r}: is no address as in https://example.org/download.zip")


class _Redirects(request.HTTPRedirectHandler):
    """Follows redirections, but not from https to anything else."""

    def redirect_request(self, req: request.Request, *rest: Any) -> request.Request | None:
        before, after = urlsplit(req.full_url).scheme, urlsplit(rest[-1]).scheme
        if after not in SCHEMES or (before == "https" and after == "http"):
            raise SersnakeError(
                f"{req.full_url}: redirects to {rest[-1]}, which is not as safe; look for the "
                "present address and give it with --url"
            )
        return super().redirect_request(req, *rest)


def _opener() -> request.OpenerDirector:
    """Opens nothing but http and https; a default opener also opens file: and ftp:."""
    opener = request.OpenerDirector()
    for handler in (
        request.ProxyHandler(),
        request.HTTPHandler(),
        request.HTTPSHandler(),
        request.HTTPDefaultErrorHandler(),
        request.HTTPErrorProcessor(),
        request.UnknownHandler(),
        _Redirects(),
    ):
        opener.add_handler(handler)
    return opener


def ask(url: str, headers: Mapping[str, str], timeout: float) -> HTTPResponse:
    """Sends a GET request and follows redirections.

    Args:
        url: An http or https address.
        headers: What to send beside the name of this program.
        timeout: Longest wait for the server, in seconds.

    Returns:
        An answer with a status of 200 to 299, not yet read.

    Raises:
        BrokenConnectionError: It may work later.
        RangeError: The server refuses the Range that was asked for.
        SersnakeError: It will not work, and the message says what the user can do.
    """
    asked = request.Request(url, headers={"User-Agent": f"sersnake/{__version__}", **headers})
    try:
        answer: HTTPResponse = _opener().open(asked, timeout=timeout)
        return answer
    except HTTPError as error:
        error.close()
        raise _http_error(url, error) from error
    except URLError as error:
        raise _connection_error(url, error.reason) from error
    except (OSError, HTTPException) as error:
        raise BrokenConnectionError(reason(error)) from error


def _http_error(url: str, error: HTTPError) -> Exception:
    what = " ".join(f"HTTP {error.code} {error.reason}".split())
    if error.code == 416:
        return RangeError(what)
    if error.code in PASSING:
        return BrokenConnectionError(what)
    return SersnakeError(f"{url}: {what}; look for the present address and give it with --url")


def _connection_error(url: str, cause: str | BaseException) -> Exception:
    if isinstance(cause, ssl.SSLCertVerificationError):
        return SersnakeError(
            f"{url}: the server's certificate is not accepted ({cause.verify_message}); give "
            "another address with --url, or your authority's certificates with SSL_CERT_FILE"
        )
    if isinstance(cause, OSError):
        return BrokenConnectionError(reason(cause))
    return SersnakeError(f"{url}: cannot be opened ({cause}); check http_proxy and https_proxy")


def reason(error: Exception) -> str:
    """Why a connection broke, in a few words."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    strerror = getattr(error, "strerror", None)
    return " ".join(str(strerror or error or type(error).__name__).split())
