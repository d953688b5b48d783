"""Speech emotion recognition from a corpus to the paper's tables.

The names below are loaded when they are first used, so that ``import sersnake`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sersnake.cepstra import delta, log_mel, mfcc
    from sersnake.mfcc_options import MfccOptions

__version__ = "0.1.0"

__all__ = ["MfccOptions", "__version__", "delta", "log_mel", "mfcc"]

_MODULES = {
    "MfccOptions": "sersnake.mfcc_options",
    "delta": "sersnake.cepstra",
    "log_mel": "sersnake.cepstra",
    "mfcc": "sersnake.cepstra",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'sersnake' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
