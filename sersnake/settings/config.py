"""The config of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta

from sersnake.errors import SersnakeError
from sersnake.settings.architecture import Architecture
from sersnake.settings.arms import ARMS, PAPER_ARMS
from sersnake.settings.base import Settings, SettingsError, fields_of, read_settings
from sersnake.settings.classifiers import Elm, Fusion, Mlp, Svm
from sersnake.settings.corpus import CorpusReading
from sersnake.settings.features import Functionals, Mfcc, Shards
from sersnake.settings.losses import Focal
from sersnake.settings.merging import merge
from sersnake.settings.mining import Mining
from sersnake.settings.protocol import WHOLE, Folds
from sersnake.settings.seeds import Members, SeedNumber

Name = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]*$")]
Claim = Literal["speakers", "sentences", "sessions"]
# What a variant may change, what it has not, and what a rung of the protocol comparison may change.
OF_A_READING = (
    *("preset", "seed", "seeds", "folds", "mfcc", "functionals", "architecture", "training"),
    *("mining", "focal", "fusion", "svm", "elm", "mlp", "arms"),
)
OF_NO_VARIANT = ("ladder", "readings", "beyond", "model")
OF_A_RUNG = ("protocol", "repeats", "test_share", "k", "fold_file")


class ConfigFolds(Folds, frozen=True):
    """The evaluation protocol."""

    claims: Annotated[
        tuple[Claim, ...] | None,
        Meta(
            description="What training and test set must not share; null is what the protocol "
            "promises. The audit stops the run before training where they do. No recording ever "
            "may be in both. Of these folds, not of those of `ladder` or of inner folds."
        ),
    ] = None


class Beyond(Settings, frozen=True):
    """The choice among readings by validation within the training sets."""

    arm: Annotated[
        str,
        Meta(description="What a reading trains and scores, unless it has `arms` of its own."),
    ] = "independent_he"
    readings: Annotated[
        tuple[str, ...],
        Meta(
            description="Those of `readings` to choose from: inner folds of each training set "
            "choose for each fold, and the arm `beyond` has the predictions of what they chose."
        ),
    ] = ()
    inner: Annotated[
        int,
        Meta(
            ge=1,
            description="Inner folds of each training set that choose; 1 is a single stratified "
            "split into 80 and 20 %.",
        ),
    ] = 1
    shared: Annotated[
        bool,
        Meta(
            description="Outer folds share their inner ones, where each tests speakers or other "
            "utterances of its own: an inner fold leaves the test sets of `inner` outer folds out, "
            "and chooses for each of them."
        ),
    ] = False


class Atlas(Settings, frozen=True):
    """The page of all utterances."""

    arm: Annotated[
        str,
        Meta(description="The arm that is shown first, and whose attention is drawn."),
    ] = "independent_he"
    embed_audio: Annotated[
        bool,
        Meta(
            description="Copies the recordings into the folder, so that it can be sent to somebody "
            "who may have them; otherwise the page links to them."
        ),
    ] = False


class ModelChoice(Settings, frozen=True):
    """What `snakemake model` trains on the whole corpus, to be used elsewhere."""

    arm: Annotated[
        str,
        Meta(
            pattern="^(fused|independent|alf|elf)_(ce|focal|he)$",
            description="Its networks and their loss; the classifier is the linear SVM.",
        ),
    ] = "independent_he"
    reading: Annotated[
        str,
        Meta(
            description="The one of `readings` that it is trained like, and whose folds say what "
            "it reaches; empty is the run itself."
        ),
    ] = ""


class Config(CorpusReading, frozen=True):
    """What a run of sersnake can be told. Every key may be left out."""

    corpus: Annotated[
        Annotated[str, Meta(pattern="^[A-Za-z0-9_-]+$")],
        Meta(
            description="Name of the corpus, of its folder under `corpora_dir` and of the results. "
            "demo is spoken by a synthesiser when the workflow runs."
        ),
    ] = "demo"
    name: Annotated[
        Name,
        Meta(
            description="Name of the run, whose folder under `results` it is; empty is the "
            "corpus' name."
        ),
    ] = ""
    corpora_dir: Annotated[
        str,
        Meta(
            description="Folder that holds `<corpus>/` in its published layout. Empty takes the "
            "environment variable SERSNAKE_CORPORA, otherwise the folder `corpora`."
        ),
    ] = ""
    preset: Annotated[
        Literal["quick", "converged", "paper"],
        Meta(
            description="Schedule of training, a file in config/presets: quick is for a look, "
            "converged trains until the training loss is steady, paper has the paper's epochs."
        ),
    ] = "quick"
    seed: SeedNumber = 0
    seeds: Members = 1
    folds: Annotated[ConfigFolds, Meta(description="The evaluation protocol.")] = ConfigFolds()
    arms: Annotated[
        tuple[str, ...] | Literal["paper"],
        Meta(
            description="What is trained and scored: `is09_svm`, `compare_svm`, "
            "`<training>_<loss>`, or the latter with `_elm` or `_mlp` for another classifier than "
            "the SVM; paper is all that the paper compares."
        ),
    ] = ("is09_svm", "fused_ce", "independent_ce", "independent_he")
    ladder: Annotated[
        dict[Annotated[str, Meta(pattern="^[a-z0-9_]+$")], dict[str, Any]],
        Meta(
            description="Protocols to compare, by name: each holds keys of `folds` that differ "
            "from it."
        ),
    ] = {}
    readings: Annotated[
        dict[Annotated[str, Meta(pattern="^[a-z0-9_]+$")], dict[str, Any]],
        Meta(
            description="Other ways to run the same, by name: each holds keys of this file that "
            "differ."
        ),
    ] = {}
    beyond: Annotated[
        Beyond, Meta(description="The choice among readings within the training sets.")
    ] = Beyond()
    atlas: Annotated[Atlas, Meta(description="The page of all utterances.")] = Atlas()
    model: Annotated[
        ModelChoice, Meta(description="What `snakemake model` trains on the whole corpus.")
    ] = ModelChoice()
    features: Annotated[Shards, Meta(description="How extraction is cut into jobs.")] = Shards()
    mfcc: Annotated[Mfcc, Meta(description="Frames, the input of ACLN.")] = Mfcc()
    architecture: Annotated[
        Architecture, Meta(description="What the paper leaves open of the networks.")
    ] = Architecture()
    functionals: Annotated[
        Functionals, Meta(description="openSMILE functionals, the input of FCN.")
    ] = Functionals()
    training: Annotated[
        dict[str, Any],
        Meta(description="Overrides of the preset's schedules, such as `phase_1: {epochs: 100}`."),
    ] = {}
    keep_weights: Annotated[
        bool,
        Meta(
            description="Keeps the weights of all networks, nine tenths of what a run takes on "
            "disk (0.8 GB for ten folds of EMODB); without them a system that is added later "
            "trains its networks again."
        ),
    ] = True
    mining: Annotated[Mining, Meta(description="Choice of the hard examples.")] = Mining()
    focal: Annotated[Focal, Meta(description="The focal loss of the arms `*_focal`.")] = Focal()
    fusion: Annotated[
        Fusion, Meta(description="How the embeddings meet in the final classifier.")
    ] = Fusion()
    svm: Annotated[Svm, Meta(description="The final classifier, a linear SVM.")] = Svm()
    elm: Annotated[Elm, Meta(description="The classifier of the arms `*_elm`.")] = Elm()
    mlp: Annotated[Mlp, Meta(description="The classifier of the arms `*_mlp`.")] = Mlp()

    def check(self) -> None:
        """Checks what sections have to do with each other."""
        for name in self.systems:
            if name not in ARMS:
                raise SettingsError(("arms",), f"{name!r} is not an arm; {_forms()}")
        if len(set(self.systems)) < len(self.systems) or not self.systems:
            raise SettingsError(("arms",), "name at least one arm, and each once")
        for section in (self.beyond, self.atlas):
            if section.arm not in ARMS:
                key = type(section).__name__.lower()
                raise SettingsError((key, "arm"), f"{section.arm!r} is not an arm; {_forms()}")
        if self.folds.protocol == WHOLE:
            raise SettingsError(("folds", "protocol"), "whole tests nothing; choose another")
        self._check_readings()
        for name, keys in self.ladder.items():
            _check_keys(("ladder", name), keys, OF_A_RUNG)

    def _check_readings(self) -> None:
        names = self.readings
        if "base" in names:
            raise SettingsError(("readings", "base"), "that is the run itself; choose another name")
        for name, keys in names.items():
            _check_keys(("readings", name), keys, OF_A_READING)
        for name in self.beyond.readings:
            if name not in names:
                raise SettingsError(("beyond", "readings"), f"{name!r} is none of the `readings`")
        if names and self.beyond.arm not in self.systems:
            raise SettingsError(
                ("readings",),
                f"they are held against the arm {self.beyond.arm} of the run itself, which is none "
                "of its `arms`; add it there, or name one of them under beyond: arm",
            )
        if self.model.reading and self.model.reading not in names:
            raise SettingsError(
                ("model", "reading"), f"{self.model.reading!r} is none of the `readings`"
            )

    @property
    def reading(self) -> CorpusReading:
        """How the corpus is read."""
        names = [field.name for field in fields_of(CorpusReading)]
        return CorpusReading(**{name: getattr(self, name) for name in names})

    @property
    def systems(self) -> tuple[str, ...]:
        """The arms by their names."""
        return PAPER_ARMS if self.arms == "paper" else tuple(self.arms)


def _forms() -> str:
    return (
        "choose is09_svm, compare_svm, or (fused|independent|alf|elf)_(ce|focal|he), the latter "
        "with _elm or _mlp for another classifier"
    )


def _check_keys(place: tuple[str, ...], keys: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
    for key in keys:
        if key not in allowed:
            raise SettingsError((*place, key), f"there is no such key; choose {', '.join(allowed)}")


def read_config(values: Mapping[str, Any]) -> Config:
    """The config of a run, with the rungs and readings in it read as well.

    Args:
        values: What Snakemake read, of which much may be text.

    Raises:
        SettingsError: A key is unknown or a value not allowed.
    """
    config = read_settings(Config, values)
    for name, keys in config.ladder.items():
        _read_variant(("ladder", name), values, {"folds": keys})
    for name, keys in config.readings.items():
        _read_variant(("readings", name), values, keys)
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
