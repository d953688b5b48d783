"""Several corpora as one: no name, speaker or sentence of one is taken for that of another."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from sersnake.cli import main
from sersnake.corpora import SEGMENT, certify, emotion_order, read_corpus
from sersnake.corpora.base import title_of
from sersnake.corpora.joined import asked_readers
from sersnake.errors import SersnakeError
from sersnake.io import read_csv
from sersnake.protocols import Protocol, make_folds
from sersnake.protocols.audit import audit
from sersnake.settings.base import changed, read_settings
from sersnake.settings.corpus import CorpusSettings, written_name

RATE = 8000
EMODB = ("03a01Fa", "03a01Wa", "08a01Wa", "08a02Fe")  # of the published names
CSV = {"reader": "csv"}
PAIR = {"corpora": {"emodb": {}, "mine": CSV}}


@pytest.fixture
def corpora(tmp_path: Path) -> Path:
    """Four recordings of EMODB, and a corpus with speaker and sentence names of EMODB's."""
    rng = np.random.default_rng(0)
    names = [f"emodb/wav/{name}.wav" for name in EMODB]
    lines = ["path,emotion,speaker,sentence"]
    for speaker, emotion in (("03", "anger"), ("03", "joy"), ("x", "anger"), ("x", "joy")):
        names.append(f"mine/{speaker}_{emotion}.flac")
        lines.append(f"{speaker}_{emotion}.flac,{emotion},{speaker},a01")
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, rng.normal(0, 0.1, RATE), RATE)
    (tmp_path / "mine" / "manifest.csv").write_text("\n".join(lines))
    return tmp_path


def settings(**values: object) -> CorpusSettings:
    return read_settings(CorpusSettings, {**PAIR, **values})


def read(corpora: Path, **values: object) -> pd.DataFrame:
    return read_corpus("both", corpora, settings(**values))


def test_names_begin_with_that_of_their_corpus(corpora: Path) -> None:
    frame = read(corpora)
    assert list(frame["utterance"]) == [
        *("emodb-03a01Fa", "emodb-03a01Wa", "emodb-08a01Wa", "emodb-08a02Fe"),
        *("mine-03_anger", "mine-03_joy", "mine-x_anger", "mine-x_joy"),
    ]
    assert list(frame["corpus"]) == ["emodb"] * 4 + ["mine"] * 4
    assert list(frame["speaker"].unique()) == ["emodb-03", "emodb-08", "mine-03", "mine-x"]
    assert list(frame["sentence"].unique()) == ["emodb-a01", "emodb-a02", "mine-a01"]
    assert set(frame["session"]) == {""}  # what nobody knows has no name
    assert title_of(frame) == "emodb+mine"


def test_labels_are_common_and_merged_across_corpora(corpora: Path) -> None:
    labels = {"merge": {"joy": "happiness"}, "keep": ["happiness", "anger"]}
    frame = read(corpora, labels=labels)
    assert frame.groupby("corpus")["emotion"].value_counts().eq(2).all()
    assert emotion_order(frame) == ("anger", "happiness")
    assert emotion_order(read(corpora)) == ("anger", "happiness", "joy")
    with pytest.raises(
        SersnakeError, match=r"'fury' is not a class of both; it has .*sadness, joy$"
    ):
        read(corpora, labels={"keep": ["anger", "fury"]})


def test_each_corpus_is_held_to_its_own_certificate(corpora: Path) -> None:
    (sentence,) = certify("both", read(corpora), settings())
    assert sentence.startswith("emodb: 4 of 535 utterances: 03a01Nc, ")
    with pytest.raises(SersnakeError, match="emodb: no utterance was found"):
        certify("both", read(corpora).query("corpus == 'mine'"), settings())


def test_segments_and_whole_recordings_stand_beside_each_other(corpora: Path) -> None:
    table = "path,start,end,emotion,speaker\nx_joy.flac,0,0.4,joy,x\nx_joy.flac,0.5,1,anger,x"
    (corpora / "mine" / "manifest.csv").write_text(table)
    frame = read(corpora).set_index("utterance")
    assert list(frame.columns[:3]) == ["path", *SEGMENT]
    assert list(frame.loc["emodb-03a01Fa", [*SEGMENT]]) == ["", ""]
    assert list(frame.loc["mine-x_joy_0-400", [*SEGMENT]]) == ["0", "0.4"]


def test_a_corpus_may_have_another_folder_and_a_name_of_its_own(corpora: Path) -> None:
    elsewhere = {"corpora": {"a": {**CSV, "folder": "mine"}, "b": {"reader": "emodb"}}}
    elsewhere["corpora"]["b"]["folder"] = str(corpora / "emodb")
    frame = read_corpus("both", corpora, read_settings(CorpusSettings, elsewhere))
    assert list(frame["corpus"].unique()) == ["a", "b"]
    assert asked_readers("both", settings()) == {"csv", "emodb"}
    assert asked_readers("mine", CorpusSettings(reader="csv")) == {"csv"}
    assert "ravdess" in asked_readers("mine", CorpusSettings(reader="emobox"))


def test_the_manifest_has_a_certificate_for_each_corpus(corpora: Path, tmp_path: Path) -> None:
    output = tmp_path / "manifest.csv"
    words = ["manifest", "both", str(corpora), "--output", str(output)]
    joined = '{"corpora": {"emodb": {}, "mine": {"reader": "csv"}}, "allow_partial": true}'
    assert main([*words, "--settings", joined]) == 0
    manifest = pd.read_csv(output)
    states = manifest.groupby("corpus")["certificate"].unique().map(list)
    assert states.to_dict() == {"emodb": ["partial"], "mine": ["none"]}


def test_a_corpus_that_is_there_twice_is_a_leak(corpora: Path, tmp_path: Path) -> None:
    shutil.copytree(corpora / "mine", corpora / "copy")
    output = tmp_path / "manifest.csv"
    words = ["manifest", "both", str(corpora), "--output", str(output)]
    joined = '{"corpora": {"copy": {"reader": "csv"}, "mine": {"reader": "csv"}}}'
    assert main([*words, "--settings", joined]) == 0
    manifest, protocol = read_csv(output, ["corpus"]), Protocol("corpus_disjoint")
    audited = audit(manifest, make_folds(manifest, protocol), protocol=protocol)
    assert audited.claims["speakers"].status == "holds"
    assert audited.broken == ["the claim recordings does not hold"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"corpora": {"mine": {"raeder": "csv"}}}, "corpora: mine: raeder: .* did you mean reader"),
        ({"corpora": {"mine": {"reader": "tsv"}}}, "corpora: mine: reader: 'tsv' is not allowed"),
        ({"corpora": {"mine": None}}, "corpora: mine: None is not allowed; choose keys of reader"),
        ({"corpora": {"my own": CSV}}, "corpora: a name in it is not allowed; choose text like"),
        ({**PAIR, "reader": "csv"}, "corpora: each corpus has its own reader; move reader"),
        (
            {"corpora": {"demo": {}, "mine": CSV}},
            "corpora: demo: the synthetic demo cannot be joined",
        ),
    ],
)
def test_corpora_that_cannot_be_joined_are_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(SersnakeError, match=message):
        read_settings(CorpusSettings, values)


def test_what_is_left_out_stays_out_of_a_rule_s_parameters() -> None:
    assert changed(settings()) == {"corpora": {"emodb": {}, "mine": CSV}}


def test_names_in_a_sentence() -> None:
    assert written_name("emodb") == "EMODB"
    assert written_name("emodb+nemo") == "EMODB and NEMO"
    assert written_name("a+b+c", "or") == "A, B or C"
