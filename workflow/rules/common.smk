"""What all rules share: the config, the corpus, the plan and the code. Helpers, and no rules."""

import hashlib
import json
import os
import re
import shlex
import sys
from functools import cache
from pathlib import Path

import yaml
from snakemake.exceptions import WorkflowError
from snakemake.io import get_wildcard_names
from snakemake.settings.types import DeploymentMethod

REPOSITORY = Path(workflow.current_basedir).parents[1].resolve()
sys.path.insert(0, str(REPOSITORY))

from sersnake.cli import verb_parsers
from sersnake.corpora import READERS, certify, read_corpus
from sersnake.corpora.joined import asked_readers
from sersnake.errors import SersnakeError
from sersnake.experiment import (
    classifier_code,
    condition_code,
    encoder_code,
    extension_file,
    extension_sources,
    feature_code,
    network_code,
    project_code,
    result_code,
    verb_digest,
)
from sersnake.experiment.calls.record import record_call
from sersnake.experiment.optional_variants import without_missing_encoders
from sersnake.experiment.options import as_json, copies_option, named
from sersnake.experiment.paths import movable
from sersnake.experiment.plan import Plan
from sersnake.experiment.resources import JobResources
from sersnake.experiment.utterances import Utterances
from sersnake.features.encoder_files import models_folder
from sersnake.report.paper.compiling import can_compile
from sersnake.report.result_entries import CATEGORIES, RunFacts, known_columns
from sersnake.report import results
from sersnake.settings.degradation import CONDITIONS
from sersnake.settings.loss_registry import FIRST_PHASES, PHASES, TRAINED_ON
from sersnake.settings.systems import read_system, trainings_of
from sersnake.settings.base import SettingsError, changed
from sersnake.settings.config import read_config


def clear(work, *arguments, **options):
    """Calls the library; a user's mistake becomes Snakemake's own kind of error, in one line."""
    try:
        return work(*arguments, **options)
    except SettingsError as error:
        raise WorkflowError(f"{source_of(error.keys)}: {error}") from None
    except SersnakeError as error:
        raise WorkflowError(str(error)) from None


def source_of(keys):
    """Where the keys were given: the command line or a file; of several, the one that counts."""
    files = reversed(workflow.configfiles)
    given = {path: yaml.safe_load(Path(path).read_text(encoding="utf-8")) for path in files}
    for source, values in {"--config": workflow.config_settings.config, **given}.items():
        for key in keys:
            values = values.get(key) if isinstance(values, dict) else None
        if keys and values is not None:
            return source
    return "config"


def working_copy(path):
    """A file of the project itself, which a job finds in its own copy wherever results are."""
    return local(os.path.relpath(REPOSITORY / path))


def corpus_root():
    """Folder of the corpus, or of all that are joined; the workflow itself makes the demo's."""
    if CORPUS == "demo":
        return Path(RESULTS) / "corpus"
    folder = CONFIG.corpora_dir or os.environ.get("SERSNAKE_CORPORA", "corpora")
    return Path(movable(Path(folder).expanduser() / ("" if CONFIG.corpora else CORPUS)))


def read_utterances():
    """The corpus' frame; stops if the corpus is incomplete, unless that is allowed."""
    frame = read_corpus(CORPUS, corpus_root(), CONFIG.corpus_settings)
    for path in frame["path"]:
        if get_wildcard_names(path):
            raise SersnakeError(
                f"{path}: Snakemake takes what is in braces for a wildcard; rename the recording"
            )
    wrong = certify(CORPUS, frame, CONFIG.corpus_settings)
    if wrong and not CONFIG.allow_partial:
        raise SersnakeError(f"{CORPUS}: {' '.join(wrong)} (allow_partial: true goes on without)")
    return frame


def read_preset(name):
    return yaml.safe_load((REPOSITORY / "config/presets" / f"{name}.yaml").read_text())


CONFIG, LEFT_OUT = clear(without_missing_encoders, clear(read_config, config), read_preset)
# The config of the report's captions.
config.update(CONFIG.described())
CORPUS = CONFIG.corpus
RESULTS = f"results/{CONFIG.name or CORPUS}"
CONDA = DeploymentMethod.CONDA in workflow.deployment_settings.deployment_method
EXTENSION = extension_file(REPOSITORY, CONDA)
# The prefix of a job's shell; with conda, the Python of the rule's environment is used.
EXPORTS = {
    "SERSNAKE_ROOT": REPOSITORY,
    "SERSNAKE_ENVIRONMENTS": f"{RESULTS}/environments",
    "SERSNAKE_MODELS": models_folder(CONFIG.models_dir),
}
PREFIX = [f"export {name}={shlex.quote(str(value))};" for name, value in EXPORTS.items()]
if not CONDA:  # a snakemake that was called by its path finds the verbs of its own environment
    PREFIX.append(f'export PATH={shlex.quote(str(Path(sys.executable).parent))}:"$PATH";')
shell.prefix(" ".join(["set -euo pipefail;", *PREFIX, ""]).replace("{", "{{").replace("}", "}}"))
LISTING = clear(read_utterances)
UTTERANCES = Utterances(
    LISTING,
    CONFIG.extraction.shard_size,
    skip_bad=CONFIG.on_bad_audio == "skip",
    given=CORPUS != "demo",
)
PLAN = clear(Plan, CONFIG, RESULTS, LISTING, read_preset)
RESOURCES = JobResources(PLAN, len(LISTING))
ASKED_READERS = asked_readers(CORPUS, CONFIG.corpus_settings)
CODE = project_code(REPOSITORY, [READERS[name] for name in ASKED_READERS])
VERBS = verb_parsers()
FACTS = RunFacts(
    systems=CONFIG.system_names,
    corpus=CONFIG.corpus_title,
    streams={name: stream.network.name for name, stream in CONFIG.stream_choices.items()},
    protocols=bool(PLAN.protocols),
    variants=len(PLAN.variants(RESULTS)) > 1,
    selection=bool(CONFIG.model_selection.variants),
    pairs=bool(CONFIG.comparisons),
    known=known_columns(LISTING),
    folds=len(PLAN.folds[RESULTS]),
    enrolment_curve=bool(CONFIG.enrolment.curve),
    robustness=bool(CONFIG.robustness.conditions),
    listeners=(CONFIG.reader or CONFIG.corpus_title) == "emodb"
    and (corpus_root() / "erkennung.txt").is_file(),
    corpora=len(CONFIG.corpora) > 1,
    latex=can_compile(),
)


@cache
def digest_of(verb, *loaded):
    return clear(verb_digest, CODE, VERBS[verb], loaded)


def code_of(verb, loaded=lambda wildcards: []):
    """A parameter: digest of the code that a verb runs, and of what it loads by name.

    An edit that counts changes it. The code is read when a job is planned, not with the rule.
    """
    return lambda wildcards: digest_of(verb, *loaded(wildcards))


def final_output():
    """Everything that a run leaves for its user, as `sersnake/report/results.py` lists it."""
    return [f"{RESULTS}/{file}" for file in results.run_files(FACTS)]


def sources_of(kind):
    """An input function: the sources of a table or figure, by their names."""

    def sources(wildcards):
        names = results.result_named(kind, wildcards.name).sources
        return {name: PLAN.source(wildcards.run, name) for name in names}

    return sources


def caption_of(kind):
    """A parameter: what the report says of a table or figure.

    As it depends on the output, it is not among the parameters whose change triggers a rerun.
    """
    return lambda wildcards, output: results.caption_of(
        kind, wildcards.name, CONFIG.corpus_title, PLAN.encoders(wildcards.run).values()
    )


def pack_parts(wildcards):
    """An input function: the parts of a feature set's pack; under a condition, its shards."""
    folder = PLAN.extracted_in(wildcards.run, wildcards.features, wildcards.get("condition", ""))
    how = "shard" if wildcards.get("condition") else CONFIG.extraction.granularity
    parts = UTTERANCES.parts(how, set_of(wildcards).entry.shard)
    return [f"{folder}/{part}.safetensors" for part in parts]


def shard_of(wildcards):
    """The utterances of a job's shard."""
    return UTTERANCES.shards(set_of(wildcards).entry.shard)[int(wildcards.shard)]


def set_of(wildcards):
    """The feature set that a job computes."""
    return PLAN.runs[wildcards.run].feature_sets[wildcards.features]


def network_weights(path):
    """The path of a training's weights; without `keep_weights` until nothing needs them."""
    return path if CONFIG.keep_weights else temp(path)


def training_inputs(wildcards):
    """An input function: what every training reads."""
    return {
        "manifest": f"{RESULTS}/manifest.csv",
        "folds": f"{wildcards.run}/folds.csv",
        "audit": f"{wildcards.run}/audit.json",
        "extension": working_copy(EXTENSION),
        "features": PLAN.training_packs(wildcards.run, wildcards.network),
    }


def first_phase(ending):
    """An input function: the output of a loss's first phase for the folds of a job."""
    return lambda wildcards: PLAN.first_phase(
        wildcards.run, wildcards.network, wildcards.get("loss", "he"), wildcards.group, ending
    )


def network_code_of(wildcards):
    """Code of the networks that a training builds."""
    return network_code(PLAN.network_names(wildcards.run, [wildcards.network]))


wildcard_constraints:
    condition="|".join(CONDITIONS),
    system="|".join(map(re.escape, PLAN.systems)),
    features="|".join(PLAN.feature_sets),
    group=r"[A-Za-z0-9_+-]+",
    loss="|".join(TRAINED_ON),
    network="|".join(PLAN.networks),
    run="|".join(re.escape(run) for run in PLAN.runs),
    shard=r"\d+",
    start="|".join(FIRST_PHASES),
    utterance=r"[A-Za-z0-9_-]+",
