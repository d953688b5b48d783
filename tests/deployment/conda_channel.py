"""A conda channel on this machine: this Python and wheels from PyPI under conda-forge's names.

Where no conda channel can be reached it lets conda itself solve, download, link and activate the
environments of ``envs/`` as they stand. It does not show that conda-forge has what they ask for.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from email.parser import HeaderParser
from pathlib import Path

from conda_package_streaming.create import conda_builder
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conda_names import CONDA_NAMES, PYPI_NAMES

SUBDIR = "linux-64"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
SITE_PACKAGES = f"lib/python{PYTHON}/site-packages"
# Of conda-forge only: the compiler of this machine stands in for it.
STUBS = {"cxx-compiler"}


def build_channel(folder: Path, specs: Iterable[str], constraints: Path) -> None:
    """Makes a channel that holds packages and all that they need.

    Args:
        folder: Where to, a new folder.
        specs: As environment files write them ("numpy=2.4.6"), Python among them.
        constraints: A pip constraints file for what the packages need.
    """
    packages = folder / SUBDIR
    packages.mkdir(parents=True)
    records = [_pack_python(packages)]
    wheels = []
    for spec in specs:
        name, _, version = spec.partition("=")
        if name in STUBS:
            records.append(_pack(packages, name, version, [], []))
        elif name != "python":
            wheels.append(f"{PYPI_NAMES.get(name, name)}=={version}")
    with tempfile.TemporaryDirectory() as downloads:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary", ":all:"]
        subprocess.run(
            [*pip, "--constraint", constraints, "--dest", downloads, *wheels], check=True
        )
        records += [_pack_wheel(packages, wheel) for wheel in Path(downloads).glob("*.whl")]
    for subdir, known in ((SUBDIR, dict(records)), ("noarch", {})):
        index = folder / subdir / "repodata.json"
        index.parent.mkdir(exist_ok=True)
        index.write_text(
            json.dumps({"info": {"subdir": subdir}, "packages": {}, "packages.conda": known})
        )


def _pack_python(packages: Path) -> tuple[str, dict[str, object]]:
    """This interpreter as a package, in the way a virtual environment borrows it."""
    home = Path(os.path.realpath(sys.executable))
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "bin").mkdir()
        for link in ("python", "python3", f"python{PYTHON}"):
            (root / "bin" / link).symlink_to(home)
        (root / "pyvenv.cfg").write_text(
            f"home = {home.parent}\ninclude-system-site-packages = false\n"
        )
        (root / SITE_PACKAGES).mkdir(parents=True)
        (root / SITE_PACKAGES / "README.txt").write_text("Packages stand here.\n")
        files = [(path, path.relative_to(root).as_posix()) for path in root.rglob("*")]
        files = [(path, name) for path, name in files if path.is_symlink() or path.is_file()]
        return _pack(packages, "python", sys.version.split()[0], [], files)


def _pack_wheel(packages: Path, wheel: Path) -> tuple[str, dict[str, object]]:
    """The modules of a wheel as a package; nothing here calls its console scripts."""
    with zipfile.ZipFile(wheel) as archive, tempfile.TemporaryDirectory() as name:
        root = Path(name)
        archive.extractall(root)
        metadata = next(root.glob("*.dist-info/METADATA"))
        headers = HeaderParser().parsestr(metadata.read_text(encoding="utf-8"))
        files = [
            (path, f"{SITE_PACKAGES}/{_placed(path.relative_to(root))}")
            for path in sorted(root.rglob("*"))
            if path.is_file()
        ]
        depends = [f"python {PYTHON}.*", *_depends(headers.get_all("Requires-Dist") or [])]
        conda_name = canonicalize_name(headers["Name"])
        # Of a build for one kind of machine ("2.13.0+cpu") conda-forge has no such suffix.
        version = headers["Version"].partition("+")[0]
        return _pack(packages, CONDA_NAMES.get(conda_name, conda_name), version, depends, files)


def _placed(path: Path) -> str:
    """Where pip would put a file of a wheel, below the site packages."""
    if path.parts[0].endswith(".data") and path.parts[1] in ("purelib", "platlib"):
        return "/".join(path.parts[2:])
    return path.as_posix()


def _depends(requirements: Iterable[str]) -> Iterator[str]:
    for requirement in map(Requirement, requirements):
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            name = canonicalize_name(requirement.name)
            yield f"{CONDA_NAMES.get(name, name)} {requirement.specifier}".strip()


def _pack(
    packages: Path, name: str, version: str, depends: list[str], files: list[tuple[Path, str]]
) -> tuple[str, dict[str, object]]:
    """Writes a package; returns its file name and its entry in the channel's index."""
    about = {
        "name": name,
        "version": version,
        "build": "0",
        "build_number": 0,
        "depends": depends,
        "subdir": SUBDIR,
    }
    stem = f"{name}-{version}-0"
    with tempfile.TemporaryDirectory() as folder:
        info = Path(folder) / "info"
        info.mkdir()
        listed = [
            {
                "_path": target,
                "path_type": "softlink" if source.is_symlink() else "hardlink",
                "sha256": hashlib.sha256(source.read_bytes()).hexdigest(),
                "size_in_bytes": source.stat().st_size,
            }
            for source, target in files
        ]
        (info / "index.json").write_text(json.dumps(about))
        (info / "paths.json").write_text(json.dumps({"paths": listed, "paths_version": 1}))
        (info / "files").write_text("".join(f"{target}\n" for _, target in files))
        with conda_builder(stem, packages, compression_level=1) as archive:
            for part in sorted(info.iterdir()):
                archive.add(part, f"info/{part.name}")
            for source, target in files:
                archive.add(source, target)
    package = packages / f"{stem}.conda"
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    return package.name, {**about, "sha256": digest, "size": package.stat().st_size}
