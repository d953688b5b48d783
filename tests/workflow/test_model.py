"""The model and the atlas of a run: made by the workflow, used by somebody with a browser."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sersnake.fusion.final import FinalClassifier, late_block
from sersnake.fusion.part import ClassifierRecipe
from sersnake.io import Features
from sersnake.io.audio import read_audio
from sersnake.model import load_model
from sersnake.settings.classifiers import Fusion, Lda, Svm
from sersnake.training.embeddings import member_blocks
from tests.browser import Page, open_page
from tests.workflow.conftest import DEMO, Project

CONFIG = ("--configfile", "tiny.yaml")
MODEL = ["README.md", "acln.safetensors", "classifier.safetensors", "fcn.safetensors", "model.json"]


@pytest.fixture(scope="module")
def results(demo: Project) -> Path:
    return demo.folder / "results" / "demo"


def digests(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
    }


# ---- The model


def test_the_model_is_trained_on_everything_by_rules_of_its_own(
    demo: Project, results: Path
) -> None:
    assert sorted(digests(results / "model")) == MODEL
    about = json.loads((results / "model" / "model.json").read_text())["about"]
    manifest = pd.read_csv(results / "manifest.csv")
    assert about["corpus"]["utterances"] == len(manifest) == 96
    metrics = pd.read_csv(results / "metrics.csv").query("system == 'independent_he'")
    pooled = metrics.query("fold == 'pooled'").set_index("metric")["value"]
    assert about["measured"]["WA"]["pooled"] == pytest.approx(pooled["WA"], abs=1e-6)
    hard = pd.read_csv(results / "whole/training/acln/he/0.hard.csv")
    assert len(hard) == len(manifest)  # all of it was mined
    assert "synthetic" in (results / "model" / "README.md").read_text()
    assert not demo.planned("model", *CONFIG)


def test_words_of_the_model_card_make_the_model_again(demo: Project, results: Path) -> None:
    """Whoever writes them: the card, the run's context, or the names of systems."""
    for file, old, new in (
        ("model/card.py", '"## Use"', '"## How to use it"'),
        ("report/tables/systems.py", "capitalize()} training", "capitalize()} networks"),
        ("report/run_context.py", "The recordings are synthetic", "The recordings are artificial"),
    ):
        path = demo.folder / "sersnake" / file
        before = path.read_text()
        assert old in before
        path.write_text(before.replace(old, new))
        planned = demo.planned("model", *CONFIG)
        path.write_text(before)
        described = {} if file == "model/card.py" else {"describe_run": 1}
        total = 2 + len(described)
        assert planned == {"make_model": 1, "model": 1, **described, "total": total}, file


def test_made_again_the_model_has_the_same_bytes(demo: Project, results: Path) -> None:
    before = digests(results / "model")
    demo.finish("model", "--cores", 1, *CONFIG, "--forcerun", "make_model")
    assert digests(results / "model") == before


def test_a_variant_with_two_seeds_gives_a_model_of_two_members(
    demo: Project, results: Path
) -> None:
    (demo.folder / "twins.yaml").write_text(
        f"{DEMO}name: twins\nmodel: {{system: independent_ce, variant: twins}}\n"
        "variants: {twins: {seeds: 2, fusion: {balanced: true}}}\n"
    )
    planned = demo.planned("model", "--configfile", "twins.yaml")
    # Two networks of two members, on the two folds of the variant and on the whole corpus.
    assert planned["train_phase_1"] == planned["train_on"] == 8
    assert planned["make_model"] == 1


def predict(demo: Project, *words: object) -> list[dict[str, str]]:
    call = [sys.executable, "-m", "sersnake", "predict", *map(str, words)]
    run = subprocess.run(
        call, cwd=demo.folder, env=os.environ, capture_output=True, text=True, check=True
    )
    return list(csv.DictReader(io.StringIO(run.stdout)))


def test_the_model_answers(demo: Project, results: Path) -> None:
    manifest = pd.read_csv(results / "manifest.csv").iloc[::7]
    paths = [demo.folder / path for path in manifest["path"]]
    rows = predict(demo, *paths, "--model", results / "model")
    assert [row["file"] for row in rows] == [str(path) for path in paths]
    right = [row["emotion"] for row in rows] == manifest["emotion"].to_numpy()
    assert right.mean() > 0.5  # of four emotions, after three epochs
    moments = np.array([float(row["moment"]) for row in rows])
    assert ((moments > 0) & (moments < manifest["duration"].to_numpy(float))).all()


def test_what_wins_the_model_selection_becomes_a_model(demo: Project, results: Path) -> None:
    """Its scores are those of the workflow's classifier, digit for digit; no network is trained."""
    before = digests(results / "model")
    ranked = "{fusion: {balanced: true, features: [is09], scaling: normal_scores}}"
    (demo.folder / "ranked.yaml").write_text(
        f"variants: {{ranked: {ranked}}}\nmodel: {{variant: ranked}}\n"
    )
    demo.finish("model", "--cores", 1, *CONFIG, "ranked.yaml")
    model = load_model(results / "model")
    demo.finish("model", "--cores", 1, *CONFIG)
    assert digests(results / "model") == before

    manifest = pd.read_csv(results / "manifest.csv")
    names, emotions = manifest["utterance"].tolist(), manifest["emotion"].to_numpy(str)
    files = [results / f"whole/training/{name}/he/0.safetensors" for name in ("acln", "fcn")]
    blocks = member_blocks(files, ["0"], "0", names, 1)
    pack = Features.load(results / "features/is09.safetensors").select(names)
    blocks[late_block("is09")] = pack.values[None]
    fusion = Fusion(balanced=True, features=("is09",), scaling="normal_scores")
    recipe = ClassifierRecipe("svm", Svm(), fusion)
    fitted = FinalClassifier.fit(blocks, emotions, model.labels, recipe)
    expected = fitted.scores(blocks)
    np.testing.assert_array_equal(model.classifier.scores(blocks), expected)

    prediction = model.ready().predict([read_audio(demo.folder / p) for p in manifest["path"]])
    # The same networks' features of the same recordings, in other batches.
    np.testing.assert_allclose(prediction.scores, expected, atol=0.05)
    assert prediction.emotions == fitted.predict(blocks).tolist()


def test_the_best_of_the_variants_becomes_a_model(demo: Project, results: Path) -> None:
    """Chosen by all folds; what its card says of it is what inner folds had selected in each."""
    (demo.folder / "best.yaml").write_text(
        "variants: {lda: {systems: [is09_lda]}, svm: {systems: [is09_svm], svm: {cost: 0.0001}}}\n"
        "model_selection: {variants: [lda, svm]}\n"
    )
    planned = demo.planned("best", *CONFIG, "best.yaml")
    assert planned["make_candidate"] == 2
    assert not any("train" in rule for rule in planned)
    demo.finish("best", "--cores", 1, *CONFIG, "best.yaml")

    files = [results / f"variants/{name}/predictions/is09_{name}.csv" for name in ("lda", "svm")]
    predictions = [pd.read_csv(file) for file in files]
    right = [rows["emotion"] == rows["predicted"] for rows in predictions]
    recalls = [
        of.groupby(rows["emotion"]).mean().mean()
        for of, rows in zip(right, predictions, strict=True)
    ]
    best = ("lda", "svm")[int(np.argmax(recalls))]
    model = load_model(results / "best")
    assert model.about["candidate"] == model.classifier.classifier == best
    assert digests(results / "best") == digests(results / "variants" / best / "model")
    selected = pd.read_csv(results / "predictions" / "selected.csv")
    accuracy = (selected["emotion"] == selected["predicted"]).mean()
    assert model.about["measured"]["WA"]["pooled"] == pytest.approx(accuracy)
    card = (results / "best" / "README.md").read_text()
    assert f"This folder contains the variant `{best}`" in card


def test_a_baseline_becomes_a_model(demo: Project, results: Path) -> None:
    """Without a network to be trained; its scores are those of `classify`, digit for digit."""
    before = digests(results / "model")
    (demo.folder / "alone.yaml").write_text("model: {system: is09_lda}\nfusion: {balanced: true}\n")
    planned = demo.planned("model", *CONFIG, "alone.yaml")
    assert planned == {"classify": 1, "make_model": 1, "model": 1, "total": 3}
    demo.finish("model", "--cores", 1, *CONFIG, "alone.yaml")
    model = load_model(results / "model")
    demo.finish("model", "--cores", 1, *CONFIG)
    assert digests(results / "model") == before

    assert model.networks == {} and model.about["training"] == {}
    manifest = pd.read_csv(results / "manifest.csv")
    vectors = Features.load(results / "features/is09.safetensors").select(manifest["utterance"])
    block = {"0": vectors.values[None]}
    emotions = manifest["emotion"].to_numpy(str)
    fitted = FinalClassifier.fit(
        block, emotions, model.labels, ClassifierRecipe("lda", Lda(), Fusion())
    )
    prediction = model.ready().predict([read_audio(demo.folder / p) for p in manifest["path"]])
    np.testing.assert_array_equal(prediction.scores, fitted.scores(block))


def test_what_a_model_cannot_be_made_of_is_refused(demo: Project, results: Path) -> None:
    (demo.folder / "more.yaml").write_text("training: {normalisation: speaker}")
    run = demo.run("model", "--dry-run", "--cores", 1, *CONFIG, "more.yaml")
    assert run.returncode == 1
    assert "set normalisation to fold" in run.stdout + run.stderr


# ---- The atlas


@pytest.fixture(scope="module")
def page(results: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with open_page(results / "atlas" / "index.html", tmp_path_factory.mktemp("profile")) as page:
        page.wait("document.querySelectorAll('.row').length")
        yield page


@pytest.fixture(autouse=True)
def _nothing_goes_wrong_on_the_page(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "page" in request.fixturenames:
        page: Page = request.getfixturevalue("page")
        assert page.errors == []
        page.ask("document.querySelector('#clear').click()")


def shown(page: Page, column: int = 0) -> list[str]:
    """The cells of a column of the list, from its top."""
    cells: list[str] = page.ask(
        "[...document.querySelectorAll('.row')]"
        ".sort((a, b) => a.ariaRowIndex - b.ariaRowIndex)"
        f".map((row) => row.children[{column}].innerText)"
    )
    return cells


def heading(name: str) -> str:
    return f"[...document.querySelectorAll('#head button')].find((b) => b.innerText === '{name}')"


def column_of(page: Page, name: str) -> int:
    actual: int = page.ask(
        f"[...document.querySelectorAll('#head button')].map((b) => b.innerText).indexOf('{name}')"
    )
    return actual


def choose(page: Page, select: str, value: str) -> None:
    page.ask(
        f"(() => {{ const field = document.querySelector('#{select}'); field.value = '{value}';"
        " field.dispatchEvent(new Event('input', {bubbles: true})); })()"
    )


def drawn(page: Page, canvas: str) -> int:
    """How many pixels of a canvas are not empty."""
    pixels: int = page.ask(
        f"(() => {{ const canvas = document.querySelector('#{canvas}');"
        " const brush = canvas.getContext('2d');"
        " const { data } = brush.getImageData(0, 0, canvas.width, canvas.height);"
        " let count = 0; for (let k = 3; k < data.length; k += 4) count += data[k] > 0;"
        " return count; })()"
    )
    return pixels


def test_the_hardest_utterance_comes_first(page: Page, results: Path) -> None:
    hard = pd.read_csv(results / "hard_index.csv").query("network == 'acln'")
    means = hard.groupby("utterance")["hard_index"].mean()
    column = column_of(page, "h ACLN")
    values = [float(text) for text in shown(page, column)]
    assert values == sorted(values, reverse=True)
    assert values[0] == pytest.approx(means.max(), abs=0.006)
    assert means[shown(page)[0]] == pytest.approx(means.max(), abs=1e-4)


def test_a_heading_sorts_by_mouse_and_by_key(page: Page) -> None:
    page.click(heading("Utterance"))
    names = shown(page)
    assert names == sorted(names)
    page.press("Enter")
    assert shown(page)[0] > names[0]
    assert page.ask(f"{heading('Utterance')}.parentElement.ariaSort") == "descending"
    page.click(heading("h ACLN"))


def test_filters_leave_what_they_say(page: Page, results: Path) -> None:
    manifest = pd.read_csv(results / "manifest.csv", dtype=str)
    choose(page, "emotion", "0")
    emotion = page.ask("document.querySelector('#emotion').selectedOptions[0].innerText")
    assert set(shown(page, column_of(page, "Emotion"))) == {emotion}
    speaker = manifest["speaker"].iloc[0]
    choose(page, "speaker", speaker)
    both = manifest.query("emotion == @emotion and speaker == @speaker")["utterance"]
    assert set(shown(page)) == set(both)
    assert page.ask("document.querySelector('#count').innerText") == (
        f"{len(both)} of {len(manifest)} utterances"
    )
    choose(page, "text", both.iloc[2][-9:])
    assert both.iloc[2] in shown(page)
    assert len(shown(page)) < len(both)


def test_a_cell_of_the_confusion_matrix_shows_its_utterances(page: Page, results: Path) -> None:
    predictions = pd.read_csv(results / "predictions.csv").query("system == 'independent_he'")
    wrong = predictions.query("emotion != predicted")
    truth, predicted = wrong.groupby(["emotion", "predicted"]).size().idxmax()
    cell = wrong.query("emotion == @truth and predicted == @predicted")
    label = f"{truth} recognised as {predicted}: {len(cell)}"
    button = f"document.querySelector('#confusion button[aria-label=\"{label}\"]')"
    page.click(button)
    assert set(shown(page)) == set(cell["utterance"])
    assert page.ask(f"{button}.ariaPressed") == "true"
    page.press("Enter")
    assert len(shown(page)) > len(set(cell["utterance"]))


def test_another_system_has_its_own_confusions(page: Page, results: Path) -> None:
    totals = []
    for system in ("independent_he", "is09_svm"):
        choose(page, "system", system)
        rows = pd.read_csv(results / "predictions.csv").query("system == @system")
        right = int((rows["emotion"] == rows["predicted"]).sum())
        diagonal = page.ask(
            "[...document.querySelectorAll('#confusion tbody tr')]"
            ".reduce((sum, row, k) => sum + Number(row.querySelectorAll('button')[k].innerText), 0)"
        )
        assert diagonal == right
        totals.append(diagonal)
    assert totals[0] != totals[1]
    choose(page, "system", "independent_he")


def test_keys_choose_and_play_an_utterance(page: Page) -> None:
    page.click("document.querySelector('.row')")
    page.ask("document.querySelector('#grid').focus()")
    names = shown(page)
    for expected in (names[1], names[2]):
        page.press("ArrowDown")
        assert page.ask("document.querySelector('#name').innerText") == expected
    selected = "document.querySelector('[aria-selected=true]')"
    assert page.ask(f"{selected}.firstChild.innerText") == names[2]
    assert page.ask("location.hash") == f"#{names[2]}"
    page.press("End")
    page.wait("document.querySelector('#name').innerText !== ''")
    assert page.ask(f"{selected} !== null")
    page.press("Enter")
    page.wait("document.querySelector('#audio').currentTime > 0.05")
    assert page.ask("document.querySelector('#missing').hidden")
    page.press("Enter")
    assert page.ask("document.querySelector('#audio').paused")


def test_waveform_frames_and_attention_are_drawn(page: Page) -> None:
    page.ask("document.querySelector('#grid').scrollTop = 0")
    page.wait("document.querySelector('.row').ariaRowIndex === '2'")
    for number in (0, 3):
        page.click(f"document.querySelectorAll('.row')[{number}]")
        page.wait("document.querySelector('#explained').innerText.includes('in fold')")
        for canvas in ("waveform", "frames", "attention", "scatter"):
            assert drawn(page, canvas) > 500, canvas
    rows = page.ask("document.querySelectorAll('#mined tbody tr').length")
    assert rows in (2, 4)  # two networks, on one or two folds that train on it


def test_a_click_on_the_waveform_goes_to_its_moment(page: Page) -> None:
    page.click("document.querySelector('.row')")
    page.wait("document.querySelector('#explained').innerText")
    page.click("document.querySelector('#waveform')")
    page.wait("document.querySelector('#audio').currentTime > 0.1")
    played, whole = page.ask(
        "(({currentTime, duration}) => [currentTime, duration])(document.querySelector('#audio'))"
    )
    assert played == pytest.approx(whole / 2, abs=0.02 * whole)


def test_a_point_of_the_scatter_plot_chooses_its_utterance(page: Page) -> None:
    """Where the points lie is the networks' affair: a click every 20 pixels meets one of them."""
    page.click("document.querySelector('.row')")
    met = page.ask(
        "(() => { const canvas = document.querySelector('#scatter');"
        " canvas.scrollIntoView({block: 'center'});"
        " const name = document.querySelector('#name'), before = name.innerText;"
        " const box = canvas.getBoundingClientRect();"
        " for (let x = box.left + 48; x < box.right; x += 20)"
        " for (let y = box.top + 8; y < box.bottom - 40; y += 20) {"
        " canvas.dispatchEvent("
        "new MouseEvent('click', {clientX: x, clientY: y, bubbles: true}));"
        " if (name.innerText !== before) return true; }"
        " return false; })()"
    )
    assert met


def test_the_page_fits_a_phone(page: Page, results: Path) -> None:
    page.resize(390, 844)
    page.wait("document.querySelectorAll('#head button').length < 7")
    assert page.ask("document.documentElement.scrollWidth") <= 390
    assert page.ask("document.querySelector('#waveform').getBoundingClientRect().right") <= 390
    page.resize(1280, 900)
    page.wait("document.querySelectorAll('#head button').length >= 7")


def test_a_missing_recording_is_told(
    results: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """An atlas that was moved away from its corpus, without the recordings in it."""
    import shutil

    moved = shutil.copytree(results / "atlas", tmp_path / "atlas")
    with open_page(moved / "index.html", tmp_path_factory.mktemp("profile")) as page:
        page.wait("document.querySelectorAll('.row').length")
        page.ask("document.querySelector('#audio').load()")
        page.wait("!document.querySelector('#missing').hidden")
        assert "cannot be played" in page.ask("document.querySelector('#missing').innerText")
