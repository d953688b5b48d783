"""How verbs take their settings, and the verb that lists them."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from sersnake.cli import main, verb_parsers
from sersnake.cli.settings import OF_A_KIND, settings_of
from sersnake.errors import SersnakeError
from sersnake.settings.base import fields_of
from sersnake.settings.classifiers import CLASSIFIERS
from sersnake.settings.feature_kinds import FEATURE_KINDS
from sersnake.settings.mining import Mining
from sersnake.settings.pages import GROUPS, MARK, replace_table
from sersnake.settings.schedule import Schedule


def read(*settings: str) -> tuple[Schedule, Mining]:
    options = argparse.Namespace(verb="train", settings=list(settings))
    schedule, mining = settings_of(options, Schedule, Mining)
    return schedule, mining


@pytest.mark.parametrize("text", ['{"epochs": 3, "beta": 0.2}', "{epochs: 3, beta: 0.2}", "FILE"])
def test_settings_come_as_text_or_in_a_file(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text("epochs: 3\nbeta: 0.2\n")
    schedule, mining = read(text.replace("FILE", str(path)))
    assert (schedule, mining) == (Schedule(epochs=3), Mining(beta=0.2))
    assert capsys.readouterr().err == "sersnake train: settings: epochs 3, beta 0.2\n"


def test_the_last_one_counts(capsys: pytest.CaptureFixture[str]) -> None:
    schedule, mining = read("{epochs: 3, beta: 0.2}", "epochs=4", "epochs=5", "beta=null")
    assert (schedule, mining) == (Schedule(epochs=5), Mining())
    assert read() == (Schedule(), Mining())
    assert capsys.readouterr().err.endswith("sersnake train: settings: the defaults\n")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("none.yaml", "--settings none.yaml: neither KEY=VALUE, nor JSON in braces, nor a file"),
        ("epochs=[3", "'\\[3' is not YAML"),
        ("epoch=3", "epoch: there is no such key; did you mean epochs?"),
        ("{epochs: -1}", "epochs: -1 is not allowed; choose a whole number of at least 0"),
    ],
)
def test_a_mistake_is_named(settings: str, message: str) -> None:
    with pytest.raises(SersnakeError, match=message):
        read(settings)


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.yaml").write_text("- epochs\n")
    with pytest.raises(SersnakeError, match=r"list\.yaml: write keys with values"):
        read(str(tmp_path / "list.yaml"))


def call_of(name: str) -> list[str]:
    """A call with all that a verb, or the extraction of a kind, needs; the files are not there."""
    if name in FEATURE_KINDS:
        return ["extract", name, "none.wav", "--output", "none"]
    words = [name]
    for action in verb_parsers()[name]._actions:
        if action.required:
            value = "a=none" if action.metavar == "NAME=FILE" else "none"
            words += [*action.option_strings[:1], next(iter(action.choices or [value]))]
    return words


def test_feature_sets_are_files_with_names(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["train", "fcn", "--fold", "0", "--manifest", "m", "--folds", "f", "--output", "o"]
    options = verb_parsers()["train"].parse_args([*words[1:], "--features", "a=x=1", "b=y"])
    assert options.features == {"a": Path("x=1"), "b": Path("y")}
    for wrong in ("is09.safetensors", "=x", "a="):
        with pytest.raises(SystemExit):
            main([*words, "--features", wrong])
        assert f"--features: '{wrong}' is not NAME=FILE" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([*words, "--features", "a=x", "a=y"])
    assert "--features: a is named twice" in capsys.readouterr().err


@pytest.mark.parametrize("verb", sorted(set(GROUPS) - {"config"}))
def test_a_verb_takes_the_keys_that_are_listed(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before it reads any file; of a key like no other it names all that it knows."""
    taken: set[str] = set()
    fitting = verb in ("classify", "enrol-curve", "make-model", "robustness")
    for more in [["--classifier", name] for name in CLASSIFIERS] if fitting else [[]]:
        assert main([*call_of(verb), *more, "--set", "zzz=1"]) == 2
        taken |= set(capsys.readouterr().err.strip().partition("the keys are ")[2].split(", "))
    assert taken == {field.name for model in GROUPS[verb] for field in fields_of(model)}
    assert main(["settings", verb]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert taken == {line.partition(":")[0] for line in lines if not line.startswith(" ")}


def test_the_settings_of_every_verb_are_listed() -> None:
    takes = {
        verb for verb, parser in verb_parsers().items() if "--set" in parser._option_string_actions
    }
    assert takes - set(OF_A_KIND) == set(GROUPS) - {"config", *FEATURE_KINDS}


@pytest.mark.parametrize("verb", OF_A_KIND)
def test_extraction_has_the_settings_of_a_kind(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["settings", verb]) == 2
    assert f"{verb}: name the kind of features: mfcc, " in capsys.readouterr().err


def test_what_takes_no_settings_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["settings", "score"]) == 2
    assert "score: takes no settings; choose config, manifest" in capsys.readouterr().err


def test_a_page_gets_another_table_and_keeps_the_rest() -> None:
    page = f"# Keys\n\n{MARK}\n\n| old |\n|---|\n\n| another |\n"
    made = replace_table(page, "| new |\n|---|\n")
    assert made == f"# Keys\n\n{MARK}\n\n| new |\n|---|\n\n| another |\n"
    with pytest.raises(SersnakeError, match="the page has no line"):
        replace_table("# Keys\n", "| new |\n")


def test_a_setting_that_is_a_file_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["mine", "counts.csv", "--network", "acln", "--output", "hard.csv"]
    assert main([*words, "--set", "union=true"]) == 2
    assert "union: give the counts of the other streams after" in capsys.readouterr().err
    files = ["--manifest", "m", "--folds", "f"]
    words = ["classify", "x", "--system", "acln_ce", "--fold", "0", *files]
    assert main([*words, "--output", "p.csv", "--set", "features=[is09]"]) == 2
    assert "features: name the packed is09 by --late is09=FILE" in capsys.readouterr().err
