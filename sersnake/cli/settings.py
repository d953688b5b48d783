"""How verbs take their settings, and the verb that explains them."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sersnake.cli.arguments import add_verb
from sersnake.errors import SersnakeError

if TYPE_CHECKING:
    from sersnake.settings.base import Settings

PAIR = re.compile(r"(\w+)=(.*)", re.DOTALL)
OF_A_KIND = ("extract", "extract-degraded")  # verbs whose settings depend on the kind of features


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Adds the way to give settings; :func:`settings_of` reads them."""
    parser.add_argument(
        "--settings",
        "--set",
        action="append",
        default=[],
        metavar="TEXT|FILE|KEY=VALUE",
        help="settings as JSON or YAML in braces, a file of them, or one setting; later values "
        "override earlier ones. `sersnake settings` lists the keys",
    )


def settings_of(options: argparse.Namespace, *models: type[Settings]) -> tuple[Any, ...]:
    """One settings object per model from the options; prints the settings to standard error.

    Raises:
        SersnakeError: A key is of none of the models, or a value is not allowed.
    """
    from sersnake.settings.base import changed
    from sersnake.settings.groups import read_groups

    values: dict[str, Any] = {}
    for text in options.settings:
        values |= _given(text)
    groups = read_groups(models, values)
    taken = ", ".join(f"{key} {value}" for group in groups for key, value in changed(group).items())
    print(f"sersnake {options.verb}: settings: {taken or 'the defaults'}", file=sys.stderr)
    return groups


def _given(text: str) -> dict[str, Any]:
    """Settings from KEY=VALUE, from a file, or from the text itself."""
    if pair := PAIR.fullmatch(text):
        return {pair[1]: _value(pair[2])}
    source = text
    if not text.lstrip().startswith("{"):
        try:
            source = Path(text).read_text(encoding="utf-8")
        except OSError as error:
            raise SersnakeError(
                f"--settings {text}: neither KEY=VALUE, nor JSON in braces, nor a file that can be "
                f"read ({error.strerror})"
            ) from None
    values = _value(source)
    if not isinstance(values, Mapping):
        raise SersnakeError(f"--settings {text}: write keys with values, such as {{epochs: 40}}")
    return dict(values)


def _value(text: str) -> Any:
    """YAML, of which JSON is a part."""
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise SersnakeError(f"{text!r} is not YAML: {error}") from None


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verb of this stage."""
    parser = add_verb(
        verbs, "settings", "List the settings of a verb with defaults and meaning.", settings
    )
    parser.add_argument(
        "name",
        nargs="?",
        default="config",
        help="a verb that takes --settings, a kind of features, or config for the keys of the "
        "workflow's config",
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="a page (.md) whose table to replace, or a file (.yaml) for the config's JSON schema "
        "(default: print them)",
    )


def settings(options: argparse.Namespace) -> None:
    """Prints or writes the keys of a verb's settings."""
    import yaml

    from sersnake.io import write_text
    from sersnake.settings.feature_kinds import FEATURE_KINDS
    from sersnake.settings.pages import GROUPS, config_schema, key_list, key_table, replace_table

    if options.name in OF_A_KIND:
        raise SersnakeError(
            f"{options.name}: name the kind of features: {', '.join(FEATURE_KINDS)}"
        )
    if options.name not in GROUPS:
        raise SersnakeError(f"{options.name}: takes no settings; choose {', '.join(GROUPS)}")
    if not options.output:
        print("\n".join(map(key_list, GROUPS[options.name])))
    elif options.output.suffix == ".md":
        page = options.output.read_text(encoding="utf-8")
        write_text(options.output, replace_table(page, key_table(GROUPS[options.name])))
    else:
        schema = yaml.safe_dump(config_schema(), sort_keys=False, allow_unicode=True, width=96)
        write_text(options.output, schema)
