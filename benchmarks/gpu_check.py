"""Checks a GPU: the same numbers as the CPU, the same bytes twice, and the time of training.

Usage: ``python benchmarks/gpu_check.py FOLDER``, where FOLDER holds packed features of EMODB, as
``make gpu-check`` leaves them. It needs Python, PyTorch, NumPy, pandas, safetensors and msgspec, so
that this file's repository and FOLDER can be copied to a machine that has a GPU and little else.

Trains ACLN, FCN, the fused network and, with a pack ``encoder``, a stream on an encoder's frames
for some epochs on the GPU and on the CPU, then several folds of ACLN at once on the GPU. Writes
``gpu_check.json`` and ``gpu_check.md`` into FOLDER, and exits with 1 if the two devices disagree or
the GPU gives other bytes the second time.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from pathlib import Path
from typing import Any

import torch
from gpu.compare import Row, agrees, compare
from gpu.packs import Packs
from gpu.page import page
from gpu.side_by_side import side_by_side

from sersnake.errors import SersnakeError
from sersnake.io import write_text
from sersnake.training.devices import pick_device, repeatable

FORMAT = argparse.RawDescriptionHelpFormatter


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=FORMAT, allow_abbrev=False
    )
    parser.add_argument("folder", type=Path, help="packed features, manifest and folds")
    parser.add_argument("--device", default="cuda", help="PyTorch's name of the GPU (cuda)")
    parser.add_argument("--epochs", type=int, default=5, help="epochs to time per network (5)")
    parser.add_argument(
        "--at-once",
        type=int,
        nargs="+",
        default=[1, 2, 4, 8],
        help="numbers of parallel folds (1 2 4 8)",
    )
    return parser.parse_args()


def check(options: argparse.Namespace) -> dict[str, Any]:
    """Measures all of it."""
    begin = time.perf_counter()
    repeatable(str(pick_device(options.device)), autotune=False)
    packs = Packs.load(options.folder)
    networks: list[Row] = []
    for network in packs.networks:
        say(f"{network}, on the processor and on {options.device}")
        networks.append(compare(packs, network, options.device, options.epochs))
    together: list[Row] = []
    for folds in options.at_once:
        say(f"acln, {folds} folds at once")
        together.append(side_by_side(options.folder, "acln", options.device, folds, options.epochs))
    return {
        "machine": machine(options.device),
        "utterances": len(packs.manifest),
        "networks": [{**row, "agrees": agrees(row)} for row in networks],
        "folds_at_once": together,
        "seconds": time.perf_counter() - begin,
    }


def machine(device: str) -> dict[str, Any]:
    """The GPU, the CPU and the versions of the software."""
    card = torch.cuda.get_device_name(device) if device.startswith("cuda") else "none"
    return {
        "card": card,
        "cuda": torch.version.cuda,
        "processor": processor(),
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "torch": torch.__version__,
    }


def processor() -> str:
    """The processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def say(text: str) -> None:
    """Prints a line of progress."""
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Runs the check."""
    options = parse()
    try:
        result = check(options)
        write_text(options.folder / "gpu_check.json", json.dumps(result, indent=2) + "\n")
        write_text(options.folder / "gpu_check.md", page(result))
    except SersnakeError as error:
        sys.exit(str(error))
    print(page(result))
    sys.exit(not all(row["agrees"] for row in result["networks"]))


if __name__ == "__main__":
    main()
