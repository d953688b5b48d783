"""Readings: other ways to run the same, side by side, and one chosen by inner validation.

REQUIRED INPUTS: metrics.csv and predictions.csv of the run and of its readings
OUTPUTS: readings.csv (reading, option, value), figures/specification.{pdf,png},
    tables/specification.{tex,csv,html,txt}; with `beyond: readings` choice.csv (fold, reading,
    inner_ua_<reading>) and the arm `beyond` in predictions.csv
"""


rule list_readings:
    output:
        "{run}/readings.csv",
    log:
        "{run}/logs/list_readings.log",
    group:
        "results"
    conda:
        "../../envs/paper.yaml"
    params:
        code=code_of("list-readings"),
        readings=lambda wildcards: json.dumps(
            {reading: config["readings"][reading] for reading in readings_of(wildcards.run)}
        ),
    shell:
        "python -m sersnake list-readings {params.readings:q} --output {output:q} 2> {log:q}"


rule draw_specification:
    input:
        metrics=lambda wildcards: [
            f"{run}/metrics.csv" for run in specification_runs(wildcards.run).values()
        ],
        options=rules.list_readings.output,
        manifest=rules.make_manifest.output.manifest,
        folds=rules.make_folds.output,
    output:
        report(
            "{run}/figures/specification.png",
            caption="../report/specification.rst",
            category="Figures",
            labels={"Figure": "Specification curve"},
        ),
        "{run}/figures/specification.pdf",
        report(
            "{run}/tables/specification.html",
            caption="../report/specification.rst",
            category="Tables",
            labels={"Table": "Specification curve"},
        ),
        multiext("{run}/tables/specification", ".tex", ".csv", ".txt"),
    log:
        "{run}/logs/draw_specification.log",
    group:
        "results"
    conda:
        "../../envs/paper.yaml"
    params:
        code=code_of("specification"),
        arm=config["beyond"]["arm"],
        readings=lambda wildcards: list(specification_runs(wildcards.run)),
        arms=lambda wildcards: reading_arms(specification_runs(wildcards.run)),
        setting=lambda wildcards: setting_flags(wildcards.run),
    shell:
        "python -m sersnake specification {params.readings:q} --arm {params.arm}"
        " --arms {params.arms} --options {input.options:q} --metrics {input.metrics:q}"
        " --manifest {input.manifest:q} --folds {input.folds:q}"
        " {params.setting:q} --results {wildcards.run:q} 2> {log:q}"
        " && awk '$3 == \"warning:\"' {log:q} >&2"


rule choose_reading:
    input:
        inner=lambda wildcards: [
            f"{inner_folder(wildcards.run, reading)}/predictions.csv"
            for reading in config["beyond"]["readings"]
        ],
        outer=lambda wildcards: [
            f"{reading_folder(wildcards.run, reading)}/predictions.csv"
            for reading in config["beyond"]["readings"]
        ],
        folds=rules.make_folds.output,
    output:
        choice="{run}/choice.csv",
        predictions="{run}/predictions/beyond.csv",
    log:
        "{run}/logs/choose_reading.log",
    group:
        "results"
    conda:
        "../../envs/training.yaml"
    params:
        code=code_of("choose"),
        arm=config["beyond"]["arm"],
        readings=config["beyond"]["readings"],
        arms=lambda wildcards: reading_arms(candidate_runs(wildcards.run)),
    shell:
        "python -m sersnake choose {params.readings} --arm {params.arm}"
        " --arms {params.arms} --inner {input.inner:q} --folds {input.folds:q}"
        " --outer {input.outer:q} --name beyond"
        " --output {output.choice:q} --output-predictions {output.predictions:q} 2> {log:q}"
