"""The paper's tables, one a file: which cells stand in them, and what their captions say."""

from __future__ import annotations

from sersnake.tables.ablation import ablation
from sersnake.tables.arms import ARM_NAMES
from sersnake.tables.hard_shares import table4
from sersnake.tables.losses import table5
from sersnake.tables.others import table7
from sersnake.tables.recalls import table6
from sersnake.tables.training import table3
from sersnake.tables.wanted import tables_of

__all__ = [
    "ARM_NAMES",
    "ablation",
    "table3",
    "table4",
    "table5",
    "table6",
    "table7",
    "tables_of",
]
