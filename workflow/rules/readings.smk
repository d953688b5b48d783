"""Readings: other ways to run the same, side by side, and one chosen by inner validation.

REQUIRED INPUTS: metrics.csv and predictions.csv of the run and of its readings
OUTPUTS: readings.csv (reading, option, value), specification.csv (arm, reading, metric, mean, low,
    high); with `beyond: readings` choice.csv (fold, reading, inner_ua_<reading>) and the arm
    `beyond` in predictions.csv
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
            {
                reading: CONFIG.readings[reading]
                for reading in PLAN.readings(wildcards.run)
                if reading in CONFIG.readings
            }
        ),
    shell:
        "python -m sersnake list-readings {params.readings:q} --output {output:q} 2> {log:q}"


rule measure_readings:
    input:
        metrics=lambda wildcards: [
            f"{run}/metrics.csv" for run in PLAN.readings(wildcards.run).values()
        ],
        folds=rules.make_folds.output,
    output:
        "{run}/specification.csv",
    log:
        "{run}/logs/measure_readings.log",
    group:
        "results"
    conda:
        "../../envs/training.yaml"
    params:
        code=code_of("specification"),
        arm=CONFIG.beyond.arm,
        readings=lambda wildcards: list(PLAN.readings(wildcards.run)),
        arms=lambda wildcards: PLAN.reading_arms(PLAN.readings(wildcards.run).values()),
    shell:
        "python -m sersnake specification {params.readings:q} --arm {params.arm}"
        " --arms {params.arms} --metrics {input.metrics:q} --folds {input.folds:q}"
        " --output {output:q} 2> {log:q}"


rule choose_reading:
    input:
        inner=lambda wildcards: [
            f"{inner_folder(wildcards.run, reading)}/predictions.csv"
            for reading in CONFIG.beyond.readings
        ],
        outer=lambda wildcards: [
            f"{run}/predictions.csv" for run in PLAN.candidates(wildcards.run).values()
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
        arm=CONFIG.beyond.arm,
        readings=CONFIG.beyond.readings,
        arms=lambda wildcards: PLAN.reading_arms(PLAN.candidates(wildcards.run).values()),
    shell:
        "python -m sersnake choose {params.readings} --arm {params.arm}"
        " --arms {params.arms} --inner {input.inner:q} --folds {input.folds:q}"
        " --outer {input.outer:q} --name beyond"
        " --output {output.choice:q} --output-predictions {output.predictions:q} 2> {log:q}"
