"""Recordings, shards and packed features."""

import hashlib

MOST_SHARDS = 256
SKIP_BAD = {"skip_bad": config["on_bad_audio"] == "skip"}
# Of a large corpus the shards grow, not their number: each costs Snakemake time, and a cluster.
SHARD_SIZE = max(config["features"]["shard_size"], -(-len(NAMES) // MOST_SHARDS))
SHARDS = -(-len(NAMES) // SHARD_SIZE)


def digest(frame):
    return hashlib.sha256(frame.to_csv(index=False).encode()).hexdigest()


def shard_names(shard):
    """Utterances of a shard ("0", "1", …): runs of the sorted names."""
    return NAMES[int(shard) * SHARD_SIZE : (int(shard) + 1) * SHARD_SIZE]


def shard_recordings(wildcards):
    return [RECORDINGS[name] for name in shard_names(wildcards.shard)]


def segment_flags(names):
    """The part of its recording that each utterance is, where a corpus has segments."""
    return ["--segments", *(SEGMENTS[name] for name in names)] if SEGMENTS else []


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
