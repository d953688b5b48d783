"""Tables and figures beside the published values, and where they come from.

REQUIRED INPUTS: metrics.csv, history.csv, predictions.csv, manifest.csv, folds.csv
OUTPUTS: tables/table3.{tex,csv,html,txt}, figures/figure{2,3,4}.{pdf,png}, provenance.json; with a
    ladder of protocols ladder.csv, tables/ladder.{tex,csv,html,txt}, figures/ladder.{pdf,png}
"""


rule make_table3:
    input:
        metrics=rules.score_predictions.output,
        manifest=rules.make_manifest.output.manifest,
        folds=rules.make_folds.output,
        code=library("published", "run_context", "tables", "typeset", "cli/paper"),
    output:
        report(
            "{run}/tables/table3.html",
            caption="../report/table3.rst",
            category="Tables",
        ),
        multiext("{run}/tables/table3", ".tex", ".csv", ".txt"),
    log:
        "{run}/logs/make_table3.log",
    conda:
        "../../envs/paper.yaml"
    params:
        context=context_flags,
    shell:
        "python -m sersnake table3 {input.metrics:q} {params.context:q} 2> {log:q}"


rule draw_figure2:
    input:
        source=rules.collect_history.output,
        manifest=rules.make_manifest.output.manifest,
        folds=rules.make_folds.output,
        code=library("figures", "plot_style", "run_context", "cli/paper"),
    output:
        report(
            "{run}/figures/figure2.png",
            caption="../report/figure2.rst",
            category="Figures",
        ),
        "{run}/figures/figure2.pdf",
    log:
        "{run}/logs/draw_figure2.log",
    conda:
        "../../envs/paper.yaml"
    params:
        context=context_flags,
    shell:
        "python -m sersnake figure 2 {input.source:q} {params.context:q} 2> {log:q}"


rule draw_confusions:
    input:
        source=rules.collect_predictions.output,
        manifest=rules.make_manifest.output.manifest,
        folds=rules.make_folds.output,
        code=library("figures", "plot_style", "run_context", "cli/paper"),
    output:
        report(
            "{run}/figures/figure{number}.png",
            caption="../report/confusions.rst",
            category="Figures",
        ),
        "{run}/figures/figure{number}.pdf",
    log:
        "{run}/logs/draw_confusions/{number}.log",
    wildcard_constraints:
        number="3|4",
    conda:
        "../../envs/paper.yaml"
    params:
        context=context_flags,
    shell:
        "python -m sersnake figure {wildcards.number} {input.source:q} {params.context:q} 2> {log:q}"


rule measure_ladder:
    input:
        predictions=[f"{run}/predictions.csv" for run in RUNGS.values()],
        folds=[f"{run}/folds.csv" for run in RUNGS.values()],
        manifest=rules.make_manifest.output.manifest,
        code=library("audit", "intervals", "ladder", "metrics", "cli/ladder"),
    output:
        f"{RESULTS}/ladder.csv",
    log:
        f"{RESULTS}/logs/measure_ladder.log",
    conda:
        "../../envs/training.yaml"
    params:
        rungs=list(RUNGS),
        options=as_flags({"seed": config["seed"]}),
    shell:
        "python -m sersnake ladder {params.rungs:q} --predictions {input.predictions:q}"
        " --folds {input.folds:q} --manifest {input.manifest:q} {params.options:q}"
        " --output {output:q} 2> {log:q}"


rule draw_ladder:
    input:
        ladder=rules.measure_ladder.output,
        manifest=rules.make_manifest.output.manifest,
        code=library(
            "ladder", "ladder_figure", "plot_style", "run_context", "typeset", "cli/ladder"
        ),
    output:
        report(
            f"{RESULTS}/figures/ladder.png",
            caption="../report/ladder.rst",
            category="Figures",
        ),
        f"{RESULTS}/figures/ladder.pdf",
        multiext(f"{RESULTS}/tables/ladder", ".tex", ".csv", ".html", ".txt"),
    log:
        f"{RESULTS}/logs/draw_ladder.log",
    conda:
        "../../envs/paper.yaml"
    params:
        preset=config["preset"],
        results=lambda wildcards, output: os.path.dirname(os.path.dirname(output[0])),
    shell:
        "python -m sersnake draw-ladder {input.ladder:q} --manifest {input.manifest:q}"
        " --preset {params.preset} --results {params.results:q} 2> {log:q}"


rule record_provenance:
    input:
        [path for path in final_output() if not path.endswith("provenance.json")],
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
        results=lambda wildcards, output: os.path.dirname(output[0]),
    shell:
        "python -m sersnake provenance --config {params.config:q} --results {params.results:q}"
        " --output {output:q} 2> {log:q}"
