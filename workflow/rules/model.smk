"""Models to use elsewhere, trained on the whole corpus. Made on request: `snakemake model` for the
system that `model` names, `snakemake best` for the best of the variants in `model_selection`.

REQUIRED INPUTS: manifest.csv, context.json, the packed features, the system's features and
    predictions in the folds of the run (or of the variant that `model: variant` names); no networks
    for a baseline
OUTPUTS: model/ or best/: model.json, README.md (the model card), classifier.safetensors and
    <network>.safetensors; whole/: its training, whose only fold tests nothing
"""


rule make_model:
    input:
        unpack(lambda wildcards: PLAN.made(wildcards).inputs),
        estimate=[],
    output:
        f"{RESULTS}/model/model.json",
        f"{RESULTS}/model/README.md",
        f"{RESULTS}/model/classifier.safetensors",
        [f"{RESULTS}/model/{network}.safetensors" for network in PLAN.model().networks],
    log:
        f"{RESULTS}/logs/make_model.log",
    benchmark:
        f"{RESULTS}/benchmarks/make_model/model.tsv"
    conda:
        "../../envs/training.yaml"
    resources:
        mem_mb=RESOURCES.whole_mb,
    params:
        code=code_of(
            "make-model",
            lambda wildcards: [
                *classifier_code(PLAN.made(wildcards).classifier),
                *network_code(PLAN.made(wildcards).network_names),
            ],
        ),
        name=RESULTS.removeprefix("results/"),
        system=lambda wildcards: PLAN.made(wildcards).system,
        features=lambda wildcards: named(PLAN.made(wildcards).features),
        copies=lambda wildcards: copies_option(PLAN.made(wildcards).copies),
        classifier=lambda wildcards: PLAN.made(wildcards).classifier,
        training=lambda wildcards: PLAN.made(wildcards).training,
        settings=lambda wildcards: clear(lambda: PLAN.made(wildcards).settings),
        robustness=lambda wildcards: PLAN.made(wildcards).robustness_option,
        selected=[],
        folder=lambda wildcards, output: os.path.dirname(output[0]),
    shell:
        "python -m sersnake make-model --weights {input.weights:q}"
        " --embeddings {input.embeddings:q} --held-out {input.held_out:q}"
        " --predictions {input.predictions:q} --manifest {input.manifest:q}"
        " --folds {input.folds:q} --features {params.features:q} {params.copies:q}"
        " --context {input.context:q} --name {params.name:q}"
        " --system {params.system} --classifier {params.classifier}"
        " --training {params.training:q} --settings {params.settings:q}"
        " {params.robustness:q} {params.selected:q} --output-dir {params.folder:q} 2> {log:q}"


rule model:
    input:
        rules.make_model.output,


use rule make_model as make_candidate with:
    input:
        unpack(lambda wildcards: PLAN.made(wildcards).inputs),
        estimate=f"{RESULTS}/predictions/selected.csv",
    output:
        directory(f"{RESULTS}/variants/{{variant}}/model"),
    log:
        f"{RESULTS}/logs/make_candidate/{{variant}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/make_candidate/{{variant}}.tsv"
    params:
        selected=lambda wildcards, input: [
            *("--estimate", input.estimate, "--candidate", wildcards.variant),
        ],
        folder=lambda wildcards, output: output[0],


rule choose_model:
    input:
        models=lambda _: [f"{model.base}/model" for model in clear(PLAN.candidate_models).values()],
        predictions=lambda _: [model.predictions for model in clear(PLAN.candidate_models).values()],
    output:
        directory(f"{RESULTS}/best"),
    log:
        f"{RESULTS}/logs/choose_model.log",
    conda:
        "../../envs/training.yaml"
    params:
        code=code_of("choose-model"),
    shell:
        "python -m sersnake choose-model {input.models:q} --predictions {input.predictions:q}"
        " --output-dir {output:q} 2> {log:q}"


rule best:
    input:
        rules.choose_model.output,
