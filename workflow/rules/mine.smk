"""Hard examples, and re-training on them alone (Fig. 1, Eq. 1-3).

REQUIRED INPUTS: weights and counts of phase 1
OUTPUTS: hard_index.csv (network, fold, utterance, misclassified, epochs, hard_index, hard),
    training/<network>/he/<group>.*
"""


rule mine_hard_examples:
    input:
        counts=expand(rules.train_phase_1.output.counts, start="phase_1", allow_missing=True),
        code=library("mining", "cli/mining"),
    output:
        "{run}/training/{network}/phase_1/{group}.hard.csv",
    log:
        "{run}/logs/mine_hard_examples/{network}-{group}.log",
    conda:
        "../../envs/training.yaml"
    params:
        options=as_flags(config["mining"]),
    shell:
        "python -m sersnake mine {input.counts:q} --network {wildcards.network}"
        " {params.options:q} --output {output:q} 2> {log:q}"


rule retrain_on_hard_examples:
    input:
        manifest=rules.make_manifest.output.manifest,
        folds=rules.make_folds.output,
        audit=rules.audit_folds.output,
        mfcc=f"{RESULTS}/features/mfcc.safetensors",
        functionals=f"{RESULTS}/features/functionals.safetensors",
        initial=expand(rules.train_phase_1.output.weights, start="phase_1", allow_missing=True),
        hard=rules.mine_hard_examples.output,
        code=TRAINING_CODE,
        extension=EXTENSION,
    output:
        weights="{run}/training/{network}/he/{group}.weights.safetensors",
        history="{run}/training/{network}/he/{group}.history.csv",
        embedding="{run}/training/{network}/he/{group}.safetensors",
    log:
        "{run}/logs/retrain_on_hard_examples/{network}-{group}.log",
    benchmark:
        "{run}/benchmarks/retrain_on_hard_examples/{network}-{group}.tsv"
    conda:
        "../../envs/training.yaml"
    threads: 1
    resources:
        mem_mb=training_memory,
        runtime=24 * 60,
    params:
        on_fold=fold_flags,
        arms=history_arms("{network}/he"),
        options=training_flags("retraining"),
    shell:
        "python -m sersnake retrain {wildcards.network} {params.on_fold:q} {params.options:q}"
        " --arms {params.arms} --initial {input.initial:q} --hard-index {input.hard:q} 2> {log:q}"


rule collect_hard_index:
    input:
        hard_index_files,
    output:
        "{run}/hard_index.csv",
    log:
        "{run}/logs/collect_hard_index.log",
    conda:
        "../../envs/training.yaml"
    shell:
        "python -m sersnake collect {input:q} --output {output:q} 2> {log:q}"


rule collect_history:
    input:
        history_files,
    output:
        "{run}/history.csv",
    log:
        "{run}/logs/collect_history.log",
    conda:
        "../../envs/training.yaml"
    params:
        arms=sorted({ARMS[arm].training for arm in config["arms"]}),
    shell:
        "python -m sersnake collect {input:q} --arms {params.arms} --output {output:q} 2> {log:q}"
