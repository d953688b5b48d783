"""Hard examples: what is mined, and by which settings."""


def mining_flags(wildcards):
    """Settings of mining; what `union` adds are files."""
    settings = SETTINGS[wildcards.run]["mining"]
    return as_flags({key: value for key, value in settings.items() if key != "union"})


def share_flags(wildcards):
    """The share of hard examples that was asked for of each network by itself."""
    mining = SETTINGS[wildcards.run]["mining"]
    asked = mining["beta"] is None and not mining["union"]
    return as_flags({"hard_share": mining["hard_share"] if asked else None})


def counts_to_join(wildcards):
    """Counts of the other network for the folds of a job, where hard examples are the union."""
    other = {"acln": "fcn", "fcn": "acln"}.get(wildcards.network)
    if not other or not SETTINGS[wildcards.run]["mining"]["union"]:
        return []
    folds = set(GROUPS[wildcards.run][wildcards.network][wildcards.group])
    files = trained(wildcards.run, f"{other}/phase_1", "counts.csv")
    return [file for file, its_folds in files.items() if folds & set(its_folds)]


def hard_index_files(wildcards):
    """The hard indices of the mined networks, each network's folds together."""
    run = wildcards.run
    mined = [name for name in NETWORKS if f"{name}/he" in wanted_phases(run)]
    return [file for name in mined for file in trained(run, f"{name}/he", "hard.csv")]
