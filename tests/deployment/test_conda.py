"""The workflow under a real conda, each rule in its own environment."""

from __future__ import annotations

import json
import os
import platform
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from sersnake.settings.feature_kinds import FEATURE_KINDS
from tests.deployment.conda_base import make_base
from tests.deployment.conftest import CONFIG, decided, fresh_clone
from tests.workflow.conftest import REPOSITORY, Project

pytest.importorskip("conda_package_streaming", reason="`make test-deployment` installs it")
from tests.deployment.conda_channel import build_channel

ENVIRONMENTS = sorted((REPOSITORY / "envs").glob("*.yaml"))
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
CONDA = ["--cores", os.cpu_count(), "--use-conda"]


def asked_for() -> set[str]:
    return {
        spec for path in ENVIRONMENTS for spec in yaml.safe_load(path.read_text())["dependencies"]
    }


pytestmark = [
    pytest.mark.deployment,
    pytest.mark.skipif(
        f"python={PYTHON}" not in asked_for(),
        reason=f"the channel of this test offers Python {PYTHON}, and envs/ asks for another",
    ),
    pytest.mark.skipif(
        (platform.system(), platform.machine()) != ("Linux", "x86_64"),
        reason="the channel of this test is for linux-64",
    ),
]


@pytest.fixture(scope="module")
def conda(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A conda on the PATH, with a channel of all that envs/ asks for."""
    folder = tmp_path_factory.mktemp("conda")
    build_channel(folder / "channels/conda-forge", asked_for(), REPOSITORY / "requirements.lock")
    with pytest.MonkeyPatch.context() as patch:
        base = make_base(folder / "base", folder / "channels")
        patch.setenv("PATH", str(base), prepend=os.pathsep)
        # The environments' own step after their creation calls pip; nothing else may leak in.
        patch.delenv("PYTHONPATH", raising=False)
        yield


@pytest.fixture(scope="module")
def printed(conda: None, clone: Project) -> str:
    """All that Snakemake said of a run of the demo, in environments that it made."""
    return clone.finish(*CONDA, *CONFIG, "--verbose")


def provenance(project: Project) -> dict[str, dict[str, object]]:
    actual: dict[str, dict[str, object]] = json.loads(
        (project.folder / "results/demo/provenance.json").read_text()
    )
    return actual


RULE = re.compile(r"^ *(?:use rule (\w+) as|rule) (\w+)", re.MULTILINE)


def calls_of_rules() -> dict[str, set[str]]:
    """The calls of the library that the rules make, by the environment that they name."""
    actual: dict[str, set[str]] = {}
    of_rule: dict[str, str] = {}
    texts = [path.read_text() for path in sorted((REPOSITORY / "workflow/rules").glob("*.smk"))]
    heads = [(text, head) for text in texts for head in RULE.finditer(text)]
    # A rule that goes on from another (`use rule`) may have its environment.
    for text, head in sorted(heads, key=lambda pair: bool(pair[1][1])):
        base, name = head.groups()
        rule = RULE.split(text[head.end() :], maxsplit=1)[0]
        environment = re.search(r"envs/(\w+)\.yaml", rule)
        if "entry.environment" in rule:  # that of the demo's kinds of features
            of_rule[name] = FEATURE_KINDS["mfcc"].environment
        else:
            of_rule[name] = environment[1] if environment else of_rule.get(base, "")
        call = re.search(r"verb=\"([\w-]+)\"|python -m sersnake ([\w-]+)", rule)
        if of_rule[name] and call:
            actual.setdefault(of_rule[name], set()).add(call[1] or call[2])
    return actual


def environment_at(project: Project, prefix: str) -> str:
    """Name of the environment file that Snakemake made a prefix from."""
    made_from = (project.folder / f"{prefix}.yaml").read_text()
    return next(path.stem for path in ENVIRONMENTS if path.read_text() == made_from)


def test_every_rule_ran_in_the_environment_that_it_names(printed: str, clone: Project) -> None:
    jobs = int(re.findall(r"^total +(\d+)$", printed, flags=re.MULTILINE)[0])
    assert printed.count("Activating conda environment: ") == jobs - 1  # rule all runs nothing
    ran: dict[str, set[str]] = {}
    for prefix, about in provenance(clone)["environments"].items():
        assert about["python"] == platform.python_version()
        calls = {call.split()[0] for call in about["calls"]}
        ran[environment_at(clone, prefix)] = calls
    named = calls_of_rules()
    assert set(ran) == set(named)
    assert {name: calls - named[name] for name, calls in ran.items()} == {
        name: set() for name in ran
    }


def test_the_results_are_those_of_a_virtual_environment(
    printed: str, clone: Project, local: Project
) -> None:
    """To the byte: the packages come from the same wheels. Those of conda-forge may differ."""
    assert decided(clone) == decided(local)


def test_an_edit_of_the_kernel_is_built_and_used(printed: str, clone: Project) -> None:
    source = clone.folder / "csrc/bindings.cc"
    text = source.read_text()
    documented = re.search(r"PYBIND11_MODULE\(_kernel, (\w+).*?\) \{\n", text)
    assert documented is not None
    mark = f'{documented[0]}  {documented[1]}.attr("edited") = 1;\n'
    source.write_text(text.replace(documented[0], mark))
    planned = clone.planned(*CONFIG, "--use-conda")
    assert {"build_extension", "extract_shard", "train_phase_1"} <= set(planned)
    clone.finish(*CONDA, *CONFIG, "--until", "build_extension")
    built = next((clone.folder / "sersnake").glob("_kernel*.so"))
    assert b"edited" in built.read_bytes()


def test_an_edit_of_the_library_reaches_a_run_in_another_folder(
    printed: str, clone: Project, tmp_path: Path
) -> None:
    corpus = clone.folder / "sersnake/corpora/demo.py"
    corpus.write_text(corpus.read_text().replace("PCM_16", "PCM_24"))
    clone.finish(
        *("results/demo/manifest.csv", *CONDA, "--configfile", clone.folder / "short.yaml"),
        *("--directory", tmp_path, "--conda-prefix", clone.folder / ".snakemake/conda"),
    )
    assert "PCM_24" in (tmp_path / "results/demo/manifest.csv").read_text()


def test_an_environment_that_cannot_be_solved_names_the_package(
    conda: None, tmp_path: Path
) -> None:
    project = fresh_clone(tmp_path)
    environment = project.folder / "envs/paper.yaml"
    environment.write_text(environment.read_text().replace("numpy=2", "numpy=99"))
    run = project.run("results/demo/provenance.json", *CONDA, *CONFIG)
    assert run.returncode != 0
    assert "envs/paper.yaml" in run.stderr
    assert re.search(r"numpy=99\.\d", run.stderr)
