"""A table of segments, odd names and a user's own headings, through the workflow."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from sersnake.features.cepstra import MfccOptions, mfcc
from sersnake.io import Features, read_csv
from sersnake.io.audio import read_audio
from tests.small_model import RATE
from tests.workflow.conftest import Project

NAMES = [
    "with {brace.wav",
    "empty {}.wav",
    "wild*card?.wav",
    "[set].wav",
    "quote'd.wav",
    'double"quote.wav',
    "comma, semi; colon:.wav",
    "new\nline.wav",
    "$HOME `id` & | > #.wav",
    "-rf.wav",
    "back\\slash.wav",
    unicodedata.normalize("NFD", "Käse.wav"),
    "录音一.wav",
    "录音二.wav",
]
CONFIG = """
corpus: mine
reader: csv
systems: [is09_svm]
corpus_options: {columns: {path: file, emotion: label, speaker: who}, speaker: unknown}
folds: {repeats: 2, test_share: 0.25}
"""


def write_corpus(corpora: Path) -> None:
    """Two segments of each recording, the first one softer, by a speaker or by nobody."""
    rng = np.random.default_rng(0)
    root = corpora / "mine"
    root.mkdir(parents=True)
    rows = []
    for number, name in enumerate(NAMES):
        signal = rng.normal(0, 0.1, RATE) * np.repeat([1, 2], RATE // 2)
        soundfile.write(root / name, signal, RATE, format="WAV")
        file, who = unicodedata.normalize("NFC", name), "O'Neil, {A}" if number % 2 else ""
        rows.append((file, "0.05", "0.45", "$x$", who))
        rows.append((file, "0 days 00:00:00.5", "", "喜悦", who))
    columns = ["file", "start", "end", "label", "who"]
    text = pd.DataFrame(rows, columns=columns).to_csv(index=False, sep=";")
    (root / "manifest.csv").write_text(f"sep=;\n{text}", encoding="utf-8")


def test_from_odd_names_to_features_and_folds(other_project: Project, tmp_path: Path) -> None:
    write_corpus(tmp_path / "corpora")
    config = other_project.folder / "mine.yaml"
    config.write_text(CONFIG)
    results = other_project.folder / "results" / "mine"
    targets = ["audit.json", "features/mfcc.safetensors", "features/is09.safetensors"]
    words = [*(f"results/mine/{name}" for name in targets), "--configfile", config]
    where = {"SERSNAKE_CORPORA": str(tmp_path / "corpora")}
    other_project.finish("--cores", 2, *words, **where)

    manifest = read_csv(results / "manifest.csv", ["utterance"])
    assert sorted({Path(path).name for path in manifest["path"]}) == sorted(NAMES)
    assert manifest["utterance"].is_unique
    assert set(manifest["duration"]) == {0.4, 0.5}
    pack = Features.load(results / "features" / "mfcc.safetensors")
    assert list(pack.utterances) == manifest["utterance"].tolist()
    options = MfccOptions(**{key: pack.options[key] for key in pack.options if key != "kind"})
    for position in (0, 9):
        row = manifest.iloc[position]
        end = float(row["end"]) if row["end"] else None
        signal = read_audio(row["path"], start=float(row["start"]), end=end)
        assert np.array_equal(pack.rows(position), mfcc(signal, options=options))

    folds = read_csv(results / "folds.csv", ["fold", "utterance", "part"])
    paths = folds["utterance"].map(manifest.set_index("utterance")["path"])
    assert (folds["part"].groupby([folds["fold"], paths]).nunique() == 1).all()
    log = (results / "logs" / "audit_folds.log").read_text()
    assert "no segment and no identical recording is in more than one part" in log
    assert "ok     speakers" not in log
    assert other_project.planned(*words, **where) == {}


@pytest.mark.parametrize("name", ["{wildcards}.wav", "x{a,b}.wav"])
def test_a_word_in_braces_is_refused_by_name(
    other_project: Project, corpora: Path, name: str
) -> None:
    table = corpora / "mine" / "manifest.csv"
    frame = pd.read_csv(table)
    (corpora / "mine" / frame["path"][0]).rename(corpora / "mine" / name)
    frame.loc[0, "path"] = name
    frame.to_csv(table, index=False)
    run = other_project.run(
        *("-n", "--cores", 1, "--config", "corpus=mine", "reader=csv"),
        SERSNAKE_CORPORA=str(corpora),
    )
    assert run.returncode != 0
    printed = run.stdout + run.stderr
    assert f"{name}: Snakemake takes what is in braces for a wildcard; rename" in printed
    assert "Traceback" not in printed
