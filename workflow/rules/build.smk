"""The C++ extension.

REQUIRED INPUTS: csrc/
OUTPUTS: the extension inside the library
"""


rule build_extension:
    input:
        [working_copy(path) for path in extension_sources(REPOSITORY)],
    output:
        working_copy(EXTENSION),
    log:
        f"{RESULTS}/logs/build_extension.log",
    conda:
        "../../envs/features.yaml"
    params:
        folder=os.path.relpath(REPOSITORY),
    shell:
        "(cd {params.folder:q} && python setup.py build_ext --inplace) > {log:q} 2>&1"
