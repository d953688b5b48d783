"""Variants of the run, compared, and model selection among them by inner folds.

REQUIRED INPUTS: metrics.csv and predictions.csv of the run and of its variants
OUTPUTS: variants.csv (variant, option, value), specification.csv (system, variant, metric, mean,
    low, high); with `model_selection: variants` model_selection.csv (fold, variant,
    inner_ua_<variant>) and the system `selected` in predictions.csv
"""


rule list_variants:
    output:
        "{run}/variants.csv",
    log:
        "{run}/logs/list_variants.log",
    conda:
        "../../envs/paper.yaml"
    params:
        code=code_of("list-variants"),
        variants=lambda wildcards: PLAN.changes(wildcards.run),
    shell:
        "python -m sersnake list-variants {params.variants:q} --output {output:q} 2> {log:q}"


rule compare_variants:
    input:
        metrics=lambda wildcards: PLAN.variant_metrics(wildcards.run),
        folds=rules.make_folds.output,
    output:
        "{run}/specification.csv",
    log:
        "{run}/logs/compare_variants.log",
    conda:
        "../../envs/training.yaml"
    params:
        code=code_of("specification"),
        variants=lambda wildcards: PLAN.compared_variants(PLAN.variants(wildcards.run)),
    shell:
        "python -m sersnake specification {params.variants:q} --metrics {input.metrics:q}"
        " --folds {input.folds:q} --output {output:q} 2> {log:q}"


rule select_variant:
    input:
        inner=lambda wildcards: PLAN.inner_predictions(wildcards.run),
        outer=lambda wildcards: expand(
            "{run}/predictions.csv", run=PLAN.candidates(wildcards.run).values()
        ),
        folds=rules.make_folds.output,
    output:
        choice="{run}/model_selection.csv",
        predictions="{run}/predictions/selected.csv",
    log:
        "{run}/logs/select_variant.log",
    conda:
        "../../envs/training.yaml"
    params:
        code=code_of("select-variants"),
        variants=lambda wildcards: PLAN.compared_variants(PLAN.candidates(wildcards.run)),
    shell:
        "python -m sersnake select-variants {params.variants:q} --inner {input.inner:q} --folds {input.folds:q} --outer {input.outer:q}"
        " --output {output.choice:q} --output-predictions {output.predictions:q} 2> {log:q}"
