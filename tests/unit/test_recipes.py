"""The recipes of CONTRIBUTING.md, followed to the letter in a copy of the library.

Each adds a toy by the edits that its recipe names, and runs the verbs that should know of it.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import wave
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from sersnake.io import Features

REPOSITORY = Path(__file__).parents[2]


class Project:
    """A copy of the library, and its verbs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *arguments: object) -> str:
        """What a verb prints; its files are relative to the project."""
        return self.python("-m", "sersnake", *arguments)

    def python(self, *arguments: object) -> str:
        """What a Python prints that imports the copy."""
        run = subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd=self.folder,
            env={"PYTHONPATH": ""},
            capture_output=True,
            text=True,
        )
        assert run.returncode == 0, run.stderr
        return run.stdout

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_csv(self.folder / name, dtype=str, keep_default_na=False)


def project_with(
    tmp_path: Path, new_files: Mapping[str, str], insertions: Iterable[tuple[str, str, str]]
) -> Project:
    """A project after the edits of a recipe.

    Args:
        tmp_path: An empty folder.
        new_files: Text of each file that the recipe adds.
        insertions: Each file that it changes, a line of it, and what comes below that line.
    """
    folder = tmp_path / "project"
    shutil.copytree(REPOSITORY / "sersnake", folder / "sersnake")
    for name, text in new_files.items():
        assert not (folder / name).exists(), name
        (folder / name).write_text(text, encoding="utf-8")
    for name, line, inserted in insertions:
        before = (folder / name).read_text(encoding="utf-8")
        assert before.count(f"\n{line}\n") == 1, name
        after = before.replace(f"\n{line}\n", f"\n{line}\n{inserted}\n")
        (folder / name).write_text(after, encoding="utf-8")
    return Project(folder)


CORPUS = '''
"""A toy corpus: toy/anna_happy_1.wav."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from sersnake.corpora.base import Corpus, Options, make_frame, wav_files


def read(root: Path, _options: Options) -> pd.DataFrame:
    """Reads the names of the recordings."""
    rows = []
    for path in wav_files(root):
        speaker, emotion, _ = path.stem.split("_")
        row = {"utterance": path.stem, "path": str(path), "speaker": speaker, "emotion": emotion}
        rows.append(row)
    return make_frame(rows, "toy", "en")


CORPUS = Corpus("toy", read, emotions=("sad", "happy"), layout="toy/anna_happy_1.wav")
'''


def write_noise(path: Path, seed: int) -> None:
    samples = np.random.default_rng(seed).normal(0, 3000, 8000).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        file.writeframes(samples.tobytes())


def test_a_corpus_more_is_a_file_and_an_entry(tmp_path: Path) -> None:
    project = project_with(
        tmp_path,
        {"sersnake/corpora/toy.py": CORPUS},
        [("sersnake/settings/readers.py", "READERS = {", '    "toy": "toy",')],
    )
    (project.folder / "toy").mkdir()
    for number, name in enumerate(["anna_happy_1", "anna_sad_1", "bert_happy_1", "bert_sad_1"]):
        write_noise(project.folder / "toy" / f"{name}.wav", number)

    project.run("manifest", "toy", "toy", "--output", "manifest.csv")
    manifest = project.table("manifest.csv")
    assert manifest["utterance"].tolist() == [
        *("anna_happy_1", "anna_sad_1", "bert_happy_1", "bert_sad_1")
    ]
    assert set(manifest["corpus"]) == {"toy"}
    project.run("settings", "config", "--output", "schema.yaml")
    schema = yaml.safe_load((project.folder / "schema.yaml").read_text())
    assert "toy" in schema["properties"]["reader"]["enum"]


PROTOCOL = '''
"""The protocol ``toy``: the last speaker is tested, in one fold."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from sersnake.protocols.splits import TEST, TRAIN, Parts
from sersnake.settings.protocol import Protocol


def toy_folds(manifest: pd.DataFrame, _protocol: Protocol) -> Iterator[Parts]:
    """The last speaker is tested."""
    speakers = manifest["speaker"]
    yield np.where(speakers == speakers.max(), TEST, TRAIN).astype(np.int8)


def count_toy_folds(_manifest: pd.DataFrame, _protocol: Protocol) -> int:
    """How many folds :func:`toy_folds` makes."""
    return 1
'''
PROTOCOL_ENTRY = """    ProtocolEntry(
        "toy",
        "the last speaker is tested",
        "last speaker against all others",
        "sersnake.protocols.toy:toy_folds",
        "sersnake.protocols.toy:count_toy_folds",
        columns=("speaker",),
    ),"""


def test_a_protocol_more_is_a_file_and_an_entry(tmp_path: Path) -> None:
    project = project_with(
        tmp_path,
        {"sersnake/protocols/toy.py": PROTOCOL},
        [("sersnake/settings/protocols.py", "ENTRIES = (", PROTOCOL_ENTRY)],
    )
    (project.folder / "manifest.csv").write_text(
        "utterance,emotion,speaker\na1,happy,a\na2,sad,a\nb1,happy,b\nb2,sad,b\n"
    )

    of_corpus = ("--manifest", "manifest.csv", "--set", "protocol=toy")
    project.run("folds", *of_corpus, "--output", "folds.csv")
    parts = project.table("folds.csv").set_index("utterance")["part"]
    assert parts.to_dict() == {"a1": "train", "a2": "train", "b1": "test", "b2": "test"}
    report = project.run("audit", *of_corpus, "--folds", "folds.csv")
    assert "none of the 2 speakers is in more than one part" in report
    assert "toy makes the same folds" in report
    page = " ".join(project.run("settings", "folds").split())
    assert "toy: the last speaker is tested" in page
    assert re.search(r"Allowed: one of [\w, ]*\btoy\b", page)


FEATURE_KIND = '''
"""The kind of features ``toy``: how loud an utterance is."""

from __future__ import annotations

import numpy as np

from sersnake.features.extractor import Extractor
from sersnake.settings.feature_kinds import Toy


def toy_extractor(settings: Toy) -> Extractor:
    """What gives an utterance's norm as the only value of its only row."""
    power = settings.power
    return lambda signal: np.array([[np.mean(np.abs(signal) ** power)]], np.float32)
'''
FEATURE_KIND_SETTINGS = '''

class Toy(Settings, frozen=True):
    """Loudness."""

    power: float = 2.0
'''
FEATURE_KIND_ENTRY = (
    """    "toy": FeatureKind("sersnake.features.toy:toy_extractor", Toy, "vectors"),"""
)
# What the config and the plan make of it, with a baseline and a stream on top.
READ_CONFIG = """
import json, sys
from sersnake.experiment.runs import plan_runs
from sersnake.settings.config import read_config
config = read_config(json.loads(sys.argv[1]))
run = plan_runs(config, "r", lambda preset: {})["r"]
print(run.feature_sets["loud"].as_dict(), run.systems, run.streams["mine"].features)
"""


def test_a_kind_of_features_more_is_a_file_and_an_entry(tmp_path: Path) -> None:
    registry = "sersnake/settings/feature_kinds.py"
    project = project_with(
        tmp_path,
        {"sersnake/features/toy.py": FEATURE_KIND},
        [
            (registry, 'Shape = Literal["frames", "vectors"]', FEATURE_KIND_SETTINGS),
            (registry, "FEATURE_KINDS = {", FEATURE_KIND_ENTRY),
        ],
    )
    rows = ["utterance,speaker,emotion"]
    for number, name in enumerate("abcd"):
        write_noise(project.folder / f"{name}.wav", number)
        rows.append(f"{name},{name},happy")
    (project.folder / "manifest.csv").write_text("\n".join(rows))

    recordings = [f"{name}.wav" for name in "abcd"]
    project.run("extract", "toy", *recordings, "--set", "power=1", "--output", "shard")
    project.run("pack", "shard", "--manifest", "manifest.csv", "--output", "toy.safetensors")
    pack = Features.load(project.folder / "toy.safetensors")
    assert pack.values.shape == (4, 1)
    assert pack.options == {"kind": "toy", "power": 1.0}
    assert "power" in project.run("settings", "toy")
    config = {
        "features": {"loud": {"kind": "toy", "power": 3}},
        "streams": {"mine": {"features": "loud", "network": "fcn"}},
        "systems": ["loud_svm", "mine_ce", "independent_he"],
    }
    printed = project.python("-c", READ_CONFIG, json.dumps(config))
    assert "{'kind': 'toy', 'label': 'loud', 'power': 3.0}" in printed
    assert "'loud_svm', 'mine_ce'" in printed


DEGRADATION = '''
"""The degradation ``backwards``."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def backwards(signal: NDArray[np.float64], _random: np.random.Generator) -> NDArray[np.float64]:
    """From its end to its beginning."""
    return signal[::-1]
'''
DEGRADATION_ENTRY = """    "backwards": Condition(
        "backwards", "Played backwards.", "sersnake.features.backwards:backwards"
    ),"""


def test_a_degradation_more_is_a_file_and_an_entry(tmp_path: Path) -> None:
    project = project_with(
        tmp_path,
        {"sersnake/features/backwards.py": DEGRADATION},
        [("sersnake/settings/degradation.py", "CONDITIONS = {", DEGRADATION_ENTRY)],
    )
    write_noise(project.folder / "a.wav", 0)
    given = ("opensmile", "a.wav", "--condition", "backwards")
    project.run("extract-degraded", *given, "--output", "pack")
    assert Features.load(project.folder / "pack").options["condition"] == "backwards"
    assert "backwards" in project.run("settings", "config")
