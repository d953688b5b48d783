"""Feature sets, as `sersnake/features/sets.py` lists them.

REQUIRED INPUTS: the recordings, manifest.csv
OUTPUTS: features/mfcc.safetensors (frames of all utterances, row under row),
    features/functionals.safetensors (one row per utterance); for compare_svm
    features/compare.safetensors, the same with the feature set ComParE_2016

The rule of an utterance is the definition; the rule of a shard gives many utterances to the same
verb in one process. `features: granularity` chooses; both lead to the same bytes.
"""


rule extract:
    input:
        recordings=lambda wildcards: UTTERANCES.recordings[wildcards.utterance],
        extension=lambda wildcards: extension_of(wildcards.kind),
    output:
        "{run}/features/{kind}/utterances/{utterance}.safetensors",
    log:
        "{run}/logs/extract/{kind}-{utterance}.log",
    benchmark:
        "{run}/benchmarks/extract/{kind}-{utterance}.tsv"
    conda:
        "../../envs/features.yaml"
    params:
        code=code_of("extract", lambda wildcards: feature_code(wildcards.kind)),
        names=lambda wildcards: [wildcards.utterance],
        options=lambda wildcards: UTTERANCES.options([wildcards.utterance]),
        modified=lambda wildcards: UTTERANCES.modified([wildcards.utterance]),
        settings=lambda wildcards: PLAN.extraction(wildcards.run, wildcards.kind),
    shell:
        "python -m sersnake extract {wildcards.kind} {input.recordings:q} --names {params.names:q}"
        " {params.options:q} --settings {params.settings:q} --output {output:q} 2> {log:q}"


use rule extract as extract_shard with:
    input:
        recordings=lambda wildcards: UTTERANCES.shard_paths(wildcards.shard),
        extension=lambda wildcards: extension_of(wildcards.kind),
    output:
        "{run}/features/{kind}/shards/{shard}.safetensors",
    log:
        "{run}/logs/extract_shard/{kind}-{shard}.log",
    benchmark:
        "{run}/benchmarks/extract_shard/{kind}-{shard}.tsv"
    params:
        names=lambda wildcards: UTTERANCES.of_shard(wildcards.shard),
        options=lambda wildcards: UTTERANCES.options(UTTERANCES.of_shard(wildcards.shard)),
        modified=lambda wildcards: UTTERANCES.modified(UTTERANCES.of_shard(wildcards.shard)),
        settings=lambda wildcards: PLAN.extraction(wildcards.run, wildcards.kind),


rule pack_features:
    input:
        parts=pack_parts,
        manifest=rules.make_manifest.output.manifest,
    output:
        "{run}/features/{kind}.safetensors",
    log:
        "{run}/logs/pack_features/{kind}.log",
    conda:
        "../../envs/features.yaml"
    params:
        code=code_of("pack"),
    shell:
        "python -m sersnake pack {input.parts:q} --manifest {input.manifest:q}"
        " --output {output:q} 2> {log:q}"
