"""A model as one folder: arrays in safetensors, the rest in JSON. Loading it executes no code."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.fusion.calibration import KINDS, Calibration
from sersnake.fusion.final import FinalClassifier, late_block
from sersnake.io.files import hash_file, write_json, write_text
from sersnake.io.tensors import read_tensors, write_tensors
from sersnake.model.built_in import find_model
from sersnake.model.extraction import Extraction
from sersnake.model.model import Model
from sersnake.model.novelty import Novelty
from sersnake.settings.base import changed, read_settings
from sersnake.settings.streams import Streams, read_by
from sersnake.training.scaling import ZScore
from sersnake.training.voice_scaling import VoiceScaling

FORMAT = 4  # grows when another sersnake could not read what this one writes
READ = (3, FORMAT)  # format 3 knows no enrolment
DESCRIPTION, CLASSIFIER, CARD = "model.json", "classifier.safetensors", "README.md"
PREFIX = "classifier."  # of its arrays, beside the networks' z-scores and the classes' middles
SCALING = "scaling."  # of the z-scores of feature sets
VOICES = "voices."  # of how they are scaled by speaker, if they are
AGAIN = "download or make the model again"

Arrays = Mapping[str, NDArray[Any]]


def save_model(model: Model, folder: str | Path) -> None:
    """Writes a model; ``model.json`` comes last, so an incomplete new folder is not a model.

    Where the folder is a model already, its ``model.json`` stays until then: a call that fails or
    is killed leaves that model as it was, or, once an array has another value, files whose
    checksums :func:`load_model` refuses.
    """
    from sersnake.model.card import model_card  # imports pandas, which loading needs not

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, Arrays] = {CLASSIFIER: _classifier_arrays(model)}
    files |= {f"{name}.safetensors": arrays for name, arrays in model.networks.items()}
    for name, arrays in files.items():
        write_tensors(folder / name, arrays, {"model": model.about["name"], "format": FORMAT})
    write_text(folder / CARD, model_card(model))
    description = {
        "format": FORMAT,
        "labels": list(model.labels),
        "features": model.extraction.as_dict(),
        "crop": model.crop,
        "streams": changed(model.streams),
        "networks": list(model.networks),
        "classifier": model.classifier.structure,
        "threshold": model.novelty.threshold,
        **({"calibration": asdict(model.calibration)} if model.calibration else {}),
        "sha256": {name: hash_file(folder / name) for name in sorted(files)},
        "about": model.about,
    }
    write_json(folder / DESCRIPTION, description)


def load_model(folder: str | Path, modules: Sequence[str] = ()) -> Model:
    """Reads what :func:`save_model` wrote.

    Args:
        folder: The model's folder, none of which is executed, or the name of a built-in model
            (``sersnake models``).
        modules: Your own networks that may be imported, ``module.Class`` each, if the model was
            trained with one.

    Raises:
        SersnakeError: It is not a model, has another format, has parts that are damaged or do not
            belong together, or has a network that ``modules`` does not name.
    """
    folder = find_model(folder)
    description = read_description(folder)
    with _complaints(folder):
        names = _network_names(description["networks"])
        streams = read_settings(Streams, description["streams"])
        _refuse_unnamed(folder, streams, names, modules)
        files = [CLASSIFIER, *(f"{name}.safetensors" for name in names)]
        _check_hashes(folder, description["sha256"], files)
        classifier, *networks = (read_tensors(folder / file)[0] for file in files)
        model = _assemble(description, classifier, dict(zip(names, networks, strict=True)))
        home = folder.resolve()
        model = replace(model, extraction=replace(model.extraction, home=home))
        _check_shapes(model)
        if names:
            _check_networks(model)
    return model


def read_description(folder: Path) -> dict[str, Any]:
    """The content of ``model.json``.

    Raises:
        SersnakeError: It is missing, damaged or of another format.
    """
    path = folder / DESCRIPTION
    if not path.is_file():
        raise SersnakeError(
            f"{folder}: contains no {DESCRIPTION}, so it is not a model; name the folder that "
            "`snakemake model` made, or a built-in model (`sersnake models`)"
        )
    try:
        description = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise SersnakeError(f"{path}: is damaged ({error}); {AGAIN}") from error
    version = description.get("format") if isinstance(description, dict) else None
    if type(version) is not int:
        raise SersnakeError(f"{path}: is not a description of a model; {AGAIN}")
    if version not in READ:
        age, remedy = (
            ("a newer", "update sersnake") if version > FORMAT else ("an older", "make it again")
        )
        raise SersnakeError(
            f"{folder}: has format {version} of {age} sersnake, this one reads formats "
            f"{' and '.join(map(str, READ))}; {remedy}"
        )
    return description


@contextmanager
def _complaints(folder: Path) -> Iterator[None]:
    """Turns any error from a damaged description into one clear message."""
    try:
        yield
    except SersnakeError as error:
        if str(folder) in str(error):
            raise
        raise SersnakeError(f"{folder}: {error}; {AGAIN}") from error
    except (KeyError, TypeError, ValueError, AttributeError, RuntimeError) as error:
        what = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        raise SersnakeError(
            f"{folder}: its parts do not belong together ({what}); {AGAIN}"
        ) from error


def _network_names(names: Sequence[str]) -> list[str]:
    if len(set(names)) < len(names) or not all(map(str.isalnum, names)):
        raise ValueError(f"networks: {names!r}")
    return list(names)


def _refuse_unnamed(
    folder: Path, streams: Streams, names: Sequence[str], modules: Sequence[str]
) -> None:
    """Refuses to import code that the user did not name."""
    for stream in (stream for name in names for stream in read_by(name, streams).values()):
        module = stream.network.module
        if module and module not in modules:
            raise SersnakeError(
                f"{folder}: its stream {stream.name} uses the network {module}, which is not part "
                "of sersnake; if you have and trust that code, allow it: load_model(folder, "
                f"modules=[{module!r}]), or --modules {module}"
            )
        if module:
            _require_module(folder, module)


def _require_module(folder: Path, module: str) -> None:
    from sersnake.networks.custom import load_class

    try:
        load_class(module)
    except SersnakeError as error:
        raise SersnakeError(f"{folder}: {error}") from error


def _check_hashes(folder: Path, hashes: Mapping[str, str], files: Sequence[str]) -> None:
    for name in files:
        path = folder / name
        if not path.is_file():
            raise SersnakeError(f"{path}: is missing; {AGAIN}")
        if hash_file(path) != hashes[name]:
            raise SersnakeError(f"{path}: is damaged or of another model; {AGAIN}")


def _assemble(description: Mapping[str, Any], arrays: Arrays, networks: dict[str, Arrays]) -> Model:
    of_classifier = {
        name.removeprefix(PREFIX): array
        for name, array in arrays.items()
        if name.startswith(PREFIX)
    }
    labels = tuple(description["labels"])
    if not all(isinstance(label, str) and label for label in labels) or len(set(labels)) < len(
        labels
    ):
        raise ValueError(f"labels: {list(labels)!r}")
    return Model(
        labels,
        Extraction.from_dict(description["features"]),
        int(description["crop"]),
        read_settings(Streams, description["streams"]),
        _scalings(arrays),
        networks,
        FinalClassifier.from_arrays(of_classifier, description["classifier"], labels),
        Novelty(arrays["middles"], float(description["threshold"])),
        dict(description["about"]),
        _calibration(description.get("calibration")),
        _voices(arrays),
    )


def _calibration(values: Mapping[str, Any] | None) -> Calibration | None:
    """The calibration of a model; early folders of the same format lack it."""
    if values is None:
        return None
    calibration = Calibration(str(values["kind"]), float(values["temperature"]))
    if calibration.kind not in KINDS or not calibration.temperature > 0:
        raise ValueError(f"calibration: {values!r}")
    return calibration


def _voices(arrays: Arrays) -> dict[str, VoiceScaling]:
    scores, named = _scalings(arrays), _named(arrays, VOICES)
    return {
        name: VoiceScaling(
            scores[name],
            float(arrays[f"{VOICES}{name}.strength"][0]),
            arrays[f"{VOICES}{name}.middles"],
        )
        for name in sorted(named)
    }


def _named(arrays: Arrays, prefix: str) -> set[str]:
    """The feature sets of arrays of a kind."""
    return {name.split(".")[1] for name in arrays if name.startswith(prefix)}


def _scalings(arrays: Arrays) -> dict[str, ZScore]:
    names = _named(arrays, SCALING)
    return {
        name: ZScore(arrays[f"{SCALING}{name}.mean"], arrays[f"{SCALING}{name}.scale"])
        for name in sorted(names)
    }


def _check_shapes(model: Model) -> None:
    """Checks that the arrays have as many classes as labels, and only the model's blocks."""
    classifier, labels = model.classifier, len(model.labels)
    known = {*model.networks, *map(late_block, model.extraction.sets)}
    if further := {name for part in classifier.parts for name in part.scaling.names} - known:
        raise ValueError(f"a classifier on {', '.join(sorted(further))}")
    shape = model.novelty.middles.shape
    if labels != len(classifier.trained) or shape[1] != labels:
        shapes = {"classifier": len(classifier.trained), "middles": shape}
        raise ValueError(f"{labels} labels, but arrays of {shapes}")
    classifier.check()
    for name, voices in model.voices.items():
        if voices.middles.shape[1:] != voices.score.mean.shape or not voices.strength > 0:
            raise ValueError(f"{name} is scaled by speaker in {voices.middles.shape[1:]}")


def _check_networks(model: Model) -> None:
    """Checks that the weights are those of the networks."""
    from sersnake.model.embedder import Embedder

    Embedder(model)([{name: z.mean[None] for name, z in model.scalings.items()}])


def _classifier_arrays(model: Model) -> dict[str, NDArray[Any]]:
    arrays = {PREFIX + name: array for name, array in model.classifier.to_arrays().items()}
    for name, z in model.scalings.items():
        arrays |= {f"{SCALING}{name}.{key}": value for key, value in vars(z).items()}
    for name, voices in model.voices.items():
        arrays |= {
            f"{VOICES}{name}.strength": np.array([voices.strength]),
            f"{VOICES}{name}.middles": voices.middles,
        }
    return arrays | {"middles": model.novelty.middles}
