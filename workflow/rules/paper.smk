"""Tables and figures beside the published values, and where they come from.

REQUIRED INPUTS: metrics.csv, history.csv, hard_index.csv, predictions.csv, manifest.csv, folds.csv,
    features
OUTPUTS: tables/table{1,…,7}.{tex,csv,html,txt}, tables/ablation.{tex,csv,html,txt},
    figures/figure{2,…,6}.{pdf,png}, paper.tex, paper.pdf, provenance.{json,html}; with a ladder of
    protocols ladder.csv, tables/ladder.{tex,csv,html,txt}, figures/ladder.{pdf,png}; on request
    docs/results/<corpus>/: what a reader needs of a finished run, with a page, and docs/results.md

What the log of a figure or of the paper warns of (a character that no font has) is repeated on the
terminal.
"""

# What goes into a network, and so tells the size of its first layer.
LAYER_FEATURES = {"1": "mfcc", "2": "functionals"}

# How the report calls what a rule makes several of. One label each: of two, where a category holds
# two results, Snakemake's report makes the second a switch between them, and fails on it.
TABLE_LABELS = {
    "1": {"Table": "1: Layers of ACLN"},
    "2": {"Table": "2: Layers of FCN"},
    "3": {"Table": "3: Independent against fused training"},
    "4": {"Table": "4: Shares of the classes with and without mining"},
    "5": {"Table": "5: Loss functions"},
    "6": {"Table": "6: Recall of each class"},
    "7": {"Table": "7: Results of others beside ours"},
}
CONFUSION_LABELS = {
    "3": {"Figure": "3: Confusions without hard examples"},
    "4": {"Figure": "4: Confusions with hard examples"},
}


rule make_table_of_layers:
    input:
        source=lambda wildcards: features(wildcards.run, LAYER_FEATURES[wildcards.number]),
        manifest=rules.make_manifest.output.manifest,
        folds=rules.make_folds.output,
    output:
        report(
            "{run}/tables/table{number}.html",
            caption="../report/layers.rst",
            category="Tables",
            labels=lambda wildcards: TABLE_LABELS[wildcards.number],
        ),
        multiext("{run}/tables/table{number}", ".tex", ".csv", ".txt"),
    log:
        "{run}/logs/make_table_of_layers/{number}.log",
    wildcard_constraints:
        number="1|2",
    group:
        "results"
    conda:
        "../../envs/training.yaml"
    params:
        code=code_of("table"),
        context=context_flags,
        architecture=lambda wildcards: as_flags(SETTINGS[wildcards.run]["architecture"]),
    shell:
        "python -m sersnake table {wildcards.number} {input.source:q} {params.context:q}"
        " {params.architecture:q} 2> {log:q}"


rule make_table_of_scores:
    input:
        metrics=rules.score_predictions.output,
        manifest=rules.make_manifest.output.manifest,
        folds=rules.make_folds.output,
    output:
        report(
            "{run}/tables/table{number}.html",
            caption="../report/scores.rst",
            category="Tables",
            labels=lambda wildcards: TABLE_LABELS[wildcards.number],
        ),
        multiext("{run}/tables/table{number}", ".tex", ".csv", ".txt"),
    log:
        "{run}/logs/make_table_of_scores/{number}.log",
    wildcard_constraints:
        number="3|5|6|7",
    group:
        "results"
    conda:
        "../../envs/paper.yaml"
    params:
        code=code_of("table"),
        context=context_flags,
    shell:
        "python -m sersnake table {wildcards.number} {input.metrics:q} {params.context:q} 2> {log:q}"


rule make_table4:
    input:
        hard_index=rules.collect_hard_index.output,
        manifest=rules.make_manifest.output.manifest,
        folds=rules.make_folds.output,
    output:
        report(
            "{run}/tables/table4.html",
            caption="../report/table4.rst",
            category="Tables",
            labels=TABLE_LABELS["4"],
        ),
        multiext("{run}/tables/table4", ".tex", ".csv", ".txt"),
    log:
        "{run}/logs/make_table4.log",
    group:
        "results"
    conda:
        "../../envs/paper.yaml"
    params:
        code=code_of("table"),
        context=context_flags,
    shell:
        "python -m sersnake table 4 {input.hard_index:q} {params.context:q} 2> {log:q}"


rule make_ablation:
    input:
        metrics=rules.score_predictions.output,
        manifest=rules.make_manifest.output.manifest,
        folds=rules.make_folds.output,
    output:
        report(
            "{run}/tables/ablation.html",
            caption="../report/ablation.rst",
            category="Tables",
            labels={"Table": "Ablation: all arms"},
        ),
        multiext("{run}/tables/ablation", ".tex", ".csv", ".txt"),
    log:
        "{run}/logs/make_ablation.log",
    group:
        "results"
    conda:
        "../../envs/paper.yaml"
    params:
        code=code_of("table"),
        context=context_flags,
    shell:
        "python -m sersnake table ablation {input.metrics:q} {params.context:q} 2> {log:q}"


rule draw_figure2:
    input:
        source="{run}/history.csv",
        manifest=rules.make_manifest.output.manifest,
        folds=rules.make_folds.output,
    output:
        report(
            "{run}/figures/figure2.png",
            caption="../report/figure2.rst",
            category="Figures",
            labels={"Figure": "2: Training loss"},
        ),
        "{run}/figures/figure2.pdf",
    log:
        "{run}/logs/draw_figure2.log",
    group:
        "results"
    conda:
        "../../envs/paper.yaml"
    params:
        code=code_of("figure"),
        context=context_flags,
    shell:
        "python -m sersnake figure 2 {input.source:q} {params.context:q} 2> {log:q}"
        " && awk '$3 == \"warning:\"' {log:q} >&2"


rule draw_confusions:
    input:
        source=rules.collect_predictions.output,
        manifest=rules.make_manifest.output.manifest,
        folds=rules.make_folds.output,
    output:
        report(
            "{run}/figures/figure{number}.png",
            caption="../report/confusions.rst",
            category="Figures",
            labels=lambda wildcards: CONFUSION_LABELS[wildcards.number],
        ),
        "{run}/figures/figure{number}.pdf",
    log:
        "{run}/logs/draw_confusions/{number}.log",
    wildcard_constraints:
        number="3|4",
    group:
        "results"
    conda:
        "../../envs/paper.yaml"
    params:
        code=code_of("figure"),
        context=context_flags,
    shell:
        "python -m sersnake figure {wildcards.number} {input.source:q} {params.context:q} 2> {log:q}"
        " && awk '$3 == \"warning:\"' {log:q} >&2"


rule draw_figure5:
    input:
        source=rules.collect_hard_index.output,
        manifest=rules.make_manifest.output.manifest,
        folds=rules.make_folds.output,
    output:
        report(
            "{run}/figures/figure5.png",
            caption="../report/figure5.rst",
            category="Figures",
            labels={"Figure": "5: Hard examples of each class"},
        ),
        "{run}/figures/figure5.pdf",
    log:
        "{run}/logs/draw_figure5.log",
    group:
        "results"
    conda:
        "../../envs/paper.yaml"
    params:
        code=code_of("figure"),
        context=context_flags,
        share=share_flags,
    shell:
        "python -m sersnake figure 5 {input.source:q} {params.context:q} {params.share:q}"
        " 2> {log:q}"
        " && awk '$3 == \"warning:\"' {log:q} >&2"


rule draw_figure6:
    input:
        source="{run}/curve.csv",
        manifest=rules.make_manifest.output.manifest,
        folds=rules.make_folds.output,
    output:
        report(
            "{run}/figures/figure6.png",
            caption="../report/figure6.rst",
            category="Figures",
            labels={"Figure": "6: Test accuracy over the epochs"},
        ),
        "{run}/figures/figure6.pdf",
    log:
        "{run}/logs/draw_figure6.log",
    group:
        "results"
    conda:
        "../../envs/paper.yaml"
    params:
        code=code_of("figure"),
        context=context_flags,
    shell:
        "python -m sersnake figure 6 {input.source:q} {params.context:q} 2> {log:q}"
        " && awk '$3 == \"warning:\"' {log:q} >&2"


rule measure_ladder:
    input:
        predictions=[f"{run}/predictions.csv" for run in RUNGS.values()],
        folds=[f"{run}/folds.csv" for run in RUNGS.values()],
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
    output:
        report(
            f"{RESULTS}/figures/ladder.png",
            caption="../report/ladder.rst",
            category="Figures",
            labels={"Figure": "Ladder: the price of a leak"},
        ),
        f"{RESULTS}/figures/ladder.pdf",
        report(
            f"{RESULTS}/tables/ladder.html",
            caption="../report/ladder.rst",
            category="Tables",
            labels={"Table": "Ladder: the price of a leak"},
        ),
        multiext(f"{RESULTS}/tables/ladder", ".tex", ".csv", ".txt"),
    log:
        f"{RESULTS}/logs/draw_ladder.log",
    group:
        "results"
    conda:
        "../../envs/paper.yaml"
    params:
        code=code_of("draw-ladder"),
        setting=training_caption(RESULTS),
        results=lambda wildcards, output: os.path.dirname(os.path.dirname(output[0])),
    shell:
        "python -m sersnake draw-ladder {input.ladder:q} --manifest {input.manifest:q}"
        " {params.setting:q} --results {params.results:q} 2> {log:q}"
        " && awk '$3 == \"warning:\"' {log:q} >&2"


rule write_paper:
    input:
        pieces=[
            path
            for path in final_output()
            if path.startswith((f"{RESULTS}/tables/", f"{RESULTS}/figures/"))
            and path.endswith((".tex", ".pdf"))
        ],
        manifest=rules.make_manifest.output.manifest,
        folds=f"{RESULTS}/folds.csv",
    output:
        f"{RESULTS}/paper.tex",
    log:
        f"{RESULTS}/logs/write_paper.log",
    group:
        "results"
    conda:
        "../../envs/paper.yaml"
    params:
        code=code_of("paper"),
        context=lambda wildcards, input: [
            *as_flags({"manifest": input.manifest, "folds": input.folds}),
            *setting_flags(RESULTS),
        ],
    shell:
        "python -m sersnake paper {input.pieces:q} {params.context:q} --output {output:q} 2> {log:q}"
        " && awk '$3 == \"warning:\"' {log:q} >&2"


rule compile_paper:
    input:
        source=rules.write_paper.output,
        pieces=rules.write_paper.input.pieces,
    output:
        report(
            f"{RESULTS}/paper.pdf",
            caption="../report/paper.rst",
            category="Paper",
            labels={"Document": "All tables and figures (PDF)"},
        ),
    log:
        f"{RESULTS}/logs/compile_paper.log",
    group:
        "results"
    conda:
        "../../envs/paper.yaml"
    params:
        code=code_of("compile-paper"),
    shell:
        "python -m sersnake compile-paper {input.source:q} --output {output:q} 2> {log:q}"


rule record_provenance:
    input:
        [path for path in final_output() if "provenance." not in path],
    output:
        record=report(
            f"{RESULTS}/provenance.json",
            caption="../report/provenance.rst",
            category="Configuration",
            labels={"File": "Configuration and provenance (JSON)"},
        ),
        page=report(
            f"{RESULTS}/provenance.html",
            caption="../report/provenance.rst",
            category="Configuration",
            labels={"File": "Configuration and provenance"},
        ),
    log:
        f"{RESULTS}/logs/record_provenance.log",
    group:
        "results"
    conda:
        "../../envs/paper.yaml"
    params:
        code=code_of("provenance"),
        # Everything that the rules read, the preset's schedules included.
        config=json.dumps({**config, "training": TRAINING[RESULTS].schedules}, sort_keys=True),
        results=lambda wildcards, output: os.path.dirname(output[0]),
        snakemake=snakemake.__version__,
    shell:
        "python -m sersnake provenance --config {params.config:q} --results {params.results:q}"
        " --snakemake {params.snakemake} --output {output.record:q} --output-page {output.page:q} 2> {log:q}"


rule write_record:
    input:
        pieces=[*final_output(), *rung_output()],
        provenance=f"{RESULTS}/provenance.json",
    output:
        page=f"docs/{RESULTS}/README.md",
        index="docs/results.md",
    log:
        f"{RESULTS}/logs/write_record.log",
    group:
        "results"
    conda:
        "../../envs/paper.yaml"
    params:
        code=code_of("record"),
        results=lambda wildcards, input: os.path.dirname(input.provenance),
        folder=lambda wildcards, output: os.path.dirname(output.page),
    shell:
        "python -m sersnake record {params.results:q} --output {params.folder:q}"
        " --pieces {input.pieces:q} {input.provenance:q}"
        " --index {output.index:q} > {log:q} 2>&1"
