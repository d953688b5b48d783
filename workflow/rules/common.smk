"""Helpers: the resolved config, what the corpus holds, and paths. No rules."""

import fcntl
import json
import os
import sys
import sysconfig
from pathlib import Path

import yaml
from snakemake.exceptions import WorkflowError
from snakemake.utils import update_config, validate

REPOSITORY = Path(workflow.current_basedir).parents[1]
sys.path.insert(0, str(REPOSITORY))

from sersnake.corpora import check_counts, get_corpus
from sersnake.errors import SersnakeError

validate(config, "../schemas/config.schema.yaml")


def take_over_killed_run():
    """Removes the locks of a run that was killed, so that calling again goes on.

    The operating system frees this file's lock when the process that holds it dies. Whoever
    gets it knows that no other run is at work in this folder.
    """
    state = Path(".snakemake")
    state.mkdir(exist_ok=True)
    owner = (state / "sersnake.lock").open("w")
    try:
        fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return None
    for stale in (state / "locks").glob("*"):
        stale.unlink()
    return owner


OWNER = take_over_killed_run() if workflow.is_main_process else None

# A snakemake that was called by its path finds the verbs of its own environment too; an
# activated conda environment stands before it.
os.environ.update(PATH=os.pathsep.join([str(Path(sys.executable).parent), *os.get_exec_path()]))

CORPUS = config["corpus"]
RESULTS = f"results/{CORPUS}"
NETWORKS = ["acln", "fcn"]
EXTENSION = f"{REPOSITORY}/sersnake/_kernel{sysconfig.get_config_var('EXT_SUFFIX')}"


def corpus_root():
    """Folder of the corpus; the demo's recordings are made by the workflow itself."""
    if CORPUS == "demo":
        return Path(RESULTS) / "corpus"
    folder = config["corpora_dir"] or os.environ.get("SERSNAKE_CORPORA", "corpora")
    return Path(folder).expanduser() / CORPUS


def read_corpus():
    """Path of the recording of each utterance, in order; stops where the corpus is not whole."""
    corpus = get_corpus(CORPUS)
    try:
        frame = corpus.read(corpus_root())
        check_counts(corpus, frame)
    except SersnakeError as error:
        raise WorkflowError(str(error)) from None
    return dict(zip(frame["utterance"], frame["path"]))


def resolve_training():
    """The preset's schedules, with what the preset and the config say of this corpus on top."""
    preset = yaml.safe_load(
        (REPOSITORY / "config/presets" / f"{config['preset']}.yaml").read_text()
    )
    for_corpus = preset.pop("corpora", {}).get(CORPUS, {})
    update_config(preset, for_corpus)
    update_config(preset, config["training"])
    return preset


RECORDINGS = read_corpus()
SPEAKERS = sorted({name.split("_")[0] for name in RECORDINGS}) if CORPUS == "demo" else []
SESSIONS = 5  # of IEMOCAP, the one corpus that has them
FOLDS = [
    str(fold)
    for fold in range(
        SESSIONS
        if config["folds"]["protocol"] == "leave_one_session_out"
        else config["folds"]["repeats"]
    )
]
TRAINING = resolve_training()
SHARDS = -(-len(RECORDINGS) // config["features"]["shard_size"])


def library(*modules):
    """Modules among a rule's inputs: editing one makes again what depends on it."""
    return [str(REPOSITORY / "sersnake" / f"{module}.py") for module in modules]


def as_flags(settings):
    """``{"n_mfcc": 13}`` as ``--n-mfcc 13``; what is not set keeps the verb's default."""
    return [
        word
        for name, value in settings.items()
        if value is not None
        for word in (f"--{name.replace('_', '-')}", str(value))
    ]


def shard_names(shard):
    """Utterances of a shard ("0", "1", …): runs of the sorted names."""
    size = config["features"]["shard_size"]
    return list(RECORDINGS)[int(shard) * size : (int(shard) + 1) * size]


def shard_recordings(wildcards):
    return [RECORDINGS[name] for name in shard_names(wildcards.shard)]


def modified(recordings):
    """When the newest recording was modified, in ns.

    As a parameter it makes a touched recording be extracted again even if it is small, which
    Snakemake alone would compare by its content. The demo's recordings are made on the way.
    """
    return None if CORPUS == "demo" else max(os.stat(path).st_mtime_ns for path in recordings)


def feature_parts(wildcards):
    """What a kind's pack is joined from, by the granularity of the config."""
    folder = f"{RESULTS}/features/{wildcards.kind}"
    if config["features"]["granularity"] == "utterance":
        return [f"{folder}/utterances/{name}.safetensors" for name in RECORDINGS]
    return [f"{folder}/shards/{shard}.safetensors" for shard in range(SHARDS)]


def training_flags(phase):
    """Schedule of a phase for the network of the wildcards, with what all phases share."""

    def flags(wildcards):
        of_network = TRAINING.get("networks", {}).get(wildcards.get("network"), {})
        shared = {name: TRAINING[name] for name in ("dropout", "device", "precision")}
        schedule = {**TRAINING[phase], **of_network.get(phase, {})}
        return as_flags({**schedule, **shared, "seed": config["seed"]})

    return flags


def fold_flags(wildcards, input, output, threads):
    """What every training call names: its fold, its inputs and its outputs."""
    return as_flags(
        {
            "fold": wildcards.fold,
            "threads": threads,
            **{name: input[name] for name in ("manifest", "folds", "mfcc", "functionals")},
            **{f"output_{name}": output[name] for name in ("weights", "history", "embedding")},
        }
    )


def context_flags(wildcards, input, output):
    """What a caption has to say of the run, and the files to write without their endings."""
    return as_flags(
        {
            "manifest": input.manifest,
            "folds": input.folds,
            "protocol": config["folds"]["protocol"],
            "preset": config["preset"],
            "output_stem": os.path.splitext(output[0])[0],
        }
    )


def final_output():
    """Everything that a run leaves for its user."""
    figures = [f"figures/figure{number}.{kind}" for number in (2, 3, 4) for kind in ("pdf", "png")]
    tables = [f"tables/table3.{kind}" for kind in ("tex", "csv", "html", "txt")]
    files = ["metrics.csv", "history.csv", "hard_index.csv", "provenance.json"]
    return [f"{RESULTS}/{name}" for name in files + tables + figures]


wildcard_constraints:
    arm="|".join(["independent_ce", "independent_he", "fused_ce", "is09_svm"]),
    fold=r"\d+",
    kind="mfcc|functionals",
    network="acln|fcn",
    shard=r"\d+",
    utterance=r"[A-Za-z0-9_-]+",
