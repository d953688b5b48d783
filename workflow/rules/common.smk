"""Helpers: the resolved config, what the corpus holds, and paths. No rules."""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import snakemake
import yaml
from snakemake.exceptions import WorkflowError
from snakemake.settings.types import DeploymentMethod
from snakemake.utils import validate

# What Snakemake calls its jobs on SLURM: an identifier of the run, behind a prefix or alone.
RUN_NAME = re.compile(r"(^|_)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
REPOSITORY = Path(workflow.current_basedir).parents[1]
sys.path.insert(0, str(REPOSITORY))

from sersnake.arms import ARMS, BEYOND, LOSSES, PAPER_ARMS, trainings_of
from sersnake.corpora import certify, read_corpus
from sersnake.errors import SersnakeError
from sersnake.protocols import fold_names
from sersnake.runs import (
    FEATURES,
    Training,
    group_folds,
    inner_folder,
    model_base,
    plan_runs,
    protocol_of,
    reading_folder,
    resolve_training,
    seed_folder,
    whole_folder,
)
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


def cancel_orphans():
    """Takes what a killed run has left in SLURM's queue out of it, and waits until it is gone.

    Such jobs go on without the run, and would write the same files as those that this run submits.
    They are named by their run and have this working directory, which is ours alone while we hold
    its lock.
    """
    if OWNER is None or workflow.local_exec or not shutil.which("squeue"):
        return
    for _ in range(60):
        listing = ["squeue", "--me", "--noheader", "--format", "%i %j %Z"]
        listed = subprocess.run(listing, capture_output=True, text=True).stdout
        rows = [line.split(" ", 2) for line in listed.splitlines()]
        orphans = [
            job for job, name, folder in rows if RUN_NAME.search(name) and folder == os.getcwd()
        ]
        if not orphans:
            return
        subprocess.run(["scancel", *orphans])
        time.sleep(1)
    raise WorkflowError(f"jobs of a killed run do not end: scancel {' '.join(orphans)}")


def lift_rate_limit():
    """Lets jobs on this machine start whenever a core is free.

    Where Snakemake limits how many start in a second, it looks at all jobs again a second after
    it has looked, and every job that ends begins one more of these rounds: after a hundred jobs they
    took a fifth of a core.
    """
    if workflow.local_exec and getattr(workflow, "scheduler", None):
        workflow.scheduler.job_rate_limiter = None


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


def working_copy(*paths):
    """Files of the project itself, which a job finds in its own copy wherever results stand."""
    return [local(str(REPOSITORY / path)) for path in paths]


OWNER = take_over_killed_run() if workflow.is_main_process else None

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
COUNTING = ["counting", "counted_epochs"]  # how phase 1 and 2 count, not re-training
MOST_SHARDS = 256
ATLAS_PAGE = ["index.html", "atlas.css", "atlas.js"]
OUTPUTS = ["weights", "history", "curve", "embedding"]  # of every training job
PHASES = ["phase_1", "ce", "he", "focal_phase_1", "focal"]
[EXTENSION] = working_copy(f"sersnake/_kernel{extension_suffix()}")


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
SPEAKERS = sorted(set(UTTERANCES["speaker"])) if CORPUS == "demo" else []
if unknown := [name for name in config["beyond"]["readings"] if name not in config["readings"]]:
    raise WorkflowError(f"beyond: readings: {unknown[0]!r} is none of the `readings`")
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
MODEL_ARM, MODEL_BASE = config["model"]["arm"], model_base(config, RESULTS)
WHOLE_RUN = whole_folder(RESULTS)
SKIP_BAD = {"skip_bad": config["on_bad_audio"] == "skip"}
# Of a large corpus the shards grow, not their number: each costs Snakemake time, and a cluster.
SHARD_SIZE = max(config["features"]["shard_size"], -(-len(NAMES) // MOST_SHARDS))
SHARDS = -(-len(NAMES) // SHARD_SIZE)


def library(*modules):
    """Modules and packages among a rule's inputs: editing one makes again what depends on it."""
    root = REPOSITORY / "sersnake"
    return working_copy(
        *(
            path
            for module in modules
            for path in (sorted((root / module).glob("*.py")) or [root / f"{module}.py"])
        )
    )


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
    return [name, ",".join(map(str, value)) if isinstance(value, list) else str(value)]


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
    return NAMES[int(shard) * SHARD_SIZE : (int(shard) + 1) * SHARD_SIZE]


def shard_recordings(wildcards):
    return [RECORDINGS[name] for name in shard_names(wildcards.shard)]


def modified(recordings):
    """When the newest recording was modified, in ns.

    As a parameter it makes a touched recording be extracted again even if it is small, which
    Snakemake alone would compare by its content. The demo's recordings are made on the way.
    """
    return None if CORPUS == "demo" else max(os.stat(path).st_mtime_ns for path in recordings)


def features(run, kind):
    """The packed features that a run stands on."""
    return f"{FEATURE_HOMES[kind][run]}/features/{kind}.safetensors"


def feature_input(kind):
    return lambda wildcards: features(wildcards.run, kind)


def feature_parts(wildcards):
    """What a kind's pack is joined from, by the granularity of the config."""
    folder = f"{wildcards.run}/features/{wildcards.kind}"
    if config["features"]["granularity"] == "utterance":
        return [f"{folder}/utterances/{name}.safetensors" for name in NAMES]
    return [f"{folder}/shards/{shard}.safetensors" for shard in range(SHARDS)]


def extraction_flags(run, kind):
    """Settings of a kind of features; `compare` is ComParE's, whatever the config says of FCN's."""
    section = FEATURES[kind]
    settings = SETTINGS[run][section] if section else {"feature_set": "ComParE_2016"}
    return as_flags({**settings, **SKIP_BAD})


def training_flags(schedule):
    """Schedule, recipe and architecture of the network and the run in the wildcards."""

    def flags(wildcards):
        training, settings = TRAINING[wildcards.run], SETTINGS[wildcards.run]
        focal = {wildcards.get("start"), wildcards.get("loss")} & set(LOSSES["focal"])
        chosen = {
            **training.schedule(wildcards.network, schedule),
            **({"loss": "focal", **settings["focal"]} if focal else {}),
            **training.network(wildcards.network),
            "seed": settings["network_seed"],
        }
        counting = schedule != "retraining"  # nothing is mined again
        return as_flags({k: v for k, v in chosen.items() if counting or k not in COUNTING})

    return flags


def training_memory(wildcards, attempt):
    """MB that a training job asks for: PyTorch, and each fold's features of every utterance twice.

    A job that was killed for what it took asks for more each time it is tried again.
    """
    folds = GROUPS[wildcards.run][wildcards.network][wildcards.group]
    return attempt * (1500 + 2 * len(folds) * len(NAMES) * 1024 * 4 // 10**6)


def classifier_memory(wildcards, attempt):
    """MB that a classifier asks for: its features of every utterance, scaled and copied."""
    fusion = SETTINGS[wildcards.run]["fusion"]
    values = 6373 if ARMS[wildcards.arm].features or fusion["functionals"] else 1024
    return attempt * (1000 + len(NAMES) * values * 16 // 10**6)


def whole_memory(wildcards, attempt):
    """MB that a job asks for which runs networks on all utterances, fold after fold."""
    return attempt * (1500 + len(NAMES) * 1152 * 16 // 10**6)


def training_minutes(schedule):
    """Minutes that a training job asks for: 20 ms an utterance and epoch, and ten for all else.

    That is one core ten times slower than those that docs/training.md measured; a job that was
    not through in that time asks for more when it is tried again.
    """

    def minutes(wildcards, attempt):
        folds = GROUPS[wildcards.run][wildcards.network][wildcards.group]
        epochs = TRAINING[wildcards.run].schedule(wildcards.network, schedule)["epochs"]
        return attempt * (10 + len(folds) * len(NAMES) * epochs * 20 // 60_000)

    return minutes


def fold_flags(wildcards, input, output, threads):
    """What every training call names: its folds, its inputs and its outputs."""
    groups = GROUPS[wildcards.run][wildcards.network]
    flags = {
        "threads": threads,
        **{name: input[name] for name in ("manifest", "folds", "mfcc", "functionals")},
        "checkpoint": output.weights.replace(".weights.", ".checkpoint."),
        **{f"output_{name}": output[name] for name in OUTPUTS},
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
    preset, stem = SETTINGS[wildcards.run]["preset"], os.path.splitext(output[0])[0]
    return [
        *as_flags({**files, "preset": preset, "output_stem": stem}),
        *protocol_flags(wildcards.run),
    ]


def predicted_files(wildcards):
    """The predictions of all arms of a run."""
    run = wildcards.run
    files = [f"{run}/predictions/{arm}.csv" for arm in SETTINGS[run]["arms"]]
    chosen = config["beyond"]["readings"] and run in (RESULTS, *RUNGS.values())
    return [*files, f"{run}/predictions/{BEYOND}.csv"] if chosen else files


def readings_of(run):
    """The readings of a run on folds of its own, which alone can be held against it."""
    same = [reading_folder(run, name) for name in config["readings"]]
    return [name for name, folder in zip(config["readings"], same) if RUNS[folder] == RUNS[run]]


def specification_runs(run):
    """The run itself, as the reading `base`, and its readings."""
    return {"base": run} | {name: reading_folder(run, name) for name in readings_of(run)}


def candidate_runs(run):
    """The readings among which inner validation chooses."""
    return {name: reading_folder(run, name) for name in config["beyond"]["readings"]}


def reading_arms(runs):
    """The arm of each reading that is held against the others'."""
    arm = config["beyond"]["arm"]
    return [arm if arm in (arms := SETTINGS[run]["arms"]) else arms[0] for run in runs.values()]


def trained(run, phase, ending):
    """File and folds of every job of a network's phase ("acln/ce"), in the order of the folds."""
    network, name = phase.split("/")
    home = NETWORK_HOMES[network, name][run]
    jobs = GROUPS[home][network].items()
    return {f"{home}/training/{phase}/{job}.{ending}": folds for job, folds in jobs}


def of_first_phase(ending):
    """An input function: what the first phase of a loss left for the folds of a job."""

    def file(wildcards):
        start = LOSSES[wildcards.get("loss", "he")][0]
        home = NETWORK_HOMES[wildcards.network, start][wildcards.run]
        return f"{home}/training/{wildcards.network}/{start}/{wildcards.group}.{ending}"

    return file


def arm_files(run, name, ending):
    """What training left for the classifiers of an arm, seed by seed."""
    return [
        file
        for number in range(SETTINGS[run]["seeds"])
        for phase in ARMS[name].embeddings
        for file in trained(seed_folder(run, number), phase, ending)
    ]


def arm_features(wildcards):
    """What the classifiers of an arm stand on."""
    arm, run = ARMS[wildcards.arm], wildcards.run
    if arm.features:
        return [features(run, arm.features)]
    return arm_files(run, wildcards.arm, "safetensors")


def functionals_beside(wildcards):
    """What a classifier beside that on the networks' features stands on, where there is one."""
    arm, run = ARMS[wildcards.arm], wildcards.run
    beside = SETTINGS[run]["fusion"]["functionals"] and not arm.features
    return [features(run, "functionals")] if beside else []


def classifier_flags(wildcards):
    """The classifier of an arm with its settings."""
    arm, settings = ARMS[wildcards.arm], SETTINGS[wildcards.run]
    flags = {"classifier": arm.classifier, **settings[arm.classifier], "seed": settings["seed"]}
    of_networks = {"members": settings["seeds"], "balanced": settings["fusion"]["balanced"]}
    return as_flags(flags if arm.features else {**flags, **of_networks})


def model_flags():
    """How the model's networks were trained, as far as its use depends on it."""
    arm, settings, training = ARMS[MODEL_ARM], SETTINGS[WHOLE_RUN], TRAINING[WHOLE_RUN]
    if settings["fusion"]["functionals"]:
        raise WorkflowError(
            "fusion: functionals: a model has no second classifier; name a reading without it "
            "under model: reading"
        )
    of_networks = [training.network(network) for network in arm.networks]
    flags = {
        "name": RESULTS.removeprefix("results/"),
        "arm": MODEL_ARM,
        "preset": settings["preset"],
        "settings": json.dumps(training.schedules, sort_keys=True),
        "members": settings["seeds"],
        "cost": settings["svm"]["cost"],
        "balanced": settings["fusion"]["balanced"],
        **settings["architecture"],
        "crop": of_networks[0].get("crop"),
    }
    if any(network.get("normalisation") == "speaker" for network in of_networks):
        flags["normalisation"] = "speaker"
    return [*as_flags(flags), *protocol_flags(MODEL_BASE)]


def attention_weights():
    """ACLN's weights of all folds in the arm of the atlas; none where that has no ACLN."""
    phases = [phase for phase in ARMS[config["atlas"]["arm"]].embeddings if "acln/" in phase]
    return [file for phase in phases for file in trained(RESULTS, phase, "weights.safetensors")]


def attention_flags():
    """What of ACLN's training its attention depends on."""
    network = TRAINING[RESULTS].network("acln")
    chosen = {key: network.get(key) for key in ("crop", "normalisation")}
    return as_flags({**chosen, **SETTINGS[RESULTS]["architecture"]})


def listeners():
    """What is known of how people heard the corpus."""
    ratings = corpus_root() / "erkennung.txt"
    return [str(ratings)] if READER == "emodb" and ratings.is_file() else []


def atlas_inputs():
    """What an atlas shows where the run has it, by the option of the verb."""
    mined = any(ARMS[arm].loss == "he" for arm in config["arms"])
    arm_is_run = config["atlas"]["arm"] in config["arms"]
    wanted = {
        "hard_index": [f"{RESULTS}/hard_index.csv"] if mined else [],
        "attention": (
            [f"{RESULTS}/attention.safetensors"] if arm_is_run and attention_weights() else []
        ),
        "recognition": listeners(),
        "agreement": [f"{RESULTS}/agreement.csv"] if mined and listeners() else [],
    }
    return {name: files[0] for name, files in wanted.items() if files}


def atlas_flags():
    """How the atlas is made."""
    chosen = {**config["atlas"], "preset": config["preset"]}
    return [*as_flags(chosen), *protocol_flags(RESULTS)]


def mining_flags(wildcards):
    """Settings of mining; what `union` adds are files."""
    settings = SETTINGS[wildcards.run]["mining"]
    return as_flags({key: value for key, value in settings.items() if key != "union"})


def counts_to_join(wildcards):
    """Counts of the other network for the folds of a job, where hard examples are the union."""
    other = {"acln": "fcn", "fcn": "acln"}.get(wildcards.network)
    if not other or not SETTINGS[wildcards.run]["mining"]["union"]:
        return []
    folds = set(GROUPS[wildcards.run][wildcards.network][wildcards.group])
    files = trained(wildcards.run, f"{other}/phase_1", "counts.csv")
    return [file for file, its_folds in files.items() if folds & set(its_folds)]


def history_arms(phase):
    """The arms that a phase writes its history for: all it can belong to, so that an arm more in
    the config trains nothing again."""
    return lambda wildcards: trainings_of(phase.format(**wildcards))


def wanted_phases(run):
    """The phases of training that the arms of a run have, each once."""
    found = {phase for arm in SETTINGS[run]["arms"] for phase in ARMS[arm].phases}
    every = [f"{network}/{phase}" for network in NETWORKS for phase in PHASES]
    return [phase for phase in every if phase in found]


def epoch_files(wildcards):
    """History or curve of every phase that an arm of the run has, a phase's folds together."""
    run, ending = wildcards.run, f"{wildcards.what}.csv"
    return [file for phase in wanted_phases(run) for file in trained(run, phase, ending)]


def hard_index_files(wildcards):
    """The hard indices of the mined networks, each network's folds together."""
    run = wildcards.run
    mined = [name for name in NETWORKS if f"{name}/he" in wanted_phases(run)]
    return [file for name in mined for file in trained(run, f"{name}/he", "hard.csv")]


def rung_output():
    """What a record shows of each other protocol of the ladder."""
    pairs = default_pairs([*config["arms"], *([BEYOND] if config["beyond"]["readings"] else [])])
    pieces = ["metrics.csv", "tables/table3.txt", *(["comparisons.csv"] if pairs else [])]
    return [f"{run}/{piece}" for run in RUNGS.values() if run != RESULTS for piece in pieces]


def final_output():
    """Everything that a run leaves for its user."""
    arms = set(config["arms"])
    independent = arms & {"independent_ce", "independent_he"}
    figures = {"figure2": independent, "figure3": arms & {"independent_ce"}}
    figures |= {"figure4": arms & {"independent_he"}, "ladder": RUNGS}
    mined = any(ARMS[arm].loss == "he" for arm in arms)
    figures |= {"figure5": mined, "figure6": {"independent_ce", "independent_he"} <= arms}
    figures |= {"specification": readings_of(RESULTS)}
    chosen = config["beyond"]["readings"]
    compared = default_pairs([*config["arms"], *([BEYOND] if chosen else [])])
    tables = dict.fromkeys(tables_of(config["arms"], CORPUS), True)
    tables |= {"comparisons": compared, "ladder": RUNGS, "optimism": wanted_phases(RESULTS)}
    tables |= {"specification": readings_of(RESULTS)}
    files = {"curve.csv": wanted_phases(RESULTS), "choice.csv": chosen}
    files |= {"history.csv": wanted_phases(RESULTS), "hard_index.csv": mined, "metrics.csv": True}
    files |= {"comparisons.csv": compared, "ladder.csv": RUNGS}
    files |= {"provenance.json": True, "provenance.html": True}
    files |= {"agreement.csv": mined and listeners(), "atlas": True}
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
    group=r"[A-Za-z0-9_-]+",
    kind="mfcc|functionals|compare",
    loss="ce|focal",
    network="|".join(NETWORKS),
    run="|".join(re.escape(run) for run in RUNS),
    shard=r"\d+",
    start="phase_1|focal_phase_1",
    utterance=r"[A-Za-z0-9_-]+",
