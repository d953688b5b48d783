"""Where a result comes from: configuration, code, versions, machine and time."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

import sersnake
from sersnake.features.encoder_facts import encoder_facts
from sersnake.report.benchmarks import read_benchmarks
from sersnake.report.environment import describe_environment, read_environments
from sersnake.report.table_format import Column, Table
from sersnake.settings.corpus import join_names

# What the parts of the provenance are called in its table.
PARTS = {
    "config": "Configuration",
    "encoders": "Pretrained encoders",
    "versions": "Versions",
    "environments": "Environments",
    "commit": "Commit",
    "machine": "Machine",
    "wall_time": "Seconds per rule",
}


def collect_provenance(
    config: Mapping[str, Any],
    results: Path | None,
    snakemake: str | None = None,
    encoders: Mapping[str, Path] | None = None,
) -> dict[str, Any]:
    """The information needed to reproduce a result.

    Args:
        config: The complete configuration.
        results: The run's folder, with Snakemake's benchmark files below it as
            ``benchmarks/<rule>/<job>.tsv`` and the environments of its calls as
            ``environments/<call>.json``, or None.
        snakemake: Version of the Snakemake that runs the workflow; environments of rules may lack
            it.
        encoders: Packed features of pretrained encoders, by the names of the feature sets.

    Returns:
        config, seeds, versions, environments, commit, machine, wall_time (s) and the time of
        writing (UTC). The environments are prefixes with their Python and their calls; a package
        with different versions in two of them has both in versions. With encoders, also the result
        of :func:`~sersnake.features.encoder_facts.encoder_facts`.

    Raises:
        SersnakeError: A pack cannot be read.
    """
    ran_in = {"provenance": describe_environment()}
    if results:
        ran_in = {**read_environments(results / "environments"), **ran_in}
    corpus = join_names(config.get("corpora", ())) or config.get("corpus", "")
    facts = encoder_facts(encoders, corpus) if encoders else {}
    return {
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "config": config,
        **({"encoders": facts} if facts else {}),
        "seeds": {"seed": config.get("seed")},
        "versions": _versions(ran_in.values(), snakemake),
        "environments": _environments(ran_in),
        "commit": _commit(),
        "machine": _machine(),
        "wall_time": _wall_time(results),
    }


def provenance_table(provenance: Mapping[str, Any]) -> Table:
    """The provenance as a table: one row per setting, version and measure.

    Args:
        provenance: What :func:`collect_provenance` returns.
    """
    rows = [
        (title, name, value)
        for part, title in PARTS.items()
        for name, value in _settings(provenance.get(part) or {})
    ]
    corpus = provenance["config"]["corpus"]
    return Table(
        "Provenance",
        f"provenance-{corpus}",
        f"Settings, versions and machine of the results on the corpus {corpus}, written at "
        f"{provenance['written']}.",
        tuple(Column(name.lower(), name, decimals=None) for name in ("Part", "Name", "Value")),
        pd.DataFrame(rows, columns=["part", "name", "value"]),
    )


def _settings(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str | None]]:
    """Each value with its path of keys, as in "mfcc: n_mfcc"."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _settings(value, f"{above}{key}: ")
        else:
            yield f"{above}{key}", _printed(value)


def _printed(value: Any) -> str | None:
    """A value as written in the config; None if it is not set."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if value not in (None, "") else None


def _versions(environments: Iterable[Mapping[str, Any]], snakemake: str | None) -> dict[str, str]:
    versions_of: dict[str, set[str]] = {}
    for environment in environments:
        for name, version in {"python": environment["python"], **environment["versions"]}.items():
            versions_of.setdefault(name, set()).add(version)
    if snakemake:
        versions_of["snakemake"] = {snakemake}
    packages = {name: ", ".join(sorted(versions)) for name, versions in sorted(versions_of.items())}
    return {"sersnake": sersnake.__version__, **packages}


def _environments(ran_in: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Python and calls of every environment, by its prefix."""
    environments: dict[str, dict[str, Any]] = {}
    for call, environment in sorted(ran_in.items()):
        about = {"python": environment["python"], "calls": []}
        environments.setdefault(environment["prefix"], about)["calls"].append(call)
    return environments


def _commit() -> dict[str, Any] | None:
    """Commit of the checkout and whether files differ from it; None outside a checkout."""
    root = Path(sersnake.__file__).parents[1]
    try:
        commit = _git(root, "rev-parse", "HEAD")
        changed = bool(_git(root, "status", "--porcelain", "--untracked-files=no"))
    except (OSError, subprocess.CalledProcessError):
        return None
    return {"hash": commit, "changed": changed}


def _git(root: Path, *arguments: str) -> str:
    run = subprocess.run(
        ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True
    )
    return run.stdout.strip()


def _machine() -> dict[str, Any]:
    return {
        "system": platform.platform(),
        "architecture": platform.machine(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "executable": Path(sys.executable).name,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _wall_time(results: Path | None) -> dict[str, float]:
    """Seconds that the jobs ran, per rule and in total; parallel jobs both count."""
    seconds: dict[str, float] = {}
    for job in read_benchmarks(results) if results else []:
        seconds[job.rule] = round(seconds.get(job.rule, 0.0) + job.seconds, 3)
    return {"all_jobs": round(sum(seconds.values()), 3), **dict(sorted(seconds.items()))}
