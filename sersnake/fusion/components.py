"""Principal components of a training set."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
NOTHING = 1e-9  # of the largest variance

# N utterances projected on K components, (N, K), and a function from coefficients of the
# components, (C, K), to coefficients of the features, (C, D).
Components = tuple[Values, Callable[[Values], Values]]


def principal_components(centered: Values, share: float) -> Components:
    """The fewest principal components that keep a share of the variance of ``(N, D)``.

    Computed from the smaller of the two Gram matrices, (N, N) or (D, D), which is many times faster
    than a singular value decomposition. Components without variance are left out.
    """
    wide = len(centered) < centered.shape[1]
    variances, vectors = np.linalg.eigh(centered @ centered.T if wide else centered.T @ centered)
    variances, vectors = variances[::-1], vectors[:, ::-1]
    kept = np.cumsum(variances)
    count = np.searchsorted(kept, share * kept[-1]) + 1
    count = min(count, np.count_nonzero(variances > NOTHING * variances[0]))
    vectors, lengths = vectors[:, :count], np.sqrt(variances[:count])
    if not wide:
        return centered @ vectors, lambda coefficients: coefficients @ vectors.T
    # Computing the axes themselves would take two more products as large as the first.
    return vectors * lengths, lambda coefficients: coefficients / lengths @ vectors.T @ centered
