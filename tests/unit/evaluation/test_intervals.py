"""Bootstrap intervals over speakers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sersnake.errors import SersnakeError
from sersnake.evaluation.intervals import paired_speaker_bootstrap, speaker_bootstrap


def predictions_of(correct: dict[str, list[int]]) -> tuple[pd.DataFrame, pd.Series]:
    """One utterance per number (1 is right), by turns of class a and b, for each speaker."""
    rows = [
        (f"{speaker}{number}", speaker, "ab"[number % 2], right)
        for speaker, rights in correct.items()
        for number, right in enumerate(rights)
    ]
    frame = pd.DataFrame(rows, columns=["utterance", "speaker", "emotion", "right"])
    other = frame["emotion"].map({"a": "b", "b": "a"})
    frame["predicted"] = frame["emotion"].where(frame["right"] == 1, other)
    return frame, frame.set_index("utterance")["speaker"]


def test_equal_speakers_leave_no_doubt() -> None:
    predictions, speakers = predictions_of({name: [1, 1, 1, 0] for name in "xyz"})
    bounds = speaker_bootstrap(predictions, speakers, seed=0)
    assert bounds == {"WA": (0.75, 0.75), "UA": (0.75, 0.75)}


def test_speakers_are_drawn_and_not_utterances() -> None:
    predictions, speakers = predictions_of({"x": [1] * 50, "y": [0] * 50})
    bounds = speaker_bootstrap(predictions, speakers, seed=0)
    # Both speakers twice the same is drawn half of the time: the interval is all there is.
    assert bounds["WA"] == (0.0, 1.0)


def test_interval_of_many_speakers_is_that_of_a_mean() -> None:
    rng = np.random.default_rng(0)
    rates = rng.uniform(0.5, 0.9, 200)
    correct = {
        f"s{n:03d}": list((rng.random(40) < rate).astype(int)) for n, rate in enumerate(rates)
    }
    predictions, speakers = predictions_of(correct)
    low, high = speaker_bootstrap(predictions, speakers, seed=1)["WA"]
    means = np.array([np.mean(right) for right in correct.values()])
    half = 1.96 * means.std(ddof=1) / np.sqrt(len(means))
    assert low == pytest.approx(means.mean() - half, abs=0.003)
    assert high == pytest.approx(means.mean() + half, abs=0.003)


def test_the_seed_decides() -> None:
    predictions, speakers = predictions_of({"x": [1, 0, 1, 1], "y": [1, 1], "z": [0, 0, 1, 1, 1]})
    first = speaker_bootstrap(predictions, speakers, seed=3)
    assert first == speaker_bootstrap(predictions, speakers, seed=3)


def test_one_speaker_has_no_interval() -> None:
    predictions, speakers = predictions_of({"x": [1, 0]})
    assert np.isnan(speaker_bootstrap(predictions, speakers, seed=0)["UA"]).all()


def test_unknown_speaker_is_refused() -> None:
    predictions, speakers = predictions_of({"x": [1, 0], "": [1]})
    with pytest.raises(SersnakeError, match="speaker of some utterances is unknown"):
        speaker_bootstrap(predictions, speakers, seed=0)


def test_a_class_that_a_draw_lacks_does_not_count() -> None:
    predictions, speakers = predictions_of({"x": [1, 1, 1], "y": [1]})  # y has class a only
    assert speaker_bootstrap(predictions, speakers, seed=0)["UA"] == (1.0, 1.0)


def test_what_is_hard_about_a_speaker_drops_out_of_a_difference() -> None:
    # Every speaker loses one of four, whatever else is hard: the systems differ by a quarter.
    correct = {"x": [1, 1, 1, 1], "y": [0, 1, 1, 0], "z": [1, 1, 0, 0]}
    worse = {"x": [0, 1, 1, 1], "y": [0, 0, 1, 0], "z": [0, 1, 0, 0]}
    ours, speakers = predictions_of(correct)
    theirs, _ = predictions_of(worse)
    bounds = paired_speaker_bootstrap(ours, theirs, speakers, seed=0)
    assert bounds["WA"] == pytest.approx((0.25, 0.25))
    low, high = speaker_bootstrap(ours, speakers, seed=0)["WA"]
    assert high - low > 0.25


def test_paired_interval_of_many_speakers_is_that_of_a_mean() -> None:
    rng = np.random.default_rng(0)
    rates = rng.uniform(0.3, 0.9, (2, 200))
    rights = (rng.random((40, 2, 200)) < rates).astype(int)
    ours, speakers = predictions_of({f"s{n:03d}": list(rights[:, 0, n]) for n in range(200)})
    theirs, _ = predictions_of({f"s{n:03d}": list(rights[:, 1, n]) for n in range(200)})
    low, high = paired_speaker_bootstrap(ours, theirs, speakers, seed=1)["WA"]
    leads = (rights[:, 0] - rights[:, 1]).mean(axis=0)
    half = 1.96 * leads.std(ddof=1) / np.sqrt(len(leads))
    assert (low, high) == pytest.approx((leads.mean() - half, leads.mean() + half), abs=0.005)


def test_systems_of_different_utterances_are_not_paired() -> None:
    ours, speakers = predictions_of({"x": [1, 0], "y": [1, 1]})
    with pytest.raises(SersnakeError, match="tested on different utterances"):
        paired_speaker_bootstrap(ours, ours[:3], speakers, seed=0)


def test_a_pair_with_one_speaker_has_no_interval() -> None:
    ours, speakers = predictions_of({"x": [1, 0]})
    assert np.isnan(paired_speaker_bootstrap(ours, ours, speakers, seed=0)["WA"]).all()
