"""Verb that mines the hard examples of folds."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sersnake.cli.arguments import add_output, add_verb


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verbs of this stage."""
    parser = add_verb(
        verbs,
        "mine",
        "Find the hard examples of each fold by the hard index (Eq. 1 and 2).",
        mine,
    )
    parser.add_argument("counts", type=Path, help="counts of the first phase (verb train)")
    parser.add_argument("--network", required=True, default=argparse.SUPPRESS, help="its network")
    parser.add_argument(
        "--hard-share", type=float, default=0.506, help="beta is chosen to come closest to it"
    )
    parser.add_argument("--beta", type=float, help="threshold in [0, 1); overrides --hard-share")
    add_output(parser, "hard index")


def mine(options: argparse.Namespace) -> None:
    """Writes network, fold, utterance, misclassified, epochs, hard_index, hard."""
    import pandas as pd

    from sersnake.io import read_csv, write_csv
    from sersnake.mining import mine_fold

    counts = read_csv(options.counts, ["fold", "utterance", "misclassified", "epochs"])
    tables = []
    for fold, of_fold in counts.groupby("fold", sort=False):
        mined, beta = mine_fold(of_fold, beta=options.beta, hard_share=options.hard_share)
        tables.append(mined)
        hard = int(mined["hard"].sum())
        print(
            f"{options.network} fold {fold}: beta {beta:.4f}, {hard} of {len(mined)} "
            f"utterances are hard ({hard / len(mined):.1%})",
            file=sys.stderr,
        )
    table = pd.concat(tables)
    table.insert(0, "network", options.network)
    write_csv(options.output, table, "%.8g")
