"""The networks of a model as ONNX files, for programs without PyTorch."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from sersnake.errors import SersnakeError
from sersnake.io.files import atomic_path
from sersnake.model.model import Model
from sersnake.model.scaled_networks import ScaledNetwork, scaled_networks

EXAMPLE_FRAMES = 231  # about the mean of EMODB; any number works afterwards
OPERATORS = 18  # version of ONNX's operator set, as of 2022


def export_onnx(model: Model, folder: str | Path) -> list[Path]:
    """Writes one file per network and member.

    A stream's file takes ``features``: of frames ``(1, T, F)``, of vectors ``(N, F)``, what the
    model's own extraction gives, which it scales by itself. It gives ``embedding`` and ``logits``
    of each utterance, and ACLN's ``attention (1, steps)`` too, a step being 16 frames. With several
    members, the member's number follows the name. Each file's metadata holds labels and how the
    features are made.

    Args:
        model: The model.
        folder: Where to write.

    Returns:
        The files.

    Raises:
        SersnakeError: The packages are missing, or the model has a fused network alone.
    """
    _require_packages()
    written = []
    for member in range(model.members):
        for name, network in scaled_networks(model, member).items():
            suffix = f"-{member}" if model.members > 1 else ""
            path = Path(folder) / f"{name}{suffix}.onnx"
            _write(network, model, path)
            written.append(path)
    if not written:
        raise SersnakeError("a fused network is not exported; those of streams are")
    return written


def _require_packages() -> None:
    try:
        import onnx  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise SersnakeError(
            f"{error.name} is not installed: pip install onnx onnxscript"
        ) from error


def _write(network: ScaledNetwork, model: Model, path: Path) -> None:
    width = len(network.z.mean)
    example, free = torch.zeros(2, width), {0: "utterances"}
    if network.frames:
        example, free = torch.zeros(1, EXAMPLE_FRAMES, width), {1: "frames"}
    with _quiet():
        program = torch.onnx.export(
            network,
            (example,),
            dynamo=True,
            opset_version=OPERATORS,
            input_names=["features"],
            output_names=list(network.outputs),
            dynamic_shapes=({axis: torch.export.Dim(name) for axis, name in free.items()},),
            verbose=False,
        )
    assert program is not None
    about = {"labels": model.labels, "features": model.extraction.as_dict()}
    _strip(program.model)
    program.model.metadata_props["sersnake"] = json.dumps(about)
    with atomic_path(path) as temporary:
        program.save(temporary, external_data=False)


def _strip(exported: Any) -> None:
    """Removes where in whose files each operation was written."""
    exported.metadata_props.clear()
    exported.graph.metadata_props.clear()
    for node in exported.graph:
        node.metadata_props.clear()
    for value in [*exported.graph.inputs, *exported.graph.outputs]:
        value.metadata_props.clear()


@contextmanager
def _quiet() -> Iterator[None]:
    """PyTorch's exporter warns of itself, and of packages that are not needed."""
    log = logging.getLogger("torch.onnx")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)
