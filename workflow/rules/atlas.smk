"""The hard-example atlas: every utterance of the run on a page that opens from disk.

REQUIRED INPUTS: manifest.csv, context.json, folds.csv, predictions.csv, hard_index.csv, the packed
    features, the weights of an attention in the system that `atlas: system` names, the recordings
OUTPUTS: atlas/index.html and what it loads; attention.safetensors (the attention weight of each
    step of an utterance); for EMODB agreement.csv (network, utterances, rho, low, high): the hard
    index against the share of listeners who recognised an utterance
"""

HEARD = [str(corpus_root() / "erkennung.txt")] if FACTS.listeners else []
ATTENTION, ATTENDED = PLAN.attention_weights(RESULTS), PLAN.attended(RESULTS)
ATTENDING = list(filter(None, [PLAN.attention_stream(RESULTS)]))
# Optional contents of an atlas, by the option of the verb.
SHOWN = {
    "hard-index": [f"{RESULTS}/hard_index.csv"] if FACTS.mined else [],
    "attention": [f"{RESULTS}/attention.safetensors"] if ATTENTION else [],
    "recognition": HEARD,
    "agreement": [f"{RESULTS}/agreement.csv"] if FACTS.mined and HEARD else [],
}


rule weigh_steps:
    input:
        weights=ATTENTION,
        manifest=rules.make_manifest.output.manifest,
        folds=f"{RESULTS}/folds.csv",
        features=ATTENDED.values(),
        extension=working_copy(EXTENSION),
    output:
        f"{RESULTS}/attention.safetensors",
    log:
        f"{RESULTS}/logs/weigh_steps.log",
    benchmark:
        f"{RESULTS}/benchmarks/weigh_steps/attention.tsv"
    conda:
        "../../envs/training.yaml"
    resources:
        mem_mb=RESOURCES.whole_mb,
    params:
        code=code_of("attend", lambda _: network_code(PLAN.network_names(RESULTS, ATTENDING))),
        stream=PLAN.attention_stream(RESULTS),
        features=named(ATTENDED),
        settings=PLAN.attention_settings(RESULTS),
    shell:
        "python -m sersnake attend {input.weights:q} --stream {params.stream}"
        " --manifest {input.manifest:q} --folds {input.folds:q} --features {params.features:q}"
        " --settings {params.settings:q} --output {output:q} 2> {log:q}"


rule measure_agreement:
    input:
        compared=[*HEARD, f"{RESULTS}/hard_index.csv"],
        manifest=rules.make_manifest.output.manifest,
    output:
        f"{RESULTS}/agreement.csv",
    log:
        f"{RESULTS}/logs/measure_agreement.log",
    conda:
        "../../envs/training.yaml"
    params:
        code=code_of("agreement"),
        seed=CONFIG.seed,
    shell:
        "python -m sersnake agreement {input.compared:q} --manifest {input.manifest:q}"
        " --seed {params.seed} --output {output:q} 2> {log:q}"


rule make_atlas:
    input:
        shown=[file for files in SHOWN.values() for file in files],
        manifest=rules.make_manifest.output.manifest,
        context=f"{RESULTS}/context.json",
        predictions=f"{RESULTS}/predictions.csv",
        frames=PLAN.drawn_frames(RESULTS),
    output:
        directory(f"{RESULTS}/atlas"),
    log:
        f"{RESULTS}/logs/make_atlas.log",
    benchmark:
        f"{RESULTS}/benchmarks/make_atlas/atlas.tsv"
    conda:
        "../../envs/features.yaml"
    params:
        code=code_of("atlas"),
        shown=[word for name, files in SHOWN.items() if files for word in (f"--{name}", *files)],
        settings=as_json(changed(CONFIG.atlas)),
    shell:
        "python -m sersnake atlas --manifest {input.manifest:q} --context {input.context:q}"
        " --predictions {input.predictions:q} --frames {input.frames:q} {params.shown:q}"
        " --settings {params.settings:q} --output-dir {output:q} 2> {log:q}"
