"""The C++ extension.

REQUIRED INPUTS: none; csrc/ and setup.py are in the parameter `code`
OUTPUTS: the extension inside the library. Every run notes for itself that it is built: the file
    alone, which setup builds too, does not say what from
"""


rule build_extension:
    output:
        touch(EXTENSION),
    log:
        f"{RESULTS}/logs/build_extension.log",
    group:
        "corpus"
    conda:
        "../../envs/features.yaml"
    params:
        code=CODE.digest([EXTENSION_SOURCES]),
        suffix=extension_suffix(),
        folder=os.path.relpath(REPOSITORY),
    shell:
        "(cd {params.folder:q} && python setup.py build_ext --inplace) > {log:q} 2>&1"
