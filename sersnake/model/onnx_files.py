"""The networks of a model, and its encoders, as ONNX files for programs without PyTorch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sersnake.errors import SersnakeError
from sersnake.features.extractor import pinned
from sersnake.features.hidden_states import JoinedStates
from sersnake.io.audio import SAMPLE_RATE
from sersnake.model.model import Model
from sersnake.model.onnx_program import Program, make_program, write_program
from sersnake.model.scaled_networks import ScaledNetwork, scaled_networks
from sersnake.settings.pretrained import Pretrained

EXAMPLE_FRAMES = 231  # about the mean of EMODB; any number works afterwards
LARGEST = 2**31  # bytes of a file that holds its weights


def export_onnx(model: Model, folder: str | Path) -> list[Path]:
    """Writes one file per network and member, and one per pretrained encoder.

    A stream's file takes ``features``: of frames ``(1, T, F)``, of vectors ``(N, F)``, what the
    model's own extraction gives, which it scales by itself. It gives ``embedding`` and ``logits``
    of each utterance, and ACLN's ``attention (1, steps)`` too, a step being 16 frames. With several
    members, the member's number follows the name. Each file's metadata holds labels and how the
    features are made.

    The encoder of a feature set is ``encoder_<set>.onnx``. It takes what the hub's feature
    extractor makes of one utterance, ``input_features (1, bands, time)`` or ``input_values (1,
    time)``, and gives ``features`` as a stream's file takes them.

    Args:
        model: The model.
        folder: Where to write.

    Returns:
        The files.

    Raises:
        SersnakeError: The packages or an encoder are missing, an encoder cannot be exported, or
            nothing of the model can.
    """
    _require_packages()
    about = {"labels": model.labels, "features": model.extraction.as_dict()}
    # All of them before the first is written: what cannot be exported then leaves no files.
    programs = {f"encoder_{name}": encoder for name, encoder in _encoders(model)}
    for member in range(model.members):
        for name, network in scaled_networks(model, member).items():
            suffix = f"-{member}" if model.members > 1 else ""
            programs[f"{name}{suffix}"] = _network(network)
    if not programs:
        raise SersnakeError(
            "this model has nothing to export; only networks of streams and pretrained encoders "
            "are exported"
        )
    paths = {Path(folder) / f"{name}.onnx": program for name, program in programs.items()}
    for path, program in paths.items():
        write_program(program, about, path)
    return list(paths)


def _require_packages() -> None:
    try:
        import onnx  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise SersnakeError(
            f"{error.name} is not installed: pip install onnx onnxscript"
        ) from error


def _network(network: ScaledNetwork) -> Program:
    width = len(network.z.mean)
    example, free = torch.zeros(2, width), {0: "utterances"}
    if network.frames:
        example, free = torch.zeros(1, EXAMPLE_FRAMES, width), {1: "frames"}
    return make_program(network, example, free, "features", network.outputs)


def _encoders(model: Model) -> Iterator[tuple[str, Program]]:
    """The encoder of each feature set that has one."""
    for name, (kind, settings) in model.extraction.sets.items():
        if isinstance(settings, Pretrained):
            yield name, _encoder(name, pinned(kind, settings))


def _encoder(name: str, settings: Any) -> Program:
    from sersnake.features.encoder import Encoder

    if settings.pooling == "mean_loud":
        raise SersnakeError(
            f"{name}: pooling: mean_loud needs the recording, which an ONNX encoder does not "
            "read; train with mean, or use the encoder in Python"
        )
    encoder = Encoder.load(settings)
    module = encoder.module
    if sum(weights.nbytes for weights in module.parameters()) > LARGEST:
        raise SersnakeError(
            f"{name}: the weights of {settings.model} exceed the 2 GiB limit of an ONNX file; use "
            "the encoder in Python"
        )
    short, long = (encoder.prepared(np.zeros(n * SAMPLE_RATE, np.float32)) for n in (1, 2))
    free = {a: "time" for a in range(long.ndim) if long.shape[a] != short.shape[a]}
    try:
        joined = JoinedStates(module, settings)
        return make_program(joined, long, free, module.input_name, ["features"])
    except Exception as error:  # whatever an architecture makes of the exporter
        reason = error if isinstance(error, SersnakeError) else type(error).__name__
        raise SersnakeError(
            f"{name}: PyTorch cannot export {settings.model} for utterances of any length "
            f"({reason}); use the encoder in Python"
        ) from error
