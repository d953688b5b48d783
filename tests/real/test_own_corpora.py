"""EMODB through the general readers gives what its own reader gives."""

from __future__ import annotations

import json
from pathlib import Path

import audformat
import pandas as pd
import pytest

from sersnake.corpora import read_corpus
from sersnake.settings.corpus import CorpusSettings

pytestmark = pytest.mark.real
SAME = ["utterance", "speaker", "sex", "sentence", "emotion"]


@pytest.fixture(scope="module")
def emodb(emodb_dir: Path) -> pd.DataFrame:
    return read_corpus("emodb", emodb_dir)


def assert_same(frame: pd.DataFrame, emodb: pd.DataFrame, columns: list[str]) -> None:
    assert len(frame) == 535
    pd.testing.assert_frame_equal(frame[columns], emodb[columns])
    assert all(
        Path(one).samefile(other) for one, other in zip(frame["path"], emodb["path"], strict=True)
    )


def test_csv(emodb: pd.DataFrame, tmp_path: Path) -> None:
    columns = ["path", "emotion", "speaker", "sex", "sentence"]
    shuffled = emodb.sample(frac=1, random_state=0)[columns]
    shuffled.to_csv(tmp_path / "manifest.csv", index=False, sep=";", encoding="utf-8-sig")
    assert_same(read_corpus("mine", tmp_path, CorpusSettings(reader="csv")), emodb, SAME)


def test_audformat(emodb: pd.DataFrame, emodb_dir: Path, tmp_path: Path) -> None:
    """Tables and schemes as audb's own emodb has them."""
    root = tmp_path / "mine"
    root.mkdir()
    (root / "wav").symlink_to(emodb_dir / "wav")
    database = audformat.Database("mine", languages=["de"])
    index = audformat.filewise_index([f"wav/{name}.wav" for name in emodb["utterance"]])
    speakers = emodb.drop_duplicates("speaker")
    labels = {
        "emotion": sorted(set(emodb["emotion"])),
        "speaker": {
            speaker: {"gender": sex}
            for speaker, sex in zip(speakers["speaker"], speakers["sex"], strict=True)
        },
        "transcription": dict.fromkeys(sorted(set(emodb["sentence"])), "…"),
    }
    for table, column, values in (
        ("emotion", "emotion", emodb["emotion"]),
        ("files", "speaker", emodb["speaker"]),
        ("files", "transcription", emodb["sentence"]),
    ):
        database.schemes[column] = audformat.Scheme(labels=labels[column])
        if table not in database:
            database[table] = audformat.Table(index)
        database[table][column] = audformat.Column(scheme_id=column)
        database[table][column].set(values.to_numpy())
    database.save(root)
    frame = read_corpus(
        "mine",
        root,
        CorpusSettings(reader="audformat", corpus_options={"sentence": "transcription"}),
    )
    assert_same(frame, emodb, SAME)
    assert set(frame["language"]) == {"deu"}


@pytest.mark.parametrize("labels", ["map", "raw"])
def test_emobox(emodb: pd.DataFrame, emodb_dir: Path, tmp_path: Path, labels: str) -> None:
    """The speakers come from EMODB's own reader, since EmoBox' lines have none."""
    lines = [
        {
            "key": f"emodb-{utterance}",
            "dataset": "emodb",
            "wav": f"downloads/emodb/wav/{utterance}.wav",
            "type": "raw",
            "task": "category",
            "emo": emotion if labels == "raw" else emotion[:3],
            "channel": 1,
        }
        for utterance, emotion in zip(emodb["utterance"], emodb["emotion"], strict=True)
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (tmp_path / "emodb.jsonl").write_text(text)
    classes = {emotion[:3]: emotion for emotion in emodb["emotion"]}
    (tmp_path / "label_map.json").write_text(json.dumps(classes))
    options = {"audio_dir": str(emodb_dir), "labels": labels}
    frame = read_corpus("mine", tmp_path, CorpusSettings(reader="emobox", corpus_options=options))
    assert_same(frame, emodb, [*SAME, "session", "language"])
