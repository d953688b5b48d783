"""The C++ extension.

REQUIRED INPUTS: csrc/
OUTPUTS: the extension inside the library
"""


rule build_extension:
    input:
        sources=sorted(str(path) for path in (REPOSITORY / "csrc").glob("*.*")),
        setup=str(REPOSITORY / "setup.py"),
    output:
        EXTENSION,
    log:
        f"{RESULTS}/logs/build_extension.log",
    conda:
        "../../envs/features.yaml"
    params:
        folder=lambda wildcards, input: os.path.dirname(input.setup),
    shell:
        "(cd {params.folder:q} && python setup.py build_ext --inplace) > {log:q} 2>&1"
