"""Inner folds that several outer folds have in common, where each keeps a group of its own to test.

An inner fold that leaves out the test sets of three outer folds has seen nothing of any of them.
For each of the three it says how well the other two are recognised, so three folds choose by what
one training costs. Where ten outer folds have three inner folds each, ten trainings are enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from sersnake.errors import SersnakeError
from sersnake.io.words import count
from sersnake.protocols.splits import TEST, TRAIN, Parts
from sersnake.settings.protocol import Protocol

JOINT = "+"  # between the outer folds in the name of an inner one; no outer fold's name has it


def shared_names(outer: Sequence[str], protocol: Protocol) -> list[str]:
    """The shared inner folds of some folds, in order: ``0+1+3`` leaves the test sets of three out.

    Each outer fold is in ``inner`` of them, and two outer folds meet as seldom as can be.

    Args:
        outer: Names of the outer folds.
        protocol: With its ``inner`` and its seed, which orders the folds.

    Raises:
        SersnakeError: Less than half of the folds would be left to train on.
    """
    if 2 * protocol.inner > len(outer):
        raise SersnakeError(
            f"shared: of {count(len(outer), 'fold')}, {protocol.inner} inner folds leave less than "
            f"half to train on; set inner to at most {len(outer) // 2}"
            + ("" if len(outer) > 3 else ", or shared to false")
        )
    order = np.random.default_rng(protocol.seed).permutation(len(outer))
    steps = _steps(len(outer), protocol.inner)
    blocks = [
        sorted(int(order[(start + step) % len(outer)]) for step in steps)
        for start in range(len(outer))
    ]
    return [JOINT.join(outer[fold] for fold in block) for block in sorted(blocks)]


def shared_folds(
    outer: Sequence[tuple[str, Parts]], protocol: Protocol
) -> Iterator[tuple[str, Parts]]:
    """Name and parts of each shared inner fold: it tests what its outer folds test.

    Args:
        outer: Name and parts of each outer fold.
        protocol: With its ``inner`` and its seed.

    Raises:
        SersnakeError: An utterance is not tested in one fold and trained on in all others.
    """
    tested = {name: parts == TEST for name, parts in outer}
    trained = sum((parts == TRAIN).astype(int) for _, parts in outer)
    if not (sum(tested.values()) == 1).all() or not (trained == len(outer) - 1).all():
        raise SersnakeError(
            f"shared: {protocol.protocol} does not test every utterance in one fold and train on "
            "it in all others; set shared to false"
        )
    for name in shared_names(list(tested), protocol):
        left_out = np.logical_or.reduce([tested[fold] for fold in name.split(JOINT)])
        yield name, np.where(left_out, TEST, TRAIN).astype(np.int8)


def _steps(folds: int, size: int) -> list[int]:
    """Places in a circle of folds whose distances differ as far as they can, 0 first."""
    steps, distances = [0], {0}
    while len(steps) < size:
        around = {step: _around(steps, step, folds) for step in range(folds) if step not in steps}
        step = min(around, key=lambda step: len(distances & around[step]))
        distances |= around[step]
        steps.append(step)
    return steps


def _around(steps: Sequence[int], step: int, folds: int) -> set[int]:
    """Distances of a place to others, both ways round."""
    return {(way * (step - other)) % folds for other in steps for way in (1, -1)}
