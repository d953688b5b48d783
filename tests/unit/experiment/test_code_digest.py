"""What changes the digest of a verb's code, and what does not."""

from __future__ import annotations

import argparse
import ast
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

import numpy as np
import pytest

from sersnake.cli import build_parser, verb_parsers
from sersnake.corpora import READERS
from sersnake.errors import SersnakeError
from sersnake.experiment import (
    classifier_code,
    encoder_code,
    feature_code,
    network_code,
    project_code,
    result_code,
    verb_digest,
)
from sersnake.experiment.code import Code, Symbol
from sersnake.experiment.project import AUDIT_REPORT
from sersnake.experiment.project import READERS as REGISTRY
from sersnake.io import Features
from sersnake.report.results import RESULTS
from sersnake.settings.classifiers import CLASSIFIERS
from sersnake.settings.protocols import ENTRIES

REPOSITORY = Path(__file__).parents[3]
RULES = REPOSITORY / "workflow" / "rules"

# ---- A package of a few files

FILES = {
    "__init__.py": "",
    "cli.py": '''
"""Verbs."""
import sys
from typing import TYPE_CHECKING
from toy.words import Greeting

if TYPE_CHECKING:
    from toy.unused import Unused


def run(options):
    """Greets."""
    # as politely as it can
    from toy import shapes
    if not options:
        raise ValueError("give me a name")
    print("greeting", file=sys.stderr)
    return Greeting(shapes.area(2.0)), other_name


def neighbour(run, table=None):
    return [table for table in run]


other_name = 3
table = 4
''',
    "words.py": '''
from __future__ import annotations
from dataclasses import dataclass
from pathlib import Path
from toy.deep import read, unread


@dataclass
class Greeting:
    """What is said."""

    size: int

    def text(self) -> str:
        return read(Path(__file__).with_name("greeting.txt"))


class Typed:
    size: int
''',
    "greeting.txt": "hello",
    "other.txt": "hi",
    "shapes/__init__.py": """
from toy.shapes.area import area
from toy.shapes.volume import volume
""",
    "shapes/area.py": """
from math import pi
from toy import _native
from toy.deep import TABLE


def area(radius: float) -> float:
    factor = pi
    def inner():
        return LOOKUP[factor] + TABLE[1]
    return _native.square(radius) * inner()


LOOKUP = {}
LOOKUP |= {pi: 1}
TABLE |= {1: 3}
""",
    "shapes/volume.py": "def volume(): return 3\n",
    "deep.py": "def read(path): return path.read_text()\nTABLE = {1: 2}\ndef unread(): return 1\n",
    "unused.py": "class Unused: pass\n",
}
NATIVE = "int square(int x) { return x * x; }\n"


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / "toy" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "native.cc").write_text(NATIVE)
    return tmp_path / "toy"


def toy_code(root: Path) -> Code:
    return Code(root, extensions={"toy._native": [root.parent / "native.cc"]})


def toy_digest(root: Path) -> str:
    return toy_code(root).digest([Symbol(("toy", "cli"), "run")])


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))


IDLE = {
    "a comment": ("cli.py", "as politely", "as quickly"),
    "a docstring": ("cli.py", '"""Greets."""', '"""Greets people.\n\n    Twice.\n    """'),
    "a docstring that goes": ("words.py", '"""What is said."""', ""),
    "a module's docstring": ("cli.py", '"""Verbs."""', '"""All verbs."""'),
    "layout": ("cli.py", "if not options:", "if (\n        not options\n    ):"),
    "an annotation": ("shapes/area.py", "radius: float) -> float", "radius: int) -> int"),
    "a type of a dataclass": ("words.py", "size: int", "size: float"),
    "an error's words": ("cli.py", "give me a name", "say who"),
    "a warning's words": ("cli.py", '"greeting"', '"greeting you"'),
    "another function of the module": ("cli.py", "for table in run", "for table in table"),
    "a constant that another function hides": ("cli.py", "table = 4", "table = 5"),
    "an import for types": ("unused.py", "pass", "x = 1"),
    "what a package exports beside it": ("shapes/volume.py", "3", "4"),
    "a function that is imported and not used": ("deep.py", "return 1", "return 2"),
    "another class": ("words.py", "class Typed:", "class Other:"),
    "a data file that is not read": ("other.txt", "hi", "ho"),
}
WORKING = {
    "a line": ("cli.py", "shapes.area(2.0)", "shapes.area(3.0)"),
    "a constant": ("cli.py", "other_name = 3", "other_name = 4"),
    "a line that is reached through imports": ("shapes/area.py", "* inner()", "+ inner()"),
    "where a name comes from": ("shapes/area.py", "from math import pi", "from cmath import pi"),
    "what a package exports": (
        "shapes/__init__.py",
        "area import area",
        "volume import volume as area",
    ),
    "a constant within a function within": ("shapes/area.py", "LOOKUP = {}", "LOOKUP = {3: 4}"),
    "what changes a constant": ("shapes/area.py", "{pi: 1}", "{pi: 2}"),
    "a constant that is added to elsewhere": ("deep.py", "{1: 2}", "{1: 4}"),
    "a method": ("words.py", "read(Path", "str(Path"),
    "the kind of an error": ("cli.py", "raise ValueError", "raise TypeError"),
    "a default": ("words.py", "size: int", "size: int = 3"),
    "a data file": ("greeting.txt", "hello", "goodbye"),
    "C++": ("../native.cc", "x * x", "x + x"),
    "what a package does at its import": (
        "shapes/__init__.py",
        "from toy.shapes.area",
        "import os\nos.umask(2)\nfrom toy.shapes.area",
    ),
    "what a module does at its import": ("deep.py", "def read", "import os\nos.umask(2)\ndef read"),
}


@pytest.mark.parametrize("name", IDLE)
def test_what_changes_no_result_changes_no_digest(name: str, toy: Path) -> None:
    before = toy_digest(toy)
    file, old, new = IDLE[name]
    edit(toy / file, old, new)
    assert toy_digest(toy) == before


@pytest.mark.parametrize("name", WORKING)
def test_what_can_change_a_result_changes_the_digest(name: str, toy: Path) -> None:
    before = toy_digest(toy)
    file, old, new = WORKING[name]
    edit(toy / file, old, new)
    assert toy_digest(toy) != before


def test_names_are_those_of_their_scope(tmp_path: Path) -> None:
    """What a function binds is its own, wherever in it; what it does not bind is the module's."""
    root = tmp_path / "toy"
    root.mkdir()
    names = ("a", "b", "c", "d", "e", "f", "g", "h", "i", "j")
    (root / "__init__.py").write_text(
        "\n".join(f"{name} = 0" for name in names)
        + """
def start(a, b=c):
    global d
    d = 1
    e = lambda f: f + g
    try:
        return [h for h in h], e
    except a as i:
        return i
    match a:
        case [j]:
            return j
"""
    )
    reached = Code(root).reach([Symbol(("toy",), "start")])
    assert {symbol.name for symbol in reached} == {"start", "c", "d", "g", "h"}


def test_annotations_make_the_class_that_reads_them(tmp_path: Path) -> None:
    root = tmp_path / "toy"
    root.mkdir()
    module = root / "__init__.py"
    module.write_text("from toy.other import Settings, Inner\nclass Run(Settings):\n    x: Inner\n")
    (root / "other.py").write_text("class Settings: pass\nclass Inner: pass\nclass Outer: pass\n")
    starts = [Symbol(("toy",), "Run")]
    code = Code(root)
    assert Symbol(("toy", "other"), "Inner") in code.reach(starts)
    before = code.digest(starts)
    edit(module, "x: Inner", "x: int")
    assert Code(root).digest(starts) != before


def test_what_stands_in_place_of_types_is_defined(tmp_path: Path) -> None:
    """An alias of types that is made from a list: who reads it needs nothing else of its module."""
    root = tmp_path / "toy"
    root.mkdir()
    (root / "__init__.py").write_text(
        "from typing import TYPE_CHECKING, Literal\nNAMES = ('x', 'y')\nother = 3\n"
        "if TYPE_CHECKING:\n    Kind = str\nelse:\n    Kind = Literal[NAMES]\n"
        "class Run:\n    kind: Kind\n"
    )
    reached = Code(root).reach([Symbol(("toy",), "Run")])
    names = {symbol.name for symbol in reached if symbol.module == ("toy",)}
    assert names == {"Run", "Kind", "NAMES"}


def test_a_registry_counts_by_what_is_chosen(tmp_path: Path) -> None:
    root = tmp_path / "toy"
    root.mkdir()
    (root / "__init__.py").write_text(
        "from importlib import import_module\n"
        "TABLE = {'x': 'x', 'y': 'y'}\n"
        "def get(name): return import_module(f'toy.{TABLE[name]}').ENTRY\n"
    )
    for name in "xy":
        (root / f"{name}.py").write_text("ENTRY = 1\n")
    table, chosen = Symbol(("toy",), "TABLE"), Symbol(("toy", "x"), "ENTRY")

    def digest() -> str:
        return Code(root, instead={table: [chosen]}).digest([Symbol(("toy",), "get")])

    before = digest()
    edit(root / "y.py", "1", "2")
    edit(root / "__init__.py", "'y': 'y'", "'y': 'y', 'z': 'z'")
    assert digest() == before
    edit(root / "x.py", "1", "2")
    assert digest() != before


def test_a_file_that_is_no_python_is_named_with_its_line(toy: Path) -> None:
    edit(toy / "deep.py", "def unread(): return 1", "def unread(: return 1")
    with pytest.raises(SersnakeError, match=r"deep\.py: line 3: .*; correct it"):
        toy_digest(toy)


# ---- Options


def parser(
    *flags: tuple[str, dict[str, object]], run: Callable = argparse.Namespace
) -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description="text")
    made.set_defaults(run=run)
    for flag, options in flags:
        made.add_argument(flag, **options)  # type: ignore[arg-type]
    return made


def test_an_option_counts_by_what_it_means(toy: Path) -> None:
    code = toy_code(toy)
    printed = verb_digest(code, parser(("--x", {"type": int, "help": "some", "metavar": "N"})))
    assert verb_digest(code, parser(("--x", {"type": int, "help": "other"}))) == printed
    for options in ({"type": float}, {"type": int, "default": 3}, {"type": int, "nargs": "+"}):
        assert verb_digest(code, parser(("--x", options))) != printed
    assert verb_digest(code, parser(("--y", {"type": int}))) != printed
    assert verb_digest(code, parser(("--x", {"type": int}), ("--y", {}))) != printed


# ---- The project


@pytest.fixture(scope="module")
def code() -> Code:
    return project_code(REPOSITORY, ["emodb"])


def closure(code: Code, verb: str, *loaded: Symbol) -> set[str]:
    run = verb_parsers()[verb].get_default("run")
    starts = [Symbol(tuple(run.__module__.split(".")), run.__qualname__), *loaded]
    return {".".join(symbol.module) for symbol in code.reach(starts)}


def test_a_verb_reaches_its_own_library(code: Code) -> None:
    training = closure(code, "train", *network_code(["acln"]))
    reached = {"sersnake.training.trainer", "sersnake.networks.acln", "sersnake.io.features"}
    assert reached <= training
    left = {"sersnake.protocols.audit", "sersnake.features.cepstra", "sersnake.report.tables"}
    assert not left & training
    assert "sersnake.networks.acln" not in closure(code, "train", *network_code(["fcn"]))
    assert "sersnake._kernel" in closure(code, "extract", *feature_code("mfcc")) & training
    assert "sersnake._kernel" not in closure(code, "extract", *feature_code("opensmile"))
    assert "sersnake.corpora.emodb" in closure(code, "manifest")
    assert "sersnake.corpora.emovo" not in closure(code, "manifest")
    assert "sersnake.report.run_context" in closure(code, "make-model")
    assert "sersnake.protocols.audit.verdict" in closure(code, "audit")


def called(arguments: Sequence[str]) -> set[Symbol]:
    """What a verb really calls of the library, but for what runs with an import."""
    calls: set[Symbol] = set()

    def note(frame: FrameType, event: str, _value: object) -> None:
        name, code = frame.f_globals.get("__name__", ""), frame.f_code
        written = code.co_filename.endswith(".py")  # not what a dataclass makes itself
        if event == "call" and written and name.startswith("sersnake.") and not _importing(frame):
            calls.add(Symbol(tuple(name.split(".")), code.co_qualname.partition(".")[0]))

    options = build_parser().parse_args(arguments)
    sys.setprofile(note)
    try:
        options.run(options)
    finally:
        sys.setprofile(None)
    return calls


def _importing(frame: FrameType | None) -> bool:
    while frame:
        if frame.f_code.co_name == "<module>" and "sersnake" in frame.f_code.co_filename:
            return frame.f_globals["__name__"].startswith("sersnake.")
        frame = frame.f_back
    return False


def test_what_a_verb_calls_is_what_it_reaches(code: Code, tmp_path: Path) -> None:
    names = [f"{speaker}{number}" for speaker in "abc" for number in range(4)]
    rows = [f"{n},{n[0]},s,{'happy' if n[1] < '2' else 'sad'},emodb,false" for n in names]
    manifest, folds = tmp_path / "manifest.csv", tmp_path / "folds.csv"
    manifest.write_text("\n".join(["utterance,speaker,sentence,emotion,corpus,synthetic", *rows]))
    counts = tmp_path / "counts.csv"
    counts.write_text("fold,utterance,misclassified,epochs\n0,a0,1,2\n0,a1,0,2\n")
    of_corpus = ["--manifest", str(manifest), "--set", "protocol=speaker_disjoint"]
    audit, context, hard = (str(tmp_path / f) for f in ("audit.json", "context.json", "hard.csv"))
    sources = [f"hard_index={hard}", f"manifest={manifest}"]
    shown = ["--context", context, "--source", *sources, "--output", str(tmp_path / "shown")]
    pack, width = tmp_path / "pack.safetensors", np.arange(8, dtype=np.float32)
    Features.stack(names, [width[None] * n for n in range(len(names))], {}).save(pack)
    of_fold = ["--system", "acln_ce", "--fold", "0", "--manifest", str(manifest)]
    of_fold += ["--folds", str(folds), "--output", str(tmp_path / "predictions.csv")]
    late = ["--set", "features=[is09]", "--late", f"is09={pack}"]
    calls = [
        ["folds", *of_corpus, "--output", str(folds)],
        ["audit", *of_corpus, "--folds", str(folds), "--output", audit],
        ["describe", *of_corpus[:2], "--audit", audit, "--output", context],
        ["mine", str(counts), "--network", "acln", "--output", hard],
        ["collect", str(folds), "--output", str(tmp_path / "all.csv")],
        ["table", "table4", *shown],
        ["figure", "figure5", *shown],
        ["classify", str(pack), "--classifier", "svm", *of_fold, "--set", "cost=[0.1, 1]"],
        ["classify", str(pack), "--classifier", "elm", *of_fold, *late],
        ["enrol-curve", str(pack), "--classifier", "lda", *of_fold, "--set", "curve=[10]"],
    ]
    for arguments in calls:
        verb, name = arguments[:2]
        run = verb_parsers()[verb].get_default("run")
        also = result_code(verb, name) if verb in ("table", "figure") else []
        also += classifier_code(arguments[3]) if "--classifier" in arguments else []
        reached = code.reach([Symbol(tuple(run.__module__.split(".")), run.__qualname__), *also])
        real = called(arguments)
        assert len(real) > 2
        unreached = {symbol for symbol in real - reached if symbol.module != AUDIT_REPORT.module}
        assert unreached == set(), arguments[0]


def digests_of_results(code: Code) -> dict[str, str]:
    """Of every table and figure, as its rule depends on it."""
    verbs = verb_parsers()
    return {
        f"{kind} {name}": verb_digest(code, verbs[kind], result_code(kind, name))
        for kind, name in ((result.kind, result.name) for result in RESULTS)
    }


def test_every_data_file_belongs_to_the_verbs_that_read_it(tmp_path: Path) -> None:
    """A data file more that no digest knows fails here."""
    from sersnake.experiment.modules import CODE, data_files

    copy = tmp_path / "sersnake"
    subprocess.run(["cp", "-r", REPOSITORY / "sersnake", copy], check=True)
    (tmp_path / "csrc").mkdir()
    (tmp_path / "setup.py").touch()
    verbs = verb_parsers()

    def digests() -> dict[str, str]:
        code = project_code(tmp_path, READERS.values())
        of_verbs = {verb: verb_digest(code, verbs[verb]) for verb in verbs_of_rules()}
        return of_verbs | digests_of_results(code)

    before = digests()
    packages = {path.parent for path in copy.rglob("__init__.py")}
    files = {file for package in packages for many in data_files(package).values() for file in many}
    # Of `predict`, which no rule calls.
    asked = [*(copy / "model/prediction/page").iterdir(), *(copy / "models").rglob("*")]
    files -= {copy / "py.typed", *asked}
    assert {file.name for file in files} >= {"published.csv", "emodb.sha256", "atlas.js"}
    assert not [file for file in files if file.suffix in CODE]
    for file in files:
        content = file.read_bytes()
        file.write_bytes(content + b"\n")
        assert digests() != before, file
        file.write_bytes(content)


@pytest.mark.parametrize(
    ("file", "old", "new", "changed"),
    [
        ("report/figures/loss.py", "height_cm=6.0", "height_cm=6.5", ["figure figure2"]),
        ("report/tables/losses.py", '"Table 5"', '"Table five"', ["table table5"]),
        ("report/results.py", '"3: Independent', '"Three: Independent', []),
    ],
)
def test_each_result_depends_on_its_own_function(
    file: str, old: str, new: str, changed: list[str], tmp_path: Path
) -> None:
    copy = tmp_path / "sersnake"
    subprocess.run(["cp", "-r", REPOSITORY / "sersnake", copy], check=True)
    (tmp_path / "csrc").mkdir()
    (tmp_path / "setup.py").touch()
    before = digests_of_results(project_code(tmp_path, []))
    edit(copy / file, old, new)
    after = digests_of_results(project_code(tmp_path, []))
    assert [name for name in before if after[name] != before[name]] == changed


def test_a_reader_more_is_no_other_readers_code(tmp_path: Path) -> None:
    copy = tmp_path / "sersnake"
    subprocess.run(["cp", "-r", REPOSITORY / "sersnake", copy], check=True)
    (tmp_path / "csrc").mkdir()
    (tmp_path / "setup.py").touch()
    verbs = verb_parsers()

    def digests() -> list[str]:
        code = project_code(tmp_path, ["emodb"])
        return [verb_digest(code, verbs[verb]) for verb in verbs_of_rules()]

    before = digests()
    edit(copy / "settings/readers.py", "READERS = {", 'READERS = {\n    "toy": "toy",')
    assert digests() == before
    edit(copy / "corpora/emodb.py", '"emodb"', '"EMODB"')
    assert digests() != before


@pytest.mark.parametrize(
    ("file", "old", "new", "trains_again"),
    [
        ("settings/feature_sets.py", '"label": "MFCC"', '"label": "Mfcc"', False),
        ("settings/loss_registry.py", 'label="CE"', 'label="ce"', False),
        ("settings/networks.py", "folds_per_job: int | Literal", "folds_per_job: Literal", False),
        ("networks/fcn.py", "return FCN(inputs", "return FCN(0 or inputs", True),
        ("networks/acln.py", "return ACLN(inputs", "return ACLN(0 or inputs", False),
        ("training/losses.py", "1 - shares, dtype", "2 - shares, dtype", True),
    ],
)
def test_fcn_depends_on_what_entries_load_and_on_no_label_or_other_network(
    file: str, old: str, new: str, trains_again: bool, tmp_path: Path
) -> None:
    copy = tmp_path / "sersnake"
    subprocess.run(["cp", "-r", REPOSITORY / "sersnake", copy], check=True)
    (tmp_path / "csrc").mkdir()
    (tmp_path / "setup.py").touch()
    verb, networks = verb_parsers()["train"], network_code(["fcn"])
    before = verb_digest(project_code(tmp_path, []), verb, networks)
    edit(copy / file, old, new)
    assert (verb_digest(project_code(tmp_path, []), verb, networks) != before) == trains_again


def test_no_reader_but_that_of_emobox_asks_another() -> None:
    """The workflow counts all readers for EmoBox, for others their own alone."""
    asking = set()
    for name, module in READERS.items():
        code = Code(REPOSITORY / "sersnake")
        if REGISTRY in code.reach([Symbol(("sersnake", "corpora", module), "CORPUS")]):
            asking.add(name)
    assert asking == {"emobox"}


def test_folds_and_their_audit_depend_on_every_protocol(code: Code) -> None:
    """What a config adds to compare with makes none of its other folds again."""
    functions = {place.replace(":", ".") for entry in ENTRIES for place in entry.functions}
    for verb in ("folds", "audit"):
        run = verb_parsers()[verb].get_default("run")
        reached = code.reach([Symbol(tuple(run.__module__.split(".")), run.__qualname__)])
        assert functions <= {".".join((*symbol.module, symbol.name)) for symbol in reached}
    assert "sersnake.protocols.splits" not in closure(code, "describe")


def test_modules_are_imported_by_name_where_digests_know_of_it() -> None:
    """An import that no syntax tree shows would be an edit that plans nothing."""
    dynamic = re.compile(r"(?<![.\w])(?:import_module|resolve_name|__import__|globals|exec|eval)\(")
    files = (REPOSITORY / "sersnake").rglob("*.py")
    using = {path.parent.name for path in files if dynamic.search(path.read_text())}
    # The public names, which no verb uses; the entries of the registries.
    rooms = {"corpora", "features", "protocols", "networks", "training", "fusion", "report"}
    assert using <= {"sersnake", *rooms}


def rules_text() -> list[str]:
    return [text for path in RULES.glob("*.smk") for text in path.read_text().split("\nrule ")]


def verbs_of_rules() -> set[str]:
    return {
        verb for text in rules_text() for verb in re.findall(r"python -m sersnake ([\w-]+)", text)
    }


def test_every_rule_depends_on_the_verb_that_it_runs() -> None:
    assert len(verbs_of_rules()) > 20
    for text in rules_text():
        for part in re.split(r"\n    rule |\nuse rule ", text):
            runs = re.findall(r"python -m sersnake ([\w-]+)", part)
            runs = re.findall(r"verb=\"([\w-]+)\"", part) or runs
            assert re.findall(r"code_of\(\s*\"([\w-]+)\"", part) == runs


DIGESTS = """
import sys
from pathlib import Path
from sersnake.cli import verb_parsers
from sersnake.experiment import project_code, verb_digest
code = project_code(Path(), ["emodb"])
print(*(verb_digest(code, parser) for parser in verb_parsers().values()))
print(*{"numpy", "pandas", "torch", "sklearn"} & set(sys.modules))
"""


def test_a_classifier_counts_for_its_own_systems_alone(tmp_path: Path) -> None:
    copy = tmp_path / "sersnake"
    subprocess.run(["cp", "-r", REPOSITORY / "sersnake", copy], check=True)
    (tmp_path / "csrc").mkdir()
    (tmp_path / "setup.py").touch()
    verbs = [verb_parsers()[verb] for verb in ("classify", "make-model")]

    def digests() -> dict[str, list[str]]:
        code = project_code(tmp_path, [])
        return {
            name: [verb_digest(code, verb, classifier_code(name)) for verb in verbs]
            for name in CLASSIFIERS
        }

    before = digests()
    edit(copy / "fusion/mlp.py", "seed % 2**32", "seed % 2**31")
    edit(copy / "settings/classifiers.py", "] = 10.0", "] = 11.0")  # the ELM's ridge
    edit(copy / "settings/classifiers.py", 'label="LDA"', 'label="lda"')
    after = digests()
    assert {name for name in before if before[name] != after[name]} == {"mlp", "elm"}


def test_what_is_known_of_encoders_counts_where_there_are_some(tmp_path: Path) -> None:
    """A family more in encoders.csv audits no run again that has none."""
    copy = tmp_path / "sersnake"
    subprocess.run(["cp", "-r", REPOSITORY / "sersnake", copy], check=True)
    (tmp_path / "csrc").mkdir()
    (tmp_path / "setup.py").touch()
    verb = verb_parsers()["audit"]

    def digests() -> list[str]:
        code = project_code(tmp_path, [])
        return [verb_digest(code, verb, encoder_code(names)) for names in ([], ["whisper"])]

    without, with_one = digests()
    edit(copy / "features/encoders.csv", "Whisper", "whisper")
    after = digests()
    assert after[0] == without
    assert after[1] != with_one


def test_every_call_has_the_same_digests_and_imports_no_heavy_library() -> None:
    printed = set()
    for seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", DIGESTS],
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        digests, heavy = run.stdout.splitlines()
        assert not heavy
        printed.add(digests)
    assert len(printed) == 1
    assert len(set(digests.split())) > 30


def test_another_python_gives_the_same_text() -> None:
    """Fields that newer syntax trees have, and leave empty, are not in it."""
    from sersnake.experiment.syntax import content_of

    function = ast.parse("def f(x): return x").body[0]
    before = content_of(function, ("toy",))
    function.type_params = []  # type: ignore[attr-defined]
    assert content_of(function, ("toy",)) == before
