"""The device and precision of training."""

from __future__ import annotations

import os

import torch

from sersnake.errors import SersnakeError


def pick_device(name: str) -> torch.device:
    """``auto`` is a GPU if there is one; any other name is PyTorch's.

    Raises:
        SersnakeError: PyTorch does not know the device or has no access to it.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        return torch.zeros(1, device=name).device
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise SersnakeError(f"device: {name!r} cannot be used ({reason})") from error


def repeatable(device: str, autotune: bool) -> None:
    """Same seed, same bytes; a GPU may be allowed to choose algorithms by speed."""
    # Decayed moments of Adam become denormal numbers, on which processors are slow.
    torch.set_flush_denormal(True)
    # Instead of use_deterministic_algorithms, which would load a compiler.
    torch.set_deterministic_debug_mode("error" if device == "cpu" else "warn")
    # This mode would also fill all new memory; nothing here is read before it is written.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS is only then repeatable
    torch.backends.cudnn.benchmark = autotune
    torch.backends.cudnn.allow_tf32 = False  # float32 means float32


def pick_precision(name: str, device: torch.device, frames: bool) -> torch.dtype:
    """The type of matrix products.

    Args:
        name: ``auto`` is bfloat16 if the processor supports it and it is faster.
        device: The device.
        frames: Whether the network reads frames. For one vector per utterance, conversion costs
            more than it saves.
    """
    if name == "auto" and not frames:
        name = "float32"
    elif name == "auto":
        fast = (
            torch.cuda.is_bf16_supported(including_emulation=False)
            if device.type == "cuda"
            else _computes_in_bfloat16()
        )
        name = "bfloat16" if fast else "float32"
    return {"bfloat16": torch.bfloat16, "float32": torch.float32}[name]


def _computes_in_bfloat16() -> bool:
    """Whether PyTorch may use bfloat16 of the processor; ATEN_CPU_CAPABILITY can forbid it."""
    held = torch.backends.cpu.get_cpu_capability() in ("DEFAULT", "AVX2")
    return not held and torch.cpu.get_capabilities().get("avx512_bf16", False)
