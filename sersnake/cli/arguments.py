"""Options that several verbs share."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sersnake.settings.classifiers import CLASSIFIERS, DEFAULT_CLASSIFIER

Run = Callable[[argparse.Namespace], int | None]


class HelpFormatter(argparse.ArgumentDefaultsHelpFormatter):
    """Shows every default except that of an option which is off unless given."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        return action.help if action.default is None else super()._get_help_string(action)


def add_verb(
    verbs: argparse._SubParsersAction, name: str, description: str, run: Run
) -> argparse.ArgumentParser:
    """Adds a verb whose help shows every default and whose options cannot be abbreviated."""
    summary = re.split(r"(?<!Eq)\.(?: |$)", description)[0]  # its first sentence
    parser = verbs.add_parser(
        name,
        help=summary.replace("%", "%%"),  # argparse formats a help text, but no description
        description=description,
        allow_abbrev=False,
        formatter_class=HelpFormatter,
    )
    parser.set_defaults(run=run)
    return parser


def add_output(parser: argparse.ArgumentParser, what: str, flag: str = "--output") -> None:
    """Adds a required output file."""
    add_file(parser, flag, f"{what} to write")


def add_file(parser: argparse.ArgumentParser, flag: str, what: str) -> None:
    """Adds a required file."""
    # The blank default keeps "(default: None)" out of the help of an obligatory option.
    parser.add_argument(
        flag, type=Path, required=True, metavar="FILE", default=argparse.SUPPRESS, help=what
    )


def add_files(
    parser: argparse.ArgumentParser, flag: str, what: str, *, required: bool = True
) -> None:
    """Adds a list of files, which may be empty unless it is required."""
    parser.add_argument(
        flag,
        type=Path,
        required=required,
        nargs="+" if required else "*",
        metavar="FILE",
        default=argparse.SUPPRESS if required else [],
        help=what,
    )


class NamedFiles(argparse.Action):
    """Reads NAME=FILE pairs as a dictionary."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        """Keeps the files by their names."""
        files = {}
        for text in values:
            name, _, path = text.partition("=")
            if not name or not path:
                parser.error(f"argument {option_string}: {text!r} is not NAME=FILE")
            if name in files:
                parser.error(f"argument {option_string}: {name} is named twice; name it once")
            files[name] = Path(path)
        setattr(namespace, self.dest, files)


def add_named_files(
    parser: argparse.ArgumentParser, flag: str, what: str, *, required: bool = True
) -> None:
    """Adds files by their names."""
    parser.add_argument(
        flag,
        nargs="+",
        required=required,
        metavar="NAME=FILE",
        default=argparse.SUPPRESS if required else {},
        action=NamedFiles,
        help=what,
    )


def add_conditions(
    parser: argparse.ArgumentParser, flag: str, what: str, *, required: bool = False
) -> None:
    """Adds packed features of degraded recordings, by their conditions."""
    several = "several files of one condition in the order of the features, CONDITION.NAME=FILE"
    named = f"{what}, CONDITION=FILE (verbs extract-degraded, embed-degraded); {several}"
    add_named_files(parser, flag, named, required=required)


def by_condition(files: Mapping[str, Path]) -> dict[str, list[Path]]:
    """The files of :func:`add_conditions`, in their order."""
    conditions: dict[str, list[Path]] = {}
    for name, path in files.items():
        conditions.setdefault(name.partition(".")[0], []).append(path)
    return conditions


def under_condition(files: Mapping[str, Path], condition: str) -> dict[str, Path]:
    """The files of one condition among CONDITION.FEATURES=FILE, by their features."""
    start = f"{condition}."
    return {name.removeprefix(start): files[name] for name in files if name.startswith(start)}


def add_folder(parser: argparse.ArgumentParser, flag: str, what: str) -> None:
    """Adds a required folder."""
    parser.add_argument(
        flag, type=Path, required=True, metavar="DIR", default=argparse.SUPPRESS, help=what
    )


def add_threads(parser: argparse.ArgumentParser, what: str, default: int = 1) -> None:
    """Adds a number of threads; where 0 is the default, it is one per core."""
    least = min(default, 1)
    per_core = "" if least else "; 0 is one per core"

    def number(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(
                f"is {text}; choose a whole number of at least {least}"
            )
        return int(text)

    parser.add_argument("--threads", type=number, default=default, help=f"{what}{per_core}")


def json_object(text: str) -> dict[str, Any]:
    """The type of an option that takes a JSON object."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(_no_object(str(error))) from None
    if not isinstance(value, dict):
        raise argparse.ArgumentTypeError(_no_object(f"it begins with {text.lstrip()[:1]}"))
    return value


def _no_object(why: str) -> str:
    return f"not a JSON object ({why}); put it in single quotes"


def add_context(parser: argparse.ArgumentParser) -> None:
    """Adds the file with what captions say about the run."""
    add_file(parser, "--context", "context.json of the run (verb describe)")


def add_classifier(parser: argparse.ArgumentParser) -> None:
    """Adds the choice of the final classifier."""
    meanings = ", ".join(f"{name} is {entry.phrase}" for name, entry in CLASSIFIERS.items())
    parser.add_argument(
        "--classifier", choices=tuple(CLASSIFIERS), default=DEFAULT_CLASSIFIER, help=meanings
    )


def add_folds(parser: argparse.ArgumentParser) -> None:
    """Adds the manifest, the folds and the names of some of them."""
    add_file(parser, "--manifest", "manifest.csv of the corpus")
    add_file(parser, "--folds", "folds.csv (fold, utterance, part)")
    parser.add_argument(
        "--fold",
        required=True,
        nargs="+",
        metavar="FOLD",
        default=argparse.SUPPRESS,
        help="folds to process, in order",
    )
