"""Feature sets: those of `features` in the config that a stream or a system reads.

REQUIRED INPUTS: the recordings, manifest.csv
OUTPUTS: features/<name>.safetensors: a row per frame of all utterances, or a vector per utterance

On request features/<name>.<condition>.safetensors, of recordings that are degraded when read.

The rule of an utterance is the definition; the rule of a shard gives many utterances to the same
verb in one process. `extraction: granularity` chooses; both lead to the same bytes.
"""


rule extract:
    input:
        recordings=lambda wildcards: UTTERANCES.recordings[wildcards.utterance],
        extension=lambda wildcards: [working_copy(EXTENSION)] * set_of(wildcards).entry.native,
    output:
        "{run}/features/{features}/utterances/{utterance}.safetensors",
    log:
        "{run}/logs/extract/{features}-{utterance}.log",
    benchmark:
        "{run}/benchmarks/extract/{features}-{utterance}.tsv"
    conda:
        lambda wildcards: f"../../envs/{set_of(wildcards).entry.environment}.yaml"
    params:
        code=code_of("extract", lambda wildcards: feature_code(set_of(wildcards).kind)),
        kind=lambda wildcards: set_of(wildcards).kind,
        names=lambda wildcards: [wildcards.utterance],
        options=lambda wildcards: UTTERANCES.options([wildcards.utterance]),
        modified=lambda wildcards: UTTERANCES.modified([wildcards.utterance]),
        settings=lambda wildcards: PLAN.extraction(wildcards.run, wildcards.features),
    shell:
        "python -m sersnake extract {params.kind} {input.recordings:q} --names {params.names:q}"
        " {params.options:q} --settings {params.settings:q} --output {output:q} 2> {log:q}"


use rule extract as extract_shard with:
    input:
        recordings=lambda wildcards: UTTERANCES.paths(shard_of(wildcards)),
        extension=lambda wildcards: [working_copy(EXTENSION)] * set_of(wildcards).entry.native,
    output:
        "{run}/features/{features}/shards/{shard}.safetensors",
    log:
        "{run}/logs/extract_shard/{features}-{shard}.log",
    benchmark:
        "{run}/benchmarks/extract_shard/{features}-{shard}.tsv"
    params:
        names=shard_of,
        options=lambda wildcards: UTTERANCES.options(shard_of(wildcards)),
        modified=lambda wildcards: UTTERANCES.modified(shard_of(wildcards)),
        settings=lambda wildcards: PLAN.extraction(wildcards.run, wildcards.features),


rule pack_features:
    input:
        parts=pack_parts,
        manifest=rules.make_manifest.output.manifest,
    output:
        "{run}/features/{features}.safetensors",
    log:
        "{run}/logs/pack_features/{features}.log",
    conda:
        "../../envs/features.yaml"
    params:
        code=code_of("pack"),
        cut=lambda wildcards: PLAN.cut(wildcards.run, wildcards.features),
    shell:
        "python -m sersnake pack {input.parts:q} --manifest {input.manifest:q}"
        " {params.cut} --output {output:q} 2> {log:q}"


rule extract_degraded:
    input:
        recordings=lambda wildcards: UTTERANCES.paths(shard_of(wildcards)),
        extension=lambda wildcards: [working_copy(EXTENSION)] * set_of(wildcards).entry.native,
    output:
        "{run}/features/{features}.{condition}/shards/{shard}.safetensors",
    log:
        "{run}/logs/extract_degraded/{features}.{condition}-{shard}.log",
    benchmark:
        "{run}/benchmarks/extract_degraded/{features}.{condition}-{shard}.tsv"
    conda:
        lambda wildcards: f"../../envs/{set_of(wildcards).entry.environment}.yaml"
    params:
        code=code_of(
            "extract-degraded",
            lambda wildcards: [
                *feature_code(set_of(wildcards).kind),
                *condition_code(wildcards.condition),
            ],
        ),
        kind=lambda wildcards: set_of(wildcards).kind,
        names=shard_of,
        options=lambda wildcards: UTTERANCES.options(shard_of(wildcards)),
        modified=lambda wildcards: UTTERANCES.modified(shard_of(wildcards)),
        settings=lambda wildcards: PLAN.extraction(wildcards.run, wildcards.features),
    shell:
        "python -m sersnake extract-degraded {params.kind} {input.recordings:q}"
        " --condition {wildcards.condition} --names {params.names:q} {params.options:q}"
        " --settings {params.settings:q} --output {output:q} 2> {log:q}"


use rule pack_features as pack_degraded with:
    output:
        "{run}/features/{features}.{condition}.safetensors",
    log:
        "{run}/logs/pack_degraded/{features}.{condition}.log",
