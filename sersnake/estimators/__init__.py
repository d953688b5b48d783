"""The paper's method as scikit-learn estimators, for any feature matrix."""

from __future__ import annotations

from sersnake.estimators.fusion import IndependentFusionClassifier
from sersnake.estimators.hard_example import HardExampleClassifier

__all__ = ["HardExampleClassifier", "IndependentFusionClassifier"]
