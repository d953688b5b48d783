"""How certain the accuracies are, and which differences are more than chance.

REQUIRED INPUTS: predictions.csv, curve.csv, manifest.csv, folds.csv, context.json
OUTPUTS: intervals.csv (arm, metric, over, value, low, high); comparisons.csv (arm, against, metric,
    difference, low, high, p, p_holm, test, note); optimism.csv: what choosing the epoch on the test
    part would have claimed; with a ladder of protocols ladder.csv
"""


rule bound_accuracies:
    input:
        predictions=rules.collect_predictions.output,
        manifest=rules.make_manifest.output.manifest,
        folds=rules.make_folds.output,
    output:
        "{run}/intervals.csv",
    log:
        "{run}/logs/bound_accuracies.log",
    group:
        "results"
    conda:
        "../../envs/training.yaml"
    params:
        code=code_of("intervals"),
        seed=lambda wildcards: PLAN.runs[wildcards.run].config.seed,
    shell:
        "python -m sersnake intervals {input.predictions:q} --manifest {input.manifest:q}"
        " --folds {input.folds:q} --seed {params.seed} --output {output:q} 2> {log:q}"


rule compare_arms:
    input:
        predictions=rules.collect_predictions.output,
        manifest=rules.make_manifest.output.manifest,
        folds=rules.make_folds.output,
        context=rules.describe_run.output,
    output:
        "{run}/comparisons.csv",
    log:
        "{run}/logs/compare_arms.log",
    group:
        "results"
    conda:
        "../../envs/training.yaml"
    params:
        code=code_of("compare"),
        seed=lambda wildcards: PLAN.runs[wildcards.run].config.seed,
    shell:
        "python -m sersnake compare {input.predictions:q} --manifest {input.manifest:q}"
        " --folds {input.folds:q} --context {input.context:q} --seed {params.seed}"
        " --output {output:q} 2> {log:q}"


rule measure_optimism:
    input:
        curve="{run}/curve.csv",
        folds=rules.make_folds.output,
    output:
        "{run}/optimism.csv",
    log:
        "{run}/logs/measure_optimism.log",
    group:
        "results"
    conda:
        "../../envs/training.yaml"
    params:
        code=code_of("optimism"),
    shell:
        "python -m sersnake optimism {input.curve:q} --folds {input.folds:q}"
        " --output {output:q} 2> {log:q}"


rule measure_ladder:
    input:
        predictions=[f"{run}/predictions.csv" for run in PLAN.rungs.values()],
        contexts=[f"{run}/context.json" for run in PLAN.rungs.values()],
        manifest=rules.make_manifest.output.manifest,
    output:
        f"{RESULTS}/ladder.csv",
    log:
        f"{RESULTS}/logs/measure_ladder.log",
    group:
        "results"
    conda:
        "../../envs/training.yaml"
    params:
        code=code_of("ladder"),
        rungs=list(PLAN.rungs),
        seed=CONFIG.seed,
    shell:
        "python -m sersnake ladder {params.rungs:q} --predictions {input.predictions:q}"
        " --contexts {input.contexts:q} --manifest {input.manifest:q} --seed {params.seed}"
        " --output {output:q} 2> {log:q}"
