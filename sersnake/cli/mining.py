"""Verb that mines a fold's hard examples."""

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
        "Find a fold's hard examples by the hard index (Eq. 1 and 2).",
        mine,
    )
    parser.add_argument("counts", type=Path, help="counts of the first phase (verb train)")
    parser.add_argument("--network", required=True, default=argparse.SUPPRESS, help="its network")
    parser.add_argument("--fold", required=True, default=argparse.SUPPRESS, help="its fold")
    parser.add_argument(
        "--hard-share", type=float, default=0.506, help="beta is chosen to come closest to it"
    )
    parser.add_argument("--beta", type=float, help="threshold in [0, 1); overrides --hard-share")
    add_output(parser, "hard index")


def mine(options: argparse.Namespace) -> None:
    """Writes network, fold, utterance, misclassified, epochs, hard_index, hard."""
    from sersnake.io import read_csv, write_csv
    from sersnake.mining import mine_fold

    counts = read_csv(options.counts, ["utterance", "misclassified", "epochs"])
    mined, beta = mine_fold(counts, beta=options.beta, hard_share=options.hard_share)
    mined.insert(0, "network", options.network)
    mined.insert(1, "fold", options.fold)
    write_csv(options.output, mined, "%.8g")
    hard = int(mined["hard"].sum())
    print(
        f"{options.network} fold {options.fold}: beta {beta:.4f}, {hard} of {len(mined)} "
        f"utterances are hard ({hard / len(mined):.1%})",
        file=sys.stderr,
    )
