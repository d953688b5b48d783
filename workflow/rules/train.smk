"""Training with cross entropy, network by network, a group of folds a job.

REQUIRED INPUTS: manifest.csv, folds.csv, the packed features
OUTPUTS: training/<network>/<phase>/<group>.*: weights, history, counts of misclassifications, and
    the network's features of every utterance. Phase 1 feeds both the baseline, which trains on
    with cross entropy (phase ce), and mining; the fused network knows the phase ce alone.

A group holds one fold or several, as `training: fold_batching` says. One thread a job: jobs side
by side use more of a processor than threads in one job, and the results do not depend on the
number of cores.
"""

TRAINING_CODE = library(
    "batches",
    "checkpoints",
    "course",
    "dataset",
    "devices",
    "embeddings",
    "fold_training",
    "io",
    "losses",
    "networks",
    "scaling",
    "schedule",
    "stacked_adam",
    "training",
    "cli/training",
)


rule train_phase_1:
    input:
        manifest=rules.make_manifest.output.manifest,
        folds=rules.make_folds.output,
        audit=rules.audit_folds.output,
        mfcc=f"{RESULTS}/features/mfcc.safetensors",
        functionals=f"{RESULTS}/features/functionals.safetensors",
        code=TRAINING_CODE,
        extension=EXTENSION,
    output:
        weights="{run}/training/{network}/phase_1/{group}.weights.safetensors",
        history="{run}/training/{network}/phase_1/{group}.history.csv",
        counts="{run}/training/{network}/phase_1/{group}.counts.csv",
        embedding="{run}/training/{network}/phase_1/{group}.safetensors",
    log:
        "{run}/logs/train_phase_1/{network}-{group}.log",
    benchmark:
        "{run}/benchmarks/train_phase_1/{network}-{group}.tsv"
    conda:
        "../../envs/training.yaml"
    threads: 1
    resources:
        mem_mb=training_memory,
        runtime=24 * 60,
    params:
        on_fold=fold_flags,
        arms=arms_of("phase_1"),
        options=training_flags("phase_1"),
    shell:
        "python -m sersnake train {wildcards.network} {params.on_fold:q} {params.options:q}"
        " --arms {params.arms} --output-counts {output.counts:q} 2> {log:q}"


rule train_on:
    input:
        manifest=rules.make_manifest.output.manifest,
        folds=rules.make_folds.output,
        audit=rules.audit_folds.output,
        mfcc=f"{RESULTS}/features/mfcc.safetensors",
        functionals=f"{RESULTS}/features/functionals.safetensors",
        initial=rules.train_phase_1.output.weights,
        code=TRAINING_CODE,
        extension=EXTENSION,
    output:
        weights="{run}/training/{network}/ce/{group}.weights.safetensors",
        history="{run}/training/{network}/ce/{group}.history.csv",
        embedding="{run}/training/{network}/ce/{group}.safetensors",
    log:
        "{run}/logs/train_on/{network}-{group}.log",
    benchmark:
        "{run}/benchmarks/train_on/{network}-{group}.tsv"
    conda:
        "../../envs/training.yaml"
    threads: 1
    resources:
        mem_mb=training_memory,
        runtime=24 * 60,
    params:
        on_fold=fold_flags,
        arms=["independent_ce"],
        options=training_flags("phase_2"),
    shell:
        "python -m sersnake train {wildcards.network} {params.on_fold:q} {params.options:q}"
        " --arms {params.arms} --initial {input.initial:q} 2> {log:q}"


rule train_fused:
    input:
        manifest=rules.make_manifest.output.manifest,
        folds=rules.make_folds.output,
        audit=rules.audit_folds.output,
        mfcc=f"{RESULTS}/features/mfcc.safetensors",
        functionals=f"{RESULTS}/features/functionals.safetensors",
        code=TRAINING_CODE,
        extension=EXTENSION,
    output:
        weights="{run}/training/fused/ce/{group}.weights.safetensors",
        history="{run}/training/fused/ce/{group}.history.csv",
        embedding="{run}/training/fused/ce/{group}.safetensors",
    log:
        "{run}/logs/train_fused/{group}.log",
    benchmark:
        "{run}/benchmarks/train_fused/{group}.tsv"
    conda:
        "../../envs/training.yaml"
    threads: 1
    resources:
        mem_mb=training_memory,
        runtime=24 * 60,
    params:
        on_fold=fold_flags,
        arms=["fused_ce"],
        options=training_flags("fused"),
    shell:
        "python -m sersnake train fused {params.on_fold:q} {params.options:q}"
        " --arms {params.arms} 2> {log:q}"
