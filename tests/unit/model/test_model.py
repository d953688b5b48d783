"""A model's folder: what it holds, that it says what the workflow says, and what is refused."""

from __future__ import annotations

import json
import pickle
import re
import shutil
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

import sersnake
from sersnake.cli import main
from sersnake.errors import SersnakeError
from sersnake.features.known_encoders import seen
from sersnake.fusion.calibration import Calibration
from sersnake.fusion.final import FinalClassifier, late_block
from sersnake.fusion.part import ClassifierRecipe
from sersnake.fusion.scaling import Blocks, balance
from sersnake.io import Features, read_csv, read_tensors, write_csv, write_tensors
from sersnake.io.audio import read_audio
from sersnake.model import load_model, save_model
from sersnake.model.card import model_card
from sersnake.model.card_data import about_robustness
from sersnake.model.folder import FORMAT
from sersnake.model.making import read_networks
from sersnake.model.novelty import Novelty, class_middles, nearest
from sersnake.settings.acln import AclnOptions
from sersnake.settings.classifiers import CLASSIFIERS, Fusion
from sersnake.training.embeddings import member_blocks, utterance_vectors
from sersnake.training.weights import ADAM, NETWORK
from tests import small_model

EMOTIONS = ["calm", "glad", "upset"]
LATE = late_block("is09")


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, tuple[str, str]]:
    return small_model.write_recordings(tmp_path_factory.mktemp("speech") / "wav")


@pytest.fixture(scope="module")
def folder(
    recordings: dict[Path, tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A model of two members, and beside it what it was made of."""
    return small_model.make_model(
        tmp_path_factory.mktemp("made") / "work",
        recordings,
        members=2,
        classifier={"balanced": True},
    )


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    """One to be damaged."""
    return Path(shutil.copytree(folder, tmp_path / "model"))


# ---- The distance


def test_distance_is_that_to_the_nearest_class() -> None:
    middles = np.array([[0, 0], [3, 4]], np.float32)
    rows = np.array([[0, 0], [3, 5], [1, 1]], np.float32)
    np.testing.assert_allclose(nearest(rows, middles), [0, 0.5**0.5, 1])
    novelty = Novelty(np.stack([middles, middles + 1]), 0.9)
    np.testing.assert_allclose(
        novelty.distances(np.stack([rows, rows + 1])), nearest(rows, middles)
    )
    labels = np.array(["b", "a", "b"])
    np.testing.assert_allclose(class_middles(rows, labels, ["a", "b"]), [[3, 5], [0.5, 0.5]])


# ---- What it says


# Classifiers with settings of theirs and of their fusion; that of the model selection's winner is
# the second.
FINAL: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "paper": ("svm", {}, {"balanced": True}),
    "winner": (
        "svm",
        {"cost": (0.1, 1.0)},
        {"balanced": True, "features": ("is09",), "scaling": "normal_scores"},
    ),
    "late": ("svm", {}, {"method": "late", "features": ("is09",), "weights": "inner_folds"}),
    **{name: (name, {}, {}) for name in CLASSIFIERS if name != "svm"},
    "ranked ELM": (
        "elm",
        {"hidden_units": 20},
        {"features": ("is09",), "scaling": "normal_scores"},
    ),
}


def whole_blocks(work: Path) -> tuple[dict[str, np.ndarray], pd.DataFrame]:
    """Embeddings and IS09 features of all utterances, as training left them."""
    manifest = read_csv(work / "manifest.csv", ["utterance", "emotion"])
    files = [work / f"{n}-whole-{s}.safetensors" for s in (0, 1) for n in ("acln", "fcn")]
    names = manifest["utterance"].tolist()
    blocks = member_blocks(files, ["0"], "0", names, 2)
    vectors = utterance_vectors(work / "is09.safetensors", "0", names)
    return {**blocks, LATE: vectors[None]}, manifest


def fit_whole(work: Path, kind: str) -> tuple[FinalClassifier, Blocks]:
    """The workflow's classifier, fitted on everything; and on what it was."""
    name, settings, fusion = FINAL[kind]
    blocks, manifest = whole_blocks(work)
    if not fusion.get("features"):
        del blocks[LATE]
    recipe = ClassifierRecipe(
        name,
        CLASSIFIERS[name].settings(**settings),
        Fusion(**fusion),
        (0, "independent_ce", "0"),
    )
    emotions = manifest["emotion"].to_numpy(str)
    return FinalClassifier.fit(blocks, emotions, EMOTIONS, recipe), blocks


@pytest.fixture(scope="module", params=FINAL)
def exported(request: pytest.FixtureRequest, folder: Path) -> tuple[str, Path]:
    """A model of each classifier, of the same networks."""
    name, settings, fusion = FINAL[request.param]
    if request.param == "paper":
        return request.param, folder
    model = f"model {request.param}"
    how = {**settings, **fusion}
    return request.param, small_model.finish(folder.parent, model, name, 2, classifier=how)


def test_a_model_scores_digit_for_digit_as_the_classifier_that_was_fitted(
    exported: tuple[str, Path], recordings: dict[Path, tuple[str, str]]
) -> None:
    kind, path = exported
    model = load_model(path)
    assert model.labels == tuple(EMOTIONS)
    assert model.members == 2
    fitted, blocks = fit_whole(path.parent, kind)
    np.testing.assert_array_equal(model.classifier.scores(blocks), fitted.scores(blocks))
    assert model.classifier.structure == fitted.structure

    recogniser = model.ready()
    signals = [read_audio(path) for path in sorted(recordings)]
    features = [model.extraction.features(signal) for signal in signals]
    prediction = recogniser.predict(signals)
    vectors = np.concatenate([of_one["is09"] for of_one in features])
    asked = {**recogniser.embedder(features)[0], LATE: vectors[None]}
    np.testing.assert_array_equal(prediction.scores, fitted.scores(asked))
    assert prediction.emotions == fitted.predict(asked).tolist()
    # The embeddings of training come from other batches, whose sums differ in their last bits.
    # Scores may differ by more: ranks tell apart what is equal but for rounding.
    for name, block in blocks.items():
        np.testing.assert_allclose(asked[name], block, atol=1e-4)


def test_the_card_names_the_classifier(exported: tuple[str, Path]) -> None:
    kind, path = exported
    text = " ".join((path / "README.md").read_text().split())
    name, _, fusion = FINAL[kind]
    assert CLASSIFIERS[name].phrase in text
    assert ("; is09, scores averaged" in text) == ("features" in fusion)


def test_probabilities_are_of_the_temperature_of_the_folds(
    exported: tuple[str, Path], recordings: dict[Path, tuple[str, str]]
) -> None:
    kind, path = exported
    model = load_model(path)
    predictions = read_csv(path.parent / f"{path.name}.csv", ["emotion", "predicted"])
    scores = predictions[[f"score_{name}" for name in EMOTIONS]].to_numpy(float)
    labels = predictions["emotion"].map(EMOTIONS.index).to_numpy()
    assert model.calibration == Calibration.fit(scores, labels, FINAL[kind][0])
    prediction = model.ready().predict([read_audio(path) for path in sorted(recordings)])
    expected = model.calibration.probabilities(prediction.scores)
    np.testing.assert_array_equal(prediction.probabilities, expected)
    np.testing.assert_allclose(prediction.probabilities.sum(axis=1), 1)
    best = prediction.probabilities.argmax(axis=1)
    assert [EMOTIONS[number] for number in best] == prediction.emotions


def test_an_utterance_is_told_alike_alone_and_among_others(
    folder: Path, recordings: dict[Path, tuple[str, str]]
) -> None:
    recogniser = load_model(folder).ready()
    signals = [read_audio(path) for path in sorted(recordings)]
    together = recogniser.predict(signals)
    alone = [recogniser.predict([signal]) for signal in signals]
    np.testing.assert_allclose(together.scores, [one.scores[0] for one in alone], atol=2e-3)
    assert together.moments.tolist() == [one.moments[0] for one in alone]


def test_the_moment_lies_within_the_recording(
    folder: Path, recordings: dict[Path, tuple[str, str]]
) -> None:
    signals = [read_audio(path) for path in sorted(recordings)]
    prediction = load_model(folder).ready().predict(signals)
    ends = np.array([len(signal) for signal in signals]) / 16000
    assert (prediction.moments > 0).all()
    assert (prediction.moments < ends).all()
    assert len(set(prediction.moments)) > 1


def test_noise_is_unusual_and_the_training_data_are_not(
    folder: Path, recordings: dict[Path, tuple[str, str]]
) -> None:
    recogniser = load_model(folder).ready()
    noise = np.random.default_rng(0).normal(0, 0.3, (4, 16000)).astype(np.float32)
    assert recogniser.predict(list(noise)).unusual.all()
    known = recogniser.predict([read_audio(path) for path in sorted(recordings)])
    assert known.unusual.mean() < 0.1


def test_saving_what_was_loaded_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    save_model(load_model(folder), tmp_path / "again")
    names = sorted(path.name for path in folder.iterdir())
    assert names == [
        "README.md",
        "acln.safetensors",
        "classifier.safetensors",
        "fcn.safetensors",
        "model.json",
    ]
    for name in names:
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes(), name


def test_a_rewrite_that_fails_leaves_the_model_as_it_was(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "model"
    save_model(model := load_model(folder), copy)
    described = (copy / "model.json").read_bytes()
    beyond_json = replace(model, about={**model.about, "speakers": object()})
    with pytest.raises(TypeError):
        save_model(beyond_json, copy)
    assert (copy / "model.json").read_bytes() == described
    assert load_model(copy).about == model.about


def test_half_of_another_model_is_refused(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "model"
    save_model(model := load_model(folder), copy)
    acln = {name: array + 1 for name, array in model.networks["acln"].items()}
    damaged = {"acln": acln, "fcn": {"weights": np.array([object()])}}  # no file can hold it
    with pytest.raises(KeyError):
        save_model(replace(model, networks=damaged), copy)
    with pytest.raises(SersnakeError, match=r"acln\.safetensors: is damaged or of another model"):
        load_model(copy)


def test_folders_may_be_strings(folder: Path, tmp_path: Path) -> None:
    model = sersnake.load_model(str(folder))
    save_model(model, str(tmp_path / "text"))
    save_model(model, tmp_path / "path")
    for name in ("model.json", "acln.safetensors"):
        assert (tmp_path / "text" / name).read_bytes() == (tmp_path / "path" / name).read_bytes()
    stem = folder.parent / "fcn-whole-0"
    weights, embedding = f"{stem}.weights.safetensors", f"{stem}.safetensors"
    assert list(read_networks([weights], [embedding])) == ["fcn"]


def test_the_threshold_is_of_utterances_that_were_held_out(folder: Path) -> None:
    """By hand: in each fold, the distance of the test set to the middles of the training set."""
    work = folder.parent
    manifest = read_csv(work / "manifest.csv", ["utterance", "emotion"])
    names, emotions = manifest["utterance"].tolist(), manifest["emotion"].to_numpy(str)
    folds = read_csv(work / "folds.csv", ["fold", "utterance", "part"])
    files = [work / f"{n}-folds-{s}.safetensors" for s in (0, 1) for n in ("acln", "fcn")]
    distances_of_folds = []
    for fold in ("0", "1"):
        part = folds[folds["fold"] == fold].set_index("utterance")["part"].loc[names]
        train, test = (part == "train").to_numpy(), (part == "test").to_numpy()
        blocks = member_blocks(files, ["0", "1"], fold, names, 2)
        widths = [block.shape[2] for block in blocks.values()]
        distances = []
        for rows in np.concatenate(list(blocks.values()), axis=2):
            z = (rows - rows[train].mean(0)) / np.where(
                rows[train].std(0) > 0, rows[train].std(0), 1
            )
            z = z * balance(widths)
            middles = [z[train & (emotions == name)].mean(0) for name in EMOTIONS]
            each = [np.sqrt(((z[test] - middle) ** 2).mean(1)) for middle in middles]
            distances.append(np.min(each, axis=0))
        distances_of_folds.append(np.mean(distances, axis=0))
    expected = np.quantile(np.concatenate(distances_of_folds), 0.99)
    assert load_model(folder).novelty.threshold == pytest.approx(expected, rel=1e-3)


# ---- What stands in the folder


def test_the_description_says_what_the_model_reached(folder: Path) -> None:
    about = json.loads((folder / "model.json").read_text())["about"]
    predictions = read_csv(folder.parent / "model.csv", ["emotion", "predicted"])
    right = (predictions["emotion"] == predictions["predicted"]).mean()
    assert about["measured"]["WA"]["pooled"] == pytest.approx(right, abs=1e-6)
    assert about["measured"]["WA"]["low"] <= right <= about["measured"]["WA"]["high"]
    assert set(about["measured"]["recall"]) == set(EMOTIONS)
    assert about["corpus"]["utterances"] == 36
    assert about["corpus"]["speakers"] == 3
    assert about["corpus"]["synthetic"] is True
    assert "stratified 2-fold cross-validation" in about["setting"]


def test_the_card_says_who_the_model_works_for(folder: Path) -> None:
    model = load_model(folder)
    text = model_card(model)
    predictions = read_csv(folder.parent / "model.csv", ["utterance", "emotion", "predicted"])
    right = predictions["emotion"] == predictions["predicted"]
    by_speaker = right.groupby(predictions["utterance"].str.split("_").str[0]).mean()
    assert f"| All | 3 | 36 | {100 * right.mean():.1f} (" in text
    assert "| Length: over " in text and "Sex: " not in text  # which is not known
    told = re.search(r"Best speaker by UA: (\w+) with .*; worst: (\w+) with ", text)
    assert told and by_speaker[told[1]] == by_speaker.max()
    assert by_speaker[told[2]] == by_speaker.min()
    before = {name: value for name, value in model.about.items() if name != "groups"}
    assert "Who it works for" not in model_card(replace(model, about=before))


def test_the_card_says_what_degraded_recordings_leave(folder: Path) -> None:
    model = load_model(folder)
    cells = [(who, name) for who in ("ann", "ben", "cleo") for name in EMOTIONS]
    correct = {"clean": 4, "noise_10": 1}
    rows = [("s", of, *cell, 4, right) for of, right in correct.items() for cell in cells]
    columns = ["system", "condition", "speaker", "emotion", "tested", "correct"]
    counts = pd.DataFrame(rows, columns=columns)
    about = {**model.about, "robustness": about_robustness(counts, 0)}
    text = model_card(replace(model, about=about))
    assert "| noise 10 dB | 25.0 (25.0 to 25.0) | 25.0 (25.0 to 25.0) |" in text
    assert "| clean | 100.0 (" in text
    assert "Degraded recordings" not in model_card(model)


def test_the_card_has_the_header_of_a_hub(folder: Path) -> None:
    text = (folder / "README.md").read_text()
    _, header, body = text.split("---\n", 2)
    header_values = yaml.safe_load(header)
    assert header_values["pipeline_tag"] == "audio-classification"
    assert header_values["language"] == ["de"]
    (result,) = header_values["model-index"][0]["results"]
    measured = json.loads((folder / "model.json").read_text())["about"]["measured"]
    assert [metric["value"] for metric in result["metrics"]] == [
        round(measured[name]["pooled"], 4) for name in ("WA", "UA")
    ]
    assert "synthetic" in body
    assert str(folder) not in text


def card(folder: Path, **changes: object) -> str:
    """The card of a model of another corpus."""
    model = load_model(folder)
    corpus = {**model.about["corpus"], **changes}
    return model_card(replace(model, about={**model.about, "corpus": corpus}))


def test_the_card_says_what_may_be_done_with_the_model(folder: Path) -> None:
    demo = card(folder)
    assert "eSpeak NG" in demo and "not known" not in demo
    assert "license: other\nlicense_name: synthetic-speech\n" in demo
    other = card(folder, name="own", synthetic=False)
    assert "not known to sersnake" in other and "license: unknown" in other
    emodb = card(folder, name="emodb", synthetic=False, license="cc0-1.0")
    assert "licence of the corpus is cc0-1.0" in emodb and "license: cc0-1.0" in emodb
    for text in (demo, other, emodb):
        assert "commercial product" in text and "licence from audEERING" in text


def test_the_card_says_which_encoder_stood_before_the_features(folder: Path) -> None:
    model = load_model(folder)
    assert "encoder" not in model_card(model)
    told = {"revision": "", "sha256": "f" * 64, "licence": "apache-2.0"}
    models = {"whisper": "openai/whisper-base", "own": "mine"}
    encoders = {name: {**told, **asdict(seen(each, "demo"))} for name, each in models.items()}
    text = model_card(replace(model, about={**model.about, "encoders": encoders}))
    assert "## Pretrained encoders" in text
    assert "- whisper: openai/whisper-base, revision not recorded, SHA-256 of the weights " in text
    assert f"{'f' * 64}, licence apache-2.0. Whisper" in text
    assert "Whisper, trained on 680,000 hours from the web" in text
    assert "whether the synthetic demo corpus was among them is not known." in text
    assert "Its training data, and whether they included" in text


def test_files_name_no_folder_of_this_machine(folder: Path) -> None:
    for path in folder.iterdir():
        assert str(folder.parent).encode() not in path.read_bytes(), path.name


def test_a_model_of_before_there_were_probabilities_is_read_and_asked_for_none(
    copy: Path, recordings: dict[Path, tuple[str, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    edited(lambda d: (d.pop("calibration"), d["about"].pop("groups")))(copy)
    recording = sorted(recordings)[0]
    prediction = load_model(copy).ready().predict([read_audio(recording)])
    assert np.isnan(prediction.probabilities).all() and np.isfinite(prediction.scores).all()
    words = ["predict", str(recording), "--model", str(copy)]
    assert main(words) == 0
    capsys.readouterr()
    assert main([*words, "--probabilities"]) == 2
    assert "this older model gives no probabilities; make it again" in capsys.readouterr().err


# ---- What is refused


def edited(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    def apply(model: Path) -> None:
        description = json.loads((model / "model.json").read_text())
        change(description)
        (model / "model.json").write_text(json.dumps(description))

    return apply


def acln(**options: object) -> dict[str, Any]:
    return {"streams": {"acln": {"network": options}}}


def flip_a_byte(model: Path) -> None:
    content = bytearray((model / "fcn.safetensors").read_bytes())
    content[-5] ^= 1
    (model / "fcn.safetensors").write_bytes(content)


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "no description": (lambda m: (m / "model.json").unlink(), "so it is not a model"),
    "half a description": (
        lambda m: (m / "model.json").write_text((m / "model.json").read_text()[:500]),
        "is damaged",
    ),
    "another JSON": (
        lambda m: (m / "model.json").write_text("[1]"),
        "not a description of a model",
    ),
    "newer": (edited(lambda d: d.update(format=FORMAT + 1)), "newer sersnake.*update sersnake"),
    "older": (edited(lambda d: d.update(format=2)), "older sersnake.*make it again"),
    "a file missing": (lambda m: (m / "acln.safetensors").unlink(), "acln.safetensors: is missing"),
    "a byte": (flip_a_byte, "fcn.safetensors: is damaged"),
    "files exchanged": (
        lambda m: shutil.copy(m / "acln.safetensors", m / "fcn.safetensors"),
        "fcn.safetensors: is damaged or of another model",
    ),
    "a label less": (edited(lambda d: d["labels"].pop()), "do not belong together.*2 labels"),
    "a label twice": (edited(lambda d: d["labels"].__setitem__(0, "glad")), "labels"),
    "labels of another kind": (edited(lambda d: d.update(labels=[1, 2, 3])), "labels"),
    "another network": (edited(lambda d: d["networks"].append("../../x")), "networks"),
    "another classifier": (edited(lambda d: d["classifier"].update(classifier="os:system")), "os"),
    "speakers without arrays": (
        edited(lambda d: d["classifier"].update(speakers={"blocks": ["acln"], "neutral": False})),
        "do not belong together.*acln.mean",
    ),
    "settings of another": (
        edited(lambda d: d["classifier"]["parts"][0]["settings"].update(ridge=1)),
        "ridge",
    ),
    "a member less": (
        edited(lambda d: d["classifier"]["parts"][0].update(members=3)),
        "do not belong together",
    ),
    "a network less": (edited(lambda d: d["networks"].pop()), "a classifier on fcn"),
    "another stream": (
        edited(lambda d: d["networks"].append("gru")),
        "network 'gru' is not one of",
    ),
    "another option": (edited(lambda d: d.update(streams=acln(heads=3))), "heads"),
    "an unknown option": (edited(lambda d: d.update(streams=acln(depth=3))), "depth"),
    "features unknown": (edited(lambda d: d["features"]["mfcc"].update(kind="wav2vec")), "wav2vec"),
    "a part missing": (edited(lambda d: d.pop("threshold")), "threshold"),
    "another calibration": (
        edited(lambda d: d["calibration"].update(kind="luck")),
        "do not belong together.*luck",
    ),
    "no temperature": (
        edited(lambda d: d["calibration"].update(temperature=0)),
        "do not belong together.*temperature",
    ),
    "no hash": (edited(lambda d: d["sha256"].pop("fcn.safetensors")), "fcn.safetensors"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_model_is_refused(
    kind: str, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage, message = DAMAGE[kind]
    damage(copy)
    with pytest.raises(SersnakeError, match=message) as caught:
        load_model(copy)
    assert str(copy) in str(caught.value)
    assert main(["predict", "x.wav", "--model", str(copy)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and lines[0].startswith("sersnake predict: error: ")


def test_a_model_from_before_enrolment_is_read(copy: Path) -> None:
    edited(lambda d: d.update(format=3))(copy)
    assert load_model(copy).classifier.speakers is None


class Bomb:
    """What a pickle would execute."""

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return (exec, ("raise SystemExit('executed')",))


def test_nothing_in_the_folder_is_executed(copy: Path) -> None:
    """Not even where a stranger has made the hash fit a pickle."""
    import hashlib

    bomb = pickle.dumps(Bomb())
    (copy / "fcn.safetensors").write_bytes(bomb)
    edited(lambda d: d["sha256"].update({"fcn.safetensors": hashlib.sha256(bomb).hexdigest()}))(
        copy
    )
    with pytest.raises(SersnakeError, match="not a safetensors file"):
        load_model(copy)


def test_a_model_cannot_scale_by_speakers_it_does_not_know(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work = folder.parent
    words = ["make-model", "--system", "a", "--name", "n", "--folds", work / "folds.csv"]
    for flag in ("--weights", "--embeddings", "--held-out", "--predictions"):
        words += [flag, work / "x"]
    words += [*small_model.inputs_of(work), "--context", work / "context.json"]
    words += ["--set", "normalisation=speaker", "--output-dir", work / "y"]
    assert main([str(word) for word in words]) == 2
    assert "set normalisation to fold" in capsys.readouterr().err
    assert not (work / "y").exists()


@pytest.mark.parametrize("missing", ["emotion", "score_calm"])
def test_predictions_of_a_model_need_labels_and_scores(
    missing: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work = folder.parent
    predictions = read_csv(work / "model.csv", [missing]).drop(columns=missing)
    write_csv(tmp_path / "some.csv", predictions)
    words = ["make-model", "--system", "a", "--name", "n", "--folds", work / "folds.csv"]
    for flag in ("--weights", "--embeddings", "--held-out"):
        words += [flag, work / "x"]
    words += [*small_model.inputs_of(work), "--context", work / "context.json"]
    words += ["--predictions", tmp_path / "some.csv", "--output-dir", tmp_path / "y"]
    assert main([str(word) for word in words]) == 2
    assert f"some.csv: has no column {missing}" in capsys.readouterr().err


def test_weights_of_something_else_are_refused(folder: Path, tmp_path: Path) -> None:
    work = folder.parent
    embedding = work / "fcn-whole-0.safetensors"
    with pytest.raises(SersnakeError, match="no weights"):
        read_networks([embedding], [embedding])
    networks = read_networks([work / "fcn-whole-0.weights.safetensors"], [embedding])
    assert list(networks) == ["fcn"]
    assert not any(name.startswith((NETWORK, ADAM)) for name in networks["fcn"])


def test_members_come_in_pairs_and_in_one_shape(folder: Path, tmp_path: Path) -> None:
    work = folder.parent
    embedding = work / "fcn-whole-0.safetensors"
    weights = work / "fcn-whole-0.weights.safetensors"
    with pytest.raises(SersnakeError, match="--weights and --embeddings: give one file of each"):
        read_networks([weights, weights], [embedding])
    arrays, metadata = read_tensors(weights)
    narrow = {name: array[..., :2] for name, array in arrays.items()}
    write_tensors(tmp_path / "narrow.safetensors", narrow, metadata)
    with pytest.raises(SersnakeError, match=r"narrow\.safetensors: its fcn differs in shape from"):
        read_networks([weights, tmp_path / "narrow.safetensors"], [embedding, embedding])


def test_packs_say_how_they_were_made(folder: Path) -> None:
    model = load_model(folder)
    pack = Features.load(folder.parent / "mfcc.safetensors")
    assert model.extraction.as_dict()["mfcc"] == pack.options
    kinds = {name: kind for name, (kind, _) in model.extraction.sets.items()}
    assert kinds == {"mfcc": "mfcc", "is09": "opensmile"}


def test_a_model_of_log_mel_and_another_architecture(
    recordings: dict[Path, tuple[str, str]], tmp_path: Path
) -> None:
    folder = small_model.make_model(
        tmp_path / "work",
        recordings,
        mfcc={"kind": "log_mel", "n_mels": 20},
        networks={**acln(attention="dot", heads=4), "crop": 40},
    )
    model = load_model(folder)
    assert model.extraction.as_dict()["mfcc"]["kind"] == "log_mel" and model.crop == 40
    assert model.read_by("acln")["acln"].network.options == AclnOptions("dot", 4)
    prediction = model.ready().predict([read_audio(path) for path in sorted(recordings)])
    assert (prediction.moments <= 3 * 0.192).all()  # what was cropped is not looked at
    assert set(prediction.emotions) <= set(EMOTIONS)
