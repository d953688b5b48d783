"""Protocols: which utterances of a fold are trained on, tested on, and left unused."""

from __future__ import annotations

from sersnake.protocols.fold_file import FoldTable, read_fold_file
from sersnake.protocols.folds import describe_folds, fold_names, fold_parts, make_folds, split
from sersnake.protocols.nested import outer_names
from sersnake.protocols.options import CLAIMS, PROTOCOLS, WHOLE, Protocol

__all__ = [
    "CLAIMS",
    "PROTOCOLS",
    "WHOLE",
    "FoldTable",
    "Protocol",
    "describe_folds",
    "fold_names",
    "fold_parts",
    "make_folds",
    "outer_names",
    "read_fold_file",
    "split",
]
