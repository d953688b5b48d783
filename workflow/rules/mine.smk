"""Hard examples, and re-training on them alone (Fig. 1, Eq. 1-3).

REQUIRED INPUTS: weights and counts of phase 1
OUTPUTS: hard_index.csv (network, fold, utterance, misclassified, epochs, hard_index, hard),
    training/<network>/he/<group>.*
"""


rule mine_hard_examples:
    input:
        counts=first_phase("counts.csv"),
        also=lambda wildcards: PLAN.other_counts(wildcards.run, wildcards.network, wildcards.group),
    output:
        "{run}/training/{network}/he/{group}.hard.csv",
    log:
        "{run}/logs/mine_hard_examples/{network}-{group}.log",
    group:
        "training"
    conda:
        "../../envs/training.yaml"
    params:
        code=code_of("mine"),
        settings=lambda wildcards: PLAN.mining_settings(wildcards.run),
        also=lambda wildcards, input: ["--also", *input.also] if input.also else [],
    shell:
        "python -m sersnake mine {input.counts:q} --network {wildcards.network}"
        " --settings {params.settings:q} {params.also:q} --output {output:q} 2> {log:q}"


rule retrain_on_hard_examples:
    input:
        manifest=rules.make_manifest.output.manifest,
        folds=rules.make_folds.output,
        audit=rules.audit_folds.output,
        mfcc=lambda wildcards: PLAN.features(wildcards.run, "mfcc"),
        functionals=lambda wildcards: PLAN.features(wildcards.run, "functionals"),
        initial=first_phase("weights.safetensors"),
        hard=rules.mine_hard_examples.output,
        extension=working_copy(EXTENSION),
    output:
        weights=network_weights("{run}/training/{network}/he/{group}.weights.safetensors"),
        history="{run}/training/{network}/he/{group}.history.csv",
        curve="{run}/training/{network}/he/{group}.curve.csv",
        embedding="{run}/training/{network}/he/{group}.safetensors",
    log:
        "{run}/logs/retrain_on_hard_examples/{network}-{group}.log",
    benchmark:
        "{run}/benchmarks/retrain_on_hard_examples/{network}-{group}.tsv"
    group:
        "training"
    conda:
        "../../envs/training.yaml"
    threads: 1
    resources:
        mem_mb=training_memory,
        runtime=training_minutes("retraining"),
    params:
        code=code_of("retrain"),
        folds=lambda wildcards: PLAN.jobs[wildcards.run][wildcards.network][wildcards.group],
        systems=lambda wildcards: trainings_of(f"{wildcards.network}/he"),
        settings=lambda wildcards: PLAN.train_settings(wildcards.run, wildcards.network, "he"),
        stem=lambda wildcards, output: output.weights.removesuffix(".weights.safetensors"),
    shell:
        "python -m sersnake retrain {wildcards.network} --fold {params.folds:q}"
        " --manifest {input.manifest:q} --folds {input.folds:q} --mfcc {input.mfcc:q}"
        " --functionals {input.functionals:q} --threads {threads} --systems {params.systems}"
        " --settings {params.settings:q}"
        " --initial {input.initial:q} --hard-index {input.hard:q}"
        " --output {params.stem:q} 2> {log:q}"


rule collect_hard_index:
    input:
        files=lambda wildcards: PLAN.hard_indices(wildcards.run),
    output:
        "{run}/hard_index.csv",
    log:
        "{run}/logs/collect_hard_index.log",
    group:
        "results"
    conda:
        "../../envs/training.yaml"
    params:
        code=code_of("collect"),
    shell:
        "python -m sersnake collect {input.files:q} --output {output:q} 2> {log:q}"


rule collect_epochs:
    input:
        files=lambda wildcards: PLAN.epochs(wildcards.run, wildcards.what),
    output:
        "{run}/{what}.csv",
    log:
        "{run}/logs/collect_epochs/{what}.log",
    wildcard_constraints:
        what="history|curve",
    group:
        "results"
    conda:
        "../../envs/training.yaml"
    params:
        code=code_of("collect"),
        systems=lambda wildcards: sorted(
            {SYSTEMS[system].training for system in PLAN.runs[wildcards.run].systems}
        ),
    shell:
        "python -m sersnake collect {input.files:q} --systems {params.systems} --output {output:q} 2> {log:q}"
