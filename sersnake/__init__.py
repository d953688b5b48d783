"""Speech emotion recognition from a corpus to the paper's tables.

The names below are loaded when they are first used, so that ``import sersnake`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sersnake.estimators import (
        HardExampleClassifier,
        IndependentFusionClassifier,
        SpeakerScaler,
    )
    from sersnake.features.cepstra import delta, log_mel, mfcc
    from sersnake.io.audio import read_audio
    from sersnake.model import Model, load_model
    from sersnake.settings.mfcc import MfccOptions
    from sersnake.training.loss_modules import FocalLoss, HardExampleLoss
    from sersnake.training.mining import hard_index

__version__ = "0.2.0"

_MODULES = {
    "FocalLoss": "sersnake.training.loss_modules",
    "HardExampleClassifier": "sersnake.estimators",
    "HardExampleLoss": "sersnake.training.loss_modules",
    "IndependentFusionClassifier": "sersnake.estimators",
    "MfccOptions": "sersnake.settings.mfcc",
    "Model": "sersnake.model",
    "SpeakerScaler": "sersnake.estimators",
    "delta": "sersnake.features.cepstra",
    "hard_index": "sersnake.training.mining",
    "load_model": "sersnake.model",
    "log_mel": "sersnake.features.cepstra",
    "mfcc": "sersnake.features.cepstra",
    "read_audio": "sersnake.io.audio",
}

__all__ = [
    "FocalLoss",
    "HardExampleClassifier",
    "HardExampleLoss",
    "IndependentFusionClassifier",
    "MfccOptions",
    "Model",
    "SpeakerScaler",
    "__version__",
    "delta",
    "hard_index",
    "load_model",
    "log_mel",
    "mfcc",
    "read_audio",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'sersnake' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
