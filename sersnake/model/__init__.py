"""A trained model as something to use: made, saved, loaded, and asked."""

from __future__ import annotations

from sersnake.model.folder import load_model, save_model
from sersnake.model.model import Model, Prediction, Recogniser

__all__ = ["Model", "Prediction", "Recogniser", "load_model", "save_model"]
