"""The paper's method and speaker normalisation as scikit-learn estimators."""

from __future__ import annotations

from sersnake.estimators.fusion import IndependentFusionClassifier
from sersnake.estimators.hard_example import HardExampleClassifier
from sersnake.estimators.speaker_scaler import SpeakerScaler

__all__ = ["HardExampleClassifier", "IndependentFusionClassifier", "SpeakerScaler"]
