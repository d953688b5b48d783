"""Confidence intervals of the accuracies, and tests of their differences.

REQUIRED INPUTS: predictions.csv, curve.csv, manifest.csv, folds.csv, context.json
OUTPUTS: intervals.csv (system, metric, over, value, low, high); comparisons.csv (system, against,
    metric, difference, low, high, p, p_holm, test, note); optimism.csv: how far selecting the epoch
    on the test set would have inflated the score; groups.csv (system, kind, group, speakers,
    utterances, metric, value, low, high, p): for whom a system works; with a comparison of
    protocols protocols.csv; with joined corpora cross_corpus.csv
"""


rule bound_accuracies:
    input:
        predictions="{run}/predictions.csv",
        manifest=rules.make_manifest.output.manifest,
        folds=rules.make_folds.output,
        context=rules.describe_run.output,
    output:
        "{run}/intervals.csv",
    log:
        "{run}/logs/bound_accuracies.log",
    conda:
        "../../envs/training.yaml"
    params:
        code=code_of("intervals"),
        verb="intervals",
        pairs=[],
    shell:
        "python -m sersnake {params.verb} {input.predictions:q} --manifest {input.manifest:q}"
        " --folds {input.folds:q} --context {input.context:q} {params.pairs:q}"
        " --output {output:q} 2> {log:q}"


use rule bound_accuracies as compare_systems with:
    output:
        "{run}/comparisons.csv",
    log:
        "{run}/logs/compare_systems.log",
    params:
        code=code_of("compare"),
        verb="compare",
        pairs=["--pairs", *CONFIG.comparisons] if CONFIG.comparisons else [],


rule measure_groups:
    input:
        predictions="{run}/predictions.csv",
        manifest=rules.make_manifest.output.manifest,
        folds=rules.make_folds.output,
        context=rules.describe_run.output,
    output:
        "{run}/groups.csv",
    log:
        "{run}/logs/measure_groups.log",
    conda:
        "../../envs/training.yaml"
    params:
        code=code_of("groups"),
        system=lambda wildcards: PLAN.grouped_system(wildcards.run),
    shell:
        "python -m sersnake groups {input.predictions:q} --system {params.system}"
        " --manifest {input.manifest:q} --folds {input.folds:q} --context {input.context:q}"
        " --output {output:q} 2> {log:q}"


rule measure_optimism:
    input:
        curve="{run}/curve.csv",
        folds=rules.make_folds.output,
    output:
        "{run}/optimism.csv",
    log:
        "{run}/logs/measure_optimism.log",
    conda:
        "../../envs/training.yaml"
    params:
        code=code_of("optimism"),
    shell:
        "python -m sersnake optimism {input.curve:q} --folds {input.folds:q}"
        " --output {output:q} 2> {log:q}"


rule compare_protocols:
    input:
        predictions=[f"{run}/predictions.csv" for run in PLAN.protocols.values()],
        contexts=[f"{run}/context.json" for run in PLAN.protocols.values()],
        manifest=rules.make_manifest.output.manifest,
    output:
        f"{RESULTS}/protocols.csv",
    log:
        f"{RESULTS}/logs/compare_protocols.log",
    conda:
        "../../envs/training.yaml"
    params:
        code=code_of("compare-protocols"),
        protocols=list(PLAN.protocols),
    shell:
        "python -m sersnake compare-protocols {params.protocols:q} --predictions {input.predictions:q}"
        " --contexts {input.contexts:q} --manifest {input.manifest:q} --output {output:q} 2> {log:q}"


rule cross_corpora:
    input:
        predictions=[f"{run}/predictions.csv" for run in PLAN.crossing.values()],
        folds=[f"{run}/folds.csv" for run in PLAN.crossing.values()],
        contexts=[f"{run}/context.json" for run in PLAN.crossing.values()],
        manifest=rules.make_manifest.output.manifest,
    output:
        f"{RESULTS}/cross_corpus.csv",
    log:
        f"{RESULTS}/logs/cross_corpora.log",
    conda:
        "../../envs/training.yaml"
    params:
        code=code_of("cross-corpora"),
        protocols=list(PLAN.crossing),
    shell:
        "python -m sersnake cross-corpora {params.protocols:q} --predictions {input.predictions:q}"
        " --folds {input.folds:q} --contexts {input.contexts:q} --manifest {input.manifest:q}"
        " --output {output:q} 2> {log:q}"
