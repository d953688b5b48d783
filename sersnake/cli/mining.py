"""Verb that mines the hard examples of folds."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sersnake.cli.arguments import add_output, add_verb
from sersnake.cli.settings import add_settings, settings_of
from sersnake.errors import SersnakeError

if TYPE_CHECKING:
    import pandas as pd

    from sersnake.settings.mining import Mining

    Mined = tuple[pd.DataFrame, float]  # a fold's hard index, and beta


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verbs of this stage."""
    parser = add_verb(
        verbs,
        "mine",
        "Find the hard examples of each fold by the hard index (Eq. 1 and 2).",
        mine,
    )
    parser.add_argument(
        "counts",
        type=Path,
        nargs="+",
        help="counts of the first phase (verb train), followed by those of the other streams for "
        "the setting union",
    )
    parser.add_argument(
        "--network", required=True, default=argparse.SUPPRESS, help="network of the counts"
    )
    add_settings(parser)
    add_output(parser, "hard index")


def mine(options: argparse.Namespace) -> None:
    """Writes network, fold, utterance, misclassified, epochs, hard_index, hard."""
    import pandas as pd

    from sersnake.io import write_csv
    from sersnake.settings.mining import Mining

    (mining,) = settings_of(options, Mining)
    counts, *further = options.counts
    if mining.union and not further:
        raise SersnakeError("union: give the counts of the other streams after those of this one")
    tables = _mine([counts], mining)
    asked = {fold: _asked(mined, mining) for fold, (mined, _) in tables.items()}
    note = ""
    if further:
        tables = _unite(tables, further, mining)
        note = ", with those of other streams"
    for fold, (mined, beta) in tables.items():
        hard = int(mined["hard"].sum())
        print(
            f"{options.network} fold {fold}: beta {beta:.4f}, {hard} of {len(mined)} "
            f"utterances are hard ({hard / len(mined):.1%}{asked[fold]}){note}",
            file=sys.stderr,
        )
    table = pd.concat([mined for mined, _ in tables.values()])
    table.insert(0, "network", options.network)
    write_csv(options.output, table, "%.8g")


def _asked(mined: pd.DataFrame, mining: Mining) -> str:
    """The target share, and why it is missed if it is; empty if beta is given."""
    from sersnake.training.mining import why_missed

    if mining.beta is not None:
        return ""
    reason = why_missed(mined, mining.hard_share)
    return f"; {mining.hard_share:.1%} asked" + (f", but {reason}" if reason else "")


def _mine(files: Sequence[Path], mining: Mining) -> dict[str, Mined]:
    """The hard examples of every fold in files of counts."""
    import pandas as pd

    from sersnake.io import read_csv
    from sersnake.training.mining import mine_fold

    columns = ["fold", "utterance", "misclassified", "epochs"]
    counts = pd.concat([read_csv(file, columns) for file in files])
    if counts.duplicated(["fold", "utterance"]).any():
        raise SersnakeError(f"{', '.join(map(str, files))}: an utterance occurs twice in a fold")
    settings = {key: getattr(mining, key) for key in ("beta", "hard_share", "smoothing")}
    return {
        str(fold): mine_fold(of_fold, **settings)
        for fold, of_fold in counts.groupby("fold", sort=False)
    }


def _unite(tables: dict[str, Mined], further: Sequence[Path], mining: Mining) -> dict[str, Mined]:
    """The hard examples with those of other streams, whose files each have some of the folds."""
    from sersnake.training.mining import hard_for_either

    united, covered = dict(tables), Counter[str]()
    for path in further:
        for fold, (also, _) in _mine([path], mining).items():
            if fold not in united:
                continue
            mined, beta = united[fold]
            try:
                united[fold] = hard_for_either(mined, also), beta
            except SersnakeError as error:
                raise SersnakeError(f"{path}: fold {fold}: {error}") from error
            covered[fold] += 1
    most = max(covered.values(), default=1)
    if missing := [fold for fold in tables if covered[fold] < most]:
        raise SersnakeError(
            f"counts of other streams: {covered[missing[0]] or 'none'} for fold {missing[0]}, and "
            f"{most} for another; give those of every stream and fold"
        )
    return united
