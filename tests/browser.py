"""A page in headless Chromium, driven by its DevTools protocol over a pipe.

What a test does here is what a reader does: real clicks and keys, at the place where an element
stands. https://chromedevtools.github.io/devtools-protocol describes the commands.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
DOMAINS = ("Runtime", "Log", "Page")  # what is told without being asked for
KEYS = {"Tab": 9, "Enter": 13, "End": 35, "ArrowDown": 40}
PATIENCE = 30.0  # s


class CommandError(Exception):
    """The browser refuses a command."""


@contextmanager
def open_page(path: Path, profile: Path, size: str = "1280,900") -> Iterator[Page]:
    """A local page in a browser of its own; skips the test where there is none.

    Args:
        path: The page.
        profile: Folder for what the browser writes.
        size: Width and height of the window in pixels.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip(f"no browser ({', '.join(BROWSERS)}): tests of pages are skipped")
    options = ["--headless", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
    # Chromium's sandbox refuses to work for root, who is who runs tests in a container.
    options += ["--no-sandbox"] if os.geteuid() == 0 else []
    options += [f"--window-size={size}", f"--user-data-dir={profile}", "--remote-debugging-pipe"]
    # Chromium reads commands from descriptor 3 and answers on 4.
    shell = ["sh", "-c", 'exec "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1', "sh"]
    with subprocess.Popen(
        [*shell, browser, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        page = Page(process)
        try:
            page.visit(path)
            yield page
        finally:
            page.close()


class Page:
    """One tab.

    Attributes:
        errors: What the page, and those within it, have said as an error so far.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.errors: list[str] = []
        self._process = process
        self._pending = b""
        self._number = 0
        self._contexts: dict[int, str] = {}  # frames by their contexts, newest last
        self._session: dict[str, str] = {}
        target = self._command("Target.createTarget", url="about:blank")["targetId"]
        attached = self._command("Target.attachToTarget", targetId=target, flatten=True)
        self._session = {"sessionId": attached["sessionId"]}
        for domain in DOMAINS:
            self._command(f"{domain}.enable")

    def visit(self, path: Path) -> None:
        """Opens a local page and waits until it is loaded."""
        url = path.resolve().as_uri()
        self._command("Page.navigate", url=url)
        self.wait(f"location.href === '{url}' && document.readyState === 'complete'")

    def ask(self, expression: str, frame: bool = False) -> Any:
        """The value of a JavaScript expression, in the page or in the newest frame within it."""
        where = {"contextId": self._newest_frame()} if frame else {}
        answer = self._command(
            "Runtime.evaluate", expression=expression, returnByValue=True, **where
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, condition: str, frame: bool = False, patience: float = PATIENCE) -> None:
        """Waits until a JavaScript expression holds."""
        deadline = time.monotonic() + patience
        while not self._holds(condition, frame):
            assert time.monotonic() < deadline, f"never true: {condition}"
            time.sleep(0.05)

    def click(self, element: str, frame: bool = False) -> None:
        """Clicks the middle of an element that a JavaScript expression gives."""
        self.wait(element, frame)
        x, y = self._middle(element, frame)
        if frame:
            left, top = self.ask(
                "(({left, top}) => [left, top])"
                "(document.querySelector('iframe').getBoundingClientRect())"
            )
            x, y = x + left, y + top
        for kind in ("mousePressed", "mouseReleased"):
            self._command(
                "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1
            )

    def click_until(self, element: str, condition: str, frame: bool = False) -> None:
        """Clicks an element of the page until a condition holds, there or in its newest frame.

        A page that is still moving has a click land beside what it was meant for.
        """
        deadline = time.monotonic() + PATIENCE
        while not self._holds(condition, frame):
            assert time.monotonic() < deadline, f"never true: {condition}"
            self.click(element)
            with suppress(AssertionError):
                self.wait(condition, frame, patience=3)

    def press(self, key: str) -> None:
        """Presses a key of ``KEYS``."""
        named = {"key": key, "code": key, "windowsVirtualKeyCode": KEYS[key]}
        text = {"text": "\r"} if key == "Enter" else {}
        self._command("Input.dispatchKeyEvent", type="keyDown", **named, **text)
        self._command("Input.dispatchKeyEvent", type="keyUp", **named)

    def resize(self, width: int, height: int) -> None:
        """Shows the page on a screen of so many pixels; a phone's is narrower than any window."""
        self._command(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )

    def screenshot(self, path: Path) -> None:
        """Writes what the window shows as PNG."""
        path.write_bytes(base64.b64decode(self._command("Page.captureScreenshot")["data"]))

    def close(self) -> None:
        """Ends the browser."""
        self._session = {}
        self._command("Browser.close")
        self._process.wait(PATIENCE)

    def _middle(self, element: str, frame: bool) -> tuple[float, float]:
        x, y = self.ask(
            "((element) => { element.scrollIntoView({block: 'nearest'});"
            " const box = element.getBoundingClientRect();"
            f" return [box.x + box.width / 2, box.y + box.height / 2]; }})({element})",
            frame,
        )
        return x, y

    def _holds(self, condition: str, frame: bool) -> bool:
        if frame and self._newest_frame() is None:
            self.ask("1")  # reads what the browser has told meanwhile
            return False
        try:
            return bool(self.ask(f"!!({condition})", frame))
        except CommandError:  # a frame that has just been replaced
            return False

    def _newest_frame(self) -> int | None:
        """The context of the frame within the page that was made last."""
        _, *within = dict.fromkeys(self._contexts.values())
        newest = [context for context, frame in self._contexts.items() if frame in within[-1:]]
        return newest[-1] if newest else None

    def _command(self, method: str, **parameters: object) -> Any:
        """Sends a command and waits for its answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters, **self._session}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message).encode() + b"\0")
        self._process.stdin.flush()
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise CommandError(f"{method}: {answer['error']}")
                return answer["result"]
            self._note(answer.get("method"), answer.get("params"))

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        while b"\0" not in self._pending:
            part = self._process.stdout.read1()
            assert part, "the browser ended"
            self._pending += part
        message, _, self._pending = self._pending.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        return answer

    def _note(self, event: str | None, told: Any) -> None:
        """Keeps errors, and which contexts there are."""
        if event == "Runtime.executionContextCreated":
            context = told["context"]
            self._contexts[context["id"]] = context["auxData"]["frameId"]
        elif event == "Runtime.executionContextDestroyed":
            self._contexts.pop(told["executionContextId"], None)
        elif event == "Runtime.executionContextsCleared":
            self._contexts.clear()
        elif event == "Runtime.exceptionThrown":
            details = told["exceptionDetails"]
            self.errors.append(
                details.get("exception", details).get("description", details["text"])
            )
        elif event == "Runtime.consoleAPICalled" and told["type"] in ("error", "assert"):
            self.errors.append(str(told["args"]))
        elif event == "Log.entryAdded" and told["entry"]["level"] == "error":
            self.errors.append(told["entry"]["text"])
