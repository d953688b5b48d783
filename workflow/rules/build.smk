"""The C++ extension.

REQUIRED INPUTS: csrc/
OUTPUTS: the extension inside the library
"""


rule build_extension:
    input:
        sources=working_copy(*sorted((REPOSITORY / "csrc").glob("*.*"))),
        setup=working_copy("setup.py"),
    output:
        EXTENSION,
    log:
        f"{RESULTS}/logs/build_extension.log",
    group:
        "corpus"
    conda:
        "../../envs/features.yaml"
    params:
        folder=lambda wildcards, input: os.path.dirname(input.setup[0]),
    shell:
        "(cd {params.folder:q} && python setup.py build_ext --inplace) > {log:q} 2>&1"
