"""A user's mistake is one clear line and exit code 2; help is quick and complete."""

from __future__ import annotations

import argparse
import ast
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

import sersnake
from sersnake.cli import build_parser, main
from sersnake.features.functionals import feature_names
from sersnake.io import Features

ROOT = Path(__file__).parents[3]
VERBS = [
    "fetch",
    "synthesize",
    "manifest",
    "folds",
    "audit",
    "extract",
    "extract-degraded",
    "pack",
    "train",
    "retrain",
    "mine",
    "classify",
    "collect",
    "score",
    "enrol-curve",
    "embed-degraded",
    "robustness",
    "list-variants",
    "select-variants",
    "specification",
    "intervals",
    "groups",
    "compare",
    "optimism",
    "compare-protocols",
    "cross-corpora",
    "describe",
    "table",
    "figure",
    "timeline",
    "paper",
    "compile-paper",
    "provenance",
    "record",
    "show",
    "make-model",
    "choose-model",
    "predict",
    "models",
    "include-encoders",
    "export-onnx",
    "evaluate",
    "attend",
    "agreement",
    "atlas",
    "resume",
    "settings",
]


def call(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sersnake", *map(str, arguments)], capture_output=True, text=True
    )


def refused(*arguments: object) -> str:
    """Standard error of a call that has to end with 2 and one line of error."""
    run = call(*arguments)
    assert run.returncode == 2, run.stderr
    assert "Traceback" not in run.stderr
    errors = [line for line in run.stderr.splitlines() if "error:" in line]
    assert len(errors) == 1
    return errors[0]


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    path = tmp_path / "tone.wav"
    time = np.arange(8000) / 16000
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * 220 * time), 16000)
    return path


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([verb, "--help"])
    assert ended.value.code == 0
    assert "None" not in capsys.readouterr().out


def parsers() -> dict[str, argparse.ArgumentParser]:
    """The parser of every verb."""
    (verbs,) = (
        action
        for action in build_parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    return dict(verbs.choices)


def test_the_list_of_verbs_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    assert all(re.search(rf"^ +{verb}\b", printed, re.MULTILINE) for verb in VERBS)
    assert "with 95 % intervals" in " ".join(printed.split())


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"sersnake {sersnake.__version__}\n"


def test_every_help_text_can_be_formatted() -> None:
    """As Python 3.14 checks a text where its argument is added, and not only where it is shown."""
    for parser in (build_parser(), *parsers().values()):
        formatter = parser._get_formatter()
        texts = [action for action in parser._actions if isinstance(action.help, str)]
        assert all(formatter._expand_help(action) for action in texts)
        assert parser.format_help()


def test_no_verb_takes_the_beginning_of_an_option_for_the_option() -> None:
    for verb, parser in parsers().items():
        for action in parser._actions:
            action.required = False
        options = [name for name in parser._option_string_actions if name.startswith("--")]
        for name in (option[:-1] for option in options):
            if name not in options and len(name) > 2:
                assert parser.parse_known_args([name])[1] == [name], verb


def test_the_beginning_of_an_option_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main(["--versio"])
    line = refused(
        *("mine", tmp_path / "counts.csv", "--network", "fcn", "--output", tmp_path / "hard.csv"),
        *("--setting", "{beta: 0.3}"),
    )
    assert "unrecognized arguments: --setting {beta: 0.3}" in line


def test_no_program_takes_the_beginning_of_an_option_for_the_option() -> None:
    """Of the benchmarks too, which take long to import, so that their text is looked at."""
    for path in (*ROOT.glob("benchmarks/**/*.py"), *ROOT.glob("envs/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and "ArgumentParser" in ast.unparse(node.func):
                assert "allow_abbrev=False" in ast.unparse(node), path


def test_the_workflow_writes_every_option_out() -> None:
    """A rule calls a verb by the names that its parser has, so none depends on an abbreviation."""
    known = {verb: set(parser._option_string_actions) for verb, parser in parsers().items()}
    calls = [
        (call.split()[0], call)
        for path in sorted((ROOT / "workflow").rglob("*.smk"))
        for call in re.findall(
            r"python -m sersnake ([^\n]*(?:\n +[fr]?\"[^\n]*)*)", path.read_text(encoding="utf-8")
        )
    ]
    assert len(calls) > 20
    for verb, call in calls:
        options = re.findall(r"(?<![\w-])--[a-z][a-z0-9-]*", call)
        # A rule and those that go on from it by `use rule` run verbs of the same options.
        alike = [names for names in known.values() if set(options) <= names]
        assert set(options) <= known[verb] if verb in known else len(alike) > 1, (verb, options)


def test_the_verbs_are_those_tested_here() -> None:
    listed = re.search(r"invalid choice: 'x' \(choose from (.*)\)", call("x").stderr)
    assert listed
    assert [verb.strip("' ") for verb in listed[1].split(",")] == VERBS


def test_help_imports_no_heavy_library() -> None:
    code = (
        "import sys; from sersnake.cli import build_parser; build_parser(); "
        "print([m for m in ('numpy', 'pandas', 'torch', 'sklearn', 'opensmile', 'pooch') "
        "if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_unknown_verb_and_missing_option_end_with_2() -> None:
    assert call("nonsense").returncode == 2
    assert "--output" in refused("extract", "mfcc", "a.wav")


def test_mfcc_and_functionals_of_one_file(tone: Path, tmp_path: Path) -> None:
    assert call("extract", "mfcc", tone, "--output", tmp_path / "m").returncode == 0
    assert call("extract", "opensmile", tone, "--output", tmp_path / "f").returncode == 0
    mfcc, functionals = Features.load(tmp_path / "m"), Features.load(tmp_path / "f")
    assert mfcc.utterances == functionals.utterances == ("tone",)
    assert mfcc.values.shape[1] == 13
    assert functionals.values.shape == (1, 384)


def test_names_with_spaces_quotes_and_umlauts(tone: Path, tmp_path: Path) -> None:
    odd = tone.rename(tmp_path / 'über \'n "Hügel".wav')
    assert call("extract", "mfcc", odd, "--output", tmp_path / "m").returncode == 0
    assert Features.load(tmp_path / "m").utterances == ('über \'n "Hügel"',)


def test_stereo_at_44100_hz_is_what_16_khz_mono_is(tmp_path: Path) -> None:
    time = np.arange(44100) / 44100
    wave = 0.3 * np.sin(2 * np.pi * 220 * time)
    soundfile.write(tmp_path / "stereo.wav", np.stack([wave, wave], 1), 44100)
    soundfile.write(
        tmp_path / "mono.wav", 0.3 * np.sin(2 * np.pi * 220 * np.arange(16000) / 16000), 16000
    )
    files = (tmp_path / "stereo.wav", tmp_path / "mono.wav")
    assert call("extract", "opensmile", *files, "--output", tmp_path / "f").returncode == 0
    stereo, mono = Features.load(tmp_path / "f").values
    names = feature_names("IS09")
    energy = [names.index(f"pcm_RMSenergy_sma_{what}") for what in ("max", "min", "amean")]
    np.testing.assert_allclose(stereo[energy], mono[energy], rtol=1e-3)


@pytest.mark.parametrize("kind", ["mfcc", "opensmile"])
@pytest.mark.parametrize("bad", ["missing", "empty", "text", "short"])
def test_bad_audio_is_refused_by_name_and_writes_nothing(
    kind: str, bad: str, tmp_path: Path
) -> None:
    path = tmp_path / f"{bad}.wav"
    if bad == "empty":
        path.touch()
    elif bad == "text":
        path.write_text("not a recording")
    elif bad == "short":
        soundfile.write(path, np.zeros(160), 16000)
    line = refused("extract", kind, path, "--output", tmp_path / "out")
    assert str(path) in line
    assert [file for file in tmp_path.iterdir() if file != path] == []


def test_two_recordings_of_one_name_are_refused(tone: Path, tmp_path: Path) -> None:
    line = refused("extract", "mfcc", tone, tone, "--output", tmp_path / "m")
    assert "'tone'" in line
    assert "--names" in line


def test_options_out_of_range_are_refused_by_name(tone: Path, tmp_path: Path) -> None:
    line = refused("extract", "mfcc", tone, "--set", "n_mfcc=99", "--output", tmp_path / "m")
    assert "n_mfcc: 99: choose at most n_mels = 26" in line
    line = refused(
        "extract", "opensmile", tone, "--set", "feature_set=IS99", "--output", tmp_path / "f"
    )
    assert "feature_set: 'IS99' is not one of IS09" in line


WITH_THREADS = [verb for verb, parser in parsers().items() if "--threads" in parser.format_usage()]


@pytest.mark.parametrize("verb", WITH_THREADS)
def test_too_few_threads_are_refused(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    least = 0 if verb == "predict" else 1
    for text in (str(least - 1), "two", "1.5"):
        with pytest.raises(SystemExit) as ended:
            main([verb, f"--threads={text}"])
        assert ended.value.code == 2
        message = f"argument --threads: is {text}; choose a whole number of at least {least}"
        assert message in capsys.readouterr().err


def test_missing_corpus_folder_says_where_to_set_it(tmp_path: Path) -> None:
    line = refused("manifest", "emodb", tmp_path / "emodb", "--output", tmp_path / "m.csv")
    assert str(tmp_path / "emodb") in line
    assert "corpora_dir" in line
    assert "SERSNAKE_CORPORA" in line


def test_unknown_corpus_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    assert "emodb" in refused("manifest", "emodbb", tmp_path, "--output", tmp_path / "m.csv")


def test_show_before_a_run_says_so(tmp_path: Path) -> None:
    assert "run the workflow first" in refused("show", tmp_path)
