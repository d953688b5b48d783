"""Shared fixtures: where the real recordings and encoders are, and tiny encoders."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

# One thread a process, as in the workflow's jobs: tests run side by side, and threads that wait for
# each other on busy cores take several times as long. PyTorch reads it when it is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The workflow's tests first: they take longest."""
    items.sort(key=lambda item: item.path.parent.name not in {"docs", "workflow"})


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    """The tests of a file run in one process."""
    return SharedRuns(config, log)


LOOK_AT_THE_DEMO = {
    f"tests/workflow/test_{name}.py"
    for name in ("demo", "enrolment", "model", "results", "robustness")
}


class SharedRuns(LoadFileScheduling):
    """Files that look at the same run of the workflow, which one process makes for both."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return "the demo" if file in LOOK_AT_THE_DEMO else file


@pytest.fixture(autouse=True)
def arithmetic_of_a_fresh_process() -> Iterator[None]:
    """Takes back what a training verb, called in the process of the tests, told its processor.

    Numbers below the smallest normal one would be zero for all tests behind it.
    """
    yield
    if torch := sys.modules.get("torch"):
        torch.set_flush_denormal(False)
        torch.set_deterministic_debug_mode("default")
        torch.utils.deterministic.fill_uninitialized_memory = True


@pytest.fixture(scope="session")
def emodb_dir() -> Path:
    """The EMODB folder under ``SERSNAKE_CORPORA``; skips the test where it is missing."""
    corpora = os.environ.get("SERSNAKE_CORPORA")
    if not corpora:
        pytest.skip("SERSNAKE_CORPORA is not set: tests on real EMODB recordings are skipped")
    folder = Path(corpora) / "emodb"
    if not (folder / "wav").is_dir():
        pytest.skip(f"{folder / 'wav'} does not exist: tests on real EMODB recordings are skipped")
    return folder


@pytest.fixture(scope="session")
def whisper_dir() -> Path:
    """The Whisper encoder under ``SERSNAKE_MODELS``; skips the test where it is missing."""
    models = os.environ.get("SERSNAKE_MODELS")
    if not models:
        pytest.skip("SERSNAKE_MODELS is not set: tests on a real pretrained encoder are skipped")
    folder = Path(models) / "whisper-base-encoder"
    if not folder.is_dir():
        pytest.skip(f"{folder} does not exist: tests on a real pretrained encoder are skipped")
    return folder


@pytest.fixture(scope="session")
def encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a tiny random encoder by its family, not to be written to."""
    from tests.tiny_encoders import save_encoder  # which imports PyTorch

    root = tmp_path_factory.mktemp("encoders")
    return cache(lambda family: save_encoder(root, family))
