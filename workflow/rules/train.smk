"""Training on the whole training set, network by network, a group of folds a job.

REQUIRED INPUTS: manifest.csv, folds.csv, the packed features
OUTPUTS: training/<network>/<phase>/<group>.*: weights, history, counts of misclassifications, the
    network's features of every utterance, and the accuracy of its softmax on the test set after
    each epoch, which nothing but Figure 6 and the table `optimism` reads. Phase 1 with cross entropy feeds both mining and the
    baseline, which trains on with cross entropy (phase ce). The focal loss goes through the same
    two schedules (phases focal_phase_1 and focal).

A group holds one fold or several, as `training: fold_batching` says. One thread a job: jobs side
by side use more of a processor than threads in one job, and the results do not depend on the
number of cores.
"""


rule train_phase_1:
    input:
        manifest=rules.make_manifest.output.manifest,
        folds=rules.make_folds.output,
        audit=rules.audit_folds.output,
        mfcc=lambda wildcards: PLAN.features(wildcards.run, "mfcc"),
        functionals=lambda wildcards: PLAN.features(wildcards.run, "functionals"),
        extension=working_copy(EXTENSION),
    output:
        weights=network_weights("{run}/training/{network}/{start}/{group}.weights.safetensors"),
        history="{run}/training/{network}/{start}/{group}.history.csv",
        curve="{run}/training/{network}/{start}/{group}.curve.csv",
        counts="{run}/training/{network}/{start}/{group}.counts.csv",
        embedding="{run}/training/{network}/{start}/{group}.safetensors",
    log:
        "{run}/logs/train_phase_1/{network}-{start}-{group}.log",
    benchmark:
        "{run}/benchmarks/train_phase_1/{network}-{start}-{group}.tsv"
    group:
        "training"
    conda:
        "../../envs/training.yaml"
    threads: 1
    resources:
        mem_mb=training_memory,
        runtime=training_minutes("phase_1"),
    params:
        code=code_of("train"),
        folds=lambda wildcards: PLAN.jobs[wildcards.run][wildcards.network][wildcards.group],
        systems=lambda wildcards: trainings_of(f"{wildcards.network}/{wildcards.start}"),
        settings=lambda wildcards: PLAN.train_settings(
            wildcards.run, wildcards.network, wildcards.start
        ),
        stem=lambda wildcards, output: output.weights.removesuffix(".weights.safetensors"),
    shell:
        "python -m sersnake train {wildcards.network} --fold {params.folds:q}"
        " --manifest {input.manifest:q} --folds {input.folds:q} --mfcc {input.mfcc:q}"
        " --functionals {input.functionals:q} --threads {threads} --systems {params.systems}"
        " --settings {params.settings:q} --output {params.stem:q} 2> {log:q}"


rule train_on:
    input:
        manifest=rules.make_manifest.output.manifest,
        folds=rules.make_folds.output,
        audit=rules.audit_folds.output,
        mfcc=lambda wildcards: PLAN.features(wildcards.run, "mfcc"),
        functionals=lambda wildcards: PLAN.features(wildcards.run, "functionals"),
        initial=first_phase("weights.safetensors"),
        extension=working_copy(EXTENSION),
    output:
        weights=network_weights("{run}/training/{network}/{loss}/{group}.weights.safetensors"),
        history="{run}/training/{network}/{loss}/{group}.history.csv",
        curve="{run}/training/{network}/{loss}/{group}.curve.csv",
        embedding="{run}/training/{network}/{loss}/{group}.safetensors",
    log:
        "{run}/logs/train_on/{network}-{loss}-{group}.log",
    benchmark:
        "{run}/benchmarks/train_on/{network}-{loss}-{group}.tsv"
    group:
        "training"
    conda:
        "../../envs/training.yaml"
    threads: 1
    resources:
        mem_mb=training_memory,
        runtime=training_minutes("phase_2"),
    params:
        code=code_of("train"),
        folds=lambda wildcards: PLAN.jobs[wildcards.run][wildcards.network][wildcards.group],
        systems=lambda wildcards: trainings_of(f"{wildcards.network}/{wildcards.loss}"),
        settings=lambda wildcards: PLAN.train_settings(
            wildcards.run, wildcards.network, wildcards.loss
        ),
        stem=lambda wildcards, output: output.weights.removesuffix(".weights.safetensors"),
    shell:
        "python -m sersnake train {wildcards.network} --fold {params.folds:q}"
        " --manifest {input.manifest:q} --folds {input.folds:q} --mfcc {input.mfcc:q}"
        " --functionals {input.functionals:q} --threads {threads} --systems {params.systems}"
        " --settings {params.settings:q} --initial {input.initial:q}"
        " --output {params.stem:q} 2> {log:q}"
