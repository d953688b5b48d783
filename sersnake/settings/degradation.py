"""Degradations of recordings: each is one entry of :data:`CONDITIONS`.

Settings, the verb, rules, tables and docs ask this list. A new condition is an entry here and a
function of the signal and a random generator; nothing is imported for the list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta

from sersnake.settings.base import Settings

_HERE = "sersnake.features.degradations"


@dataclass(frozen=True)
class Condition:
    """A way to degrade a recording.

    Attributes:
        label: Its name in tables and figures.
        meaning: What it does, in one sentence.
        make: Its function, ``module:function``.
        options: Arguments of the function.
    """

    label: str
    meaning: str
    make: str
    options: Mapping[str, float] = field(default_factory=dict)


def _noise(snr_db: int) -> Condition:
    meaning = f"White noise, {snr_db} dB below the power of the whole utterance."
    return Condition(f"noise {snr_db} dB", meaning, f"{_HERE}:add_noise", {"snr_db": snr_db})


def _speed(percent: int) -> Condition:
    meaning = f"Played at {percent} % of its speed, which changes tempo, pitch and formants."
    return Condition(f"speed {percent} %", meaning, f"{_HERE}:change_speed", {"percent": percent})


def _vtlp(percent: int) -> Condition:
    meaning = (
        f"Formants at {percent} % of their frequency and an unchanged pitch (vocal-tract-length "
        "perturbation)."
    )
    return Condition(
        f"formants {percent} %", meaning, f"{_HERE}:warp_formants", {"percent": percent}
    )


CONDITIONS = {
    "noise_20": _noise(20),
    "noise_10": _noise(10),
    "noise_5": _noise(5),
    "telephone": Condition(
        "telephone",
        "Telephone band: 300 to 3400 Hz, and nothing above 4 kHz.",
        f"{_HERE}:limit_band",
        {"low_hz": 300, "high_hz": 3400, "top_hz": 4000},
    ),
    "reverberation": Condition(
        "reverberation",
        "A synthetic room: the direct sound plus exponentially decaying noise of the same energy "
        "(reverberation time 0.6 s), at the level of the utterance.",
        f"{_HERE}:reverberate",
        {"rt60_s": 0.6},
    ),
    "mp3_32": Condition(
        "MP3 32 kbit/s",
        "MP3 at a constant 32 kbit/s, with the codec's delay removed.",
        f"{_HERE}:code_as_mp3",
        {"kbit_s": 32},
    ),
    "clipping": Condition(
        "clipping",
        "The loudest 10 % of the samples clipped to the lowest level among them.",
        f"{_HERE}:clip_peaks",
        {"percent": 10},
    ),
    "level": Condition("level -20 dB", "20 dB quieter.", f"{_HERE}:change_level", {"db": -20}),
    "speed_90": _speed(90),
    "speed_110": _speed(110),
    "vtlp_90": _vtlp(90),
    "vtlp_110": _vtlp(110),
}
if TYPE_CHECKING:
    ConditionName = str
else:
    ConditionName = Literal[tuple(CONDITIONS)]


class Robustness(Settings, frozen=True):
    """Accuracy on degraded test recordings."""

    conditions: Annotated[
        tuple[ConditionName, ...],
        Meta(
            description="Degradations of the test recordings under which each system is measured "
            "(docs/results/robustness.md), in one more table and figure; other results are "
            "unchanged. Empty turns this off."
        ),
    ] = ()


TrainingCopies = Annotated[
    tuple[ConditionName, ...],
    Meta(
        description="Degraded copies of the training recordings (docs/results/robustness.md) as "
        "augmentation: each classifier on a feature set is fitted on recordings and copies, and "
        "networks read one of these versions at random in each epoch. Copies stay with their "
        "recording in folds and inner folds."
    ),
]
