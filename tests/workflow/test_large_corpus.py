"""Of a large corpus the shards grow, not their number."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tests.workflow.conftest import Project

CONFIG = "corpus: large\nreader: csv\nsystems: [is09_svm, compare_svm, independent_ce]\n"
FEATURES = {"extract_mfcc_shard": 1, "extract_functionals_shard": 2}  # kinds of each


def planned(project: Project, corpora: Path, utterances: int) -> dict[str, int]:
    """Jobs of each rule for a corpus of so many files, which a plan does not open."""
    folder = corpora / "large"
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"u{number:04d}" for number in range(utterances)]
    frame = pd.DataFrame({"utterance": names, "path": [f"{name}.wav" for name in names]})
    frame["speaker"] = [f"p{number % 4}" for number in range(utterances)]
    frame["emotion"] = [("calm", "upset")[number % 3 % 2] for number in range(utterances)]
    frame.to_csv(folder / "manifest.csv", index=False)
    for name in frame["path"]:
        (folder / name).touch()
    config = project.folder / "large.yaml"
    config.write_text(CONFIG + "features: {shard_size: 2}\n")
    return project.planned("--configfile", config, SERSNAKE_CORPORA=str(corpora))


def test_a_corpus_has_256_shards_at_most(project: Project, tmp_path: Path) -> None:
    for utterances, shards in ((512, 256), (513, 171)):
        jobs = planned(project, tmp_path, utterances)
        assert {rule: jobs[rule] for rule in FEATURES} == {
            rule: kinds * shards for rule, kinds in FEATURES.items()
        }
