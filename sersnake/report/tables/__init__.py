"""The paper's tables, one a file: which cells stand in them, and what their captions say."""

from __future__ import annotations

from sersnake.report.tables.ablation import ablation
from sersnake.report.tables.arms import ARM_NAMES
from sersnake.report.tables.hard_shares import table4
from sersnake.report.tables.losses import table5
from sersnake.report.tables.others import table7
from sersnake.report.tables.recalls import table6
from sersnake.report.tables.training import table3
from sersnake.report.tables.wanted import tables_of

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
