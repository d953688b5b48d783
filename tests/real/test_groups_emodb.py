"""Who a system works for on EMODB: mean MFCCs under an LDA, one speaker left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

import sersnake
from sersnake.corpora import read_corpus
from sersnake.corpora.emodb import EMOTIONS, FEMALE, MALE, SENTENCES
from sersnake.evaluation.group_measures import measure_groups
from sersnake.fusion.final import FinalClassifier
from sersnake.fusion.part import ClassifierRecipe
from sersnake.settings.classifiers import Fusion, Lda

pytestmark = pytest.mark.real
ORDER = tuple(EMOTIONS.values())
RECIPE = ClassifierRecipe("lda", Lda(), Fusion())


def features_of(path: str) -> np.ndarray:
    """Mean and deviation of each coefficient."""
    rows = sersnake.mfcc(sersnake.read_audio(path), n_mfcc=20, n_fft=512)
    return np.concatenate([rows.mean(axis=0), rows.std(axis=0)])


@pytest.fixture(scope="module")
def groups(emodb_dir: Path) -> pd.DataFrame:
    """The measures of all groups, indexed by kind, group and metric."""
    manifest = read_corpus("emodb", emodb_dir)
    manifest["duration"] = [soundfile.info(path).duration for path in manifest["path"]]
    blocks = {"mfcc": np.stack([features_of(path) for path in manifest["path"]])[None]}
    emotions, speakers = (manifest[name].to_numpy(str) for name in ("emotion", "speaker"))
    predictions, folds = [], []
    for speaker in np.unique(speakers):
        test = speakers == speaker
        known, tested = ({"mfcc": blocks["mfcc"][:, rows]} for rows in (~test, test))
        classifier = FinalClassifier.fit(known, emotions[~test], ORDER, RECIPE)
        scores = classifier.scores(tested)
        rows = pd.DataFrame(scores, columns=[f"score_{name}" for name in ORDER])
        rows = rows.assign(system="mfcc_lda", fold=speaker, emotion=emotions[test])
        rows["utterance"] = manifest["utterance"][test].to_numpy()
        predictions.append(rows.assign(predicted=np.array(ORDER)[scores.argmax(axis=1)]))
        part = np.where(test, "test", "train")
        folds.append(manifest[["utterance"]].assign(fold=speaker, part=part))
    measured = measure_groups(pd.concat(predictions), pd.concat(folds), manifest, ORDER, 0)
    return measured.set_index(["kind", "group", "metric"])


def test_the_groups_are_the_corpus_as_it_was_published(groups: pd.DataFrame) -> None:
    sizes = groups.xs("WA", level="metric")["utterances"]
    assert sizes["sex"].to_dict() == {"female": 302, "male": 233}
    assert set(sizes["speaker"].index) == {*FEMALE, *MALE}
    assert set(sizes["sentence"].index) == set(SENTENCES)
    for kind in ("sex", "length", "speaker", "sentence"):
        assert sizes[kind].sum() == 535, kind


def test_probabilities_are_as_often_right_as_they_say(groups: pd.DataFrame) -> None:
    every = groups.xs("all", level="kind").xs("all", level="group")
    assert every["value"]["WA"] > 0.5
    assert every["value"]["confidence"] == pytest.approx(every["value"]["WA"], abs=0.06)
    assert every["low"]["ECE"] < every["value"]["ECE_expected"] < every["high"]["ECE"]
    accuracies = groups.xs("confidence").xs("WA", level="metric")["value"]
    assert accuracies.iloc[-1] > accuracies.iloc[0] + 0.3


def test_five_women_and_five_men_have_252_divisions(groups: pd.DataFrame) -> None:
    gap = groups.xs("gap")["p"].droplevel("group")
    divisions = 252 * gap[["WA", "UA", "F1", "ECE"]]
    np.testing.assert_allclose(divisions, divisions.round())
    assert (divisions >= 1).all()
