"""Where a network is trained, and in which precision."""

from __future__ import annotations

import os
import subprocess
import sys

PROGRAM = """
import torch
from sersnake.training.devices import pick_precision
print(pick_precision("auto", torch.device("cpu"), True))
"""


def test_a_processor_that_is_held_to_avx2_computes_in_float32() -> None:
    """As one that has no more: bfloat16 would be emulated, ten times slower."""
    environment = {**os.environ, "ATEN_CPU_CAPABILITY": "avx2"}
    call = [sys.executable, "-c", PROGRAM]
    run = subprocess.run(call, env=environment, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "torch.float32"
