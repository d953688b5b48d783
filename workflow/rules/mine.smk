"""Hard examples, and re-training on them alone (Fig. 1, Eq. 1-3).

REQUIRED INPUTS: weights and counts of phase 1
OUTPUTS: training/<network>/he/<group>.*, hard.csv among them (network, fold, utterance,
    misclassified, epochs, hard_index, hard)
"""


rule mine_hard_examples:
    input:
        counts=first_phase("counts.csv"),
        other=lambda wildcards: PLAN.other_counts(wildcards.run, wildcards.network, wildcards.group),
    output:
        "{run}/training/{network}/he/{group}.hard.csv",
    log:
        "{run}/logs/mine_hard_examples/{network}-{group}.log",
    conda:
        "../../envs/training.yaml"
    params:
        code=code_of("mine"),
        settings=lambda wildcards: PLAN.mining_settings(wildcards.run),
    shell:
        "python -m sersnake mine {input:q} --network {wildcards.network}"
        " --settings {params.settings:q} --output {output:q} 2> {log:q}"


use rule train_phase_1 as retrain_on_hard_examples with:
    input:
        unpack(training_inputs),
        initial=first_phase("weights.safetensors"),
        hard=rules.mine_hard_examples.output,
    output:
        weights=network_weights("{run}/training/{network}/he/{group}.weights.safetensors"),
        history="{run}/training/{network}/he/{group}.history.csv",
        curve="{run}/training/{network}/he/{group}.curve.csv",
        embedding="{run}/training/{network}/he/{group}.safetensors",
    log:
        "{run}/logs/retrain_on_hard_examples/{network}-{group}.log",
    benchmark:
        "{run}/benchmarks/retrain_on_hard_examples/{network}-{group}.tsv"
    resources:
        mem_mb=RESOURCES.training_mb,
        runtime=RESOURCES.training_minutes("retraining"),
    params:
        code=code_of("retrain", network_code_of),
        verb="retrain",
        systems=lambda wildcards: trainings_of(wildcards.network, "he"),
        settings=lambda wildcards: PLAN.train_settings(wildcards.run, wildcards.network, "he"),
        start=lambda wildcards, input: ["--initial", input.initial, "--hard-index", *input.hard],
