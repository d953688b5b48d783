"""Readings: which can be compared, and among which is chosen."""


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
