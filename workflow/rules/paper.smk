"""Tables and figures beside the published values, and where they come from.

REQUIRED INPUTS: metrics.csv, history.csv, predictions.csv, manifest.csv, folds.csv
OUTPUTS: tables/table3.{tex,csv,html,txt}, figures/figure{2,3,4}.{pdf,png}, provenance.json
"""


rule make_table3:
    input:
        metrics=rules.score_predictions.output,
        manifest=rules.make_manifest.output,
        folds=rules.make_folds.output,
        code=library("published", "tables", "typeset", "cli/paper"),
    output:
        report(
            f"{RESULTS}/tables/table3.html",
            caption="../report/table3.rst",
            category="Tables",
        ),
        multiext(f"{RESULTS}/tables/table3", ".tex", ".csv", ".txt"),
    log:
        f"{RESULTS}/logs/make_table3.log",
    conda:
        "../../envs/paper.yaml"
    params:
        context=context_flags,
    shell:
        "python -m sersnake table3 {input.metrics:q} {params.context:q} 2> {log:q}"


rule draw_figure2:
    input:
        source=rules.collect_history.output,
        manifest=rules.make_manifest.output,
        folds=rules.make_folds.output,
        code=library("figures", "plot_style", "cli/paper"),
    output:
        report(
            f"{RESULTS}/figures/figure2.png",
            caption="../report/figure2.rst",
            category="Figures",
        ),
        f"{RESULTS}/figures/figure2.pdf",
    log:
        f"{RESULTS}/logs/draw_figure2.log",
    conda:
        "../../envs/paper.yaml"
    params:
        context=context_flags,
    shell:
        "python -m sersnake figure 2 {input.source:q} {params.context:q} 2> {log:q}"


rule draw_confusions:
    input:
        source=rules.collect_predictions.output,
        manifest=rules.make_manifest.output,
        folds=rules.make_folds.output,
        code=library("figures", "plot_style", "cli/paper"),
    output:
        report(
            f"{RESULTS}/figures/figure{{number}}.png",
            caption="../report/confusions.rst",
            category="Figures",
        ),
        f"{RESULTS}/figures/figure{{number}}.pdf",
    log:
        f"{RESULTS}/logs/draw_confusions/{{number}}.log",
    wildcard_constraints:
        number="3|4",
    conda:
        "../../envs/paper.yaml"
    params:
        context=context_flags,
    shell:
        "python -m sersnake figure {wildcards.number} {input.source:q} {params.context:q} 2> {log:q}"


rule record_provenance:
    input:
        rules.make_table3.output,
        rules.collect_history.output,
        rules.collect_hard_index.output,
        library("provenance", "cli/paper"),
    output:
        f"{RESULTS}/provenance.json",
    log:
        f"{RESULTS}/logs/record_provenance.log",
    conda:
        "../../envs/paper.yaml"
    params:
        # Everything that the rules read, the preset's schedules included.
        config=json.dumps({**config, "training": TRAINING}, sort_keys=True),
        benchmarks=f"{RESULTS}/benchmarks",
    shell:
        "python -m sersnake provenance --config {params.config:q} --benchmarks"
        " {params.benchmarks:q} --output {output:q} 2> {log:q}"
