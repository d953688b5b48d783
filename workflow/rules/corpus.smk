"""The corpus.

REQUIRED INPUTS: the recordings in their published layout (none for the demo)
OUTPUTS: manifest.csv (utterance, path, speaker, sex, session, sentence, emotion, language,
    corpus, duration, sample_rate, channels, synthetic)
"""

if CORPUS == "demo":

    rule synthesize_speaker:
        input:
            library("corpora/demo", "corpora/espeak_worker"),
        output:
            [
                path.replace(f"{SPEAKERS[0]}_", "{speaker}_", 1)
                for name, path in RECORDINGS.items()
                if name.startswith(f"{SPEAKERS[0]}_")
            ],
        log:
            f"{RESULTS}/logs/synthesize_speaker/{{speaker}}.log",
        conda:
            "../../envs/features.yaml"
        params:
            folder=lambda wildcards, output: os.path.dirname(output[0]),
        shell:
            "python -m sersnake synthesize {wildcards.speaker} --output-dir {params.folder:q}"
            " 2> {log:q}"


rule make_manifest:
    input:
        recordings=list(RECORDINGS.values()),
        code=library(
            "audio",
            "corpora/__init__",
            "corpora/base",
            f"corpora/{CORPUS}",
            "corpora/manifest",
        ),
    output:
        f"{RESULTS}/manifest.csv",
    log:
        f"{RESULTS}/logs/make_manifest.log",
    benchmark:
        f"{RESULTS}/benchmarks/make_manifest/all.tsv"
    conda:
        "../../envs/features.yaml"
    params:
        root=lambda wildcards: str(corpus_root()),
        corpus=CORPUS,
    shell:
        "python -m sersnake manifest {params.corpus} {params.root:q} --output {output:q} 2> {log:q}"
