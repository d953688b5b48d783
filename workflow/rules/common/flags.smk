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
    options = [f"{name}={option_text(value)}" for name, value in config["corpus_options"].items()]
    flags = {
        "reader": READER,
        "allow_partial": config["allow_partial"],
        "on_bad_audio": config["on_bad_audio"],
        **config["audio"],
    }
    return [*as_flags(flags), *(word for option in options for word in ("--option", option))]


def protocol_flags(run):
    """The protocol of a run, as the verbs folds, audit, table and figure take it."""
    return as_flags({**vars(RUNS[run]), "fold_file": fold_source(run)})


def training_caption(run):
    """What a caption says of how a run was trained."""
    by_speaker = any(map(TRAINING[run].by_speaker, NETWORKS))
    normalisation = "speaker" if by_speaker else None
    return as_flags({"preset": SETTINGS[run]["preset"], "normalisation": normalisation})


def setting_flags(run):
    """What a caption says of a run, beside what it reads from its files."""
    return [*training_caption(run), *protocol_flags(run)]


def claim_flags(wildcards):
    """The config's own claims are of its own protocol; all else claims what its protocol promises."""
    run, of_config = wildcards.run, config["folds"]["claims"]
    claims = SETTINGS[run]["folds"].get("claims")
    of_run = RUNS[run] == RUNS[RESULTS] or (claims != of_config and not RUNS[run].inner)
    return as_flags({"claims": claims if of_run else None})


def context_flags(wildcards, input, output):
    """What a caption has to say of the run, and the files to write without their endings."""
    files = {"manifest": input.manifest, "folds": input.folds}
    stem = {"output_stem": os.path.splitext(output[0])[0]}
    return [*as_flags({**files, **stem}), *setting_flags(wildcards.run)]


def fold_source(run):
    """The file or folder of a predefined protocol, if the run has one."""
    name = RUNS[run].fold_file
    return movable(Path(name).expanduser()) if name else None


def fold_file(wildcards):
    """What a predefined protocol is read from: a file, or those of a folder."""
    source = fold_source(wildcards.run)
    return list(map(str, fold_files(Path(source)))) if source else []
