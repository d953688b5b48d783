"""The hard-example atlas: what it computes, and the folder that it writes."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import soundfile
from scipy.stats import spearmanr

from sersnake.cli import main
from sersnake.corpora.emodb_listeners import read_recognition
from sersnake.errors import SersnakeError
from sersnake.io import Features, read_csv, read_tensors, write_csv
from sersnake.io.audio import read_audio
from sersnake.report.atlas import page_data, pictures
from sersnake.report.atlas.agreement import mean_hard_index, measure_agreement
from sersnake.report.atlas.attention import choose_seats
from sersnake.training.scaling import ZScore
from tests import small_model

# ---- Is what is hard for the networks hard for people?


def mined(values: dict[str, list[float]]) -> pd.DataFrame:
    """A hard index of one network, one value per fold."""
    rows = [
        {"network": "acln", "fold": str(fold), "utterance": name, "hard_index": value}
        for name, of_folds in values.items()
        for fold, value in enumerate(of_folds)
    ]
    return pd.DataFrame(rows)


def test_the_hard_index_is_averaged_over_the_folds_of_an_utterance() -> None:
    means = mean_hard_index(mined({"a": [0.2, 0.4], "b": [1.0]}))
    assert means["acln"].to_dict() == {"a": pytest.approx(0.3), "b": 1.0}


def test_rho_is_spearmans_and_its_interval_holds_it() -> None:
    rng = np.random.default_rng(0)
    names = [f"u{i}" for i in range(120)]
    people = pd.Series(rng.choice([0.8, 0.85, 0.9, 0.95, 1.0], 120), index=names)
    hard = 1 - people.to_numpy() + rng.normal(0, 0.05, 120)
    table = measure_agreement(
        mined({name: [value] for name, value in zip(names, hard, strict=True)}),
        pd.concat([people, pd.Series({"another": 0.5})]),
        pd.Series([str(i % 8) for i in range(120)], index=names),
        seed=0,
        resamples=500,
    )
    (row,) = table.to_dict("records")
    assert row["utterances"] == 120
    assert row["rho"] == pytest.approx(spearmanr(hard, people).statistic)
    assert row["low"] < row["rho"] < row["high"] < 0


def test_one_speaker_has_no_interval_and_nothing_in_common_is_an_error() -> None:
    index = mined({"a": [0.1], "b": [0.5], "c": [0.9]})
    people, speakers = (
        pd.Series({"a": 1.0, "b": 0.9, "c": 0.8}),
        pd.Series(dict.fromkeys("abc", "1")),
    )
    (row,) = measure_agreement(index, people, speakers, seed=0).to_dict("records")
    assert row["rho"] == -1
    assert np.isnan([row["low"], row["high"]]).all()
    with pytest.raises(SersnakeError, match="no utterance has both"):
        measure_agreement(index, pd.Series({"x": 1.0}), speakers, seed=0)
    with pytest.raises(SersnakeError, match="'b' is not in the manifest; give the manifest of the"):
        measure_agreement(index, people, speakers.drop(["b", "c"]), seed=0)


def test_the_listeners_of_emodb_are_read_as_published(tmp_path: Path) -> None:
    path = tmp_path / "erkennung.txt"
    text = (
        "Nr.\tSatz\terkannt\tnatuerlich\r\n1\xa0\xa0\t03a01Fa.wav\t95,24\xa0\t65,00\xa0\xa0\r\n\r\n"
    )
    path.write_text(text, encoding="latin-1")
    assert read_recognition(path).to_dict() == {"03a01Fa": pytest.approx(0.9524)}
    path.write_text(text + "2\t03a01Fb.wav\tviele\n", encoding="latin-1")
    with pytest.raises(SersnakeError, match="line 4"):
        read_recognition(path)


# ---- Pieces of the page


def test_an_utterance_is_looked_at_where_it_is_tested() -> None:
    rows = [
        ("0", "a", "train"),
        ("0", "b", "test"),
        ("1", "a", "test"),
        ("1", "b", "test"),
        ("0", "c", "train"),
        ("1", "c", "unused"),
    ]
    seats = choose_seats(pd.DataFrame(rows, columns=["fold", "utterance", "part"]))
    pairs = {name: (seat.fold, seat.held_out) for name, seat in seats.items()}
    assert pairs == {"a": ("1", True), "b": ("0", True), "c": ("0", False)}


def decoded(text: str, kind: type) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), kind)


def test_a_waveform_is_its_peaks() -> None:
    signal = np.zeros(4000, np.float32)
    signal[1234], signal[2000] = 0.25, -0.5
    peaks = decoded(pictures.waveform(signal), np.int8).reshape(-1, 2)
    assert peaks.shape == (400, 2)
    assert peaks[123].tolist() == [0, 64]
    assert peaks[200].tolist() == [-127, 0]
    assert np.abs(peaks).sum() == 64 + 127
    assert not decoded(pictures.waveform(np.zeros(100, np.float32)), np.int8).any()
    assert len(decoded(pictures.waveform(signal[:100]), np.int8)) == 200


def test_a_picture_is_the_z_score_of_every_frame() -> None:
    scale = ZScore(np.array([1, 2], np.float32), np.array([2, 1], np.float32))
    frames = np.array([[1, 2], [6, -9], [3.5, 4.5]], np.float32)
    pixels = decoded(pictures.picture(frames, scale), np.uint8).reshape(3, 2)
    assert pixels.tolist() == [[128, 128], [255, 0], [191, 255]]


def test_a_link_is_relative_and_safe_in_a_page(tmp_path: Path) -> None:
    recording = tmp_path / "my corpus" / 'a "b" #1 %.wav'
    link = page_data.link(recording, tmp_path / "results" / "x" / "atlas")
    assert link == "../../../my%20corpus/a%20%22b%22%20%231%20%25.wav"


def test_a_link_to_a_segment_says_where_it_is(tmp_path: Path) -> None:
    recording, folder = tmp_path / "a#b.wav", tmp_path / "atlas"
    assert page_data.link(recording, folder, 0.5, 1.25) == "../a%23b.wav#t=0.5,1.25"
    assert page_data.link(recording, folder, 3600.125) == "../a%23b.wav#t=3600.125"
    assert page_data.link(recording, folder, 0.0, 2.0) == "../a%23b.wav#t=0,2"


# ---- The folder


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything that an atlas is made of."""
    folder = tmp_path_factory.mktemp("atlas")
    recordings = small_model.write_recordings(folder / "wav", takes=2)
    work = folder / "work"
    small_model.prepare(work, recordings)
    files = small_model.train(work, "folds", ["0", "1"], 0)
    where = ["--manifest", work / "manifest.csv", "--folds", work / "folds.csv"]
    small_model.call(
        *(
            "classify",
            *files["embedding"],
            "--system",
            "independent_ce",
            "--fold",
            "0",
            "1",
            *where,
        ),
        *("--output", work / "predictions.csv"),
    )
    small_model.call(
        *("attend", files["weights"][0], *where, "--features", f"mfcc={work / 'mfcc.safetensors'}"),
        *("--output", work / "attention.safetensors"),
    )
    rng = np.random.default_rng(0)
    names = read_csv(work / "manifest.csv", ["utterance"])["utterance"]
    rows = [
        (network, fold, name, 1, 4, round(float(rng.random()), 4), int(rng.random() > 0.5))
        for network in ("acln", "fcn")
        for fold in ("0", "1")
        for name in names
    ]
    columns = ["network", "fold", "utterance", "misclassified", "epochs", "hard_index", "hard"]
    write_csv(work / "hard_index.csv", pd.DataFrame(rows, columns=columns))
    return work


def words_of(work: Path, *more: object) -> list[str]:
    words: list[object] = ["--manifest", work / "manifest.csv", "--context", work / "context.json"]
    words += ["--predictions", work / "predictions.csv", "--frames", work / "mfcc.safetensors"]
    words += ["--hard-index", work / "hard_index.csv"]
    words += ["--attention", work / "attention.safetensors", *more]
    return ["atlas", *map(str, words)]


def script(path: Path) -> Any:
    """The value that a script of the atlas assigns."""
    return json.loads(path.read_text(encoding="utf-8").partition("=")[2].removesuffix(";\n"))


def test_attention_is_that_of_a_fold_that_tests_the_utterance(work: Path) -> None:
    pack = Features.load(work / "attention.safetensors")
    folds = read_csv(work / "folds.csv", ["fold", "utterance", "part"])
    tested = folds[folds["part"] == "test"].set_index("utterance")["fold"]
    assert pack.options["folds"] == [tested[name] for name in pack.utterances]
    assert all(pack.options["held_out"])
    frames = Features.load(work / "mfcc.safetensors").select(pack.utterances)
    for position in range(len(pack.utterances)):
        steps = pack.rows(position)
        assert steps.shape == (-(-len(frames.rows(position)) // 16), 1)
        assert steps.sum() == pytest.approx(1, abs=1e-5)


def test_attention_differs_between_folds(work: Path, tmp_path: Path) -> None:
    """The network of another fold would weigh the same steps otherwise."""
    arrays, metadata = read_tensors(work / "acln-folds-0.weights.safetensors")
    assert metadata["folds"] == ["0", "1"]
    from sersnake.io import write_tensors

    turned = {name: array[::-1].copy() for name, array in arrays.items()}
    write_tensors(tmp_path / "turned.safetensors", turned, metadata)
    where = ["--manifest", work / "manifest.csv", "--folds", work / "folds.csv"]
    where += ["--features", f"mfcc={work / 'mfcc.safetensors'}"]
    output = tmp_path / "attention.safetensors"
    small_model.call("attend", tmp_path / "turned.safetensors", *where, "--output", output)
    first, other = Features.load(work / "attention.safetensors"), Features.load(output)
    assert not np.allclose(first.values, other.values)


def test_attention_is_read_from_weights_alone(
    work: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--manifest", work / "manifest.csv", "--folds", work / "folds.csv"]
    where += ["--features", f"mfcc={work / 'mfcc.safetensors'}", "--output", tmp_path / "a"]
    assert main(["attend", *map(str, [work / "mfcc.safetensors", *where])]) == 2
    message = "mfcc.safetensors: contains no weights of a training phase; name a .weights"
    assert message in capsys.readouterr().err


def test_a_stream_without_an_attention_is_refused(
    work: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = ["attend", work / "fcn-folds-0.weights.safetensors", "--stream", "fcn"]
    call += ["--manifest", work / "manifest.csv", "--folds", work / "folds.csv"]
    call += ["--features", f"is09={work / 'is09.safetensors'}", "--output", tmp_path / "a"]
    assert main([*map(str, call)]) == 2
    assert "--stream: fcn has no attention; give a stream that has" in capsys.readouterr().err


def test_the_page_knows_every_utterance(work: Path, tmp_path: Path) -> None:
    assert main(words_of(work, "--output-dir", tmp_path / "atlas")) == 0
    assert list(tmp_path.iterdir()) == [tmp_path / "atlas"]
    page = script(tmp_path / "atlas" / "data.js")
    manifest = read_csv(work / "manifest.csv", ["utterance", "emotion"])
    assert page["utterances"]["name"] == manifest["utterance"].tolist()
    assert [page["emotions"][i] for i in page["utterances"]["emotion"]] == manifest[
        "emotion"
    ].tolist()
    predictions = read_csv(work / "predictions.csv", ["utterance", "fold", "predicted"])
    for position, name in enumerate(manifest["utterance"]):
        tests = predictions[predictions["utterance"] == name]
        expected = [
            value
            for fold, predicted in zip(tests["fold"], tests["predicted"], strict=True)
            for value in (fold, page["emotions"].index(predicted))
        ]
        assert page["predicted"]["independent_ce"][position] == expected
    details = script(tmp_path / "atlas" / "details" / "0.js")
    assert len(details) == len(manifest) == 18
    assert [row[:2] for row in details[3]["mined"]] == [
        [network, fold] for network in ("acln", "fcn") for fold in ("0", "1")
    ]
    pack = Features.load(work / "attention.safetensors")
    assert details[3]["attention"]["weights"] == pytest.approx(
        pack.rows(3)[:, 0].tolist(), abs=1e-5
    )
    for link in page["utterances"]["audio"]:
        assert (tmp_path / "atlas" / link).resolve().is_file()
        assert not link.startswith("/")


def test_a_file_without_its_columns_is_refused(
    work: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = words_of(work, "--output-dir", tmp_path / "atlas")
    (tmp_path / "agreement.csv").write_text("network,utterances,low,high\nfcn,3,,\n")
    assert main([*words, "--agreement", str(tmp_path / "agreement.csv")]) == 2
    assert "agreement.csv: has no column rho" in capsys.readouterr().err
    manifest = read_csv(work / "manifest.csv", ["sex", "sentence"])
    manifest.drop(columns=["sex", "sentence"]).to_csv(tmp_path / "some.csv", index=False)
    assert main([*words, "--manifest", str(tmp_path / "some.csv")]) == 2
    assert "some.csv: has no column sex, sentence" in capsys.readouterr().err


def test_an_undefined_rho_is_none(work: Path, tmp_path: Path) -> None:
    (tmp_path / "agreement.csv").write_text("network,utterances,rho,low,high\nfcn,3,,,\n")
    more = ("--agreement", tmp_path / "agreement.csv", "--output-dir", tmp_path / "atlas")
    assert main(words_of(work, *more)) == 0
    (row,) = script(tmp_path / "atlas" / "data.js")["agreement"]
    assert row == {"network": "fcn", "utterances": 3, "rho": None, "low": None, "high": None}


def test_recordings_are_copied_only_on_request(work: Path, tmp_path: Path) -> None:
    assert main(words_of(work, "--output-dir", tmp_path / "linked")) == 0
    assert not list((tmp_path / "linked").rglob("*.wav"))
    assert main(words_of(work, "--set", "embed_audio=true", "--output-dir", tmp_path / "sent")) == 0
    links = script(tmp_path / "sent" / "data.js")["utterances"]["audio"]
    assert links[0] == "audio/ann_calm_0.wav"
    for link in links:
        assert soundfile.info(tmp_path / "sent" / link).samplerate == 16000


def test_segments_are_shown_and_copied_alone(work: Path, tmp_path: Path) -> None:
    manifest = pd.read_csv(work / "manifest.csv", keep_default_na=False, dtype=str)
    manifest.insert(2, "start", ["0.125", *[""] * 17])
    manifest.insert(3, "end", ["0.25", *[""] * 17])
    write_csv(tmp_path / "manifest.csv", manifest)
    links = {}
    for name, more in {"linked": [], "sent": ["--set", "embed_audio=true"]}.items():
        words = words_of(work, *more, "--output-dir", tmp_path / name)
        words[words.index("--manifest") + 1] = str(tmp_path / "manifest.csv")
        assert main(words) == 0
        links[name] = script(tmp_path / name / "data.js")["utterances"]["audio"][:2]
    assert links["linked"][0].endswith("ann_calm_0.wav#t=0.125,0.25")
    assert links["linked"][1].endswith("ann_calm_1.wav")
    assert links["sent"] == ["audio/ann_calm_0.wav", "audio/ann_calm_1.wav"]
    signal, rate = soundfile.read(tmp_path / "sent" / links["sent"][0], dtype="float32")
    part = read_audio(Path(manifest["path"][0]), start=0.125, end=0.25)
    assert rate == 16000
    assert np.array_equal(signal, part)
    detail = script(tmp_path / "linked" / "details" / "0.js")[0]
    assert detail["waveform"] == pictures.waveform(part)


def test_same_inputs_same_bytes_and_an_older_atlas_is_replaced(work: Path, tmp_path: Path) -> None:
    folder = tmp_path / "atlas"
    contents = []
    for _ in range(2):
        assert main(words_of(work, "--output-dir", folder)) == 0
        contents.append({p.name: p.read_bytes() for p in folder.rglob("*") if p.is_file()})
        (folder / "old.txt").write_text("of an older one")
    assert contents[0] == contents[1]


def test_another_folder_is_left_alone(
    work: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.txt").write_text("all of it")
    assert main(words_of(work, "--output-dir", tmp_path)) == 2
    assert "name another" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_missing_recording_leaves_nothing_half_written(
    work: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = pd.read_csv(work / "manifest.csv", keep_default_na=False, dtype=str)
    manifest.loc[4, "path"] = str(tmp_path / "gone.wav")
    write_csv(tmp_path / "manifest.csv", manifest)
    words = words_of(work, "--output-dir", tmp_path / "atlas")
    words[words.index("--manifest") + 1] = str(tmp_path / "manifest.csv")
    assert main(words) == 2
    assert "gone.wav" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.csv"]
