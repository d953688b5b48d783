"""Hard examples, and re-training on them alone (Fig. 1, Eq. 1-3).

REQUIRED INPUTS: weights and counts of phase 1
OUTPUTS: hard_index.csv (network, fold, utterance, misclassified, epochs, hard_index, hard),
    training/<network>/he/<fold>.*
"""


rule mine_hard_examples:
    input:
        counts=rules.train_phase_1.output.counts,
        code=library("mining", "cli/mining"),
    output:
        f"{RESULTS}/training/{{network}}/phase_1/{{fold}}.hard.csv",
    log:
        f"{RESULTS}/logs/mine_hard_examples/{{network}}-{{fold}}.log",
    conda:
        "../../envs/training.yaml"
    params:
        options=as_flags(config["mining"]),
    shell:
        "python -m sersnake mine {input.counts:q} --network {wildcards.network}"
        " --fold {wildcards.fold} {params.options:q} --output {output:q} 2> {log:q}"


rule retrain_on_hard_examples:
    input:
        manifest=rules.make_manifest.output,
        folds=rules.make_folds.output,
        mfcc=f"{RESULTS}/features/mfcc.safetensors",
        functionals=f"{RESULTS}/features/functionals.safetensors",
        initial=rules.train_phase_1.output.weights,
        hard=rules.mine_hard_examples.output,
        code=TRAINING_CODE,
    output:
        weights=f"{RESULTS}/training/{{network}}/he/{{fold}}.weights.safetensors",
        history=f"{RESULTS}/training/{{network}}/he/{{fold}}.history.csv",
        embedding=f"{RESULTS}/training/{{network}}/he/{{fold}}.safetensors",
    log:
        f"{RESULTS}/logs/retrain_on_hard_examples/{{network}}-{{fold}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/retrain_on_hard_examples/{{network}}-{{fold}}.tsv"
    conda:
        "../../envs/training.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=24 * 60,
    params:
        on_fold=fold_flags,
        arms=["independent_he"],
        options=training_flags("retraining"),
    shell:
        "python -m sersnake retrain {wildcards.network} {params.on_fold:q} {params.options:q}"
        " --arms {params.arms} --initial {input.initial:q} --hard-index {input.hard:q} 2> {log:q}"


rule collect_hard_index:
    input:
        expand(rules.mine_hard_examples.output, network=NETWORKS, fold=FOLDS),
    output:
        f"{RESULTS}/hard_index.csv",
    log:
        f"{RESULTS}/logs/collect_hard_index.log",
    conda:
        "../../envs/training.yaml"
    shell:
        "python -m sersnake collect {input:q} --output {output:q} 2> {log:q}"


rule collect_history:
    input:
        expand(
            f"{RESULTS}/training/{{network}}/{{phase}}/{{fold}}.history.csv",
            network=NETWORKS,
            phase=["phase_1", "ce", "he"],
            fold=FOLDS,
        ),
        expand(rules.train_fused.output.history, fold=FOLDS),
    output:
        f"{RESULTS}/history.csv",
    log:
        f"{RESULTS}/logs/collect_history.log",
    conda:
        "../../envs/training.yaml"
    shell:
        "python -m sersnake collect {input:q} --output {output:q} 2> {log:q}"
