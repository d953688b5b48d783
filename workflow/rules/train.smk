"""Training on the whole training part, network by network, a group of folds a job.

REQUIRED INPUTS: manifest.csv, folds.csv, the packed features
OUTPUTS: training/<network>/<phase>/<group>.*: weights, history, counts of misclassifications, the
    network's features of every utterance, and the accuracy of its softmax on the test part after
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
        mfcc=feature_input("mfcc"),
        functionals=feature_input("functionals"),
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
        on_fold=fold_flags,
        arms=history_arms("{network}/{start}"),
        options=training_flags("phase_1"),
    shell:
        "python -m sersnake train {wildcards.network} {params.on_fold:q} {params.options:q}"
        " --arms {params.arms} --output-counts {output.counts:q} 2> {log:q}"


rule train_on:
    input:
        manifest=rules.make_manifest.output.manifest,
        folds=rules.make_folds.output,
        audit=rules.audit_folds.output,
        mfcc=feature_input("mfcc"),
        functionals=feature_input("functionals"),
        initial=of_first_phase("weights.safetensors"),
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
        on_fold=fold_flags,
        arms=history_arms("{network}/{loss}"),
        options=training_flags("phase_2"),
    shell:
        "python -m sersnake train {wildcards.network} {params.on_fold:q} {params.options:q}"
        " --arms {params.arms} --initial {input.initial:q} 2> {log:q}"
