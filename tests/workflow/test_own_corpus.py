"""A user's own corpus in the workflow: read, inspected, audited before training, and compared."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from sersnake.io import Features
from tests.small_model import RATE
from tests.workflow.conftest import Project, write_corpus


def settings(project: Project, text: str) -> Path:
    path = project.folder / "mine.yaml"
    path.write_text(f"corpus: mine\nreader: csv\nsystems: [is09_svm]\n{text}")
    return path


def run_with(project: Project, corpora: Path, text: str, *targets: str) -> str:
    config = settings(project, text)
    return project.finish(
        *("--cores", 2, *targets, "--configfile", config), SERSNAKE_CORPORA=str(corpora)
    )


SETTINGS = """
folds: {protocol: speaker_disjoint, claims: [speakers]}
protocols:
  random_split: {protocol: random_split, repeats: 2}
  speaker_disjoint: {protocol: speaker_disjoint}
  speaker_and_sentence_disjoint: {protocol: speaker_and_sentence_disjoint}
"""


@pytest.fixture(scope="module")
def finished(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of a baseline under three protocols."""
    run_with(project, write_corpus(tmp_path_factory.mktemp("corpora")), SETTINGS)
    return project.folder / "results" / "mine"


def test_from_a_csv_file_to_the_table(finished: Path) -> None:
    metrics = pd.read_csv(finished / "metrics.csv", dtype={"fold": str})
    assert list(metrics.query("metric == 'WA'")["fold"]) == ["0", "1", "2", "3", "pooled"]
    assert metrics.query("metric == 'WA' and fold == 'pooled'")["value"].iloc[0] > 0.9
    caption = " ".join((finished / "tables" / "table3.txt").read_text().split())
    assert "leave one speaker out" in caption
    assert not (finished / "training").exists()
    figures = {path.stem for path in (finished / "figures").glob("*.png")}
    assert figures == {"groups", "protocols", "reliability"}


def test_the_protocol_comparison_compares_protocols(finished: Path) -> None:
    protocols = (
        pd.read_csv(finished / "protocols.csv").query("metric == 'UA'").set_index("protocol")
    )
    assert list(protocols["folds"]) == [2, 4, 12]
    assert list(protocols["shared"]) == ["speakers, sentences", "sentences", "nothing"]
    assert protocols.loc["speaker_and_sentence_disjoint", "train_share"] == pytest.approx(0.5)
    # The run's own protocol is not run twice.
    protocols = sorted(path.name for path in (finished / "protocols").iterdir())
    assert protocols == ["random_split", "speaker_and_sentence_disjoint"]
    assert (finished / "tables" / "protocols.txt").is_file()


def test_claims_are_of_the_protocol_that_they_stand_beside(finished: Path) -> None:
    """A protocol that promises less is not held to what the run claims of its own folds."""
    audits = finished / "audit.json", finished / "protocols/random_split/audit.json"
    of_run, of_protocol = (json.loads(path.read_text()) for path in audits)
    assert of_run["claims"]["speakers"]["status"] == "holds"
    assert "speakers" not in of_protocol["claims"]


def test_bad_recordings_stop_the_run_or_are_left_out(other_project: Project, corpora: Path) -> None:
    audio = corpora / "mine" / "audio"
    (audio / "anna_calm_1x.wav").write_text("text")
    soundfile.write(audio / "ben_upset_2y.wav", np.zeros(RATE), RATE)
    config = settings(other_project, "")
    run = other_project.run("--cores", 2, "--configfile", config, SERSNAKE_CORPORA=str(corpora))
    assert run.returncode != 0
    report = other_project.folder / "results" / "mine" / "audio_report.csv"
    assert set(pd.read_csv(report)["utterance"]) == {"anna_calm_1x", "ben_upset_2y"}
    pack = "results/mine/features/is09.safetensors"
    run_with(other_project, corpora, "on_bad_audio: skip\n", pack)
    rows = pd.read_csv(report).set_index("utterance")
    assert rows.loc["anna_calm_1x", "problem"] == "broken"
    assert rows.loc["ben_upset_2y", "problem"] == "silent"
    assert set(rows["action"]) == {"skipped"}
    utterances = Features.load(other_project.folder / pack).utterances
    assert len(utterances) == 46
    assert not {"anna_calm_1x", "ben_upset_2y"} & set(utterances)


def test_a_moved_project_has_nothing_to_do_for_the_corpus_in_it(
    other_project: Project, corpora: Path, tmp_path: Path
) -> None:
    """Nor for a fold file in it, though both are named by paths that were absolute."""
    inside = other_project.folder / "corpora"
    corpora.rename(inside)
    leaking_folds(inside, other_project.folder / "theirs.csv")

    def call(project: Project) -> tuple[list[object], str]:
        folds = f"folds: {{protocol: predefined, fold_file: {project.folder / 'theirs.csv'}}}\n"
        targets = ["results/mine/audit.json", "results/mine/features/mfcc.safetensors"]
        words = [*targets, "--configfile", settings(project, folds)]
        return words, str(project.folder / "corpora")

    words, folder = call(other_project)
    other_project.finish(*words, "--cores", 2, SERSNAKE_CORPORA=folder)
    manifest = pd.read_csv(other_project.folder / "results/mine/manifest.csv")
    assert manifest["path"].str.startswith("corpora/mine/audio/").all()
    moved = Project(other_project.folder.rename(tmp_path / "moved"))
    words, folder = call(moved)
    assert not moved.planned(*words, SERSNAKE_CORPORA=folder)


# Of a run of everything; features that nobody looks at are left to come.
AUDIT_FIRST = ("--cores", 1, "--prioritize", "results/mine/audit.json")


def leaking_folds(corpora: Path, path: Path) -> Path:
    """One fold that tests a speaker of whom one recording is trained on."""
    manifest = pd.read_csv(corpora / "mine" / "manifest.csv")
    utterances = manifest["path"].map(lambda name: Path(name).stem)
    part = (manifest["speaker"] == "anna").map({True: "test", False: "train"})
    part[utterances == "anna_calm_1x"] = "train"
    frame = pd.DataFrame({"fold": "0", "utterance": utterances, "part": part})
    frame.to_csv(path, index=False)
    return path


def test_a_leak_stops_the_run_before_training(other_project: Project, corpora: Path) -> None:
    folds = leaking_folds(corpora, other_project.folder / "theirs.csv")
    claimed = f"folds: {{protocol: predefined, fold_file: {folds.name}, claims: [speakers]}}\n"
    config = settings(other_project, claimed)
    run = other_project.run(*AUDIT_FIRST, "--configfile", config, SERSNAKE_CORPORA=str(corpora))
    assert run.returncode != 0
    results = other_project.folder / "results" / "mine"
    assert "anna" in (results / "logs" / "audit_folds.log").read_text()
    assert not (results / "predictions").exists()
    unclaimed = claimed.replace(", claims: [speakers]", "")
    run_with(other_project, corpora, unclaimed, "results/mine/context.json")
    assert json.loads((results / "context.json").read_text())["shared_speakers"]


def test_a_folder_of_lists_is_one_fold_and_its_validation_part_is_audited(
    other_project: Project, corpora: Path
) -> None:
    manifest = pd.read_csv(corpora / "mine" / "manifest.csv")
    first, second, *_ = speakers = sorted(manifest["speaker"].unique())
    part = manifest["speaker"].map(dict.fromkeys(speakers, "train") | {first: "test"})
    slip = (manifest["speaker"] == second).to_numpy().argmax()
    part[slip] = "val"
    lists = other_project.folder / "lists"
    lists.mkdir()
    for name, rows in manifest.groupby(part):
        rows.to_csv(lists / f"{name}.csv", index=False)
    claimed = f"folds: {{protocol: predefined, fold_file: {lists.name}, claims: [speakers]}}\n"
    config = settings(other_project, claimed)
    run = other_project.run(*AUDIT_FIRST, "--configfile", config, SERSNAKE_CORPORA=str(corpora))
    assert run.returncode != 0
    results = other_project.folder / "results" / "mine"
    log = (results / "logs" / "audit_folds.log").read_text()
    assert f"the validation speaker also trains in fold 0 ({second})" in log
    assert not (results / "predictions").exists()
    unclaimed = claimed.replace(", claims: [speakers]", "")
    run_with(other_project, corpora, unclaimed, "results/mine/audit.json")
    parts = pd.read_csv(results / "folds.csv")["part"].value_counts()
    assert parts.to_dict() == part.replace("val", "validation").value_counts().to_dict()
