"""Times the training of the networks: against plain PyTorch, part by part, on large corpora.

Usage: ``python benchmarks/training.py [epoch|parts|growth] …``; without a name it
runs all. It uses one thread unless ``--threads`` says otherwise.

- ``epoch``: one ACLN epoch on EMODB, a plain PyTorch loop against the engine, and what share of a
  large matrix product the engine reaches.
- ``parts``: one epoch with each of the engine's own parts switched off.
- ``growth``: synthetic corpora of 500 to 50,000 utterances.

Prints each part's text and writes its tables (``training_*.csv``) under ``--out``; ``--page
docs/results/benchmarks.md`` fills its block of that page too. All but ``growth`` need EMODB and are
left out unless SERSNAKE_CORPORA is set. For a trial with fewer ``--utterances`` or ``--sizes``,
choose another ``--out``.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import torch
from engine import epoch, growth, parts
from engine.emodb import CORPORA
from engine.report import Result
from threadpoolctl import threadpool_limits

from sersnake.cli.arguments import HelpFormatter

PARTS = ("epoch", "parts", "growth")


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], formatter_class=HelpFormatter, allow_abbrev=False
    )
    parser.add_argument("parts", nargs="*", choices=PARTS, help="what to run")
    parser.add_argument(
        "--out", type=Path, default=Path("results/benchmarks"), help="folder to write to"
    )
    parser.add_argument("--page", type=Path, help="Markdown page whose blocks to fill")
    parser.add_argument("--threads", type=int, default=1, help="threads per process")
    parser.add_argument(
        "--rounds", type=int, default=3, help="rounds of epoch and parts, after a warm-up"
    )
    parser.add_argument(
        "--utterances", type=int, help="utterances of epoch (default: all of a fold's training set)"
    )
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
    if part == "parts":
        return parts.measure(options.rounds)
    return growth.measure(options.sizes, options.threads)


def main() -> None:
    """Runs the benchmark."""
    options = parse()
    chosen = tuple(options.parts) or PARTS
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
