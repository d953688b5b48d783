"""The record of a run: its small results copied to one folder, and a page that shows them."""

from __future__ import annotations

import heapq
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from sersnake.errors import SersnakeError
from sersnake.io import (
    atomic_folder,
    atomic_path,
    read_csv,
    read_json,
    write_csv,
    write_json,
    write_text,
)
from sersnake.report.benchmarks import read_benchmarks
from sersnake.report.results import DATA, RESULTS

CORES = (1, 2, 8)  # for which the time is estimated
FOLDERS = ("corpora_dir", "models_dir")  # of one machine, which is nobody else's business
SUMMARY, COST = "hard_index_summary.csv", "cost.csv"
# Tables of the run, and of each compared protocol, that the page shows; the rest is linked.
SHOWN = [result.name for result in RESULTS if result.kind == "table" and result.shown]
# Tables of which the run's own data are counts, for which a reader would have to draw intervals.
OF_COUNTS = ("enrolment", "robustness")
OF_PROTOCOLS = [result.name for result in RESULTS if result.kind == "table" and result.of_protocols]


def write_record(results: Path, folder: Path, pieces: Collection[Path] | None = None) -> Path:
    """Copies a run's data and pictures, and writes a README.md that shows them and its tables.

    Args:
        results: Folder of a finished run, with its ``protocols`` if it has any.
        folder: Output folder; an earlier record in it is replaced.
        pieces: The files that the run makes, to exclude tables and figures of an earlier config;
            ``None`` takes all.

    Returns:
        The page.

    Raises:
        SersnakeError: The run is not finished, or the folder contains something other than a
            record.
    """
    provenance = _read_provenance(results)
    with atomic_folder(folder, "provenance.json") as fresh:
        _copy(results, fresh, pieces)
        told = provenance["config"] | {key: "" for key in FOLDERS if key in provenance["config"]}
        write_json(fresh / "provenance.json", provenance | {"config": told})
        runs = _runs_below(results, provenance["config"])
        for run in runs:
            _copy(run, fresh / run.relative_to(results), None)
        if (results / "hard_index.csv").is_file():
            columns = ["network", "fold", "utterance", "hard_index", "hard"]
            hard_index = read_csv(results / "hard_index.csv", columns)
            emotions = read_csv(results / "manifest.csv", ["utterance", "emotion"])
            write_csv(fresh / SUMMARY, summarise_hard_index(hard_index, emotions), "%.4f")
        jobs = read_jobs(results)
        write_csv(fresh / COST, cost_table(jobs), "%.1f")
        tables = _shown(results, SHOWN, pieces)
        for run in (run for run in runs if run.parent == results / "protocols"):
            if of_protocol := _shown(run, OF_PROTOCOLS, None):
                tables += ["", f"## Protocol {run.name}", *of_protocol]
        page = "\n".join(_page(results.name, fresh, provenance, tables, jobs))
        write_text(fresh / "README.md", page)
    return folder / "README.md"


def summarise_hard_index(hard_index: pd.DataFrame, manifest: pd.DataFrame) -> pd.DataFrame:
    """Mean hard index and hard share of each emotion per network.

    Args:
        hard_index: Columns network, fold, utterance, hard_index, hard (1 or 0).
        manifest: Columns utterance, emotion.

    Returns:
        Columns network, emotion, examples (mean per fold), hard_share, mean_hard_index and
        median_hard_index over the training utterances of all folds.
    """
    rows = hard_index.merge(manifest[["utterance", "emotion"]], on="utterance", validate="m:1")
    groups = rows.groupby(["network", "emotion"], sort=True)
    folds = rows["fold"].nunique()
    return pd.DataFrame(
        {
            "examples": groups.size() / folds,
            "hard_share": groups["hard"].mean(),
            "mean_hard_index": groups["hard_index"].mean(),
            "median_hard_index": groups["hard_index"].median(),
        }
    ).reset_index()


def read_jobs(results: Path) -> pd.DataFrame:
    """Columns rule and seconds, one row per timed job of the run and of all below it."""
    rows = [(job.rule, job.seconds) for job in read_benchmarks(results)]
    return pd.DataFrame(rows, columns=["rule", "seconds"])


def cost_table(jobs: pd.DataFrame) -> pd.DataFrame:
    """Columns rule, jobs, seconds of all of them and of the longest; sorted by seconds."""
    groups = jobs.groupby("rule")["seconds"]
    table = pd.DataFrame({"jobs": groups.size(), "seconds": groups.sum(), "longest": groups.max()})
    return table.sort_values("seconds", ascending=False, kind="stable").reset_index()


def spread(seconds: Iterable[float], cores: int) -> float:
    """Time of independent jobs on several cores, the longest first (Graham 1969)."""
    busy = [0.0] * cores
    for duration in sorted(seconds, reverse=True):
        heapq.heapreplace(busy, busy[0] + duration)
    return max(busy)


def _read_provenance(results: Path) -> dict[str, Any]:
    path = results / "provenance.json"
    if not path.is_file():
        raise SersnakeError(f"{path}: missing; finish the run first")
    provenance: dict[str, Any] = read_json(path)
    return provenance


def _runs_below(results: Path, config: Mapping[str, Any]) -> list[Path]:
    """The compared protocols and variants of the config that were scored."""
    kinds = ("protocols", "variants")
    runs = {path.parent for kind in kinds for path in results.rglob(f"{kind}/*/metrics.csv")}
    return sorted(run for run in runs if _is_of(run.relative_to(results), config))


def _is_of(run: Path, config: Mapping[str, Any]) -> bool:
    """Whether a config has the protocol and the variant of a run in its subfolder."""
    pairs = zip(run.parts[::2], run.parts[1::2], strict=True)
    return all(name in config.get(kind, {}) for kind, name in pairs)


def _copy(run: Path, folder: Path, pieces: Collection[Path] | None) -> None:
    chosen = [run / file.name for file in DATA if file.recorded]
    chosen += [run / "tables" / f"{name}.csv" for name in OF_COUNTS]
    chosen += sorted(run.glob("figures/*.png"))
    for source in filter(Path.is_file, _of_run(chosen, pieces)):
        target = folder / source.relative_to(run)
        target.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(target) as temporary:
            shutil.copyfile(source, temporary)


def _of_run(paths: Iterable[Path], pieces: Collection[Path] | None) -> list[Path]:
    """Those that the run itself makes."""
    return [path for path in paths if pieces is None or path in pieces]


def _shown(run: Path, names: Iterable[str], pieces: Collection[Path] | None) -> list[str]:
    """The tables of a run that are there, each behind an empty line."""
    texts = _of_run([run / "tables" / f"{name}.txt" for name in names], pieces)
    return [line for text in filter(Path.is_file, texts) for line in ["", *_block(text)]]


def _page(
    name: str, folder: Path, provenance: dict[str, Any], tables: list[str], jobs: pd.DataFrame
) -> Iterator[str]:
    config, machine = provenance["config"], provenance["machine"]
    yield f"# {name}, preset {config['preset']}, seed {config['seed']}"
    yield ""
    yield "Written by `sersnake record` from a finished run."
    yield ""
    yield (
        f"Commit {commit_name(provenance)}; {machine['processor']}, {machine['cores']} cores; "
        f"{provenance['written']}. [provenance.json](provenance.json) has the configuration and "
        "all versions."
    )
    yield from [*tables, "", "## Figures", ""]
    for figure in sorted(folder.glob("figures/*.png")):
        yield f"![{figure.stem}](figures/{figure.name})"
    yield from ["", "## Cost", "", *_cost(jobs), "", "## Files", ""]
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != "README.md":
            yield f"- [{path.relative_to(folder)}]({path.relative_to(folder)})"
    yield ""


def commit_name(provenance: Mapping[str, Any], digits: int | None = None) -> str:
    """The commit of a run, or "unknown" for an installed copy."""
    commit = provenance["commit"] or {"hash": "unknown", "changed": False}
    return commit["hash"][:digits] + (" with changes" if commit["changed"] else "")


def _block(path: Path) -> Iterator[str]:
    """A text that Markdown shows unchanged."""
    for line in path.read_text(encoding="utf-8").splitlines():
        yield f"    {line}".rstrip()


def _cost(jobs: pd.DataFrame) -> Iterator[str]:
    total = jobs["seconds"].sum()
    yield (
        f"{len(jobs)} timed jobs took {total / 60:.1f} min in total, one after the other; by rule:"
    )
    yield ""
    for line in cost_table(jobs).to_string(index=False, float_format="%.1f").splitlines():
        yield f"    {line}"
    yield ""
    estimates = [f"{spread(jobs['seconds'], n) / 60:.1f} min on {n}" for n in CORES]
    yield (
        f"Spread over cores, the longest job first and without waiting: {', '.join(estimates)}. "
        "This is an estimate from the seconds above, which grow if jobs share a processor."
    )
