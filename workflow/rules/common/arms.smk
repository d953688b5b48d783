"""Arms: what their classifiers stand on, and what they predict."""


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
    fusion = settings["fusion"]
    flags = {"classifier": arm.classifier, **settings[arm.classifier], "seed": settings["seed"]}
    flags["scaling"] = fusion["scaling"]
    of_networks = {"members": settings["seeds"], "balanced": fusion["balanced"]}
    return as_flags(flags if arm.features else {**flags, **of_networks})


def classifier_memory(wildcards, attempt):
    """MB that a classifier asks for: its features of every utterance, scaled and copied."""
    fusion = SETTINGS[wildcards.run]["fusion"]
    values = 6373 if ARMS[wildcards.arm].features or fusion["functionals"] else 1024
    return attempt * (1000 + len(NAMES) * values * 16 // 10**6)


def predicted_files(wildcards):
    """The predictions of all arms of a run."""
    run = wildcards.run
    files = [f"{run}/predictions/{arm}.csv" for arm in SETTINGS[run]["arms"]]
    chosen = config["beyond"]["readings"] and run in (RESULTS, *RUNGS.values())
    return [*files, f"{run}/predictions/{BEYOND}.csv"] if chosen else files
