"""Protocols: which utterances of a fold are trained on, tested on, and left unused."""

from __future__ import annotations

from sersnake.protocols.fold_file import fold_files, read_fold_file
from sersnake.protocols.folds import describe_folds, fold_names, fold_parts, make_folds, split
from sersnake.protocols.nested import outer_names
from sersnake.protocols.split_indices import folds_of_splits
from sersnake.settings.protocol import CLAIMS, PROTOCOLS, WHOLE, Protocol

__all__ = [
    "CLAIMS",
    "PROTOCOLS",
    "WHOLE",
    "Protocol",
    "describe_folds",
    "fold_files",
    "fold_names",
    "fold_parts",
    "folds_of_splits",
    "make_folds",
    "outer_names",
    "read_fold_file",
    "split",
]
