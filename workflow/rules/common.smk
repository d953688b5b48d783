"""Helpers: the resolved config, what the corpus holds, and paths. No rules."""

import fcntl
import hashlib
import json
import os
import re
import shutil
import sys
import sysconfig
from pathlib import Path

import yaml
from snakemake.exceptions import WorkflowError
from snakemake.utils import update_config, validate

REPOSITORY = Path(workflow.current_basedir).parents[1]
sys.path.insert(0, str(REPOSITORY))

from sersnake.arms import ARMS, LOSSES, PAPER_ARMS, trainings_of
from sersnake.corpora import certify, read_corpus
from sersnake.errors import SersnakeError
from sersnake.protocols import Protocol, fold_names
from sersnake.statistics import default_pairs
from sersnake.tables import tables_of

validate(config, "../schemas/config.schema.yaml")
if config["arms"] == "paper":
    config["arms"] = list(PAPER_ARMS)


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
READER = config["reader"] or CORPUS
RESULTS = f"results/{CORPUS}"
NETWORKS = ["acln", "fcn", "fused"]
PHASES = ["phase_1", "ce", "he", "focal_phase_1", "focal"]
EXTENSION = f"{REPOSITORY}/sersnake/_kernel{sysconfig.get_config_var('EXT_SUFFIX')}"


def corpus_root():
    """Folder of the corpus; the demo's recordings are made by the workflow itself."""
    if CORPUS == "demo":
        return Path(RESULTS) / "corpus"
    folder = config["corpora_dir"] or os.environ.get("SERSNAKE_CORPORA", "corpora")
    return Path(folder).expanduser() / CORPUS


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
    wrong = clear(certify, CORPUS, frame, **how)
    if wrong and not config["allow_partial"]:
        raise WorkflowError(f"{CORPUS}: {' '.join(wrong)} (allow_partial: true goes on without)")
    return frame


def resolve_training():
    """The preset's schedules, with what the preset and the config say of this corpus on top."""
    preset = yaml.safe_load(
        (REPOSITORY / "config/presets" / f"{config['preset']}.yaml").read_text()
    )
    for_corpus = preset.pop("corpora", {}).get(CORPUS, {})
    update_config(preset, for_corpus)
    update_config(preset, config["training"])
    return preset


def group_folds(folds, network):
    """The folds of every job that trains a network, by the job's name: consecutive ones."""
    chosen = TRAINING["fold_batching"][network]
    size = len(folds) if chosen == "all" else int(chosen)
    jobs = [folds[start : start + size] for start in range(0, len(folds), size)]
    groups = {job[0] if len(job) == 1 else f"{job[0]}-to-{job[-1]}": job for job in jobs}
    if len(groups) < len(jobs):
        raise WorkflowError(
            f"fold_batching: {network}: {size} gives two jobs one name; choose another number"
        )
    return groups


def resolve_runs():
    """Folder and protocol of every run: the run itself and, with a ladder, one a rung.

    A rung whose protocol is the run's own is not run twice.
    """
    runs = {RESULTS: protocol_of(config["folds"])}
    for rung, folds in config["ladder"].items():
        protocol = protocol_of({**config["folds"], **folds})
        if protocol != runs[RESULTS]:
            runs[f"{RESULTS}/ladder/{rung}"] = protocol
    return runs


def protocol_of(folds):
    options = {key: value for key, value in folds.items() if key != "claims"}
    return clear(Protocol, **options, seed=config["seed"])


UTTERANCES = read_utterances()
NAMES = list(UTTERANCES["utterance"])
RECORDINGS = dict(zip(NAMES, UTTERANCES["path"]))
SPEAKERS = sorted(set(UTTERANCES["speaker"])) if CORPUS == "demo" else []
RUNS = resolve_runs()
FOLDS = {run: clear(fold_names, UTTERANCES, protocol) for run, protocol in RUNS.items()}
RUNGS = {
    rung: folder if (folder := f"{RESULTS}/ladder/{rung}") in RUNS else RESULTS
    for rung in config["ladder"]
}
TRAINING = resolve_training()
GROUPS = {
    run: {network: group_folds(folds, network) for network in NETWORKS}
    for run, folds in FOLDS.items()
}
SKIP_BAD = {"skip_bad": config["on_bad_audio"] == "skip"}
SHARDS = -(-len(NAMES) // config["features"]["shard_size"])


def library(*modules):
    """Modules and packages among a rule's inputs: editing one makes again what depends on it."""
    root = REPOSITORY / "sersnake"
    return [
        str(path)
        for module in modules
        for path in (sorted((root / module).glob("*.py")) or [root / f"{module}.py"])
    ]


def as_flags(settings):
    """``{"n_mfcc": 13}`` as ``--n-mfcc 13``; what is not set keeps the verb's default."""
    return [
        word
        for name, value in settings.items()
        if value is not None and value is not False
        for word in as_flag(f"--{name.replace('_', '-')}", value)
    ]


def as_flag(name, value):
    """One option: a switch, a list with commas, or a value."""
    if value is True:
        return [name]
    return [name, ",".join(value) if isinstance(value, list) else str(value)]


def corpus_flags():
    """How the manifest's verb reads the corpus."""
    options = [f"{name}={value}" for name, value in config["corpus_options"].items()]
    flags = {
        "reader": READER,
        "allow_partial": config["allow_partial"],
        "on_bad_audio": config["on_bad_audio"],
        **config["audio"],
    }
    return [*as_flags(flags), *(word for option in options for word in ("--option", option))]


def digest(frame):
    return hashlib.sha256(frame.to_csv(index=False).encode()).hexdigest()


def shard_names(shard):
    """Utterances of a shard ("0", "1", …): runs of the sorted names."""
    size = config["features"]["shard_size"]
    return NAMES[int(shard) * size : (int(shard) + 1) * size]


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
        return [f"{folder}/utterances/{name}.safetensors" for name in NAMES]
    return [f"{folder}/shards/{shard}.safetensors" for shard in range(SHARDS)]


def extraction_flags(kind):
    """Settings of a kind of features; `compare` is ComParE's, whatever the config says of FCN's."""
    settings = {"feature_set": "ComParE_2016"} if kind == "compare" else config[kind]
    return as_flags({**settings, **SKIP_BAD})


def training_flags(phase):
    """Schedule of a phase for the network of the wildcards, with what all phases share."""

    def flags(wildcards):
        of_network = TRAINING.get("networks", {}).get(wildcards.network, {})
        names = ("dropout", "device", "precision", "autotune")
        shared = {name: TRAINING[name] for name in names}
        schedule = {**TRAINING[phase], **of_network.get(phase, {})}
        focal = {wildcards.get("start"), wildcards.get("loss")} & set(LOSSES["focal"])
        loss = {"loss": "focal", **config["focal"]} if focal else {}
        return as_flags({**schedule, **loss, **shared, "seed": config["seed"]})

    return flags


def training_memory(wildcards):
    """MB that a training job takes: PyTorch, and each fold's features of every utterance twice."""
    folds = GROUPS[wildcards.run][wildcards.network][wildcards.group]
    return 1500 + 2 * len(folds) * len(NAMES) * 1024 * 4 // 10**6


def fold_flags(wildcards, input, output, threads):
    """What every training call names: its folds, its inputs and its outputs."""
    groups = GROUPS[wildcards.run][wildcards.network]
    flags = {
        "threads": threads,
        **{name: input[name] for name in ("manifest", "folds", "mfcc", "functionals")},
        "checkpoint": output.weights.replace(".weights.", ".checkpoint."),
        **{f"output_{name}": output[name] for name in ("weights", "history", "embedding")},
    }
    return ["--fold", *groups[wildcards.group], *as_flags(flags)]


def fold_file(wildcards):
    """What a predefined protocol is read from."""
    return [path] if (path := RUNS[wildcards.run].fold_file) else []


def protocol_flags(run):
    """The protocol of a run, as the verbs folds, audit, table and figure take it."""
    return as_flags({**vars(RUNS[run]), "fold_file": RUNS[run].fold_file or None})


def context_flags(wildcards, input, output):
    """What a caption has to say of the run, and the files to write without their endings."""
    files = {"manifest": input.manifest, "folds": input.folds}
    stem = os.path.splitext(output[0])[0]
    return [
        *as_flags({**files, "preset": config["preset"], "output_stem": stem}),
        *protocol_flags(wildcards.run),
    ]


def over_folds(pattern, **values):
    """An input function: the files of all folds of the run in the wildcards."""
    return lambda wildcards: expand(pattern, run=wildcards.run, **values, fold=FOLDS[wildcards.run])


def groups_of(run, phase):
    """The folds of every job of a network's phase ("acln/ce"), by the job's name."""
    return GROUPS[run][phase.split("/")[0]]


def trained_files(run, phase, ending):
    """The files of all jobs of a network's phase, in the order of the folds."""
    return [f"{run}/training/{phase}/{group}.{ending}" for group in groups_of(run, phase)]


def arm_features(wildcards):
    """What the classifier of an arm and a fold stands on."""
    arm = ARMS[wildcards.arm]
    if arm.features:
        return [f"{RESULTS}/features/{arm.features}.safetensors"]
    return [
        f"{wildcards.run}/training/{phase}/{group}.safetensors"
        for phase in arm.embeddings
        for group, folds in groups_of(wildcards.run, phase).items()
        if wildcards.fold in folds
    ]


def classifier_flags(wildcards):
    """The classifier of an arm with its settings."""
    name = ARMS[wildcards.arm].classifier
    return as_flags({"classifier": name, **config[name], "seed": config["seed"]})


def history_arms(phase):
    """The arms that a phase writes its history for: all it can belong to, so that an arm more in
    the config trains nothing again."""
    return lambda wildcards: trainings_of(phase.format(**wildcards))


def wanted_phases():
    """The phases of training that the arms of the config have, each once."""
    found = {phase for arm in config["arms"] for phase in ARMS[arm].phases}
    every = [f"{network}/{phase}" for network in NETWORKS for phase in PHASES]
    return [phase for phase in every if phase in found]


def history_files(wildcards):
    """The history of every phase that an arm of the config has, a phase's folds together."""
    return [
        file
        for phase in wanted_phases()
        for file in trained_files(wildcards.run, phase, "history.csv")
    ]


def hard_index_files(wildcards):
    """The hard indices of the mined networks, each network's folds together."""
    return [
        file
        for network in NETWORKS
        if f"{network}/he" in wanted_phases()
        for file in trained_files(wildcards.run, f"{network}/phase_1", "hard.csv")
    ]


def final_output():
    """Everything that a run leaves for its user."""
    arms = set(config["arms"])
    independent = arms & {"independent_ce", "independent_he"}
    figures = {"figure2": independent, "figure3": arms & {"independent_ce"}}
    figures |= {"figure4": arms & {"independent_he"}, "ladder": RUNGS}
    mined = any(ARMS[arm].loss == "he" for arm in arms)
    figures |= {"figure5": mined}
    compared = default_pairs(config["arms"])
    tables = dict.fromkeys(tables_of(config["arms"], CORPUS), True)
    tables |= {"comparisons": compared, "ladder": RUNGS}
    files = {"history.csv": wanted_phases(), "hard_index.csv": mined, "metrics.csv": True}
    files |= {"comparisons.csv": compared, "ladder.csv": RUNGS, "provenance.json": True}
    files |= {"paper.tex": True, "paper.pdf": shutil.which("pdflatex")}
    wanted = [name for name, needed in files.items() if needed]
    for folder, names, kinds in (
        ("figures", figures, ("pdf", "png")),
        ("tables", tables, ("tex", "csv", "html", "txt")),
    ):
        wanted += [
            f"{folder}/{name}.{kind}" for name, needed in names.items() if needed for kind in kinds
        ]
    return [f"{RESULTS}/{name}" for name in wanted]


wildcard_constraints:
    arm="|".join(ARMS),
    fold=r"[A-Za-z0-9_-]+",
    group=r"[A-Za-z0-9_-]+",
    kind="mfcc|functionals|compare",
    loss="ce|focal",
    network="|".join(NETWORKS),
    run="|".join(re.escape(run) for run in RUNS),
    shard=r"\d+",
    start="phase_1|focal_phase_1",
    utterance=r"[A-Za-z0-9_-]+",
