"""Who a system works for: measures of groups, intervals, and the gap between the sexes."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score

from sersnake.cli import main
from sersnake.errors import SersnakeError
from sersnake.evaluation.calibration import with_confidence
from sersnake.evaluation.group_measures import measure_groups
from sersnake.evaluation.grouping import LEAST
from sersnake.evaluation.intervals import speaker_bootstrap
from sersnake.evaluation.permutation import permutation_p
from sersnake.evaluation.tallies import measures, tally
from sersnake.io import read_csv, write_csv

EMOTIONS = ("anger", "fear", "joy")
SPEAKERS = ("f1", "f2", "f3", "m1", "m2", "m3", "m4")
EACH = 24  # utterances of a speaker
SCORES = [f"score_{emotion}" for emotion in EMOTIONS]


def corpus() -> pd.DataFrame:
    """Of each speaker as many of each emotion, in two sentences."""
    rows = [
        {
            "utterance": f"{speaker}_{number}",
            "path": f"{speaker}_{number}.wav",
            "speaker": speaker,
            "sex": "female" if speaker[0] == "f" else "male",
            "sentence": "one" if number % 2 else "two",
            "emotion": EMOTIONS[number % 3],
            "corpus": "mine",
            "duration": 1 + number / 10,
        }
        for speaker in SPEAKERS
        for number in range(EACH)
    ]
    return pd.DataFrame(rows)


def predictions_of(manifest: pd.DataFrame, noise: dict[str, float]) -> pd.DataFrame:
    """One fold per speaker; scores that tell the emotion, in noise of the speaker's own."""
    rng = np.random.default_rng(3)
    emotions = manifest["emotion"].to_numpy(str)
    level = manifest["speaker"].map(noise).to_numpy()[:, None]
    scores = (emotions[:, None] == EMOTIONS) + level * rng.normal(size=(len(manifest), 3))
    frame = manifest[["utterance", "emotion"]].assign(
        system="x_lda",
        fold=manifest["speaker"],
        predicted=np.array(EMOTIONS)[scores.argmax(axis=1)],
    )
    return pd.concat([frame, pd.DataFrame(scores, columns=SCORES)], axis=1)


def folds_of(manifest: pd.DataFrame) -> pd.DataFrame:
    """Each speaker left out once."""
    return pd.concat(
        pd.DataFrame(
            {
                "fold": speaker,
                "utterance": manifest["utterance"],
                "part": np.where(manifest["speaker"] == speaker, "test", "train"),
            }
        )
        for speaker in SPEAKERS
    )


MANIFEST = corpus()
FOLDS = folds_of(MANIFEST)
EVEN = predictions_of(MANIFEST, dict.fromkeys(SPEAKERS, 0.7))
UNEVEN = predictions_of(MANIFEST, {name: 0.3 if name[0] == "f" else 1.2 for name in SPEAKERS})


def measured(predictions: pd.DataFrame, manifest: pd.DataFrame = MANIFEST) -> pd.DataFrame:
    rows = measure_groups(predictions, FOLDS, manifest, EMOTIONS, 5)
    return rows.set_index(["kind", "group", "metric"])


# ---- Measures


def test_the_measures_are_scikit_learns_and_the_error_of_calibration_is_counted_by_hand() -> None:
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(
        {
            "emotion": rng.choice(EMOTIONS, 200, p=[0.6, 0.3, 0.1]),
            "predicted": rng.choice(EMOTIONS, 200),
            "confidence": rng.uniform(0.34, 1, 200),
        }
    )
    values = measures(tally(rows, np.zeros(200, int), EMOTIONS)[0], EMOTIONS)
    true, predicted = rows["emotion"], rows["predicted"]
    assert values["WA"] == pytest.approx(accuracy_score(true, predicted))
    assert values["UA"] == pytest.approx(balanced_accuracy_score(true, predicted))
    assert values["F1"] == pytest.approx(f1_score(true, predicted, average="macro"))
    assert values["recall_fear"] == pytest.approx((predicted[true == "fear"] == "fear").mean())
    ece = 0.0
    for low in np.arange(0, 1, 0.1):
        held = rows[(rows["confidence"] >= low) & (rows["confidence"] < low + 0.1)]
        if len(held):
            right = (held["emotion"] == held["predicted"]).mean()
            ece += len(held) / 200 * abs(held["confidence"].mean() - right)
    assert values["ECE"] == pytest.approx(ece)
    by_chance = []
    for _ in range(500):  # as often right as its confidence says
        right = rng.random(200) < rows["confidence"]
        drawn = rows.assign(predicted=np.where(right, true, np.where(true == "joy", "fear", "joy")))
        by_chance.append(measures(tally(drawn, np.zeros(200, int), EMOTIONS)[0], EMOTIONS)["ECE"])
    assert values["ECE_expected"] == pytest.approx(np.mean(by_chance), rel=0.05)


def test_sums_of_speakers_give_the_measures_of_all() -> None:
    rows = EVEN.assign(confidence=0.5)
    members = pd.factorize(rows["fold"])[0]
    apart, together = (tally(rows, who, EMOTIONS) for who in (members, 0 * members))
    for name, value in measures(apart.sum(axis=0), EMOTIONS).items():
        assert value == pytest.approx(measures(together[0], EMOTIONS)[name]), name


# ---- Groups


def test_groups_are_those_of_the_manifest_and_thirds_of_the_lengths() -> None:
    groups = measured(EVEN)
    names = {
        kind: list(dict.fromkeys(of.index.get_level_values("group")))
        for kind, of in groups.groupby(level="kind", sort=False)
    }
    bins = names.pop("confidence")
    assert names == {
        "all": ["all"],
        "sex": ["female", "male"],
        "length": ["up to 1.8 s", "1.8 to 2.5 s", "over 2.5 s"],
        "speaker": list(SPEAKERS),
        "sentence": ["one", "two"],
        "gap": ["female \N{MINUS SIGN} male"],
    }
    assert bins == sorted(bins) and len(bins) > 2
    sizes = groups.xs("WA", level="metric")["utterances"]
    assert sizes["length"].tolist() == [63, 49, 56]
    assert sizes["sex"].tolist() == [3 * EACH, 4 * EACH]
    of_speaker = EVEN[EVEN["fold"] == "m2"]
    right = (of_speaker["emotion"] == of_speaker["predicted"]).mean()
    assert groups.loc[("speaker", "m2", "WA"), "value"] == pytest.approx(right)


def test_what_is_not_known_and_what_is_too_small_is_no_group() -> None:
    sexes = MANIFEST["sex"].mask(MANIFEST["speaker"].isin(["f1", "f2", "f3"]), "")
    few = MANIFEST["speaker"].mask(MANIFEST["utterance"].isin([f"m1_{i}" for i in range(15)]), "x")
    manifest = MANIFEST.drop(columns=["sentence", "duration"]).assign(sex=sexes, speaker=few)
    groups = measured(EVEN, manifest).index
    assert EACH - 15 < LEAST
    assert {"sex", "sentence", "length", "gap"}.isdisjoint(groups.get_level_values("kind"))
    assert "m1" not in groups.get_level_values("group")


# ---- Intervals


def test_the_bounds_of_all_are_those_of_the_other_tables() -> None:
    groups = measured(EVEN)
    speakers = MANIFEST.set_index("utterance")["speaker"]
    for metric, bounds in speaker_bootstrap(EVEN, speakers, seed=5).items():
        row = groups.loc[("all", "all", metric)]
        assert (row["low"], row["high"]) == pytest.approx(bounds)
        assert row["low"] < row["value"] < row["high"]


def test_of_one_speaker_the_recordings_are_drawn_and_segments_stay_together() -> None:
    groups = measured(EVEN)
    spread = groups["high"] - groups["low"]
    right = groups.loc[("speaker", "f1", "WA"), "value"]
    expected = 2 * 1.96 * np.sqrt(right * (1 - right) / EACH)
    assert spread["speaker", "f1", "WA"] == pytest.approx(expected, rel=0.2)
    # Twelve recordings of two segments that are right together vary as twelve utterances do.
    pairs = MANIFEST.assign(
        path=[f"{name[:2]}_{int(name[3:]) // 2}" for name in MANIFEST.utterance]
    )
    number = MANIFEST["utterance"].str[3:].astype(int)
    alike = EVEN.assign(predicted=EVEN["emotion"].where(number // 2 % 3 > 0, "none"))
    alike["predicted"] = (
        alike["predicted"]
        .replace("none", "joy")
        .mask((number // 2 % 3 == 0) & (alike["emotion"] == "joy"), "fear")
    )
    whole = measured(alike, pairs).loc[("speaker", "f1", "WA")]
    single = measured(alike).loc[("speaker", "f1", "WA")]
    ratio = (whole["high"] - whole["low"]) / (single["high"] - single["low"])
    assert ratio == pytest.approx(2**0.5, rel=0.2)


def test_unknown_speakers_leave_no_bounds_where_they_would_be_drawn() -> None:
    manifest = MANIFEST.assign(speaker="")
    groups = measured(EVEN, manifest)
    assert groups["value"].notna().all()
    assert groups[["low", "high"]].isna().all(axis=None)
    assert (groups["speakers"] == 0).all()
    assert "gap" not in groups.index.get_level_values("kind")


def test_the_error_of_a_calibrated_system_is_what_chance_gives() -> None:
    groups = measured(EVEN)
    every = groups.xs(("all", "all"))
    assert (
        every.loc["ECE", "low"] < every.loc["ECE_expected", "value"] < 2 * every.loc["ECE", "high"]
    )
    assert every.loc["confidence", "value"] == pytest.approx(every.loc["WA", "value"], abs=0.03)


# ---- The gap between the sexes


def test_a_gap_that_is_there_is_told_from_one_that_is_not() -> None:
    name = "female \N{MINUS SIGN} male"
    uneven, even = (measured(each).xs(("gap", name)) for each in (UNEVEN, EVEN))
    assert uneven.loc["UA", "low"] > 0.2
    assert uneven.loc["UA", "p"] == pytest.approx(1 / 35)  # the most extreme of all divisions
    assert even.loc["UA", "low"] < 0 < even.loc["UA", "high"]
    assert even.loc["UA", "p"] > 0.1


def test_p_is_counted_over_all_divisions_of_the_speakers() -> None:
    rows = EVEN.assign(confidence=0.5)
    members = pd.factorize(rows["fold"])[0]
    sums = tally(rows, members, EMOTIONS)
    first = np.array([name[0] == "f" for name in SPEAKERS])
    right = (rows["emotion"] == rows["predicted"]).groupby(members).mean().to_numpy()
    gaps = [
        right[list(chosen)].mean() - np.delete(right, chosen).mean()
        for chosen in combinations(range(7), 3)
    ]
    expected = np.mean(np.abs(gaps) >= abs(gaps[0]) - 1e-9)  # women are the first three
    assert permutation_p(sums, first, EMOTIONS, 0)["WA"] == pytest.approx(expected)


def test_many_speakers_are_divided_at_random_and_alike_with_the_same_seed() -> None:
    rng = np.random.default_rng(0)
    sums = np.tile(tally(EVEN.assign(confidence=0.5), np.arange(len(EVEN)) % 30, EMOTIONS), (1, 1))
    first = rng.permutation(30) < 15
    one, same, other = (permutation_p(sums, first, EMOTIONS, seed)["UA"] for seed in (1, 1, 2))
    assert one == same
    assert one == pytest.approx(other, abs=0.03)


# ---- Confidence


def test_nothing_of_a_test_set_is_in_its_temperature() -> None:
    """Whatever the labels of a fold's test set are, its probabilities stay; others' do not."""
    before = with_confidence(EVEN, FOLDS, EMOTIONS)
    tested = EVEN["fold"] == "f1"
    turned = EVEN["emotion"].mask(tested, np.roll(EVEN["emotion"], 1))
    after = with_confidence(EVEN.assign(emotion=turned), FOLDS, EMOTIONS)
    assert (after["confidence"] == before["confidence"])[tested].all()
    assert (after["confidence"] != before["confidence"])[~tested].all()


def test_only_what_a_fold_trains_on_counts() -> None:
    """What is neither trained on nor tested, as other sentences of a speaker, may not either."""
    unused = FOLDS["utterance"].str.startswith("m4") & (FOLDS["fold"] == "f1")
    folds = FOLDS.assign(part=FOLDS["part"].mask(unused, "unused"))
    tested = EVEN["fold"] == "f1"
    turned = EVEN["emotion"].mask(EVEN["fold"] == "m4", np.roll(EVEN["emotion"], 1))
    before, after = (
        with_confidence(EVEN.assign(emotion=emotion), folds, EMOTIONS)["confidence"][tested]
        for emotion in (EVEN["emotion"], turned)
    )
    assert (before == after).all()


def test_labels_by_chance_are_as_certain_as_chance() -> None:
    rng = np.random.default_rng(8)
    emotions = rng.permutation(EVEN["emotion"])
    sure = with_confidence(EVEN.assign(emotion=emotions), FOLDS, EMOTIONS)
    assert sure["confidence"].mean() == pytest.approx(1 / 3, abs=0.05)


@pytest.mark.parametrize("lacking", ["scores", "folds"])
def test_without_scores_or_another_fold_there_is_no_confidence(lacking: str) -> None:
    predictions = EVEN[EVEN["fold"] == "f1"]
    if lacking == "scores":
        predictions = EVEN.drop(columns=SCORES)
    groups = measured(predictions).xs(("all", "all"))
    assert np.isnan(groups.loc[["ECE", "confidence", "ECE_expected"], "value"]).all()
    assert groups.loc[["WA", "UA", "F1"], "value"].notna().all()


def test_an_utterance_of_another_corpus_is_refused() -> None:
    with pytest.raises(SersnakeError, match="'m4_23' is not in the manifest"):
        measured(EVEN, MANIFEST.iloc[:-1])


# ---- The verb


def test_the_verb_writes_the_groups_of_one_system(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    both = pd.concat([EVEN, UNEVEN.assign(system="y_lda")])
    for name, table in {"predictions": both, "folds": FOLDS, "manifest": MANIFEST}.items():
        write_csv(tmp_path / f"{name}.csv", table)
    files = [f"--{name}={tmp_path / name}.csv" for name in ("manifest", "folds")]
    words = ["groups", str(tmp_path / "predictions.csv"), *files, f"--output={tmp_path / 'g.csv'}"]
    assert main([*words, "--system", "y_lda"]) == 0
    written = read_csv(tmp_path / "g.csv", ["system", "kind", "group", "metric", "p"])
    expected = measure_groups(UNEVEN, FOLDS, MANIFEST, EMOTIONS, 0)
    assert (written["system"] == "y_lda").all()
    np.testing.assert_allclose(written["value"], expected["value"], rtol=1e-6)
    assert written["group"].tolist() == expected["group"].tolist()
    assert main([*words, "--system", "z"]) == 2
    assert "system z is missing; choose x_lda, y_lda" in capsys.readouterr().err
