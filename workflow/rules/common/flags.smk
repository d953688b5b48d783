"""Settings as the options of the verbs."""


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


def fold_file(wildcards):
    """What a predefined protocol is read from."""
    return [path] if (path := RUNS[wildcards.run].fold_file) else []
