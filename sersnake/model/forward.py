"""The forward pass of a network for one utterance, in NumPy.

PyTorch computes the same, up to rounding, but takes two seconds to import. Each function takes the
weights by their names in PyTorch's modules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sersnake.settings.acln import BLOCKS, AclnOptions
from sersnake.settings.encoder_networks import AlnOptions, FcnOptions

Values = NDArray[np.float32]
Weights = Mapping[str, Values]

EPSILON = 1e-5  # of batch norm
REACH = 2  # steps to each side that a convolution sees
STEP = 2**BLOCKS  # frames that the poolings make one of
AROUND = 2 * STEP  # frames to each side of a stretch; the blocks see 30
STRETCH = 64 * STEP  # frames whose convolutions are computed at a time


class Seen(NamedTuple):
    """The output of a network for one utterance.

    Attributes:
        embedding: ``(D,)``.
        weights: ``(steps,)``, attention weights, the mean over its heads;
            empty without one.
    """

    embedding: Values
    weights: Values = np.empty(0, np.float32)


def fcn(weights: Weights, options: FcnOptions) -> Callable[[Values], Seen]:
    """FCN, of the vector ``(1, inputs)`` of one utterance."""
    layers = [_normalised(weights, number) for number in range(3)]

    def see(vector: Values) -> Seen:
        rows = layer_mean(weights, options.layers, vector)
        for matrix, summand in layers:
            rows = np.maximum(rows @ matrix + summand, 0)
        return Seen(rows[0])

    return see


def _normalised(weights: Weights, number: int) -> tuple[Values, Values]:
    """A fully connected layer and its batch norm as one."""
    scale, shift = _affine(weights, f"norms.{number}")
    matrix, bias = (weights[f"linears.{number}.{name}"] for name in ("weight", "bias"))
    return np.ascontiguousarray((matrix * scale[:, None]).T), bias * scale + shift


def acln(weights: Weights, options: AclnOptions) -> Callable[[Values], Seen]:
    """ACLN, of the frames ``(T, coefficients)`` of one utterance."""
    blocks = [_kernel(weights, number) for number in range(BLOCKS)]
    attend = attention(weights, options.attention, options.heads)
    remember = lstm(weights)

    def see(frames: Values) -> Seen:
        columns = np.concatenate(list(_columns(frames, blocks, options)))
        return attend(remember(columns))

    return see


def aln(weights: Weights, options: AlnOptions) -> Callable[[Values], Seen]:
    """ALN, of the frames ``(T, inputs)`` of one utterance."""
    attend = attention(weights, options.attention, options.heads)
    remember = lstm(weights) if options.lstm else None

    def see(frames: Values) -> Seen:
        rows = layer_mean(weights, options.layers, frames)
        if remember:
            return attend(remember(rows))
        states = rows @ weights["linear.weight"].T + weights["linear.bias"]
        return attend(np.maximum(states, 0))

    return see


def layer_mean(weights: Weights, layers: int, values: Values) -> Values:
    """The weighted mean of layers that stand side by side, ``(N, L D)`` to ``(N, D)``."""
    if layers == 1:
        return values
    mean: Values = np.einsum(
        "l,nld->nd", _softmax(weights["layers.energies"]), values.reshape(len(values), layers, -1)
    )
    return mean


def attention(weights: Weights, kind: str, heads: int) -> Callable[[Values], Seen]:
    """Attention over states ``(steps, D)``."""
    context = weights["attention.context.weight"].T

    def attend(states: Values) -> Seen:
        if kind == "additive":
            matrix, bias = (weights[f"attention.projection.{name}"] for name in ("weight", "bias"))
            energies = np.tanh(states @ matrix.T + bias) @ context
        else:
            energies = states @ context * np.float32(states.shape[1] ** -0.5)
        shares = _softmax(energies)
        slices = states.reshape(len(states), heads, -1)
        return Seen((shares[..., None] * slices).sum(axis=0).ravel(), shares.mean(axis=1))

    return attend


def lstm(weights: Weights) -> Callable[[Values], Values]:
    """An LSTM's states ``(steps, D)`` of rows ``(steps, inputs)``."""
    recurrent = np.ascontiguousarray(weights["lstm.weight_hh_l0"].T)
    bias = weights["lstm.bias_ih_l0"] + weights["lstm.bias_hh_l0"]
    width = len(recurrent)

    def remember(rows: Values) -> Values:
        inputs = rows @ weights["lstm.weight_ih_l0"].T + bias
        states = np.empty((len(rows), width), np.float32)
        state, cell = np.zeros((2, width), np.float32)
        for step, of_input in enumerate(inputs):
            gates = (of_input + state @ recurrent).reshape(4, width)
            opened = 1 / (1 + np.exp(-gates[[0, 1, 3]]))
            cell = opened[1] * cell + opened[0] * np.tanh(gates[2])
            state = opened[2] * np.tanh(cell)
            states[step] = state
        return states

    return remember


def _columns(
    frames: Values, blocks: list[tuple[Values, Values]], options: AclnOptions
) -> Iterator[Values]:
    """What the convolution blocks make of each step, ``(steps, 256)``, a stretch at a time.

    The blocks see 30 frames to each side, so a stretch with more around it gives what the whole
    recording would.
    """
    for start in range(0, len(frames), STRETCH):
        first = max(0, start - AROUND)
        maps = frames[first : start + STRETCH + AROUND, :, None]
        for kernel, summand in blocks:
            maps = _block(maps, kernel, summand, options)
        columns = maps.mean(axis=1)
        before = (start - first) // STEP
        steps = -(-min(STRETCH, len(frames) - start) // STEP)
        yield columns[before : before + steps]


def _block(maps: Values, kernel: Values, summand: Values, options: AclnOptions) -> Values:
    """Convolution and batch norm, rectifier and pooling of maps ``(T, F, C)``."""
    steps, coefficients, _ = maps.shape
    padded = np.pad(maps, ((REACH, REACH), (REACH, REACH), (0, 0)))
    # Of each coefficient those around it, side by side; then five products, one a step around.
    wide = np.concatenate(
        [padded[:, place : place + coefficients] for place in range(2 * REACH + 1)], axis=2
    )
    rows = wide.reshape(len(padded) * coefficients, -1)
    size = steps * coefficients
    convolved = sum(
        rows[place * coefficients :][:size] @ matrix for place, matrix in enumerate(kernel)
    )
    normal = np.asarray(convolved + summand).reshape(steps, coefficients, -1)
    # Rectifiers are monotone, so they may follow the pooling.
    pooled = _halved(_halved(normal, 0), 1)
    if options.coefficient_pooling == "floor":
        pooled = pooled[:, : coefficients // 2]
    return np.where(pooled > 0, pooled, np.float32(options.leaky_slope) * pooled)


def _halved(maps: Values, axis: int) -> Values:
    """The larger of each two along an axis; an odd last one stands alone."""
    length = maps.shape[axis]
    first = maps.take(range(0, length, 2), axis)
    second = maps.take([min(place, length - 1) for place in range(1, length + 1, 2)], axis)
    return np.maximum(first, second)


def _kernel(weights: Weights, number: int) -> tuple[Values, Values]:
    """Convolution and batch norm of a block as five matrices ``(5 inputs, outputs)`` and a sum."""
    scale, shift = _affine(weights, f"blocks.{number}.norm")
    kernel = weights[f"blocks.{number}.convolution.weight"] * scale[:, None, None, None]
    outputs, inputs, size, _ = kernel.shape  # outputs, inputs, coefficients, steps
    matrices = kernel.transpose(3, 2, 1, 0).reshape(size, size * inputs, outputs)
    return np.ascontiguousarray(matrices), shift


def _affine(weights: Weights, name: str) -> tuple[Values, Values]:
    """Factor and summand of each channel, by the running statistics."""
    of: dict[str, Any] = {
        key: weights[f"{name}.{key}"] for key in ("weight", "bias", "running_mean", "running_var")
    }
    scale = (of["weight"] / np.sqrt(of["running_var"] + EPSILON)).astype(np.float32)
    return scale, of["bias"] - of["running_mean"] * scale


def _softmax(energies: Values) -> Values:
    """Shares of 1 along the first axis."""
    powers = np.exp(energies - energies.max(axis=0))
    shares: Values = powers / powers.sum(axis=0)
    return shares
