"""The config of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta, defstruct

from sersnake.errors import SersnakeError
from sersnake.settings.atlas import AtlasPage
from sersnake.settings.base import (
    Settings,
    SettingsError,
    fields_of,
    read_settings,
    unknown_key,
)
from sersnake.settings.classifiers import CLASSIFIERS, DEFAULT_CLASSIFIER, Fusion
from sersnake.settings.corpus import CorpusSettings, join_names
from sersnake.settings.degradation import Robustness, TrainingCopies
from sersnake.settings.enrolment import ConfigEnrolment, EnrolmentOfRun
from sersnake.settings.feature_sets import FeatureSet, read_feature_sets
from sersnake.settings.features import Shards
from sersnake.settings.losses import Focal
from sersnake.settings.merging import merge
from sersnake.settings.mining import Mining
from sersnake.settings.protocol import WHOLE, Folds
from sersnake.settings.seeds import Members, SeedNumber
from sersnake.settings.streams import (
    FusionWidth,
    StreamChoice,
    StreamsByName,
    check_streams,
    read_streams,
)
from sersnake.settings.systems import BASE, FORM, PAPER_SYSTEMS, SELECTED, read_system

Name = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]*$")]
Claim = Literal["speakers", "sentences", "sessions"]
# What a variant may change, what it has not, and what a compared protocol may change.
OF_A_VARIANT = (
    *("preset", "seed", "seeds", "folds", "features", "streams", "fusion_width", "training"),
    *("mining", "focal", "fusion", "enrolment", "training_copies", *CLASSIFIERS, "systems"),
)
OF_NO_VARIANT = ("comparisons", "protocols", "variants", "model_selection", "model")
OF_A_PROTOCOL = ("protocol", "repeats", "test_share", "k", "fold_file")


class ConfigFolds(Folds, frozen=True):
    """The evaluation protocol."""

    claims: Annotated[
        tuple[Claim, ...] | None,
        Meta(
            description="What training and test set must not share; null takes what the protocol "
            "promises. If they do share it, the audit stops the run before training. A recording "
            "in both always stops it. Applies to these folds, not to those of `protocols` or to "
            "inner folds."
        ),
    ] = None


class ModelSelection(Settings, frozen=True):
    """Model selection: variants compared by validation within the training sets."""

    system: Annotated[
        str,
        Meta(
            description="System that a variant trains and scores, unless the variant sets "
            "`systems`."
        ),
    ] = "independent_he"
    variants: Annotated[
        tuple[str, ...],
        Meta(
            description="Candidates from `variants`: inner folds of each training set select one "
            "per fold, and the system `selected` holds the predictions of the selected variants."
        ),
    ] = ()
    optional: Annotated[
        tuple[str, ...],
        Meta(
            description="Candidates to skip, with a message, if the folder of their pretrained "
            "encoder is missing."
        ),
    ] = ()
    inner: Annotated[
        int,
        Meta(
            ge=1,
            description="Number of inner folds per training set; 1 is a single stratified 80/20 "
            "split.",
        ),
    ] = 1
    shared: Annotated[
        bool,
        Meta(
            description="Share inner folds among outer folds, where each utterance is tested in "
            "one outer fold only: an inner fold leaves out the test sets of `inner` outer folds "
            "and serves the selection of each of them."
        ),
    ] = False


class FinalModel(Settings, frozen=True):
    """The model that `snakemake model` trains on the whole corpus, for use elsewhere."""

    system: Annotated[
        str,
        Meta(
            description="System of the model. The tables by speaker, sex and so on describe it if "
            "it is one of `systems`, otherwise the first of `systems`."
        ),
    ] = "independent_he"
    variant: Annotated[
        str,
        Meta(
            description="Variant whose settings train the model and whose folds estimate its "
            "accuracy; empty is the run itself."
        ),
    ] = ""


class _Sections(CorpusSettings, frozen=True):
    """The keys of a run's config, except the classifiers'."""

    corpus: Annotated[
        Annotated[str, Meta(pattern="^[A-Za-z0-9_-]+$")],
        Meta(
            description="Name of the corpus, of its folder under `corpora_dir` and of the "
            "results. demo is synthesised when the workflow runs."
        ),
    ] = "demo"
    name: Annotated[
        Name,
        Meta(
            description="Name of the run and of its folder in `results`; empty is the corpus' name."
        ),
    ] = ""
    corpora_dir: Annotated[
        str,
        Meta(
            description="Folder with `<corpus>/` in its published layout. Empty takes the "
            "environment variable SERSNAKE_CORPORA, or else the folder `corpora`."
        ),
    ] = ""
    models_dir: Annotated[
        str,
        Meta(
            description="Folder with pretrained encoders by name. Empty takes the environment "
            "variable SERSNAKE_MODELS, or else the folder `models`."
        ),
    ] = ""
    preset: Annotated[
        Literal["quick", "converged", "paper"],
        Meta(
            description="Training schedule, a file in config/presets: quick for a first try, "
            "converged until the training loss is steady, paper for the paper's number of epochs."
        ),
    ] = "quick"
    seed: SeedNumber = 0
    seeds: Members = 1
    folds: Annotated[ConfigFolds, Meta(description="The evaluation protocol.")] = ConfigFolds()
    systems: Annotated[
        tuple[str, ...] | Literal["paper"],
        Meta(
            description=f"Systems to train and score: {FORM}. paper stands for all systems that "
            "the paper compares."
        ),
    ] = ("is09_svm", "fused_ce", "independent_ce", "independent_he")
    comparisons: Annotated[
        tuple[Annotated[str, Meta(pattern="^[^:]+:[^:]+$")], ...],
        Meta(
            description="Pairs of systems to test against each other, each SYSTEM:AGAINST, such as "
            "`whisper_svm:compare_svm`. Empty is the paper's claims: independent_he with every "
            "other system, and independent_ce with fused_ce."
        ),
    ] = ()
    protocols: Annotated[
        dict[Annotated[str, Meta(pattern="^[a-z0-9_]+$")], dict[str, Any]],
        Meta(
            description="Protocols to compare, by name: each lists the keys of `folds` that differ."
        ),
    ] = {}
    variants: Annotated[
        dict[Annotated[str, Meta(pattern="^[a-z0-9_]+$")], dict[str, Any]],
        Meta(
            description="Variants of the run, by name: each lists the keys of this file that "
            "differ."
        ),
    ] = {}
    model_selection: Annotated[
        ModelSelection, Meta(description="Selection among variants within the training sets.")
    ] = ModelSelection()
    atlas: Annotated[AtlasPage, Meta(description="The atlas, a page of all utterances.")] = (
        AtlasPage()
    )
    model: Annotated[
        FinalModel, Meta(description="The model that `snakemake model` trains on the whole corpus.")
    ] = FinalModel()
    features: Annotated[
        dict[str, Any],
        Meta(
            description="Feature sets by name, in addition to `mfcc`, `is09` and `compare`: "
            "`kind`, `label` and the kind's settings. For these three, missing keys keep their "
            "values."
        ),
    ] = {}
    extraction: Annotated[
        Shards, Meta(description="How feature extraction is split into jobs.")
    ] = Shards()
    streams: StreamsByName = {}
    fusion_width: FusionWidth = 256
    training: Annotated[
        dict[str, Any],
        Meta(description="Overrides of the preset's schedules, such as `phase_1: {epochs: 100}`."),
    ] = {}
    keep_weights: Annotated[
        bool,
        Meta(
            description="Keep the weights of all networks, 90 % of a run's disk space (0.8 GB for "
            "ten folds of EMODB). Without them, a system added later trains its networks again."
        ),
    ] = True
    mining: Annotated[Mining, Meta(description="Selection of the hard examples.")] = Mining()
    focal: Annotated[Focal, Meta(description="Focal loss of the systems `*_focal`.")] = Focal()
    enrolment: EnrolmentOfRun = ConfigEnrolment()
    robustness: Annotated[Robustness, Meta(description="Accuracy on degraded test recordings.")] = (
        Robustness()
    )
    training_copies: TrainingCopies = ()
    fusion: Annotated[
        Fusion, Meta(description="How the final classifier combines the embeddings.")
    ] = Fusion()


def _section(name: str) -> tuple[str, Any, Settings]:
    """The section of a classifier, as msgspec defines a field."""
    entry = CLASSIFIERS[name]
    systems = "all other systems" if name == DEFAULT_CLASSIFIER else f"the systems `*_{name}`"
    meaning = Meta(description=f"The classifier of {systems}, {entry.phrase}.")
    return name, Annotated[entry.settings, meaning], entry.settings()


if TYPE_CHECKING:
    _Keys = _Sections
else:
    _Keys = defstruct("_Keys", map(_section, CLASSIFIERS), bases=(_Sections,), frozen=True)


class Config(_Keys, frozen=True):
    """Settings of a run of sersnake. Every key is optional."""

    def classifier(self, name: str) -> Settings:
        """The settings of one of the classifiers."""
        settings: Settings = getattr(self, name)
        return settings

    def check(self) -> None:
        """Checks sections against each other."""
        super().check()
        if self.corpora and self.corpus == "demo":
            raise SettingsError(("corpus",), "name the corpora together, such as emodb_nemo")
        self.enrolment.check_corpora(self.corpora)
        if self.training_copies and self.enrolment.utterances and self.enrolment.by == "corpus":
            # Inner folds hold out a corpus, whose copies would stay.
            raise SettingsError(
                ("training_copies",),
                "cannot be combined with enrolment by corpus; enrol by speaker",
            )
        check_streams(self.stream_choices, self.feature_sets)
        for name in self.system_names:
            self._check_system(("systems",), name)
        if len(set(self.system_names)) < len(self.system_names) or not self.system_names:
            raise SettingsError(("systems",), "name at least one system, and each once")
        self._check_comparisons()
        self._check_system(("model_selection", "system"), self.model_selection.system)
        self._check_system(("atlas", "system"), self.atlas.system)
        self._check_system(("model", "system"), self.model.system)
        for name in self.fusion.features:
            if name not in self.vector_sets:
                known = ", ".join(self.vector_sets)
                raise SettingsError(
                    ("fusion", "features"),
                    f"{name!r} is not a feature set of vectors; choose {known}",
                )
        if self.folds.protocol == WHOLE:
            raise SettingsError(
                ("folds", "protocol"), "whole has no test set; choose another protocol"
            )
        self._check_variants()
        for name, keys in self.protocols.items():
            _check_keys(("protocols", name), keys, OF_A_PROTOCOL)

    def _check_system(self, place: tuple[str, ...], name: str) -> None:
        try:
            read_system(name).check(tuple(self.stream_choices), self.vector_sets)
        except SersnakeError as error:
            raise SettingsError(place, str(error)) from None

    def _check_comparisons(self) -> None:
        known = [*self.system_names, *([SELECTED] if self.model_selection.variants else [])]
        for pair in self.comparisons:
            system, against = pair.split(":")
            if system == against:
                raise SettingsError(("comparisons",), f"{pair} compares a system with itself")
            for name in (system, against):
                if name not in known:
                    raise SettingsError(
                        ("comparisons",), f"{name!r} is not one of the systems; add it to `systems`"
                    )

    def _check_variants(self) -> None:
        names = self.variants
        if BASE in names:
            raise SettingsError(
                ("variants", BASE), "this name is reserved for the run itself; choose another"
            )
        for name, keys in names.items():
            _check_keys(("variants", name), keys, OF_A_VARIANT)
        choice = self.model_selection
        for key, chosen in (("variants", choice.variants), ("optional", choice.optional)):
            if unknown := [name for name in chosen if name not in names]:
                raise SettingsError(
                    ("model_selection", key), f"{unknown[0]!r} is not one of the `variants`"
                )
        if names and self.model_selection.system not in self.system_names:
            raise SettingsError(
                ("variants",),
                f"they are compared with the run's own {self.model_selection.system}, which is "
                "not one of its `systems`; add it there, or name one of them under "
                "model_selection: system",
            )
        if self.model.variant and self.model.variant not in names:
            raise SettingsError(
                ("model", "variant"), f"{self.model.variant!r} is not one of the `variants`"
            )

    @property
    def corpus_title(self) -> str:
        """Name of the corpus, or of the joined corpora, in captions."""
        return join_names(self.corpora) or self.corpus

    @property
    def corpus_settings(self) -> CorpusSettings:
        """How the corpus is read."""
        names = [field.name for field in fields_of(CorpusSettings)]
        return CorpusSettings(**{name: getattr(self, name) for name in names})

    @property
    def system_names(self) -> tuple[str, ...]:
        """The systems by their names."""
        return PAPER_SYSTEMS if self.systems == "paper" else tuple(self.systems)

    def described(self) -> dict[str, Any]:
        """All keys with their values, merged with defaults where they have any."""
        told = {
            "systems": list(self.system_names),
            "features": {name: each.as_dict() for name, each in self.feature_sets.items()},
            "streams": {
                name: {"label": each.label, **each.as_dict(), "training": dict(each.training)}
                for name, each in self.stream_choices.items()
            },
        }
        return {**self.as_dict(), **told}

    @property
    def feature_sets(self) -> dict[str, FeatureSet]:
        """The feature sets by their names."""
        return read_feature_sets(self.features)

    @property
    def vector_sets(self) -> list[str]:
        """Those with one vector per utterance, which a classifier can read."""
        sets = self.feature_sets.values()
        return [entry.name for entry in sets if entry.shape == "vectors"]

    @property
    def stream_choices(self) -> dict[str, StreamChoice]:
        """The streams by their names."""
        return read_streams(self.streams)


def _check_keys(place: tuple[str, ...], keys: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
    for key in keys:
        if key not in allowed:
            raise unknown_key((*place, key), allowed)


def read_config(values: Mapping[str, Any]) -> Config:
    """The config of a run, with its protocols and variants checked as well.

    Args:
        values: The config as Snakemake read it; values may be text.

    Raises:
        SettingsError: A key is unknown or a value not allowed.
    """
    config = read_settings(Config, values)
    for name, keys in config.protocols.items():
        _read_variant(("protocols", name), values, {"folds": keys})
    for name, keys in config.variants.items():
        systems = {"systems": [config.model_selection.system]}
        _read_variant(("variants", name), values, {**systems, **keys})
    return config


def _read_variant(
    place: tuple[str, ...], values: Mapping[str, Any], overrides: Mapping[str, Any]
) -> None:
    try:
        alone = {key: value for key, value in values.items() if key not in OF_NO_VARIANT}
        read_settings(Config, merge(alone, overrides))
    except SersnakeError as error:
        keys = error.keys if isinstance(error, SettingsError) else ()
        message = error.message if isinstance(error, SettingsError) else str(error)
        raise SettingsError((*place, *keys), message) from None
