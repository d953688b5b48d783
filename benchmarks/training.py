"""Times the training of the networks: against plain PyTorch, on many folds, on large corpora.

Usage: ``python benchmarks/training.py [epoch|accuracy|fcn|growth|launches|all] …``; without a name
it runs all but ``accuracy``. On one thread unless ``--threads`` says otherwise.

- ``epoch``: one ACLN epoch on EMODB, a plain PyTorch loop against the engine, and what share of a
  large matrix product the engine reaches.
- ``accuracy``: UA of both on the ten folds of ``config/emodb.yaml``; half an hour on two cores. A
  killed run goes on.
- ``fcn``: ten folds in ten calls against one, and one by one against stacked.
- ``growth``: synthetic corpora of 500 to 50,000 utterances.
- ``launches``: how many operations an epoch would issue on a GPU, and what that may cost there.

Prints each part's text and writes its tables (``training_*.csv``) under ``--out``; ``--page
docs/training.md`` fills its block of that page too. All but ``growth`` need EMODB and are left out
unless SERSNAKE_CORPORA is set. A trial with fewer ``--folds``, ``--epochs``, ``--utterances`` or
``--sizes`` belongs into another ``--out``.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import torch
from engine import accuracy, epoch, folds, growth, launches
from engine.emodb import CORPORA
from engine.report import Result
from threadpoolctl import threadpool_limits

from sersnake.cli.arguments import HelpFormatter

PARTS = ("epoch", "accuracy", "fcn", "growth", "launches")
QUICK_PARTS = ("epoch", "fcn", "growth", "launches")


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], formatter_class=HelpFormatter, allow_abbrev=False
    )
    parser.add_argument(
        "parts", nargs="*", choices=(*PARTS, "all"), help="what to run; all but accuracy"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("results/benchmarks"), help="folder to write to"
    )
    parser.add_argument("--page", type=Path, help="Markdown page whose blocks to fill")
    parser.add_argument("--threads", type=int, default=1, help="threads of a process")
    parser.add_argument("--rounds", type=int, default=3, help="of epoch and fcn, after a warm-up")
    parser.add_argument("--utterances", type=int, help="of epoch; all of a fold's training set")
    parser.add_argument("--folds", type=int, help="of accuracy and fcn; all")
    parser.add_argument("--epochs", type=int, help="of accuracy; the quick preset's")
    parser.add_argument("--jobs", type=int, default=2, help="processes of accuracy")
    parser.add_argument(
        "--sizes",
        type=lambda text: [int(size) for size in text.split(",")],
        default=",".join(map(str, growth.SIZES)),
        help="utterances of growth",
    )
    return parser.parse_args()


def run(part: str, options: argparse.Namespace) -> Result:
    """Measures one part."""
    if part == "epoch":
        return epoch.measure(options.rounds, options.utterances)
    if part == "accuracy":
        return accuracy.measure(
            options.out, options.jobs, options.threads, options.folds, options.epochs
        )
    if part == "fcn":
        return folds.measure(options.rounds, options.threads, options.folds)
    if part == "launches":
        return launches.measure()
    return growth.measure(options.sizes, options.threads)


def main() -> None:
    """Runs the benchmark."""
    options = parse()
    chosen = PARTS if "all" in options.parts else tuple(options.parts) or QUICK_PARTS
    torch.set_num_threads(options.threads)
    threads = f"{options.threads} thread{'s' if options.threads > 1 else ''}"
    with threadpool_limits(options.threads):
        for part in chosen:
            if part != "growth" and CORPORA not in os.environ:
                print(f"left out: {part} ({CORPORA} is not set)")
                continue
            run(part, options).publish(threads, options.out, options.page)


if __name__ == "__main__":
    main()
