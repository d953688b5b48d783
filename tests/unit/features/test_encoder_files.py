"""A folder that is no encoder as asked for is refused in a sentence, and nothing in it is run."""

from __future__ import annotations

import json
import pickle
import re
import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from sersnake.errors import SersnakeError
from sersnake.features.encoder_files import SOURCE, hash_weights
from sersnake.features.extractor import Extractor, make_extractor, pinned
from sersnake.features.fetch_encoder import fetch_encoder
from sersnake.io import hash_file, write_json
from sersnake.settings.pretrained import Pretrained

Folder = Callable[[str], Path]
CONFIG, PREPARATION, WEIGHTS = "config.json", "preprocessor_config.json", "model.safetensors"
COMMIT, OTHER_COMMIT = "1" * 40, "2" * 40


@pytest.fixture
def folder(encoder_folder: Folder, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(encoder_folder("wav2vec2"), tmp_path / "encoder"))


def extractor(folder: Path, **values: Any) -> Extractor:
    """As the verb makes it."""
    settings = Pretrained(model=str(folder), **values)
    return make_extractor("pretrained", pinned("pretrained", settings))


def refusal(folder: Path, **values: Any) -> str:
    """The one sentence of an error that begins with the folder and ends with a remedy."""
    with pytest.raises(SersnakeError) as error:
        extractor(folder, **values)
    message = str(error.value)
    assert message.startswith(str(folder))
    assert "\n" not in message and ". " not in message
    assert ";" in message and len(message.replace(str(folder), "")) < 280
    return message


def change(name: str, folder: Path, **values: object) -> None:
    """Gives some keys of a JSON file other values."""
    path = folder / name
    write_json(path, {**json.loads(path.read_text()), **values})


def remove(name: str, folder: Path) -> None:
    (folder / name).unlink()


def truncate(name: str, folder: Path) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])


def remove_a_layer(folder: Path) -> None:
    weights = load_file(folder / WEIGHTS)
    kept = {name: value for name, value in weights.items() if ".layers.1." not in name}
    assert len(kept) < len(weights)
    save_file(kept, folder / WEIGHTS, {"format": "pt"})


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (partial(remove, CONFIG), "has no config.json; fetch a speech model"),
        (partial(remove, PREPARATION), "has no preprocessor_config.json; fetch a speech model"),
        (partial(remove, WEIGHTS), "has no model.safetensors; pickled weights are not read"),
        (partial(truncate, WEIGHTS), r"cannot be read \(Error while deserializing.*\); fetch it"),
        (partial(truncate, CONFIG), r"/config.json: not JSON \(.*\); fetch it again"),
        (partial(truncate, PREPARATION), r"r_config.json: cannot be read \(.*\); fetch it again"),
        (
            remove_a_layer,
            r"lacks the weights encoder.layers.1\..* of its config.json; fetch",
        ),
        (partial(change, CONFIG, intermediate_size=30), r"lacks the weights encoder\..*; fetch it"),
        (partial(change, CONFIG, model_type="mine"), r"cannot be read \(.* `mine` .*\); fetch it"),
        (partial(change, PREPARATION, sampling_rate=8000), "reads sound at 8000 Hz; name a model"),
    ],
)
def test_a_folder_that_is_damaged(
    spoil: Callable[[Path], None], message: str, folder: Path
) -> None:
    spoil(folder)
    assert re.search(message, refusal(folder))


@pytest.mark.filterwarnings("ignore:At least one mel filter")
@pytest.mark.parametrize(
    ("family", "message"),
    [
        ("text", "reads input_ids, not sound; name a speech model"),
        ("codec", "provides no hidden states of speech (EncodecModel.forward() got an unexpected"),
        ("ast", "provides no hidden states of speech (a second has 1214 steps); name another"),
    ],
)
def test_a_model_of_another_kind(family: str, message: str, encoder_folder: Folder) -> None:
    assert message in refusal(encoder_folder(family))


def test_what_is_not_fetched_says_how_it_is(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("SERSNAKE_MODELS", str(tmp_path))
    with pytest.raises(SersnakeError) as error:
        extractor(Path("lab/tiny"))
    assert str(error.value) == (
        f"{tmp_path}/lab/tiny: no such folder; make it with `sersnake fetch model lab/tiny`, "
        "or set models_dir (SERSNAKE_MODELS) to the folder that contains it"
    )


class Trap:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


def test_no_pickle_is_read_and_no_code_is_run(folder: Path) -> None:
    sprung = folder / "sprung"
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Trap(sprung)))
    (folder / "mine.py").write_text(f"import pathlib\npathlib.Path({str(sprung)!r}).touch()\n")
    extractor(folder)
    (folder / WEIGHTS).rename(folder / "weights.safetensors")
    assert "pickled weights are not read" in refusal(folder)
    (folder / "weights.safetensors").rename(folder / WEIGHTS)
    change(PREPARATION, folder, auto_map={"AutoFeatureExtractor": "mine.Mine"})
    change(CONFIG, folder, auto_map={"AutoModel": "mine.Mine", "AutoConfig": "mine.Mine"})
    assert "needs its own code, which is never run; name another" in refusal(folder)
    assert not sprung.exists()


def test_revision_and_weights_are_those_asked_for(folder: Path) -> None:
    sha256 = hash_file(folder / WEIGHTS)
    assert "has revision unknown, not 1111" in refusal(folder, revision=COMMIT)
    write_json(folder / SOURCE, {"revision": COMMIT})
    settings = Pretrained(model=str(folder), revision=COMMIT, sha256=sha256, layers=(0, 1, 2, 3))
    assert pinned("pretrained", settings) == settings
    assert pinned("pretrained", settings.replace(layers="all")) == settings
    assert pinned("pretrained", Pretrained(model=str(folder))).as_dict()["sha256"] == sha256
    remedy = f"get it with `sersnake fetch model {folder} --revision {OTHER_COMMIT}`"
    assert refusal(folder, revision=OTHER_COMMIT).endswith(remedy)
    assert f"SHA-256 {sha256}, not {'0' * 64}" in refusal(folder, sha256="0" * 64)


def test_layers_are_the_encoders(folder: Path) -> None:
    extractor(folder, layers=(3,))
    assert refusal(folder, layers=(1, 4)).endswith("has no layer 4; choose layers from 0 to 3")


def test_shards_are_the_same_weights(folder: Path) -> None:
    from transformers import AutoModel

    signal = np.random.default_rng(0).standard_normal(8000).astype(np.float32)
    expected = extractor(folder)(signal)
    model = AutoModel.from_pretrained(folder)
    (folder / WEIGHTS).unlink()
    model.save_pretrained(folder, max_shard_size="20KB")
    first, second = sorted(folder.glob("*.safetensors"))
    np.testing.assert_array_equal(extractor(folder)(signal), expected)
    both = hash_weights(folder)
    shutil.copy(first, second)
    assert hash_weights(folder) not in (both, hash_file(first))
    second.unlink()
    assert "cannot be read (No such file" in refusal(folder)


@pytest.mark.parametrize("package", ["transformers", "huggingface_hub"])
def test_missing_packages_are_named(package: str, folder: Path, monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    for work in (extractor, partial(fetch_encoder, "lab/tiny", "")):
        with pytest.raises(SersnakeError) as error:
            work(folder)
        told = f"{package} is not installed: pip install 'sersnake[pretrained]'"
        assert str(error.value) == told
