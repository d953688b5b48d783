"""Networks: what trains them, what they ask for, and what they leave."""

COUNTING = ["counting", "counted_epochs"]  # how phase 1 and 2 count, not re-training
OUTPUTS = ["weights", "history", "curve", "embedding"]  # of every training job


def network_weights(path):
    """What a training leaves of its network; without `keep_weights` until nothing needs it."""
    return path if config["keep_weights"] else temp(path)


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


def training_memory(wildcards, attempt):
    """MB that a training job asks for: PyTorch, and each fold's features of every utterance twice.

    A job that was killed for what it took asks for more each time it is tried again.
    """
    folds = GROUPS[wildcards.run][wildcards.network][wildcards.group]
    return attempt * (1500 + 2 * len(folds) * len(NAMES) * 1024 * 4 // 10**6)


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


def whole_memory(wildcards, attempt):
    """MB that a job asks for which runs networks on all utterances, fold after fold."""
    return attempt * (1500 + len(NAMES) * 1152 * 16 // 10**6)


def history_arms(phase):
    """The arms that a phase writes its history for: all it can belong to, so that an arm more in
    the config trains nothing again."""
    return lambda wildcards: trainings_of(phase.format(**wildcards))


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


def wanted_phases(run):
    """The phases of training that the arms of a run have, each once."""
    found = {phase for arm in SETTINGS[run]["arms"] for phase in ARMS[arm].phases}
    every = [f"{network}/{phase}" for network in NETWORKS for phase in PHASES]
    return [phase for phase in every if phase in found]


def epoch_files(wildcards):
    """History or curve of every phase that an arm of the run has, a phase's folds together."""
    run, ending = wildcards.run, f"{wildcards.what}.csv"
    return [file for phase in wanted_phases(run) for file in trained(run, phase, ending)]
