"""The folds of the protocol, and the audit that training waits for.

REQUIRED INPUTS: manifest.csv
OUTPUTS: folds.csv (fold, utterance, part), audit.json (what a fold's parts share; nothing is
    trained where the protocol's claim does not hold), context.json (what every caption says of the
    run)
"""


rule make_folds:
    input:
        manifest=rules.make_manifest.output.manifest,
        fold_file=lambda wildcards: PLAN.fold_files(wildcards.run),
    output:
        "{run}/folds.csv",
    log:
        "{run}/logs/make_folds.log",
    conda:
        "../../envs/training.yaml"
    params:
        code=code_of("folds"),
        options=lambda wildcards: PLAN.folds_options(wildcards.run),
    shell:
        "python -m sersnake folds --manifest {input.manifest:q} {params.options:q}"
        " --output {output:q} 2> {log:q}"


rule audit_folds:
    input:
        manifest=rules.make_manifest.output.manifest,
        folds=rules.make_folds.output,
        outer=lambda wildcards: PLAN.outer_folds(wildcards.run),
    output:
        "{run}/audit.json",
    log:
        "{run}/logs/audit_folds.log",
    conda:
        "../../envs/training.yaml"
    params:
        code=code_of("audit", lambda wildcards: encoder_code(PLAN.runs[wildcards.run].encoders)),
        options=lambda wildcards: PLAN.audit_options(wildcards.run),
    shell:
        "python -m sersnake audit --manifest {input.manifest:q} --folds {input.folds:q}"
        " {params.options:q} --output {output:q} > {log:q} 2>&1"


rule describe_run:
    input:
        manifest=rules.make_manifest.output.manifest,
        audit=rules.audit_folds.output,
    output:
        "{run}/context.json",
    log:
        "{run}/logs/describe_run.log",
    conda:
        "../../envs/training.yaml"
    params:
        code=code_of("describe"),
        run=lambda wildcards: PLAN.context_settings(wildcards.run),
    shell:
        "python -m sersnake describe --manifest {input.manifest:q} --audit {input.audit:q}"
        " --run {params.run:q} --output {output:q} 2> {log:q}"
