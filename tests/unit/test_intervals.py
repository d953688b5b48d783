"""Bootstrap intervals over speakers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sersnake.errors import SersnakeError
from sersnake.intervals import speaker_bootstrap


def predictions_of(correct: dict[str, list[int]]) -> tuple[pd.DataFrame, pd.Series]:
    """One utterance a number (1 is right), by turns of class a and b, for each speaker."""
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
