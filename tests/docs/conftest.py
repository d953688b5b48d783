"""The project as a reader of the pages has it, with the corpora and the encoder that they name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workflow.conftest import Project, copy_project


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy to plan in, with a reader's own config."""
    project = copy_project(tmp_path_factory.mktemp("clone"))
    (project.folder / "my.yaml").write_text("corpus: demo\n")
    (project.folder / "three.yaml").write_text("systems: [compare_svm]\n")
    return project


@pytest.fixture(scope="session")
def models(whisper_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Encoders as `sersnake fetch model` leaves them."""
    folder = tmp_path_factory.mktemp("models")
    (folder / "openai").mkdir()
    (folder / "openai" / "whisper-base").symlink_to(whisper_dir)
    return folder
