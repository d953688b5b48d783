"""The atlas: what it shows, and how."""


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
    return [*as_flags(config["atlas"]), *setting_flags(RESULTS)]
