"""The paper's method as scikit-learn estimators, and scaling by speaker, for any feature matrix."""

from __future__ import annotations

from sersnake.estimators.fusion import IndependentFusionClassifier
from sersnake.estimators.hard_example import HardExampleClassifier
from sersnake.estimators.speaker_scaler import SpeakerScaler

__all__ = ["HardExampleClassifier", "IndependentFusionClassifier", "SpeakerScaler"]
