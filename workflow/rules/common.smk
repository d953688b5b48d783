"""What all rules know: the resolved config, the corpus and the runs. Helpers, and no rules.

What concerns one thing alone stands in `common/`.
"""

import copy
import json
import os
import re
import sys
import sysconfig
from pathlib import Path

import snakemake
import yaml
from snakemake.exceptions import WorkflowError
from snakemake.io import get_wildcard_names
from snakemake.settings.types import DeploymentMethod
from snakemake.utils import validate

REPOSITORY = Path(workflow.current_basedir).parents[1].resolve()
sys.path.insert(0, str(REPOSITORY))

from sersnake.settings.arms import ARMS, BEYOND, LOSSES, PAPER_ARMS, trainings_of
from sersnake.experiment.calls.record import record_call
from sersnake.cli import verb_parsers
from sersnake.corpora import READERS, certify, option_text, read_corpus
from sersnake.corpora.headings import nearest
from sersnake.corpora.segments import segment_texts
from sersnake.errors import SersnakeError
from sersnake.experiment import extension_sources, project_code, verb_digest
from sersnake.protocols import fold_files, fold_names
from sersnake.experiment.runs import (
    FEATURES,
    Training,
    group_folds,
    inner_folder,
    model_base,
    outer_folder,
    plan_runs,
    protocol_of,
    reading_folder,
    resolve_training,
    seed_folder,
    whole_folder,
)
from sersnake.evaluation.comparisons import default_pairs
from sersnake.report.tables import tables_of


include: "common/schema.smk"


check_config(config)
for name, reading in config["readings"].items():
    check_config(copy.deepcopy(reading), f"readings: {name}", set_default=False)
for settings in (config, *config["readings"].values()):
    if settings.get("arms") == "paper":
        settings["arms"] = list(PAPER_ARMS)


def extension_suffix():
    """What the names of compiled modules end with in the Python that builds and imports them.

    It is this Python, but where conda makes the environments, theirs.
    """
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    if DeploymentMethod.CONDA not in workflow.deployment_settings.deployment_method:
        return suffix
    environment = (REPOSITORY / "envs/features.yaml").read_text()
    version = re.search(r"python=(\d+)\.(\d+)", environment)
    return re.sub(r"cpython-\d+", "cpython-" + "".join(version.groups()), suffix)


def movable(path):
    """A path as a moved or copied project has it too: relative, where it is below this folder.

    Snakemake remembers the names of inputs, and takes another name for another input.
    """
    for whole in (os.path.abspath(path), os.path.realpath(path)):
        if whole.startswith(os.path.join(os.getcwd(), "")):
            return os.path.relpath(whole)
    return str(path)


def working_copy(path):
    """A file of the project itself, which a job finds in its own copy wherever results stand."""
    return local(os.path.relpath(REPOSITORY / path))


CORPUS = config["corpus"]
READER = config["reader"] or CORPUS
RESULTS = f"results/{config['name'] or CORPUS}"
os.environ.update(
    # A snakemake that was called by its path finds the verbs of its own environment too; an
    # activated conda environment stands before it.
    PATH=os.pathsep.join([str(Path(sys.executable).parent), *os.get_exec_path()]),
    # The environments of envs/ import the library from here: an edit of it is never stale.
    SERSNAKE_ROOT=str(REPOSITORY),
    SERSNAKE_ENVIRONMENTS=f"{RESULTS}/environments",
)
NETWORKS = ["acln", "fcn", "fused"]
PHASES = ["phase_1", "ce", "he", "focal_phase_1", "focal"]
EXTENSION = f"sersnake/_kernel{extension_suffix()}"


def corpus_root():
    """Folder of the corpus; the demo's recordings are made by the workflow itself."""
    if CORPUS == "demo":
        return Path(RESULTS) / "corpus"
    folder = config["corpora_dir"] or os.environ.get("SERSNAKE_CORPORA", "corpora")
    return Path(movable(Path(folder).expanduser() / CORPUS))


def clear(work, *arguments, **options):
    """Calls the library; a user's mistake becomes Snakemake's own kind of error, in one line."""
    try:
        return work(*arguments, **options)
    except SersnakeError as error:
        raise WorkflowError(str(error)) from None


def read_utterances():
    """The corpus' frame; stops where the corpus is not whole, unless that is allowed."""
    how = {"reader": READER, "options": config["corpus_options"]}
    frame = clear(read_corpus, CORPUS, corpus_root(), **how)
    for path in frame["path"]:
        if get_wildcard_names(path):
            raise WorkflowError(
                f"{path}: Snakemake takes what is in braces for a wildcard; rename the recording"
            )
    wrong = clear(certify, CORPUS, frame, **how)
    if wrong and not config["allow_partial"]:
        raise WorkflowError(f"{CORPUS}: {' '.join(wrong)} (allow_partial: true goes on without)")
    return frame


def read_preset(name):
    return yaml.safe_load((REPOSITORY / "config/presets" / f"{name}.yaml").read_text())


def trainings():
    """What every run trains by: the preset's schedules with the config on top."""
    return {
        run: Training(
            settings,
            resolve_training(read_preset(settings["preset"]), CORPUS, settings["training"]),
        )
        for run, settings in SETTINGS.items()
    }


def folds_of_runs():
    """Names of the folds of every run; runs of one protocol have the same."""
    known = {}
    for protocol in RUNS.values():
        if protocol not in known:
            known[protocol] = clear(fold_names, UTTERANCES, protocol)
    return {run: known[protocol] for run, protocol in RUNS.items()}


def jobs_of_runs():
    """The folds of every job that trains a network of a run, by the job's name."""
    found = {}
    for run, folds in FOLDS.items():
        sizes = TRAINING[run].schedules["fold_batching"]
        found[run] = {network: group_folds(folds, sizes[network]) for network in NETWORKS}
        for network, jobs in found[run].items():
            if sum(map(len, jobs.values())) < len(folds):
                raise WorkflowError(
                    f"fold_batching: {network}: {sizes[network]} gives two jobs one name; "
                    "choose another number"
                )
    return found


def first_with_the_same(identity):
    """The first run of which ``identity`` is the same, of every run."""
    first = {}
    return {run: first.setdefault(identity(run), run) for run in RUNS}


UTTERANCES = read_utterances()
NAMES = list(UTTERANCES["utterance"])
RECORDINGS = dict(zip(NAMES, UTTERANCES["path"]))
SEGMENTS = dict(zip(NAMES, segment_texts(UTTERANCES)))
SPEAKERS = sorted(set(UTTERANCES["speaker"])) if CORPUS == "demo" else []
if unknown := [name for name in config["beyond"]["readings"] if name not in config["readings"]]:
    raise WorkflowError(f"beyond: readings: {unknown[0]!r} is none of the `readings`")
if config["readings"] and config["beyond"]["arm"] not in config["arms"]:
    raise WorkflowError(
        f"readings: they are held against the arm {config['beyond']['arm']} of the run itself, which "
        "is none of its `arms`; add it there, or name one of them under beyond: arm"
    )
if config["model"]["reading"] not in ["", *config["readings"]]:
    raise WorkflowError(f"model: reading: {config['model']['reading']!r} is none of the `readings`")
SETTINGS = plan_runs(config, RESULTS)
RUNS = {run: clear(protocol_of, settings) for run, settings in SETTINGS.items()}
FOLDS = folds_of_runs()
RUNGS = {
    rung: folder if (folder := f"{RESULTS}/ladder/{rung}") in RUNS else RESULTS
    for rung in config["ladder"]
}
TRAINING = trainings()
for name in config["beyond"]["readings"]:
    if any(map(TRAINING[reading_folder(RESULTS, name)].by_speaker, NETWORKS)):
        raise WorkflowError(
            f"beyond: readings: {name} scales by speaker, which reads the test part; a choice by "
            "validation within the training part cannot be made among such readings"
        )
GROUPS = jobs_of_runs()
# Runs that are told the same share what they would make: it stands in the folder of the first.
FEATURE_HOMES = {
    kind: first_with_the_same(lambda run: json.dumps(section and SETTINGS[run][section]))
    for kind, section in FEATURES.items()
}
NETWORK_HOMES = {
    (network, phase): first_with_the_same(lambda run: TRAINING[run].identity(network, phase))
    for network in NETWORKS
    for phase in PHASES
}


include: "common/code.smk"
include: "common/flags.smk"
include: "common/features.smk"
include: "common/training.smk"
include: "common/mining.smk"
include: "common/arms.smk"
include: "common/readings.smk"
include: "common/model.smk"
include: "common/atlas.smk"
include: "common/outputs.smk"


wildcard_constraints:
    arm="|".join(ARMS),
    group=r"[A-Za-z0-9_+-]+",
    kind="mfcc|functionals|compare",
    loss="ce|focal",
    network="|".join(NETWORKS),
    run="|".join(re.escape(run) for run in RUNS),
    shard=r"\d+",
    start="phase_1|focal_phase_1",
    utterance=r"[A-Za-z0-9_-]+",
