"""Every system from recordings to metrics, on a corpus of tones with next to no training."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd

from sersnake.io import Features, read_csv
from sersnake.settings.streams import STREAMS
from sersnake.settings.systems import PAPER_SYSTEMS, read_system
from tests.workflow.conftest import Project

TINY = """
corpus: mine
reader: csv
elm: {hidden_units: 32}
mlp: {hidden_units: 32}
training:
  phase_1: {epochs: 3, decay_epochs: 3}
  retraining: {epochs: 1, decay_epochs: 1}
  phase_2: {epochs: 2, decay_epochs: 2}
  networks: {fcn: {phase_1: {epochs: 3, decay_epochs: 3}}}
"""
FILES = ("predictions", "metrics", "history", "hard_index")
TARGETS = [f"results/mine/{name}.csv" for name in FILES]
OF_VARIANTS = ("nothing", "seeds", "union")
EPOCHS = {"ce": 5, "focal": 5, "he": 4}
# What the demo's run in test_demo.py has not.
CHOSEN = [
    *("compare_svm", "fused_focal", "fused_he"),
    *("independent_he_mlp", "fcn_focal_elm", "fcn_he_mlp"),
]
ONE_FOLD = "folds: {repeats: 1}\n"
PAIRS = ["fcn_focal_elm:compare_svm", "compare_svm:fused_he"]
VARIANTS = """
variants:
  nothing: {seeds: 1}
  seeds: {seeds: 2}
  union: {mining: {union: true}}
model_selection: {system: fcn_he_mlp}
"""


def settings(project: Project, corpora: Path, text: str) -> list[str]:
    path = project.folder / "tiny.yaml"
    path.write_text(f"{TINY}corpora_dir: '{corpora}'\n{text}")
    return [*TARGETS, "--configfile", str(path)]


def test_what_systems_share_is_trained_once(other_project: Project, corpora: Path) -> None:
    """Three folds: a job each of ACLN and of the fused network, one of FCN."""
    text = "systems: paper\nfolds: {repeats: 3}\n"
    planned = other_project.planned(*settings(other_project, corpora, text))
    jobs = 3 + 3 + 1
    assert planned["train_phase_1"] == 2 * jobs  # with cross entropy and with the focal loss
    assert planned["train_on"] == 2 * jobs
    assert planned["mine_hard_examples"] == planned["retrain_on_hard_examples"] == jobs
    assert planned["classify"] == len(PAPER_SYSTEMS)
    assert planned["pack_features"] == 3


def test_the_default_systems_need_neither_focal_loss_nor_compare(
    other_project: Project, corpora: Path
) -> None:
    planned = other_project.planned(*settings(other_project, corpora, "folds: {repeats: 3}\n"))
    assert planned["train_phase_1"] == 3 + 3 + 1
    assert planned["train_on"] == 3 + 3 + 1
    assert planned["retrain_on_hard_examples"] == 3 + 1
    assert planned["pack_features"] == 2


def test_every_system_is_scored(other_project: Project, corpora: Path) -> None:
    """Both losses of mining and focus, the other baseline and classifiers."""
    text = f"{ONE_FOLD}systems: [{', '.join(CHOSEN)}]\n{VARIANTS}comparisons: {PAIRS}\n"
    options = settings(other_project, corpora, text)
    variants = [f"results/mine/variants/{name}/predictions.csv" for name in OF_VARIANTS]
    other_project.finish("--cores", 2, *variants, "results/mine/comparisons.csv", *options)
    results = other_project.folder / "results" / "mine"
    compared = pd.read_csv(results / "comparisons.csv")
    assert list((compared["system"] + ":" + compared["against"]).unique()) == PAIRS
    assert list(read_csv(results / "metrics.csv", ["system"])["system"].unique()) == CHOSEN
    check_history(read_csv(results / "history.csv", ["network", "system", "epoch"]))
    hard_index = read_csv(results / "hard_index.csv", ["network"])
    assert list(hard_index["network"].unique()) == ["acln", "fcn", "fused"]
    assert Features.load(results / "features" / "compare.safetensors").values.shape == (48, 6373)
    check_variants(results)
    check_fewer_systems(other_project, corpora, results)


def check_history(history: pd.DataFrame) -> None:
    """Each network of each training runs through the epochs of its loss."""
    runs = history.groupby(["system", "network"])["epoch"].apply(list).to_dict()
    assert runs == {
        (system.training, network): list(range(1, EPOCHS[system.loss] + 1))
        for name in CHOSEN
        for system in [read_system(name)]
        for network in system.networks(tuple(STREAMS))
    }


def check_variants(results: Path) -> None:
    """One that changes nothing has the run's own predictions, and the run's own networks."""
    columns = ["system", "utterance"]
    frames = {
        name: read_csv(results / "variants" / name / "predictions.csv", columns)
        for name in OF_VARIANTS
    }
    whole = read_csv(results / "predictions.csv", columns)
    of_run = whole[whole["system"] == "fcn_he_mlp"].reset_index(drop=True)
    pd.testing.assert_frame_equal(frames["nothing"], of_run)
    scores = [name for name in of_run if name.startswith("score_")]
    assert not frames["seeds"][scores].equals(of_run[scores])
    assert not frames["union"][scores].equals(of_run[scores])
    weights = [path.relative_to(results) for path in results.rglob("he/*.weights.safetensors")]
    assert {path.parts[0] for path in weights} == {"training", "variants"}
    assert not list((results / "variants" / "nothing").rglob("*.safetensors"))


def check_fewer_systems(project: Project, corpora: Path, results: Path) -> None:
    """Other systems train nothing again, and leave nothing of those no longer asked for."""
    options = settings(project, corpora, f"{ONE_FOLD}systems: [acln_he, fcn_focal_mlp]\n")
    planned = project.planned(*options)
    assert planned["classify"] == 2
    assert not {"train_phase_1", "train_on", "retrain_on_hard_examples"} & set(planned)
    project.finish("--cores", 2, *options)
    metrics = read_csv(results / "metrics.csv", ["system"])
    assert list(metrics["system"].unique()) == ["acln_he", "fcn_focal_mlp"]
    history = read_csv(results / "history.csv", ["network", "system"])
    rows = history[["network", "system"]].drop_duplicates()
    assert rows.to_numpy().tolist() == [["acln", "acln_he"], ["fcn", "fcn_focal"]]
    assert set(read_csv(results / "hard_index.csv", ["network"])["network"]) == {"acln"}


THREE_STREAMS = """
folds: {repeats: 1}
features: {gemaps: {kind: opensmile, feature_set: GeMAPSv01b, label: GeMAPS}}
streams:
  mine: {features: gemaps, network: {module: mine.Small, width: 4}, label: My network}
systems: [gemaps_lda, mine_he, fcn+mine_ce, independent_ce]
atlas: {system: independent_ce}
model: {system: independent_ce}
"""
OWN_NETWORK = """
from torch import nn


class Small(nn.Module):
    def __init__(self, inputs, classes, width):
        super().__init__()
        self.embedding_dimension = width
        self.layer, self.output = nn.Linear(inputs, width), nn.Linear(width, classes)

    def embed(self, batch):
        return self.layer(batch.values).relu()

    def forward(self, batch):
        return self.output(self.embed(batch))
"""


def test_a_network_of_ones_own_is_a_third_stream(other_project: Project, corpora: Path) -> None:
    """On a feature set of one's own, through to tables, atlas, model and predictions."""
    code = other_project.folder / "mine.py"
    code.write_text(OWN_NETWORK)
    options = settings(other_project, corpora, THREE_STREAMS)[len(TARGETS) :]
    results = other_project.folder / "results" / "mine"
    made = ["tables/ablation.csv", "figures/figure2.png", "atlas", "model/model.json"]
    targets = [*TARGETS, *(f"results/mine/{name}" for name in made)]
    other_project.finish("--cores", 2, *targets, *options)
    assert pd.read_csv(results / "tables/ablation.csv")["method"].tolist() == [
        *("GeMAPS + LDA (baseline)", "My network alone (HE)"),
        *("Independent training (CE)", "FCN + My network (CE)"),
    ]
    assert Features.load(results / "features/gemaps.safetensors").values.shape == (48, 62)
    assert '"mine":"My network"' in (results / "atlas" / "data.js").read_text()
    check_answers(other_project.folder, results)
    assert not other_project.planned(*targets, *options)
    code.write_text(OWN_NETWORK.replace("relu", "tanh"))
    planned = other_project.planned(*TARGETS, *options)
    assert planned["train_phase_1"] == 1
    assert "extract_shard" not in planned


def check_answers(folder: Path, results: Path) -> None:
    """The model asks for the network by its name, and answers with all three streams."""
    recording = read_csv(results / "manifest.csv", ["path"])["path"].iloc[0]
    words = [sys.executable, "-m", "sersnake", "predict", recording, "--model", results / "model"]
    called = [
        subprocess.run([*words, *more], cwd=folder, capture_output=True, text=True, check=False)
        for more in ([], ["--modules", "mine.Small"])
    ]
    assert [call.returncode for call in called] == [2, 0]
    assert "uses the network mine.Small" in called[0].stderr
    assert len(called[1].stdout.splitlines()) == 2
