"""A pretrained encoder arrives whole, or in one clear line and nothing on the disk."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import yaml

from sersnake.cli import main
from sersnake.features.extractor import make_extractor, pinned
from sersnake.io import read_json
from sersnake.settings.config import read_config
from sersnake.settings.pretrained import Pretrained
from tests.hub import COMMIT, NAME, Hub, serve

Files = dict[str, bytes]
Fetch = Callable[..., CompletedProcess[str]]
WEIGHTS = "model.safetensors"
JSON = ["config.json", "preprocessor_config.json"]
# What is not brought: pickles, code, weights of other precisions and programs.
PICKLES = ["pytorch_model.bin", "training_args.bin"]
WEIGHTS_OF_OTHERS = ["model.fp32-00001-of-00002.safetensors", "onnx/model.safetensors"]
LEFT = [*PICKLES, *WEIGHTS_OF_OTHERS, "mine.py", "README.md"]


@pytest.fixture
def files(encoder_folder: Callable[[str], Path]) -> Files:
    folder = encoder_folder("whisper")
    model = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert sorted(model) == sorted([*JSON, WEIGHTS])
    return {**model, **dict.fromkeys(LEFT, b"?")}


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "models"
    monkeypatch.setenv("SERSNAKE_MODELS", str(folder))
    return folder


@pytest.fixture
def fetch(models: Path, tmp_path: Path) -> Fetch:
    """The verb in a process of its own, as the hub's library reads its address when imported."""

    def run(url: str, *words: str, name: str = NAME) -> CompletedProcess[str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
        hub = {"HF_ENDPOINT": url, "HF_HOME": str(tmp_path / "home"), "no_proxy": "127.0.0.1"}
        command = [sys.executable, "-m", "sersnake", "fetch", "model", name, *words]
        env = {**kept, **hub}
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)

    return run


def contents(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_it_arrives_whole_and_is_kept_while_it_is(files: Files, models: Path, fetch: Fetch) -> None:
    folder = models / NAME
    with serve(Hub(files)) as hub:
        done = fetch(hub.url)
        assert done.returncode == 0, done.stderr
        assert contents(models) == {f"{NAME}/{name}" for name in [*JSON, WEIGHTS, "source.json"]}
        sha256 = hashlib.sha256(files[WEIGHTS]).hexdigest()
        source = {"name": NAME, "revision": COMMIT, "licence": "mit", "sha256": {WEIGHTS: sha256}}
        assert read_json(folder / "source.json") == source
        assert fetch(hub.url, "--revision", COMMIT).returncode == 0
        assert sorted(hub.fetched) == sorted([*JSON, WEIGHTS])
        (folder / WEIGHTS).write_bytes(b"damaged")
        assert fetch(hub.url).returncode == 0
    assert (folder / WEIGHTS).read_bytes() == files[WEIGHTS]
    told, following = done.stdout.splitlines()
    assert told == f"{folder} is complete: {NAME} at revision {COMMIT}"
    config = read_config(yaml.safe_load(following.removeprefix("Next: name it in a config, ")))
    settings = config.feature_sets["mine"].settings
    assert settings == Pretrained(NAME, revision=COMMIT)
    assert pinned("pretrained", settings).as_dict()["sha256"] == sha256
    make_extractor("pretrained", settings)


def test_shards_come_with_their_index(
    files: Files, models: Path, tmp_path: Path, fetch: Fetch, encoder_folder: Callable[[str], Path]
) -> None:
    from transformers import AutoModel

    model = AutoModel.from_pretrained(encoder_folder("whisper"))
    model.save_pretrained(tmp_path / "shards", max_shard_size="100KB")
    shards = {path.name: path.read_bytes() for path in (tmp_path / "shards").iterdir()}
    del files[WEIGHTS]
    with serve(Hub({**files, **shards})) as hub:
        assert fetch(hub.url).returncode == 0
    weights = sorted(name for name in shards if name.endswith(".safetensors"))
    assert len(weights) > 1
    names = {*JSON, *weights, f"{WEIGHTS}.index.json", "source.json"}
    assert contents(models / NAME) == names
    assert sorted(read_json(models / NAME / "source.json")["sha256"]) == weights
    make_extractor("pretrained", Pretrained(NAME, revision=COMMIT))


def failure(done: CompletedProcess[str], models: Path) -> str:
    """The one line of a download that fails and leaves nothing."""
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert not contents(models)
    return line.removeprefix("sersnake fetch: error: ")


@pytest.mark.parametrize(
    ("name", "words", "message"),
    [
        ("lab/other", [], "lab/other: the hub has no such public model;"),
        (NAME, ["--revision", "v2"], f"{NAME}: the hub has no revision v2; name a commit,"),
        ("../../lab", [], "../../lab: cannot be downloaded from the hub (Repo id must "),
    ],
)
def test_what_the_hub_has_not(
    name: str, words: list[str], message: str, files: Files, models: Path, fetch: Fetch
) -> None:
    with serve(Hub(files)) as hub:
        assert failure(fetch(hub.url, *words, name=name), models).startswith(message)


def test_what_is_no_encoder_to_be_read(files: Files, models: Path, fetch: Fetch) -> None:
    for missing, message in (
        (WEIGHTS, "has no safetensors, and pickles are not read; name another revision or model"),
        (JSON[1], "has no preprocessor_config.json; name a speech model"),
    ):
        rest = {name: content for name, content in files.items() if name != missing}
        with serve(Hub(rest)) as hub:
            assert failure(fetch(hub.url), models) == f"{NAME}: {message}"
            assert not hub.fetched


def test_weights_that_are_not_the_hubs(files: Files, models: Path, fetch: Fetch) -> None:
    with serve(Hub(files, hashes={WEIGHTS: "f" * 64})) as hub:
        assert failure(fetch(hub.url), models) == (
            f"{NAME}: the downloaded weights do not match the hub's SHA-256; no file was "
            "kept, fetch it again"
        )


def test_a_hub_that_is_away(files: Files, models: Path, fetch: Fetch) -> None:
    with serve(Hub(files)) as hub:
        pass
    reason = "([Errno 111] Connection refused); no file was kept, try again later"
    assert reason in failure(fetch(hub.url), models)


@pytest.mark.parametrize("words", [["model"], ["emodb", NAME]])
def test_a_name_is_of_a_model(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fetch", *words]) == 2
    assert "give a name after model, and only there" in capsys.readouterr().err
