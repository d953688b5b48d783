"""MFCCs and functionals.

REQUIRED INPUTS: the recordings, manifest.csv
OUTPUTS: features/mfcc.safetensors (frames of all utterances, row under row),
    features/functionals.safetensors (one row an utterance); for compare_svm
    features/compare.safetensors, the same with the feature set ComParE_2016

The rule of an utterance is the definition; the rule of a shard gives many utterances to the same
verb in one process. `features: granularity` chooses; both lead to the same bytes.
"""


rule extract_mfcc:
    input:
        recordings=lambda wildcards: RECORDINGS[wildcards.utterance],
        extension=working_copy(EXTENSION),
    output:
        "{run}/features/mfcc/utterances/{utterance}.safetensors",
    log:
        "{run}/logs/extract_mfcc/{utterance}.log",
    benchmark:
        "{run}/benchmarks/extract_mfcc/{utterance}.tsv"
    group:
        "extraction"
    conda:
        "../../envs/features.yaml"
    params:
        code=code_of("mfcc"),
        skip=SKIP_BAD,
        names=lambda wildcards: [wildcards.utterance],
        segments=lambda wildcards: segments([wildcards.utterance]),
        modified=lambda wildcards: modified([wildcards.utterance]),
        settings=lambda wildcards: PLAN.extraction(wildcards.run, "mfcc"),
    shell:
        "python -m sersnake mfcc {input.recordings:q} --names {params.names:q}"
        " {params.segments:q} {params.skip} --settings {params.settings:q} --output {output:q}"
        " 2> {log:q}"


use rule extract_mfcc as extract_mfcc_shard with:
    input:
        recordings=lambda wildcards: [RECORDINGS[name] for name in shard_names(wildcards.shard)],
        extension=working_copy(EXTENSION),
    output:
        "{run}/features/mfcc/shards/{shard}.safetensors",
    log:
        "{run}/logs/extract_mfcc_shard/{shard}.log",
    benchmark:
        "{run}/benchmarks/extract_mfcc_shard/{shard}.tsv"
    params:
        names=lambda wildcards: shard_names(wildcards.shard),
        segments=lambda wildcards: segments(shard_names(wildcards.shard)),
        modified=lambda wildcards: modified(shard_names(wildcards.shard)),
        settings=lambda wildcards: PLAN.extraction(wildcards.run, "mfcc"),


rule extract_functionals:
    input:
        recordings=lambda wildcards: RECORDINGS[wildcards.utterance],
    output:
        "{run}/features/{kind}/utterances/{utterance}.safetensors",
    log:
        "{run}/logs/extract_functionals/{kind}-{utterance}.log",
    benchmark:
        "{run}/benchmarks/extract_functionals/{kind}-{utterance}.tsv"
    wildcard_constraints:
        kind="functionals|compare",
    group:
        "extraction"
    conda:
        "../../envs/features.yaml"
    params:
        code=code_of("functionals"),
        skip=SKIP_BAD,
        names=lambda wildcards: [wildcards.utterance],
        segments=lambda wildcards: segments([wildcards.utterance]),
        modified=lambda wildcards: modified([wildcards.utterance]),
        settings=lambda wildcards: PLAN.extraction(wildcards.run, wildcards.kind),
    shell:
        "python -m sersnake functionals {input.recordings:q} --names {params.names:q}"
        " {params.segments:q} {params.skip} --settings {params.settings:q} --output {output:q}"
        " 2> {log:q}"


use rule extract_functionals as extract_functionals_shard with:
    input:
        recordings=lambda wildcards: [RECORDINGS[name] for name in shard_names(wildcards.shard)],
    output:
        "{run}/features/{kind}/shards/{shard}.safetensors",
    log:
        "{run}/logs/extract_functionals_shard/{kind}-{shard}.log",
    benchmark:
        "{run}/benchmarks/extract_functionals_shard/{kind}-{shard}.tsv"
    params:
        names=lambda wildcards: shard_names(wildcards.shard),
        segments=lambda wildcards: segments(shard_names(wildcards.shard)),
        modified=lambda wildcards: modified(shard_names(wildcards.shard)),
        settings=lambda wildcards: PLAN.extraction(wildcards.run, wildcards.kind),


rule pack_features:
    input:
        parts=feature_parts,
        manifest=rules.make_manifest.output.manifest,
    output:
        "{run}/features/{kind}.safetensors",
    log:
        "{run}/logs/pack_features/{kind}.log",
    group:
        "packing"
    conda:
        "../../envs/features.yaml"
    params:
        code=code_of("pack"),
    shell:
        "python -m sersnake pack {input.parts:q} --manifest {input.manifest:q}"
        " --output {output:q} 2> {log:q}"
