"""The model: how its networks were trained."""

MODEL_ARM, MODEL_BASE = config["model"]["arm"], model_base(config, RESULTS)
WHOLE_RUN = whole_folder(RESULTS)


def model_flags():
    """How the model's networks were trained, as far as its use depends on it."""
    arm, settings, training = ARMS[MODEL_ARM], SETTINGS[WHOLE_RUN], TRAINING[WHOLE_RUN]
    if settings["fusion"]["functionals"]:
        raise WorkflowError(
            "fusion: functionals: a model has no second classifier; name a reading without it "
            "under model: reading"
        )
    if settings["fusion"]["scaling"] != "z_scores":
        raise WorkflowError(
            "fusion: scaling: a model keeps a mean and a deviation of every feature, no ranks; name "
            "a reading of z_scores under model: reading"
        )
    flags = {
        "name": RESULTS.removeprefix("results/"),
        "arm": MODEL_ARM,
        "preset": settings["preset"],
        "settings": json.dumps(training.schedules, sort_keys=True),
        "members": settings["seeds"],
        "cost": settings["svm"]["cost"],
        "balanced": settings["fusion"]["balanced"],
        **settings["architecture"],
        "crop": training.network(arm.networks[0]).get("crop"),
    }
    if any(map(training.by_speaker, arm.networks)):
        flags["normalisation"] = "speaker"
    return [*as_flags(flags), *protocol_flags(MODEL_BASE)]
