"""A model to use elsewhere, trained on the whole corpus. Made on request: `snakemake model`.

REQUIRED INPUTS: manifest.csv, context.json, the packed features, the system's features and predictions
    in the folds of the run (or of the variant that `model: variant` names); of a baseline no networks
OUTPUTS: model/: model.json, README.md (the model card), classifier.safetensors and
    <network>.safetensors; whole/: its training, whose only fold tests nothing
"""

MODEL_SYSTEM = CONFIG.model.system
MODEL_BASE, WHOLE_RUN = model_base(CONFIG, RESULTS), whole_folder(RESULTS)
MODEL_NETWORKS = PLAN.networks_of(WHOLE_RUN, MODEL_SYSTEM)
MODEL_FEATURES = PLAN.model_features()
MODEL_CODE = [
    *classifier_code(read_system(MODEL_SYSTEM).classifier),
    *network_code(PLAN.network_names(WHOLE_RUN, MODEL_NETWORKS)),
]


rule make_model:
    input:
        weights=PLAN.embeddings(WHOLE_RUN, MODEL_SYSTEM, "weights.safetensors"),
        embeddings=PLAN.embeddings(WHOLE_RUN, MODEL_SYSTEM, "safetensors"),
        held_out=PLAN.classified(MODEL_BASE, MODEL_SYSTEM),
        predictions=f"{MODEL_BASE}/predictions/{MODEL_SYSTEM}.csv",
        manifest=rules.make_manifest.output.manifest,
        folds=f"{MODEL_BASE}/folds.csv",
        context=f"{MODEL_BASE}/context.json",
        features=MODEL_FEATURES.values(),
        copies=PLAN.copies(WHOLE_RUN, MODEL_SYSTEM).values(),
    output:
        f"{RESULTS}/model/model.json",
        f"{RESULTS}/model/README.md",
        f"{RESULTS}/model/classifier.safetensors",
        [f"{RESULTS}/model/{network}.safetensors" for network in MODEL_NETWORKS],
    log:
        f"{RESULTS}/logs/make_model.log",
    benchmark:
        f"{RESULTS}/benchmarks/make_model/model.tsv"
    conda:
        "../../envs/training.yaml"
    resources:
        mem_mb=RESOURCES.whole_mb,
    params:
        code=code_of("make-model", lambda _: MODEL_CODE),
        name=RESULTS.removeprefix("results/"),
        system=MODEL_SYSTEM,
        features=named(MODEL_FEATURES),
        copies=PLAN.copies_option(WHOLE_RUN, MODEL_SYSTEM),
        classifier=read_system(MODEL_SYSTEM).classifier,
        training=PLAN.model_training(),
        settings=lambda wildcards: clear(PLAN.model_settings),
        folder=lambda wildcards, output: os.path.dirname(output[0]),
    shell:
        "python -m sersnake make-model --weights {input.weights:q}"
        " --embeddings {input.embeddings:q} --held-out {input.held_out:q}"
        " --predictions {input.predictions:q} --manifest {input.manifest:q}"
        " --folds {input.folds:q} --features {params.features:q} {params.copies:q}"
        " --context {input.context:q} --name {params.name:q}"
        " --system {params.system} --classifier {params.classifier}"
        " --training {params.training:q} --settings {params.settings:q}"
        " --output-dir {params.folder:q} 2> {log:q}"


rule model:
    input:
        rules.make_model.output,
