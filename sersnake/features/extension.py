"""The C++ extension, and which of a processor's instructions it uses."""

from __future__ import annotations

import os
from typing import Any

from sersnake.errors import SersnakeError

SIMD_VARIABLE = "SERSNAKE_SIMD"


def instruction_set() -> str:
    """The instruction set in use: the processor's best, or the one that SERSNAKE_SIMD names.

    Raises:
        SersnakeError: The extension has not been built, or the processor lacks the instructions.
    """
    supported = kernel().supported()
    name = os.environ.get(SIMD_VARIABLE) or supported[0]
    if name not in supported:
        raise SersnakeError(
            f"{SIMD_VARIABLE} is {name!r}; choose one of {', '.join(supported)} on this processor"
        )
    return name


def kernel() -> Any:
    """The C++ extension.

    Raises:
        SersnakeError: It has not been built.
    """
    try:
        from sersnake import _kernel
    except ImportError as error:
        raise SersnakeError(
            f"the C++ extension is missing ({error}); run `make build` or `pip install -e .`"
        ) from error
    return _kernel
