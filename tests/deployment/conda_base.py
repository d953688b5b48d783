"""A conda on a machine without one, with a channel on the same machine.

PyPI has no conda, but the wheel of conda-lock carries a whole one, which is imported under its own
name here.
"""

from __future__ import annotations

import subprocess
import venv
from pathlib import Path

# Not by the requirements that conda-lock itself has, most of which conda does not need.
CONDA_LOCK = "conda-lock==4.0.3"
NEEDED = (
    "archspec==0.2.5",
    "boltons==25.0.0",
    "charset-normalizer==3.5.2",
    "conda-package-handling==2.6.0",
    "distro==1.9.0",
    "frozendict==2.4.7",
    "jsonpatch==1.33",
    "packaging==25.0",
    "platformdirs==4.14.7",
    "pluggy==1.7.0",
    "pycosat==0.6.6",
    "requests==2.34.2",
    "ruamel.yaml==0.18.17",
    "setuptools==84.2.1",
    "tqdm==4.70.1",
    "truststore==0.10.4",
    "zstandard==0.25.0",
)
LAUNCHER = '''#!{python}
"""conda, as conda-lock carries it."""
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from pathlib import Path

CARRIED = "conda_lock._vendor.conda"
# What stands around it needs packages of its own: these are empty here.
AROUND = ("conda_lock", "conda_lock._vendor", "conda_lock.plugin")
FOLDER = Path(importlib.util.find_spec("conda_lock").origin).parent / "_vendor" / "conda"


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds conda in its folder, and gives whoever asks for the carried one the same modules."""

    def find_spec(self, name, path=None, target=None):
        if name == "conda":
            return importlib.util.spec_from_file_location(
                name, FOLDER / "__init__.py", submodule_search_locations=[str(FOLDER)]
            )
        if name in AROUND:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        if name == CARRIED or name.startswith(CARRIED + "."):
            return importlib.machinery.ModuleSpec(name, self)
        return None

    def create_module(self, spec):
        if spec.name in AROUND:
            return None
        return importlib.import_module("conda" + spec.name.removeprefix(CARRIED))

    def exec_module(self, module):
        pass


sys.meta_path.insert(0, Finder())
if __name__ == "__main__":
    from conda.cli import main

    sys.exit(main())
'''
# Snakemake sources it with the environment's prefix.
ACTIVATE = """commands=$("{base}/bin/conda" shell.posix activate "$1") || return $?
eval "$commands"
unset commands
hash -r
"""
SETTINGS = """solver: classic
channel_priority: strict
channels: [conda-forge]
custom_channels:
  conda-forge: file://{channels}
add_pip_as_python_dependency: false
offline: true
report_errors: false
notify_outdated_conda: false
number_channel_notices: 0
pkgs_dirs: [{base}/pkgs]
"""


def make_base(base: Path, channels: Path) -> Path:
    """Makes a base prefix of conda that knows no channel but ``conda-forge`` of a folder.

    Args:
        base: The prefix, a new folder.
        channels: Folder of ``conda-forge``.

    Returns:
        The folder that has to be on the PATH.
    """
    venv.create(base, with_pip=True)
    pip = [base / "bin" / "python", "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, *NEEDED], check=True)
    subprocess.run([*pip, "--no-deps", CONDA_LOCK], check=True)
    conda = base / "bin" / "conda"
    conda.write_text(LAUNCHER.format(python=base / "bin" / "python"))
    conda.chmod(0o755)
    (base / "bin" / "activate").write_text(ACTIVATE.format(base=base))
    (base / ".condarc").write_text(SETTINGS.format(base=base, channels=channels))
    (base / "conda-meta").mkdir()
    (base / "conda-meta" / "history").touch()
    (base / "condabin").mkdir()
    (base / "condabin" / "conda").symlink_to(conda)
    return base / "condabin"
