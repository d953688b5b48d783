"""The protocol, and the gate behind it.

REQUIRED INPUTS: manifest.csv
OUTPUTS: folds.csv (fold, utterance, part), audit.json (what a fold's parts share; nothing is
    trained where the protocol's claim does not hold)
"""


rule make_folds:
    input:
        manifest=rules.make_manifest.output.manifest,
        fold_file=fold_file,
    output:
        "{run}/folds.csv",
    log:
        "{run}/logs/make_folds.log",
    group:
        "corpus"
    conda:
        "../../envs/training.yaml"
    params:
        code=code_of("folds"),
        protocol=lambda wildcards: protocol_flags(wildcards.run),
        expected=lambda wildcards: len(FOLDS[wildcards.run]),
    shell:
        "python -m sersnake folds --manifest {input.manifest:q} {params.protocol:q}"
        " --expected {params.expected} --output {output:q} 2> {log:q}"


rule audit_folds:
    input:
        manifest=rules.make_manifest.output.manifest,
        folds=rules.make_folds.output,
        outer=lambda wildcards: (
            [f"{outer_folder(wildcards.run)}/folds.csv"] if RUNS[wildcards.run].inner else []
        ),
    output:
        "{run}/audit.json",
    log:
        "{run}/logs/audit_folds.log",
    group:
        "corpus"
    conda:
        "../../envs/training.yaml"
    params:
        code=code_of("audit"),
        protocol=lambda wildcards: protocol_flags(wildcards.run),
        claims=claim_flags,
        outer=lambda wildcards, input: as_flags({"outer": input.outer or None}),
    shell:
        "python -m sersnake audit --manifest {input.manifest:q} --folds {input.folds:q}"
        " {params.protocol:q} {params.claims:q} {params.outer:q}"
        " --output {output:q} > {log:q} 2>&1"
