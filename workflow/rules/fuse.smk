"""The final classifier on the streams' embeddings, one of `sersnake/settings/classifiers.py`.

REQUIRED INPUTS: manifest.csv, folds.csv, the features of each system; for degraded recordings the
    weights of its networks
OUTPUTS: predictions.csv (system, fold, utterance, emotion, predicted, score_<emotion>),
    metrics.csv (system, fold, metric, value); on request enrolment_curve.csv (system, condition,
    enrolled, speaker, emotion, scored, correct, tested) and robustness.csv (system, condition,
    speaker, emotion, tested, correct) with training/<network>/<phase>.<condition>.safetensors, the
    embeddings of degraded recordings in all folds; joined from the training of all folds,
    history.csv, curve.csv and hard_index.csv
"""


rule classify:
    input:
        features=lambda wildcards: PLAN.classified(wildcards.run, wildcards.system),
        late=lambda wildcards: PLAN.late(wildcards.run, wildcards.system).values(),
        copies=lambda wildcards: PLAN.copies(wildcards.run, wildcards.system).values(),
        manifest=rules.make_manifest.output.manifest,
        folds=rules.make_folds.output,
        audit=rules.audit_folds.output,
    output:
        "{run}/predictions/{system}.csv",
    log:
        "{run}/logs/classify/{system}.log",
    benchmark:
        "{run}/benchmarks/classify/{system}.tsv"
    conda:
        "../../envs/training.yaml"
    resources:
        mem_mb=RESOURCES.classifier_mb,
    params:
        code=code_of(
            "classify",
            lambda wildcards: classifier_code(read_system(wildcards.system).classifier),
        ),
        verb="classify",
        classifier=lambda wildcards: read_system(wildcards.system).classifier,
        settings=lambda wildcards: PLAN.classifier_settings(wildcards.run, wildcards.system),
        late=lambda wildcards: PLAN.late_option(wildcards.run, wildcards.system),
        copies=lambda wildcards: copies_option(PLAN.copies(wildcards.run, wildcards.system)),
        folds=lambda wildcards: PLAN.folds[wildcards.run],
    shell:
        "python -m sersnake {params.verb} {input.features:q} --system {wildcards.system}"
        " --fold {params.folds:q} --manifest {input.manifest:q} --folds {input.folds:q}"
        " --classifier {params.classifier} --settings {params.settings:q} {params.late:q}"
        " {params.copies:q} --output {output:q} 2> {log:q}"


use rule classify as measure_enrolment with:
    output:
        "{run}/enrolment_curve/{system}.csv",
    log:
        "{run}/logs/measure_enrolment/{system}.log",
    benchmark:
        "{run}/benchmarks/measure_enrolment/{system}.tsv"
    params:
        code=code_of(
            "enrol-curve",
            lambda wildcards: classifier_code(read_system(wildcards.system).classifier),
        ),
        verb="enrol-curve",
        settings=lambda wildcards: PLAN.enrolment_curve_settings(wildcards.run, wildcards.system),


rule embed_degraded:
    input:
        unpack(training_inputs),
        weights=lambda wildcards: PLAN.weights(wildcards.run, wildcards.network, wildcards.phase),
        degraded=lambda wildcards: PLAN.read_under(
            wildcards.run, wildcards.network, wildcards.condition
        ).values(),
    output:
        "{run}/training/{network}/{phase}.{condition}.safetensors",
    log:
        "{run}/logs/embed_degraded/{network}-{phase}.{condition}.log",
    benchmark:
        "{run}/benchmarks/embed_degraded/{network}-{phase}.{condition}.tsv"
    wildcard_constraints:
        phase="|".join(PHASES),
    conda:
        "../../envs/training.yaml"
    threads: 1
    resources:
        mem_mb=RESOURCES.embedding_mb,
    params:
        code=code_of("embed-degraded", network_code_of),
        modules=lambda wildcards: PLAN.own_code(wildcards.run, wildcards.network),
        features=lambda wildcards: named(PLAN.read_by(wildcards.run, wildcards.network)),
        degraded=lambda wildcards: named(
            PLAN.read_under(wildcards.run, wildcards.network, wildcards.condition)
        ),
        settings=lambda wildcards: PLAN.embedding_settings(wildcards.run, wildcards.network),
    shell:
        "python -m sersnake embed-degraded {wildcards.network} --weights {input.weights:q}"
        " --manifest {input.manifest:q} --folds {input.folds:q} --features {params.features:q}"
        " --degraded {params.degraded:q} --threads {threads} --settings {params.settings:q}"
        " --output {output:q} 2> {log:q}"


use rule classify as measure_robustness with:
    input:
        features=lambda wildcards: PLAN.classified(wildcards.run, wildcards.system),
        late=lambda wildcards: PLAN.late(wildcards.run, wildcards.system).values(),
        degraded_late=lambda wildcards: PLAN.degraded_late(wildcards.run, wildcards.system).values(),
        degraded=lambda wildcards: PLAN.degraded(wildcards.run, wildcards.system).values(),
        copies=lambda wildcards: PLAN.copies(wildcards.run, wildcards.system).values(),
        manifest=rules.make_manifest.output.manifest,
        folds=rules.make_folds.output,
        audit=rules.audit_folds.output,
    output:
        "{run}/robustness/{system}.csv",
    log:
        "{run}/logs/measure_robustness/{system}.log",
    benchmark:
        "{run}/benchmarks/measure_robustness/{system}.tsv"
    params:
        code=code_of(
            "robustness",
            lambda wildcards: classifier_code(read_system(wildcards.system).classifier),
        ),
        verb="robustness",
        copies=lambda wildcards: PLAN.robustness_option(wildcards.run, wildcards.system),


rule collect:
    input:
        files=lambda wildcards: PLAN.collected(wildcards.run, wildcards.what),
    output:
        "{run}/{what}.csv",
    log:
        "{run}/logs/collect/{what}.log",
    wildcard_constraints:
        what="predictions|hard_index|history|curve|enrolment_curve|robustness",
    conda:
        "../../envs/training.yaml"
    params:
        code=code_of("collect"),
        systems=lambda wildcards: PLAN.collected_systems(wildcards.run, wildcards.what),
    shell:
        "python -m sersnake collect {input.files:q} {params.systems} --output {output:q} 2> {log:q}"


rule score_predictions:
    input:
        predictions="{run}/predictions.csv",
        manifest=rules.make_manifest.output.manifest,
    output:
        "{run}/metrics.csv",
    log:
        "{run}/logs/score_predictions.log",
    conda:
        "../../envs/training.yaml"
    params:
        code=code_of("score"),
    shell:
        "python -m sersnake score {input.predictions:q} --manifest {input.manifest:q}"
        " --output {output:q} 2> {log:q}"
