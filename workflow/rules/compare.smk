"""Which differences between arms, and from the published values, are more than chance.

REQUIRED INPUTS: predictions.csv, manifest.csv, folds.csv
OUTPUTS: comparisons.csv (arm, against, metric, difference, low, high, p, p_holm, test, note),
    tables/comparisons.{tex,csv,html,txt}
"""


rule compare_arms:
    input:
        predictions=rules.collect_predictions.output,
        manifest=rules.make_manifest.output.manifest,
        folds=rules.make_folds.output,
        code=library(
            "intervals",
            "metrics",
            "published",
            "run_context",
            "statistics",
            "tables",
            "typeset",
            "cli/statistics",
        ),
    output:
        report(
            "{run}/tables/comparisons.html",
            caption="../report/comparisons.rst",
            category="Tables",
        ),
        multiext("{run}/tables/comparisons", ".tex", ".csv", ".txt"),
        comparisons="{run}/comparisons.csv",
    log:
        "{run}/logs/compare_arms.log",
    conda:
        "../../envs/training.yaml"
    params:
        context=context_flags,
    shell:
        "python -m sersnake compare {input.predictions:q} {params.context:q}"
        " --output {output.comparisons:q} 2> {log:q}"
