"""A model of a baseline that was fitted on degraded copies too."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from sersnake.fusion.final import late_block
from sersnake.fusion.origin import Origin
from sersnake.fusion.part import ClassifierRecipe, Part
from sersnake.io import Features, read_csv
from sersnake.model import Model, load_model
from sersnake.settings.classifiers import Fusion, Svm
from tests import small_model


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models with and without copies."""
    folder = tmp_path_factory.mktemp("copies") / "work"
    recordings = small_model.write_recordings(folder.with_name("wav"))
    small_model.prepare(folder, recordings)
    noisy = folder / "is09.noise_10.safetensors"
    given = ("opensmile", *sorted(recordings), "--condition", "noise_10")
    small_model.call("extract-degraded", *given, "--output", noisy)
    pack, manifest = folder / "is09.safetensors", folder / "manifest.csv"
    told = ("--run", json.dumps({"training_copies": ["noise_10"]}))
    described = ("--manifest", manifest, "--audit", folder / "audit.json", *told)
    small_model.call("describe", *described, "--output", folder / "context.json")
    for name, copies in (("copied", ["--copies", f"noise_10.is09={noisy}"]), ("plain", [])):
        where = ["--system", "is09_svm", "--manifest", manifest, "--folds", folder / "folds.csv"]
        predictions = folder / f"{name}.csv"
        call = (pack, *where, *copies, "--fold", "0", "1", "--output", predictions)
        small_model.call("classify", *call)
        small_model.call(
            *("make-model", *where, *copies, "--name", "small", "--features", f"is09={pack}"),
            *("--held-out", pack, "--predictions", predictions),
            *("--context", folder / "context.json", "--output-dir", folder / name),
        )
    return folder


def classifier_part(model: Model) -> Part:
    (part,) = model.classifier.parts
    return part


def test_the_classifier_is_that_of_recordings_and_copies(made: Path) -> None:
    names = read_csv(made / "manifest.csv", ["utterance"])["utterance"].tolist()
    emotions = read_csv(made / "manifest.csv", ["emotion"])["emotion"].to_numpy(str)
    packs = [made / f"is09{condition}.safetensors" for condition in ("", ".noise_10")]
    rows = np.concatenate([Features.load(path).select(names).values for path in packs])
    labels = np.unique(np.tile(emotions, 2), return_inverse=True)[1]
    recipe = ClassifierRecipe("svm", Svm(), Fusion(), (0, "is09_svm", "0"))
    blocks = {late_block("is09"): rows[None]}
    fitted = Part.fit(tuple(blocks), blocks, labels, recipe, Origin.unknown(len(rows)))
    model = load_model(made / "copied")
    np.testing.assert_array_equal(classifier_part(model).scores(blocks), fitted.scores(blocks))
    plain = load_model(made / "plain")
    assert not np.array_equal(classifier_part(plain).scores(blocks), fitted.scores(blocks))


def test_what_is_unusual_is_measured_by_the_same_scale(made: Path) -> None:
    """Noise widens what a column is scaled by, of the model and of the folds alike."""
    copied, plain = (load_model(made / name) for name in ("copied", "plain"))
    assert copied.novelty.threshold < plain.novelty.threshold


def test_the_card_names_the_copies(made: Path) -> None:
    card = " ".join((made / "copied/README.md").read_text(encoding="utf-8").split())
    assert "and on degraded copies of them (noise 10 dB)" in card
