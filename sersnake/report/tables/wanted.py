"""Which tables a run has."""

from __future__ import annotations

from collections.abc import Sequence

from sersnake.report.tables.losses import METHODS
from sersnake.report.tables.others import CORPORA, OURS
from sersnake.report.tables.training import ARMS as TRAINING_ARMS
from sersnake.settings.arms import ARMS


def tables_of(arms: Sequence[str], corpus: str) -> list[str]:
    """Names of the tables that have something to say of a run.

    Args:
        arms: Arms of the run.
        corpus: Name of the corpus.

    Returns:
        Those of table1 to table7 and ablation; the last where Table 3 leaves an arm out.
    """
    chosen = set(arms)
    networks = {network for arm in arms for network in ARMS[arm].networks}
    wanted = {
        "table1": networks & {"acln", "fused"},
        "table2": networks & {"fcn", "fused"},
        "table3": chosen & set(TRAINING_ARMS),
        "table4": any(ARMS[arm].loss == "he" for arm in arms),
        "table5": len(chosen & set(METHODS)) > 1,
        "table6": chosen & set(METHODS),
        "table7": corpus in CORPORA and chosen & set(OURS),
        "ablation": chosen - set(TRAINING_ARMS),
    }
    return [name for name, needed in wanted.items() if needed]
