"""How certain the accuracies are, and which differences are more than chance.

REQUIRED INPUTS: predictions.csv, curve.csv, manifest.csv, folds.csv
OUTPUTS: intervals.csv (arm, metric, over, value, low, high), tables/intervals.{tex,csv,html,txt};
    comparisons.csv (arm, against, metric, difference, low, high, p, p_holm, test, note),
    tables/comparisons.{tex,csv,html,txt}; tables/optimism.{tex,csv,html,txt}: what choosing the
    epoch on the test part would have claimed
"""


rule bound_accuracies:
    input:
        predictions=rules.collect_predictions.output,
        manifest=rules.make_manifest.output.manifest,
        folds=rules.make_folds.output,
    output:
        report(
            "{run}/tables/intervals.html",
            caption="../report/intervals.rst",
            category="Tables",
            labels={"Table": "Intervals: every arm's accuracy"},
        ),
        multiext("{run}/tables/intervals", ".tex", ".csv", ".txt"),
        intervals="{run}/intervals.csv",
    log:
        "{run}/logs/bound_accuracies.log",
    group:
        "results"
    conda:
        "../../envs/training.yaml"
    params:
        code=code_of("intervals"),
        context=context_flags,
    shell:
        "python -m sersnake intervals {input.predictions:q} {params.context:q}"
        " --output {output.intervals:q} 2> {log:q}"


rule compare_arms:
    input:
        predictions=rules.collect_predictions.output,
        manifest=rules.make_manifest.output.manifest,
        folds=rules.make_folds.output,
    output:
        report(
            "{run}/tables/comparisons.html",
            caption="../report/comparisons.rst",
            category="Tables",
            labels={"Table": "Comparisons: differences between arms"},
        ),
        multiext("{run}/tables/comparisons", ".tex", ".csv", ".txt"),
        comparisons="{run}/comparisons.csv",
    log:
        "{run}/logs/compare_arms.log",
    group:
        "results"
    conda:
        "../../envs/training.yaml"
    params:
        code=code_of("compare"),
        context=context_flags,
    shell:
        "python -m sersnake compare {input.predictions:q} {params.context:q}"
        " --output {output.comparisons:q} 2> {log:q}"


rule measure_optimism:
    input:
        curve="{run}/curve.csv",
        manifest=rules.make_manifest.output.manifest,
        folds=rules.make_folds.output,
    output:
        report(
            "{run}/tables/optimism.html",
            caption="../report/optimism.rst",
            category="Tables",
            labels={"Table": "Optimism: the epoch chosen on the test part"},
        ),
        multiext("{run}/tables/optimism", ".tex", ".csv", ".txt"),
        optimism="{run}/optimism.csv",
    log:
        "{run}/logs/measure_optimism.log",
    group:
        "results"
    conda:
        "../../envs/training.yaml"
    params:
        code=code_of("optimism"),
        context=context_flags,
    shell:
        "python -m sersnake optimism {input.curve:q} {params.context:q}"
        " --output {output.optimism:q} 2> {log:q}"
