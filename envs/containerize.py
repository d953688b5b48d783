"""Completes what `snakemake --containerize` writes, from standard input to standard output.

Snakemake's Dockerfile makes the environments of envs/ without the steps that follow their creation,
and on whatever base image is the latest. Usage: `make container`.
"""

import re
import sys

BASE = "condaforge/miniforge3:25.3.1-0"
SOURCE = re.compile(r"# +source: (?P<file>\S+)\.yaml\n# +prefix: (?P<prefix>\S+)")


def complete(dockerfile: str) -> str:
    """Pins the base image and runs each environment's own step after its creation."""
    pinned = re.sub(r"^FROM \S+", f"FROM {BASE}", dockerfile)
    lines = [pinned.rstrip(), ""]
    for environment in SOURCE.finditer(pinned):
        script = f"{environment['file']}.post-deploy.sh"
        inside = f"{environment['prefix']}/post-deploy.sh"
        lines.append(f"COPY {script} {inside}")
        lines.append(f"RUN conda run --prefix {environment['prefix']} bash {inside}")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.stdout.write(complete(sys.stdin.read()))
