"""The protocol.

REQUIRED INPUTS: manifest.csv
OUTPUTS: folds.csv (fold, utterance, part)
"""


rule make_folds:
    input:
        manifest=rules.make_manifest.output,
        code=library("protocols"),
    output:
        f"{RESULTS}/folds.csv",
    log:
        f"{RESULTS}/logs/make_folds.log",
    conda:
        "../../envs/training.yaml"
    params:
        options=as_flags({**config["folds"], "seed": config["seed"]}),
    shell:
        "python -m sersnake folds --manifest {input.manifest:q} {params.options:q}"
        " --output {output:q} 2> {log:q}"
