"""The strength of shrinkage in scaling the networks' features by speaker."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sersnake.protocols.enrolment import draw_enrolled, scored_of
from sersnake.settings.enrolment import Enrolment
from sersnake.training.moments import Moments, shrunk
from sersnake.training.shrinkage import STRENGTHS

SMALLEST = 1e-6  # a smaller deviation is that of a constant column
Mask = NDArray[np.bool_]


def choose_strength(
    moments: Moments,
    voices: NDArray[Any],
    eligible: Mask,
    settings: Enrolment,
    seed: int,
) -> float:
    """The strength under which recordings of held-out speakers are most likely.

    Each speaker of a training set in turn acts as a test speaker, scaled by the other speakers and
    by enrolled recordings of its own. The criterion is the log-likelihood of a Gaussian per column
    with the speaker's shrunk mean and deviation, averaged over the rows of each recording, the
    recordings that are scored, and the columns. A scored recording does not count as enrolled for
    itself. Of the strengths whose mean over speakers is within one standard error of the best, the
    largest is selected.

    Args:
        moments: Of the N training utterances' z-scores.
        voices: ``(N,)``, the speakers.
        eligible: ``(N,)``, whether each may be enrolled.
        settings: As for a test speaker.
        seed: Seed of the draw.
    """
    drawn = draw_enrolled(voices, eligible, settings, seed)
    scored = scored_of(drawn, settings)
    names = [name for name in np.unique(voices) if scored[voices == name].any()]
    if len(names) < 2:
        return STRENGTHS[-1]
    likelihoods = np.array([_likelihoods(moments, voices == name, drawn, scored) for name in names])
    apart = likelihoods[:, [likelihoods.mean(axis=0).argmax()]] - likelihoods
    error = apart.std(axis=0, ddof=1) / np.sqrt(len(names))
    return STRENGTHS[int(np.flatnonzero(apart.mean(axis=0) <= error)[-1])]


def _likelihoods(
    moments: Moments,
    voice: Mask,
    drawn: Mask,
    scored: Mask,
) -> NDArray[np.float64]:
    """The mean log-likelihood of a speaker's scored recordings under each strength."""
    mean, variance = moments.at(~voice).together.statistics
    deviation = np.sqrt(variance)
    scale = np.where(deviation > SMALLEST, deviation, 1)
    known = moments.at(voice & drawn).scaled(mean, scale).together
    heard = moments.at(voice & scored).scaled(mean, scale)
    itself = drawn[voice & scored][:, None].astype(np.float64)
    held_against = known.without(heard, itself)
    counts = np.count_nonzero(voice & drawn) - itself
    likelihoods = []
    for strength in STRENGTHS:
        middle, wide = shrunk(held_against, counts, strength)
        rows = heard.scaled(middle, wide)
        likelihoods.append(-(np.log(wide) + rows.squares / rows.rows / 2).mean())
    return np.array(likelihoods)
