"""How the networks of a run are trained: a preset with the config's overrides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, cast

from msgspec import Meta, defstruct

from sersnake.settings.base import Settings, SettingsError, read_settings, refuse_unknown
from sersnake.settings.losses import Retraining
from sersnake.settings.merging import merge
from sersnake.settings.networks import FUSED, NETWORKS
from sersnake.settings.recipe import Recipe
from sersnake.settings.schedule import Schedule
from sersnake.settings.streams import StreamChoice

PHASES = ("phase_1", "retraining", "phase_2")
FoldsPerJob = Annotated[int, Meta(ge=1)] | Literal["all"]
FOLDS_PER_JOB = {**{name: entry.folds_per_job for name, entry in NETWORKS.items()}, FUSED: 1}

# A field per network.
FoldBatching = cast(
    type[Settings],
    defstruct(
        "FoldBatching",
        [
            (
                name,
                Annotated[FoldsPerJob, Meta(description=f"Folds per job of `{name}`.")],
                folds_per_job,
            )
            for name, folds_per_job in FOLDS_PER_JOB.items()
        ],
        bases=(Settings,),
        namespace={
            "__doc__": "Number of folds per training job, trained one after the other; all is "
            "every fold of the run."
        },
        frozen=True,
    ),
)


class Training(Recipe, frozen=True):
    """How one network is trained. In the config these keys override the preset's."""

    phase_1: Annotated[
        Schedule,
        Meta(description="Cross entropy, counting misclassifications, or the focal loss."),
    ] = Schedule()
    retraining: Annotated[
        Retraining,
        Meta(description="Re-training on the hard examples alone, with the hard-example loss."),
    ] = Retraining()
    phase_2: Annotated[
        Schedule,
        Meta(description="Phase 2 without mining: more epochs of cross entropy or the focal loss."),
    ] = Schedule()

    def schedule(self, phase: str) -> Schedule:
        """The schedule of a phase of :data:`PHASES`."""
        schedule: Schedule = getattr(self, phase)
        return schedule


class RunTraining(Settings, frozen=True):
    """How the network of each stream, and the fused one, is trained."""

    networks: dict[str, Training]
    folds_per_job: dict[str, FoldsPerJob]

    def as_dict(self) -> dict[str, Any]:
        """Each training under its network's name, for JSON."""
        trainings = {name: training.as_dict() for name, training in self.networks.items()}
        return {**trainings, "fold_batching": self.folds_per_job}

    def network(self, name: str) -> Training:
        """The training of a stream's network, or of the fused one."""
        return self.networks[name]


def resolve_training(
    preset: Mapping[str, Any],
    corpus: str,
    overrides: Mapping[str, Any],
    streams: Mapping[str, StreamChoice],
) -> RunTraining:
    """A preset with its settings for the corpus and for networks, and the config's overrides.

    If the config shortens a phase without setting its decay, the decay is at most as long as the
    phase.

    Args:
        preset: Settings of training, of its ``networks`` and of ``corpora``.
        corpus: Name of the corpus.
        overrides: The config's ``training``.
        streams: The streams, whose ``training`` has priority.

    Raises:
        SettingsError: A key is unknown or a value not allowed.
    """
    _refuse_unknown_overrides(overrides)
    layers = [
        {key: value for key, value in preset.items() if key != "corpora"},
        preset.get("corpora", {}).get(corpus, {}),
        overrides,
    ]
    whole: dict[str, Any] = {}
    for layer in layers:
        whole = merge(whole, layer)
    batching = read_settings(FoldBatching, whole.pop("fold_batching", {})).as_dict()
    of_networks, asked = whole.pop("networks", {}), dict(overrides)
    asked_networks = asked.pop("networks", {})
    trainings, folds_per_job = {}, {}
    for name, network, of_stream in [
        *((stream.name, stream.network.name, stream.training) for stream in streams.values()),
        (FUSED, FUSED, {}),
    ]:
        _refuse(Training, of_stream, ("streams", name, "training"))
        values = merge(merge(whole, of_networks.get(network, {})), of_stream)
        changes = merge(merge(asked, asked_networks.get(network, {})), of_stream)
        trainings[name] = _of_network(values, changes)
        folds_per_job[name] = batching.get(network, 1)
    return RunTraining(trainings, folds_per_job)


def _of_network(values: dict[str, Any], asked: Mapping[str, Any]) -> Training:
    for phase in PHASES:
        changes = asked.get(phase, {})
        if (
            "epochs" in changes
            and "decay_epochs" not in changes
            and "decay_epochs" in values[phase]
        ):
            values[phase] = {**values[phase], "decay_epochs": _shorter(values[phase])}
    try:
        return read_settings(Training, values)
    except SettingsError as error:
        raise SettingsError(("training", *error.keys), error.message) from None


def _shorter(phase: Mapping[str, Any]) -> int:
    try:
        return min(int(phase["epochs"]), int(phase["decay_epochs"]))
    except (TypeError, ValueError):  # the model says what is wrong
        return 0


def _refuse_unknown_overrides(overrides: Mapping[str, Any]) -> None:
    """Refuses keys that could no longer be told apart after merging."""
    place = ("training",)
    general = {k: v for k, v in overrides.items() if k not in ("networks", "fold_batching")}
    _refuse(Training, general, place)
    _refuse(FoldBatching, overrides.get("fold_batching", {}), (*place, "fold_batching"))
    networks = overrides.get("networks", {})
    _require_keys(networks, (*place, "networks"))
    for name in networks:
        if name not in FOLDS_PER_JOB:
            known = ", ".join(FOLDS_PER_JOB)
            raise SettingsError(
                (*place, "networks", name), f"there is no such network; choose {known}"
            )
        _refuse(Training, networks[name], (*place, "networks", name))


def _refuse(model: type[Settings], values: Any, keys: tuple[str, ...]) -> None:
    _require_keys(values, keys)
    for phase in PHASES:
        if phase in values:
            _require_keys(values[phase], (*keys, phase))
    refuse_unknown(model, values, keys)


def _require_keys(values: Any, keys: tuple[str, ...]) -> None:
    if not isinstance(values, Mapping):
        raise SettingsError(keys, f"{values!r} is not allowed; choose keys with values")
