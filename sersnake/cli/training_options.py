"""Options of the verbs that train: schedule, recipe, network, machine and files."""

from __future__ import annotations

import argparse
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from sersnake.cli.arguments import add_file, add_folds, add_output
from sersnake.training.recipe import COUNTINGS, DEFAULT_RECIPE, NORMALISATIONS, Recipe

if TYPE_CHECKING:
    from sersnake.networks import NetworkOptions
    from sersnake.training.schedule import Schedule

RECIPE_HELP = {
    "dropout": "rate before the output layer",
    "frame_mask": "share of an utterance's frames that two random spans hide at the most",
    "crop": "frames of an utterance that are used, at the most; 0 uses all",
}
COUNTING_HELP = {
    "counting": "which misclassifications count: those in training, or after every epoch",
    "counted_epochs": "last epochs that count; 0 counts all",
}


def add_training(parser: argparse.ArgumentParser) -> None:
    """Adds what both verbs take."""
    parser.add_argument("network", choices=("acln", "fcn", "fused"), help="network")
    add_folds(parser)
    add_file(parser, "--mfcc", "packed MFCCs")
    add_file(parser, "--functionals", "packed functionals")
    parser.add_argument(
        "--arms", nargs="+", default=["independent_ce"], help="arms that the history belongs to"
    )
    _add_schedule(parser)
    _add_recipe(parser, RECIPE_HELP)
    parser.add_argument(
        "--normalisation",
        choices=NORMALISATIONS,
        default=DEFAULT_RECIPE.normalisation,
        help="z-scores by the fold's training part, or by all recordings of a speaker "
        "(transductive)",
    )
    add_network(parser)
    _add_machine(parser)
    add_output(parser, "weights", "--output-weights")
    add_output(parser, "history", "--output-history")
    add_output(parser, "the network's features of every utterance", "--output-embedding")
    parser.add_argument(
        "--output-curve",
        type=Path,
        metavar="FILE",
        help="accuracy of the softmax on the test part after every epoch (network, arm, fold, "
        "phase, epoch, wa, ua) to write; decides nothing",
    )


def add_counting(parser: argparse.ArgumentParser) -> None:
    """Adds what says which misclassifications count."""
    parser.add_argument(
        "--counting",
        choices=COUNTINGS,
        default=DEFAULT_RECIPE.counting,
        help=COUNTING_HELP["counting"],
    )
    _add_recipe(parser, {"counted_epochs": COUNTING_HELP["counted_epochs"]})


def chosen_schedule(options: argparse.Namespace) -> Schedule:
    """The schedule that the options say."""
    from sersnake.training.schedule import Schedule

    return Schedule(**{field.name: getattr(options, field.name) for field in fields(Schedule)})


def chosen_recipe(options: argparse.Namespace) -> Recipe:
    """The recipe that the options say; what a verb does not offer is the default."""
    names = [field.name for field in fields(Recipe) if hasattr(options, field.name)]
    return Recipe(**{name: getattr(options, name) for name in names})


def chosen_network(options: argparse.Namespace) -> NetworkOptions:
    """The choices about the network that the options say."""
    from sersnake.networks import NetworkOptions

    names = [field.name for field in fields(NetworkOptions)]
    return NetworkOptions(**{name: getattr(options, name) for name in names})


def _add_schedule(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--epochs", type=int, default=40, help="epochs, at the most")
    parser.add_argument("--batch-size", type=int, default=32, help="utterances a batch")
    parser.add_argument("--learning-rate", type=float, default=1e-3, help="Adam's learning rate")
    parser.add_argument(
        "--decay-epochs",
        type=int,
        default=0,
        help="last epochs, in which the learning rate falls to zero on a cosine",
    )
    parser.add_argument(
        "--steady-window",
        type=int,
        default=0,
        help="epochs over which the loss is averaged to see that it is steady; 0 trains them all",
    )
    parser.add_argument(
        "--steady-tolerance", type=float, default=0.0, help="relative fall that counts as steady"
    )


def _add_recipe(parser: argparse.ArgumentParser, helps: dict[str, str]) -> None:
    for name, text in helps.items():
        default = getattr(DEFAULT_RECIPE, name)
        flag = f"--{name.replace('_', '-')}"
        parser.add_argument(flag, type=type(default), default=default, help=text)


def add_network(parser: argparse.ArgumentParser) -> None:
    """Adds what may be chosen about the networks."""
    # The defaults stand here too, since those of NetworkOptions come with PyTorch.
    parser.add_argument(
        "--attention", choices=("additive", "dot"), default="additive", help="of ACLN"
    )
    parser.add_argument("--heads", type=int, default=1, help="of the attention; divides 128")
    parser.add_argument(
        "--leaky-slope",
        type=float,
        default=0.0,
        help="slope below zero of the convolution blocks' leaky ReLU; 0 is ReLU",
    )
    parser.add_argument(
        "--coefficient-pooling",
        choices=("ceil", "floor"),
        default="ceil",
        help="how poolings round the number of coefficients; floor needs 16 or more",
    )
    parser.add_argument(
        "--fusion-width", type=int, default=256, help="values of the fused network's fusion layer"
    )


def _add_machine(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=0, help="seed of all that is random")
    parser.add_argument("--threads", type=int, default=1, help="threads of PyTorch")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1, …")
    parser.add_argument(
        "--autotune",
        action="store_true",
        help="let a graphics card time its convolutions; results then differ in the last digits",
    )
    parser.add_argument(
        "--precision", choices=("auto", "float32", "bfloat16"), default="auto", help="of matrices"
    )
    parser.add_argument(
        "--checkpoint",
        type=Path,
        metavar="FILE",
        help="where a killed call leaves off and the next one goes on; removed at the end",
    )
    parser.add_argument(
        "--checkpoint-seconds", type=float, default=60.0, help="time between two checkpoints in s"
    )
