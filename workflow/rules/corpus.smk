"""The corpus.

REQUIRED INPUTS: the recordings in their published layout (none for the demo)
OUTPUTS: manifest.csv (utterance, path, speaker, sex, session, sentence, emotion, language,
    corpus, duration, sample_rate, channels, format, sha256, fingerprint, synthetic, certificate;
    start and end after path, in s, where utterances are segments of recordings),
    audio_report.csv (utterance, path, problem, detail, action)
"""

if CORPUS == "demo":

    rule synthesize_demo:
        output:
            list(UTTERANCES.recordings.values()),
        log:
            f"{RESULTS}/logs/synthesize_demo.log",
        conda:
            "../../envs/features.yaml"
        params:
            code=code_of("synthesize"),
            speakers=sorted(set(LISTING["speaker"])),
            folder=lambda wildcards, output: os.path.dirname(output[0]),
        shell:
            "python -m sersnake synthesize {params.speakers} --output-dir {params.folder:q}"
            " 2> {log:q}"


rule make_manifest:
    input:
        recordings=list(dict.fromkeys(UTTERANCES.recordings.values())),
    output:
        manifest=f"{RESULTS}/manifest.csv",
    log:
        text=f"{RESULTS}/logs/make_manifest.log",
        # Among the logs, because it is needed most when the rule fails.
        report=f"{RESULTS}/audio_report.csv",
    benchmark:
        f"{RESULTS}/benchmarks/make_manifest/all.tsv"
    priority: 1  # it tells of all bad recordings at once, extraction of the first that it meets
    conda:
        "../../envs/features.yaml"
    threads: 8
    params:
        code=code_of("manifest"),
        root=lambda wildcards: str(corpus_root()),
        corpus=CORPUS,
        settings=as_json(changed(CONFIG.corpus_settings)),
        # Names and labels come from many kinds of files; an edited label remakes the manifest.
        labels=hashlib.sha256(LISTING.to_csv(index=False).encode()).hexdigest(),
    shell:
        "python -m sersnake manifest {params.corpus:q} {params.root:q} --settings {params.settings:q}"
        " --threads {threads} --output {output.manifest:q} 2> {log.text:q}"
