"""A model of three emotions, made by the verbs from recordings of a second or less, in seconds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd
import soundfile

from sersnake.cli import main
from sersnake.fusion.final import FinalClassifier
from sersnake.fusion.part import Part
from sersnake.fusion.scaling import BlockScaling
from sersnake.fusion.svm import LinearSvm
from sersnake.io import write_csv
from sersnake.settings.classifiers import Svm
from sersnake.settings.streams import read_streams
from sersnake.training.scaling import ZScore

RATE = 16000
PITCH = {"calm": 110.0, "glad": 160.0, "upset": 220.0}  # Hz
LEVEL = {"calm": 0.05, "glad": 0.1, "upset": 0.3}
Values = Mapping[str, object]
FEATURE_SETS = ("mfcc", "is09")
WHOLE = {"protocol": "whole"}
SCHEDULE = {"epochs": 3, "decay_epochs": 3, "batch_size": 8, "device": "cpu"}


def settings(**values: object) -> list[str]:
    """Settings of a verb as its option."""
    return ["--settings", json.dumps(values)]


def call(*words: object) -> None:
    """A verb that has to succeed."""
    assert main([str(word) for word in words]) == 0


def buzz(emotion: str, seconds: float, rng: np.random.Generator) -> np.ndarray:
    """A buzz whose pitch and level tell the emotion, in a little noise."""
    time = np.arange(round(RATE * seconds)) / RATE
    wave = np.sign(np.sin(2 * np.pi * PITCH[emotion] * rng.uniform(0.9, 1.1) * time))
    return LEVEL[emotion] * wave + rng.normal(0, 0.01, len(time))


def write_recordings(folder: Path, takes: int = 4) -> dict[Path, tuple[str, str]]:
    """Some recordings of three speakers, with speaker and emotion."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    recordings = {}
    for speaker in ("ann", "ben", "cleo"):
        for emotion in PITCH:
            for take in range(takes):
                path = folder / f"{speaker}_{emotion}_{take}.wav"
                soundfile.write(path, buzz(emotion, rng.uniform(0.4, 1.0), rng), RATE)
                recordings[path] = speaker, emotion
    return recordings


def make_manifest(recordings: Mapping[Path, tuple[str, str]], corpus: str = "demo") -> pd.DataFrame:
    """The manifest of some recordings."""
    rows = [
        {
            **{"utterance": path.stem, "path": str(path), "speaker": speaker, "sex": ""},
            **{"sentence": "1", "session": "", "emotion": emotion, "language": "de"},
            **{"corpus": corpus, "duration": soundfile.info(path).duration, "synthetic": "true"},
        }
        for path, (speaker, emotion) in sorted(recordings.items())
    ]
    return pd.DataFrame(rows)


def prepare(
    folder: Path,
    recordings: Mapping[Path, tuple[str, str]],
    mfcc: Values | None = None,
    is09: Values | None = None,
) -> None:
    """Manifest, both feature sets, two folds, and the fold of the whole corpus."""
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(folder / "manifest.csv", make_manifest(recordings))
    given = {"kind": "mfcc", **(mfcc or {})}, {"kind": "opensmile", **(is09 or {})}
    for name, options in zip(FEATURE_SETS, given, strict=True):
        kind, output = options.pop("kind"), folder / f"{name}.safetensors"
        call("extract", kind, *sorted(recordings), *settings(**options), "--output", output)
    for name, values in (("folds", {"protocol": "k_fold", "k": 2}), ("whole", WHOLE)):
        call(
            *("folds", "--manifest", folder / "manifest.csv", *settings(**values)),
            *("--output", folder / f"{name}.csv"),
        )
    where = ("--manifest", folder / "manifest.csv")
    folds = ("--folds", folder / "folds.csv", *settings(protocol="k_fold", k=2))
    call("audit", *where, *folds, "--output", folder / "audit.json")
    files = ("--audit", folder / "audit.json", "--output", folder / "context.json")
    call("describe", *where, *files)


def inputs_of(folder: Path) -> list[object]:
    """The options that training and making a model share."""
    packs = [f"{name}={folder / name}.safetensors" for name in FEATURE_SETS]
    return ["--manifest", folder / "manifest.csv", "--features", *packs]


def streams_of(values: Values | None) -> list[str]:
    """The streams that settings of networks name, or the paper's."""
    return list(read_streams(cast(Values, (values or {}).get("streams", {}))))


def train(
    folder: Path, name: str, folds: Sequence[str], seed: int, values: Values | None = None
) -> dict[str, list[Path]]:
    """Weights and embeddings of every stream on some folds of ``<name>.csv``."""
    streams = streams_of(values)
    stems = [folder / f"{stream}-{name}-{seed}" for stream in streams]
    how = {**SCHEDULE, **(values or {}), "seed": seed}
    for network, stem in zip(streams, stems, strict=True):
        call(
            *("train", network, *inputs_of(folder), "--folds", folder / f"{name}.csv"),
            *("--fold", *folds, *settings(**how), "--output", stem),
        )
    endings = {"weights": ".weights.safetensors", "embedding": ".safetensors"}
    return {kind: [Path(f"{stem}{end}") for stem in stems] for kind, end in endings.items()}


def make_model(
    folder: Path,
    recordings: Mapping[Path, tuple[str, str]],
    *,
    members: int = 1,
    mfcc: Values | None = None,
    is09: Values | None = None,
    networks: Values | None = None,
    classifier: Values | None = None,
) -> Path:
    """The folder of a model; the last four are settings of its stages."""
    prepare(folder, recordings, mfcc, is09)
    for name, folds in (("folds", ["0", "1"]), ("whole", ["0"])):
        for seed in range(members):
            train(folder, name, folds, seed, networks)
    return finish(folder, "model", "svm", members, networks, classifier)


def finish(
    folder: Path,
    model: str,
    name: str,
    members: int,
    networks: Values | None = None,
    classifier: Values | None = None,
) -> Path:
    """The folder of a model with a classifier, from the networks that were trained for another."""
    how = {"seeds": members, **(classifier or {})}
    held_out, whole = (
        [folder / f"{net}-{fold}-{seed}" for seed in range(members) for net in streams_of(networks)]
        for fold in ("folds", "whole")
    )
    embeddings = [Path(f"{stem}.safetensors") for stem in held_out]
    where = ["--manifest", folder / "manifest.csv", "--folds", folder / "folds.csv"]
    system = ["--system", "independent_ce", "--classifier", name]
    late = ["--late", f"is09={folder / 'is09.safetensors'}"] if how.get("features") else []
    call(
        *("classify", *embeddings, *system, *where, "--fold", "0", "1", *late),
        *(*settings(**how), "--output", folder / f"{model}.csv"),
    )
    call(
        *("make-model", *system, "--name", "small", *where[2:]),
        *(*inputs_of(folder), *settings(**{**(networks or {}), **how})),
        *("--weights", *(f"{stem}.weights.safetensors" for stem in whole)),
        *("--embeddings", *(f"{stem}.safetensors" for stem in whole)),
        *("--held-out", *embeddings, "--predictions", folder / f"{model}.csv"),
        *("--context", folder / "context.json", "--output-dir", folder / model),
    )
    return folder / model


def random_classifier(
    labels: Sequence[str], widths: Mapping[str, int], members: int
) -> FinalClassifier:
    """A linear SVM of random weights on blocks of some widths, which it does not scale."""
    width, pairs = sum(widths.values()), len(labels) * (len(labels) - 1) // 2
    rng = np.random.default_rng(0)
    nothing, one = np.zeros(width, np.float32), np.ones(width, np.float32)
    scaling = BlockScaling(tuple(widths), (ZScore(nothing, one),) * members, one)
    scorers = [LinearSvm(rng.normal(size=(pairs, width)), np.zeros(pairs)) for _ in range(members)]
    part = Part(Svm(), scaling, tuple(scorers))
    places = np.arange(len(labels))
    return FinalClassifier(tuple(labels), places, "svm", "z_scores", (part,), np.ones(1))
