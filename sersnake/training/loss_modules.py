"""The paper's loss and the focal loss as modules for your own training loop."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from sersnake.errors import SersnakeError
from sersnake.training.losses import cross_entropy, focal_loss

Reduction = Literal["mean", "sum", "none"]
REDUCTIONS = ("mean", "sum", "none")


class HardExampleLoss(nn.Module):
    """``-h_i (1 - alpha_i) log p_i`` (Eq. 3): cross entropy, weighted by the hard index.

    Example:
        >>> import torch
        >>> loss = HardExampleLoss(torch.tensor([0.25, 0.75]))
        >>> logits, labels = torch.zeros(2, 2), torch.tensor([0, 1])
        >>> round(float(loss(logits, labels, torch.tensor([1.0, 0.5]))), 4)
        0.3033
    """

    shares: Tensor

    def __init__(self, shares: Tensor, reduction: Reduction = "mean") -> None:
        """Takes the classes' shares of the training data.

        Args:
            shares: ``(C,)``, alpha: share of each class, from 0 to 1.
            reduction: ``mean`` or ``sum`` over the examples, or ``none``.

        Raises:
            SersnakeError: A share is out of its range, or the reduction is unknown.
        """
        super().__init__()
        shares = torch.as_tensor(shares, dtype=torch.float32)
        if shares.ndim != 1 or not bool(((shares >= 0) & (shares <= 1)).all()):
            raise SersnakeError("shares must be one number from 0 to 1 per class")
        self.register_buffer("shares", shares)
        self.reduction = _checked(reduction)

    def forward(self, logits: Tensor, labels: Tensor, hard_index: Tensor) -> Tensor:
        """The loss of ``logits (N, C)`` with ``labels (N,)`` and ``hard_index (N,)``."""
        weights = hard_index * (1 - self.shares[labels])
        return _reduced(weights * cross_entropy(logits, labels), self.reduction)


class FocalLoss(nn.Module):
    """``-alpha (1 - p)^gamma log p`` (Lin et al., ICCV 2017, Eq. 5).

    Example:
        >>> import torch
        >>> logits, labels = torch.zeros(1, 2), torch.tensor([0])
        >>> round(float(FocalLoss()(logits, labels)), 4)
        0.1733
    """

    alpha: Tensor | None

    def __init__(
        self, gamma: float = 2.0, alpha: Tensor | None = None, reduction: Reduction = "mean"
    ) -> None:
        """Takes its parameters.

        Args:
            gamma: Focusing parameter, at least 0.
            alpha: ``(C,)``, weight of each class; all 1 if left out.
            reduction: ``mean`` or ``sum`` over the examples, or ``none``.

        Raises:
            SersnakeError: Gamma is below 0, or the reduction is unknown.
        """
        super().__init__()
        if not gamma >= 0:
            raise SersnakeError(f"gamma must be at least 0, not {gamma}")
        self.gamma, self.reduction = gamma, _checked(reduction)
        given = alpha is not None
        self.register_buffer(
            "alpha", torch.as_tensor(alpha, dtype=torch.float32) if given else None
        )

    def forward(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The loss of ``logits (N, C)`` with ``labels (N,)``."""
        alpha = logits.new_ones(logits.shape[1]) if self.alpha is None else self.alpha
        return _reduced(focal_loss(logits, labels, gamma=self.gamma, alpha=alpha), self.reduction)


def _checked(reduction: str) -> str:
    if reduction not in REDUCTIONS:
        raise SersnakeError(f"reduction: {reduction!r} is not one of {', '.join(REDUCTIONS)}")
    return reduction


def _reduced(losses: Tensor, reduction: str) -> Tensor:
    if reduction == "none":
        return losses
    return losses.mean() if reduction == "mean" else losses.sum()
