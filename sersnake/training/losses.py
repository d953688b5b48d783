"""The losses: cross entropy, focal loss, and the weights of the hard-example (HE) loss."""

from __future__ import annotations

from collections.abc import Callable
from pkgutil import resolve_name

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from sersnake.settings.loss_registry import OBJECTIVES
from sersnake.settings.losses import Objective

Loss = Callable[[Tensor, Tensor], Tensor]


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """``-log p`` of each utterance, p the predicted probability of its true class.

    Args:
        logits: ``(N, classes)``.
        labels: ``int64 (N,)``.

    Returns:
        ``(N,)``.
    """
    return F.cross_entropy(logits, labels, reduction="none")


def focal_loss(logits: Tensor, labels: Tensor, *, gamma: float, alpha: Tensor) -> Tensor:
    """``-alpha (1 - p)^gamma log p`` of each utterance (Lin et al., ICCV 2017, Eq. 5).

    Args:
        logits: ``(N, classes)``.
        labels: ``int64 (N,)``.
        gamma: Focusing parameter, at least 0; 0 with equal alpha is cross entropy.
        alpha: ``(classes,)``, weight of each class.

    Returns:
        ``(N,)``.
    """
    loss = cross_entropy(logits, labels)
    # 1 - p without the cancellation of a p near 1, and with a gradient where it is 0.
    easy = -torch.expm1(-loss.clamp_min(torch.finfo(loss.dtype).tiny))
    return alpha[labels] * easy**gamma * loss


def make_loss(objective: Objective, shares: NDArray[np.float64], device: torch.device) -> Loss:
    """The loss of a fold.

    Args:
        objective: Its name and parameters.
        shares: ``(classes,)``, share of each class in the fold's training set.
        device: Device of the computation.
    """
    return load_maker(objective.loss)(objective, shares, device)


def load_maker(name: str) -> Callable[[Objective, NDArray[np.float64], torch.device], Loss]:
    """The function that makes a loss, imported now."""
    maker: Callable[[Objective, NDArray[np.float64], torch.device], Loss]
    maker = resolve_name(OBJECTIVES[name].make)
    return maker


def make_cross_entropy(
    objective: Objective, shares: NDArray[np.float64], device: torch.device
) -> Loss:
    """Cross entropy, the same in every fold."""
    return cross_entropy


def make_focal(objective: Objective, shares: NDArray[np.float64], device: torch.device) -> Loss:
    """The focal loss, which weights a class by one minus its share."""
    alpha = torch.as_tensor(1 - shares, dtype=torch.float32, device=device)
    return lambda logits, labels: focal_loss(logits, labels, gamma=objective.gamma, alpha=alpha)


def class_shares(labels: NDArray[np.int64], classes: int) -> NDArray[np.float64]:
    """Share of each class, ``float64 (classes,)`` (the alpha of Eq. 3), 0 without utterances."""
    return np.bincount(labels, minlength=classes) / max(1, len(labels))


def hard_example_weights(
    hard_index: NDArray[np.float64], labels: NDArray[np.int64], shares: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Weights that turn cross entropy into the hard-example (HE) loss.

    Eq. 3 reads ``-h_i (1 - alpha_i) log p_i`` with p_i the predicted probability of the true
    class: cross entropy times ``h_i (1 - alpha_i)``. (The paper calls p_i the classification
    error probability, which would reward errors.)

    Args:
        hard_index: ``(N,)``, h_i of Eq. 1.
        labels: ``(N,)``, positions of the true classes.
        shares: ``(classes,)``, share of each class in the fold's training set, or within its hard
            examples.
    """
    return hard_index * (1 - shares[labels])
