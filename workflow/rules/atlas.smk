"""The hard-example atlas: every utterance of the run on a page that opens from disk.

REQUIRED INPUTS: manifest.csv, folds.csv, predictions.csv, hard_index.csv, the packed features,
    ACLN's weights of the arm that `atlas: arm` names, the recordings
OUTPUTS: atlas/index.html and what it loads; attention.safetensors (what ACLN weighs each step of an
    utterance with); of EMODB agreement.csv (network, utterances, rho, low, high): the hard index
    against the share of listeners who recognised an utterance
"""


rule weigh_steps:
    input:
        weights=attention_weights(),
        manifest=rules.make_manifest.output.manifest,
        folds=f"{RESULTS}/folds.csv",
        mfcc=features(RESULTS, "mfcc"),
        functionals=features(RESULTS, "functionals"),
        extension=working_copy(EXTENSION),
    output:
        f"{RESULTS}/attention.safetensors",
    log:
        f"{RESULTS}/logs/weigh_steps.log",
    benchmark:
        f"{RESULTS}/benchmarks/weigh_steps/attention.tsv"
    group:
        "results"
    conda:
        "../../envs/training.yaml"
    resources:
        mem_mb=whole_memory,
    params:
        code=code_of("attend"),
        options=attention_flags(),
    shell:
        "python -m sersnake attend {input.weights:q} --manifest {input.manifest:q}"
        " --folds {input.folds:q} --mfcc {input.mfcc:q} --functionals {input.functionals:q}"
        " {params.options:q} --output {output:q} 2> {log:q}"


rule measure_agreement:
    input:
        recognition=listeners(),
        hard_index=f"{RESULTS}/hard_index.csv",
        manifest=rules.make_manifest.output.manifest,
    output:
        f"{RESULTS}/agreement.csv",
    log:
        f"{RESULTS}/logs/measure_agreement.log",
    group:
        "results"
    conda:
        "../../envs/training.yaml"
    params:
        code=code_of("agreement"),
        options=as_flags({"seed": config["seed"]}),
    shell:
        "python -m sersnake agreement {input.recognition:q} --hard-index {input.hard_index:q}"
        " --manifest {input.manifest:q} {params.options:q} --output {output:q} 2> {log:q}"


rule make_atlas:
    input:
        **atlas_inputs(),
        manifest=rules.make_manifest.output.manifest,
        folds=f"{RESULTS}/folds.csv",
        predictions=f"{RESULTS}/predictions.csv",
        mfcc=features(RESULTS, "mfcc"),
    output:
        directory(f"{RESULTS}/atlas"),
    log:
        f"{RESULTS}/logs/make_atlas.log",
    benchmark:
        f"{RESULTS}/benchmarks/make_atlas/atlas.tsv"
    group:
        "results"
    conda:
        "../../envs/features.yaml"
    params:
        code=code_of("atlas"),
        files=lambda wildcards, input: as_flags({name: input[name] for name in atlas_inputs()}),
        options=atlas_flags(),
    shell:
        "python -m sersnake atlas --manifest {input.manifest:q} --folds {input.folds:q}"
        " --predictions {input.predictions:q} --mfcc {input.mfcc:q} {params.files:q}"
        " {params.options:q} --output-dir {output:q} 2> {log:q}"
