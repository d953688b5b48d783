"""A trained model: make, save, load and predict."""

from __future__ import annotations

from sersnake.model.folder import load_model, save_model
from sersnake.model.model import Model, Prediction, Recogniser

__all__ = ["Model", "Prediction", "Recogniser", "load_model", "save_model"]
