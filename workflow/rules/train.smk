"""Training on the whole training set, network by network, a group of folds per job.

REQUIRED INPUTS: manifest.csv, folds.csv, the packed features, including those of `training_copies`
OUTPUTS: training/<network>/<phase>/<group>.*: weights, history, counts of misclassifications, the
    network's embedding of every utterance, and the accuracy of its softmax on the test set after
    each epoch, which only Figure 6 and the table `optimism` read. Phase 1 with cross
    entropy feeds both mining and the baseline, which trains on with cross entropy (phase ce). The
    focal loss goes through the same two schedules (phases focal_phase_1 and focal).

A group holds one fold or several, as `training: fold_batching` says. One thread per job: parallel
jobs make better use of a processor than threads in one job, and the results do not depend on the
number of cores.
"""


rule train_phase_1:
    input:
        unpack(training_inputs),
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
    conda:
        "../../envs/training.yaml"
    threads: 1
    resources:
        mem_mb=RESOURCES.training_mb,
        runtime=RESOURCES.training_minutes("phase_1"),
    params:
        code=code_of("train", network_code_of),
        verb="train",
        folds=lambda wildcards: PLAN.jobs[wildcards.run][wildcards.network][wildcards.group],
        modules=lambda wildcards: PLAN.own_code(wildcards.run, wildcards.network),
        features=lambda wildcards: named(PLAN.read_by(wildcards.run, wildcards.network)),
        copies=lambda wildcards: copies_option(
            PLAN.copies_read_by(wildcards.run, wildcards.network)
        ),
        systems=lambda wildcards: trainings_of(wildcards.network, wildcards.start),
        settings=lambda wildcards: PLAN.train_settings(
            wildcards.run, wildcards.network, wildcards.start
        ),
        start=[],
        stem=lambda wildcards, output: output.weights.removesuffix(".weights.safetensors"),
    shell:
        "python -m sersnake {params.verb} {wildcards.network} --fold {params.folds:q}"
        " --manifest {input.manifest:q} --folds {input.folds:q} --features {params.features:q}"
        " {params.copies:q} --threads {threads} --systems {params.systems}"
        " --settings {params.settings:q} {params.start:q} --output {params.stem:q} 2> {log:q}"


use rule train_phase_1 as train_on with:
    input:
        unpack(training_inputs),
        initial=first_phase("weights.safetensors"),
    output:
        weights=network_weights("{run}/training/{network}/{loss}/{group}.weights.safetensors"),
        history="{run}/training/{network}/{loss}/{group}.history.csv",
        curve="{run}/training/{network}/{loss}/{group}.curve.csv",
        embedding="{run}/training/{network}/{loss}/{group}.safetensors",
    log:
        "{run}/logs/train_on/{network}-{loss}-{group}.log",
    benchmark:
        "{run}/benchmarks/train_on/{network}-{loss}-{group}.tsv"
    resources:
        mem_mb=RESOURCES.training_mb,
        runtime=RESOURCES.training_minutes("phase_2"),
    params:
        systems=lambda wildcards: trainings_of(wildcards.network, wildcards.loss),
        settings=lambda wildcards: PLAN.train_settings(
            wildcards.run, wildcards.network, wildcards.loss
        ),
        start=lambda wildcards, input: ["--initial", input.initial],
