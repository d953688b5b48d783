"""Training processes on one machine share its cards, here pretended ones."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sersnake.training.cards import VISIBLE, take_card

# Tells its card, and holds it until it is told to end.
HOLD = """
import sys
from sersnake.training.cards import take_card
print(take_card("auto"), flush=True)
sys.stdin.read()
"""
Start = Callable[[], tuple[subprocess.Popen[str], str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a process that takes one of two cards."""
    running = []

    def process() -> tuple[subprocess.Popen[str], str]:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, VISIBLE: "GPU-a,GPU-b", "TMPDIR": str(tmp_path)},
        )
        running.append(process)
        assert process.stdout
        return process, process.stdout.readline().strip()

    yield process
    for each in running:
        each.communicate()


def test_each_process_has_a_card_of_its_own_and_a_killed_one_frees_it(start: Start) -> None:
    first, card = start()
    assert card == "GPU-a"
    assert start()[1] == "GPU-b"
    assert start()[1] == "GPU-a"  # more processes than cards share them
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert start()[1] == "GPU-a"
    assert start()[1] == "GPU-b"


@pytest.mark.parametrize(
    ("device", "visible"),
    [("auto", "3"), ("auto", ""), ("auto", "-1"), ("cuda:1", "0,1"), ("cpu", "0,1")],
)
def test_where_there_is_no_choice_nothing_changes(
    device: str, visible: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VISIBLE, visible)
    assert take_card(device) == ""
    assert os.environ[VISIBLE] == visible
