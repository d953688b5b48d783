"""Streams: a feature set each, and the network that is trained on it alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from msgspec import Meta

from sersnake.settings.base import NAME, Settings, SettingsError, refuse_unknown
from sersnake.settings.feature_sets import FeatureSet
from sersnake.settings.loss_registry import LOSSES
from sersnake.settings.merging import merge
from sersnake.settings.networks import FUSED, NetworkChoice, read_network

# The paper's, whose embeddings are the ALF and the ELF.
STREAMS: Mapping[str, Mapping[str, Any]] = {
    "acln": {"features": "mfcc", "network": {"name": "acln"}, "label": "ACLN"},
    "fcn": {"features": "is09", "network": {"name": "fcn"}, "label": "FCN"},
}
INDEPENDENT = "independent"  # the training of every stream by itself
RESERVED = (FUSED, INDEPENDENT, "selected", *LOSSES)


class Stream(Settings, frozen=True):
    """A feature set, and the network that is trained on it alone."""

    features: Annotated[str, Meta(description="Name of its feature set.")]
    network: Annotated[
        str | dict[str, Any],
        Meta(
            description="Its network: `name` (acln on frames, fcn on vectors) or `module` (your "
            "own, `module.Class`), with its options."
        ),
    ]
    label: Annotated[str, Meta(description="Its label in tables; empty is the stream's name.")] = ""
    training: Annotated[
        dict[str, Any], Meta(description="Overrides of `training` for this stream.")
    ] = {}


StreamsByName = Annotated[
    dict[str, dict[str, Any] | None],
    Meta(
        description="Streams by name, in addition to the paper's `acln` and `fcn`: `features`, "
        "`network`, `label`, `training`. For these two, missing keys keep their values; null "
        "removes a stream."
    ),
]
FusionWidth = Annotated[
    int, Meta(ge=1, description="Width of the fused network's fully connected layer.")
]


class Streams(Settings, frozen=True):
    """The streams of a run, as passed to verbs."""

    streams: StreamsByName = {}
    fusion_width: FusionWidth = 256

    def check(self) -> None:
        """Checks every stream."""
        read_streams(self.streams)


@dataclass(frozen=True)
class StreamChoice:
    """A stream with its training.

    Attributes:
        name: Its name.
        features: Name of its feature set.
        network: Its network.
        label: Its name in tables and figures.
        training: Overrides of the preset and of the config's ``training``.
    """

    name: str
    features: str
    network: NetworkChoice
    label: str
    training: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """What determines its embeddings, apart from training."""
        return {"features": self.features, "network": self.network.as_dict()}


def read_streams(given: Mapping[str, Any]) -> dict[str, StreamChoice]:
    """The streams of a config: the paper's, then others sorted by name.

    Args:
        given: As :attr:`Streams.streams`.

    Raises:
        SettingsError: A network is unknown or a value not allowed.
    """
    # No order of keys counts, which JSON may change: the fused network joins them in this one.
    names = [*STREAMS, *sorted(set(given) - set(STREAMS))]
    names = [name for name in names if given.get(name, {}) is not None]
    if not names:
        raise SettingsError(("streams",), "null removes all of them; add another, or keep one")
    return {name: _read(name, given.get(name, {})) for name in names}


def _read(name: str, given: Any) -> StreamChoice:
    place = ("streams", name)
    if not isinstance(given, Mapping):
        raise SettingsError(place, f"{given!r} is not allowed; choose keys with values")
    refuse_unknown(Stream, given, place)
    known = STREAMS.get(name, {})
    network = given.get("network", known.get("network"))
    if isinstance(network, Mapping) and not {"name", "module"} & set(network) and known:
        network = merge(known["network"], network)
    values = {**known, **given, "network": network}
    if "features" not in values or network is None:
        raise SettingsError(place, "a stream needs `features` and a `network`; name both")
    try:
        choice = read_network(network)
    except SettingsError as error:
        raise SettingsError((*place, "network", *error.keys), error.message) from None
    label, training = str(values.get("label") or name), values.get("training", {})
    return StreamChoice(name, str(values["features"]), choice, label, training)


def read_by(network: str, streams: Streams) -> dict[str, StreamChoice]:
    """The streams of a network: all for the fused one, otherwise its own.

    Raises:
        SettingsError: There is no such stream.
    """
    choices = read_streams(streams.streams)
    if network == FUSED:
        return choices
    if network not in choices:
        raise SettingsError((), f"network {network!r} is not one of {', '.join([*choices, FUSED])}")
    return {network: choices[network]}


def stream_settings(streams: Iterable[StreamChoice]) -> dict[str, Any]:
    """The :class:`Streams` of some streams, without those equal to the paper's."""
    paper = read_streams({})
    told = {stream.name: stream.as_dict() for stream in streams}
    usual = {name: paper[name].as_dict() for name in told if name in paper}
    given = {name: choice for name, choice in told.items() if choice != usual.get(name)}
    return {"streams": given} if given else {}


def check_streams(streams: Mapping[str, StreamChoice], sets: Mapping[str, FeatureSet]) -> None:
    """Checks that systems can name every stream, and that its network reads its feature set.

    Raises:
        SettingsError: A name is taken, there is no such set, its shape does not fit the network, or
            its layers are not those that the network weights.
    """
    for name, stream in streams.items():
        if name in RESERVED or not NAME.fullmatch(name):
            taken = ", ".join(RESERVED)
            raise SettingsError(
                ("streams", name), f"choose a name of small letters and digits other than {taken}"
            )
        place = ("streams", name, "features")
        if stream.features not in sets:
            raise SettingsError(place, f"{stream.features!r} is not one of {', '.join(sets)}")
        shape, reads = sets[stream.features].shape, stream.network.reads
        if reads and shape != reads:
            raise SettingsError(
                place,
                f"{stream.features} has {shape} of an utterance, and the network "
                f"{stream.network.name} reads {reads}; choose another network or feature set",
            )
        _check_layers(stream, sets[stream.features])


def _check_layers(stream: StreamChoice, features: FeatureSet) -> None:
    """Checks that a network weights as many layers as its feature set joins, if that is known."""
    weighed = getattr(stream.network.options, "layers", 1)
    joined = getattr(features.settings, "layers", ())
    if weighed > 1 and joined != "all" and len(joined) != weighed:
        raise SettingsError(
            ("streams", stream.name, "network", "layers"),
            f"{weighed} is not allowed; {features.name} joins {len(joined) or 'no'} layers of an "
            "encoder",
        )


PAPER = Streams()
