"""Layers are cut out of the means of all, by the verb that packs them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sersnake.cli import main
from sersnake.errors import SersnakeError
from sersnake.features.encoder_layers import cut_layers
from sersnake.io import Features, write_text


def of_layers(options: object) -> Features:
    values = np.arange(24, dtype=np.float32).reshape(2, 12)
    return Features(("a", "b"), np.array([0, 1, 2]), values, options)


def test_a_pack_keeps_some_layers(tmp_path: Path) -> None:
    pack = of_layers({"kind": "pretrained", "layers": [0, 1, 2]})
    pack.save(tmp_path / "all.safetensors")
    write_text(tmp_path / "manifest.csv", "utterance\nb\na\n")
    files = [
        str(tmp_path / name) for name in ("all.safetensors", "manifest.csv", "cut.safetensors")
    ]
    words = ["pack", files[0], "--manifest", files[1], "--layers", "2", "1", "--output", files[2]]
    assert main(words) == 0
    cut = Features.load(files[2])
    assert cut.utterances == ("b", "a")
    assert cut.options == {"kind": "pretrained", "layers": [2, 1]}
    second, third = pack.values[:, 4:8], pack.values[:, 8:]
    np.testing.assert_array_equal(cut.values, np.hstack([third, second])[::-1])


@pytest.mark.parametrize(
    ("options", "known"),
    [({"layers": [0, 1, 2]}, "0, 1, 2"), ({"layers": "all"}, "none"), ({}, "none")],
)
def test_a_layer_that_is_not_in_the_pack_is_refused(options: object, known: str) -> None:
    with pytest.raises(SersnakeError, match=f"3 is not one of the extracted layers: {known}"):
        cut_layers(of_layers(options), [3])
