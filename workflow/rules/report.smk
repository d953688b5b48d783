"""Tables and figures with the published values, and their provenance.

REQUIRED INPUTS: context.json, and the sources of each table and figure, named in
    `sersnake/report/results.py`
OUTPUTS: tables/<name>.{tex,csv,html,txt}, figures/<name>.{pdf,png}, paper.tex with numbers.tex and
    references.bib, paper.pdf, provenance.{json,html}; on request docs/results/<corpus>/: what a
    reader needs of a finished run, with a page, and docs/results/records.md

Warnings in the log of a figure or of the paper (a character that no font has) are repeated on the
terminal.
"""

import snakemake


rule make_table:
    input:
        unpack(sources_of("table")),
        context=rules.describe_run.output,
    output:
        report(
            "{run}/tables/{name}.html",
            caption="../report/result.rst",
            category=CATEGORIES["table"],
            labels=lambda wildcards: {
                "Table": results.result_named("table", wildcards.name).label
            },
        ),
        multiext("{run}/tables/{name}", ".tex", ".csv", ".txt"),
    log:
        "{run}/logs/make_table/{name}.log",
    wildcard_constraints:
        name="|".join(results.names_of("table")),
    conda:
        "../../envs/training.yaml"
    params:
        code=code_of("table", lambda wildcards: result_code("table", wildcards.name)),
        verb="table",
        sources=lambda wildcards, input: [
            f"{name}={file}" for name, file in input.items() if name != "context"
        ],
        stem=lambda wildcards, output: os.path.splitext(output[0])[0],
        caption=caption_of("table"),
    shell:
        "python -m sersnake {params.verb} {wildcards.name} --context {input.context:q}"
        " --source {params.sources:q} --output {params.stem:q} 2> {log:q}"
        " && awk '$3 == \"warning:\"' {log:q} >&2"


use rule make_table as draw_figure with:
    input:
        unpack(sources_of("figure")),
        context=rules.describe_run.output,
    output:
        report(
            "{run}/figures/{name}.png",
            caption="../report/result.rst",
            category=CATEGORIES["figure"],
            labels=lambda wildcards: {
                "Figure": results.result_named("figure", wildcards.name).label
            },
        ),
        "{run}/figures/{name}.pdf",
    log:
        "{run}/logs/draw_figure/{name}.log",
    wildcard_constraints:
        name="|".join(results.names_of("figure")),
    conda:
        "../../envs/paper.yaml"
    params:
        code=code_of("figure", lambda wildcards: result_code("figure", wildcards.name)),
        verb="figure",
        caption=caption_of("figure"),


rule write_paper:
    input:
        **{name: PLAN.source(RESULTS, name) for name in results.paper_sources(FACTS)},
        pieces=[f"{RESULTS}/{file}" for file in results.paper_files(FACTS)],
        context=f"{RESULTS}/context.json",
    output:
        source=f"{RESULTS}/paper.tex",
        numbers=f"{RESULTS}/numbers.tex",
        references=f"{RESULTS}/references.bib",
    log:
        f"{RESULTS}/logs/write_paper.log",
    conda:
        "../../envs/paper.yaml"
    params:
        code=code_of("paper"),
        config=PLAN.paper_settings(),
        sources=lambda wildcards, input: [
            f"{name}={input[name]}" for name in results.paper_sources(FACTS)
        ],
    shell:
        "python -m sersnake paper {input.pieces:q} --context {input.context:q}"
        " --source {params.sources:q} --config {params.config:q} --output {output.source:q}"
        " 2> {log:q}"
        " && awk '$3 == \"warning:\"' {log:q} >&2"


rule compile_paper:
    input:
        rules.write_paper.output,
        source=rules.write_paper.output.source,
        pieces=rules.write_paper.input.pieces,
    output:
        report(
            f"{RESULTS}/paper.pdf",
            caption="../report/paper.rst",
            category="Paper",
            labels={"Document": "Draft of a paper, with all tables and figures (PDF)"},
        ),
    log:
        f"{RESULTS}/logs/compile_paper.log",
    conda:
        "../../envs/paper.yaml"
    params:
        code=code_of("compile-paper"),
    shell:
        "python -m sersnake compile-paper {input.source:q} 2> {log:q}"


rule record_provenance:
    input:
        [path for path in final_output() if "provenance." not in path],
        encoders=PLAN.encoder_packs().values(),
    output:
        record=report(
            f"{RESULTS}/provenance.json",
            caption="../report/provenance.rst",
            category="Configuration",
            labels={"File": "Configuration and provenance (JSON)"},
        ),
        page=report(
            f"{RESULTS}/provenance.html",
            caption="../report/provenance.rst",
            category="Configuration",
            labels={"File": "Configuration and provenance"},
        ),
    log:
        f"{RESULTS}/logs/record_provenance.log",
    conda:
        "../../envs/paper.yaml"
    params:
        code=code_of("provenance"),
        # All settings that the rules read, including the preset's schedules.
        config=json.dumps(
            {**config, "training": PLAN.runs[RESULTS].training.as_dict()}, sort_keys=True
        ),
        snakemake=snakemake.__version__,
        encoders=PLAN.encoder_option(),
    shell:
        "python -m sersnake provenance --config {params.config:q}"
        " --snakemake {params.snakemake} {params.encoders:q} --output {output.record:q} 2> {log:q}"


rule write_record:
    input:
        pieces=[
            *final_output(),
            *(
                f"{run}/{file}"
                for run in PLAN.protocols.values()
                if run != RESULTS
                for file in results.protocol_files(FACTS)
            ),
        ],
        provenance=f"{RESULTS}/provenance.json",
    output:
        page=f"docs/{RESULTS}/README.md",
        index="docs/results/records.md",
    log:
        f"{RESULTS}/logs/write_record.log",
    conda:
        "../../envs/paper.yaml"
    params:
        code=code_of("record"),
        results=lambda wildcards, input: os.path.dirname(input.provenance),
        folder=lambda wildcards, output: os.path.dirname(output.page),
    shell:
        "python -m sersnake record {params.results:q} --output {params.folder:q}"
        " --pieces {input.pieces:q} {input.provenance:q}"
        " --index {output.index:q} > {log:q} 2>&1"
