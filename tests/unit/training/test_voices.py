"""What networks read is scaled by what is known of each speaker, and by nothing else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.io import Features
from sersnake.protocols.enrolment import Draw, draw_of_fold
from sersnake.settings.base import read_settings
from sersnake.settings.enrolment import Enrolment, KnownVoices
from sersnake.settings.recipe import Recipe
from sersnake.settings.streams import Streams
from sersnake.training.fold_training import FoldTraining
from sersnake.training.moments import Moments
from sersnake.training.scaling import ZScore
from sersnake.training.voice_scaling import VoiceScaling
from sersnake.training.voice_strength import choose_strength
from sersnake.training.voices import fit_voices, scale_voices

UNIT = ZScore(np.zeros(2, np.float32), np.ones(2, np.float32))
NOBODY = np.empty((0, 2), np.float32)
COUNT, PER_SPEAKER = 96, 16
SPEAKERS = np.repeat([f"s{number}" for number in range(6)], PER_SPEAKER)
EMOTIONS = np.array(["angry", "happy", "sad", "neutral"] * (COUNT // 4))
LABELS = np.arange(COUNT) % 4
TRAIN, TEST = np.arange(64), np.arange(64, COUNT)


def pack_of(frames: bool, apart: float = 3.0) -> Features:
    """Speakers who differ in their means."""
    rng = np.random.default_rng(1)
    means = np.repeat(rng.normal(0, apart, (6, 2)), PER_SPEAKER, axis=0)
    lengths = rng.integers(4, 9, COUNT) if frames else np.ones(COUNT, int)
    rows = [rng.normal(mean, 1, (n, 2)) for mean, n in zip(means, lengths, strict=True)]
    return Features.stack(list(map(str, range(COUNT))), rows, None)


def draw_of(settings: Enrolment, train: NDArray[np.int64] = TRAIN) -> Draw:
    test = np.setdiff1d(np.arange(COUNT), train)
    return draw_of_fold(SPEAKERS, SPEAKERS, EMOTIONS, train, test, settings, 0)


def test_estimates_are_drawn_towards_the_training_set_by_hand() -> None:
    frames = [np.array([[1, 5], [3, 5]], np.float32), np.array([[5, 5]], np.float32)]
    z = VoiceScaling(UNIT, 6.0, NOBODY).of_speaker(frames)
    # Two of eight recordings, and two of 26: 3 / 4, and 24 / 26 of the deviation 1.
    np.testing.assert_allclose(z.mean, [3 / 4, 5 / 4], rtol=1e-6)
    around = np.array([8 / 3 + (9 / 4) ** 2, (15 / 4) ** 2])
    np.testing.assert_allclose(z.scale, np.sqrt((2 * around + 24) / 26), rtol=1e-6)


def test_a_speakers_z_score_is_one_of_z_scores() -> None:
    score = ZScore(np.array([10, -3], np.float32), np.array([2, 0.5], np.float32))
    rows = np.random.default_rng(0).normal(8, 3, (7, 2)).astype(np.float32)
    speaker, of_scores = (
        VoiceScaling(z, 5.0, NOBODY).of_speaker([known[:3], known[3:]])
        for z, known in ((score, rows), (UNIT, score(rows)))
    )
    np.testing.assert_allclose(speaker(rows), of_scores(score(rows)), rtol=1e-4, atol=1e-5)


def test_recordings_that_sound_like_one_emotion_count_as_one() -> None:
    middles = np.array([[2, 0], [-2, 0]], np.float32)
    scaling = VoiceScaling(UNIT, 5.0, middles)
    alike = [np.array([[2, 0]], np.float32)] * 4
    np.testing.assert_allclose(scaling.of_speaker(alike).mean, [2 / 6, 0], rtol=1e-6)
    mixed = [*alike[:3], np.array([[-2, 0]], np.float32)]
    np.testing.assert_allclose(scaling.of_speaker(mixed).mean, [4 / 9, 0], rtol=1e-6)


@pytest.mark.parametrize("frames", [True, False])
def test_training_speakers_are_known_by_all_they_say_and_others_by_what_is_drawn(
    frames: bool,
) -> None:
    pack, settings = pack_of(frames), Enrolment(utterances=3)
    draw, device = draw_of(settings), torch.device("cpu")
    scaling = scale_voices(pack, frames, TRAIN, LABELS, draw, device)
    fitted = fit_voices(pack, frames, TRAIN, LABELS, draw)
    assert fitted.strength == 5.0
    assert draw.drawn.sum() == 2 * 3 and not draw.drawn[TRAIN].any()
    for name in np.unique(SPEAKERS):
        places = np.flatnonzero(name == SPEAKERS)
        known = places if name < "s4" else places[draw.drawn[places]]
        speaker = fitted.of_speaker([pack.rows(place) for place in known])
        for place in places:
            rows = torch.from_numpy(pack.rows(place)[:1])
            scaled = scaling(rows, np.array([place])).numpy()
            np.testing.assert_allclose(scaled, speaker(rows.numpy()), atol=1e-5)


def test_no_recording_of_the_test_set_scales_one_that_is_trained_on() -> None:
    train = np.flatnonzero(np.arange(COUNT) % 2 == 0)  # all speakers are on either side
    draw, device = draw_of(Enrolment(utterances="all"), train), torch.device("cpu")
    pack = pack_of(False)
    changed = pack.values.copy()
    changed[1::2] += 7
    other = Features(pack.utterances, pack.offsets, changed, None)
    rows = torch.from_numpy(pack.values[train])
    one, two = (
        scale_voices(each, False, train, LABELS, draw, device)(rows, train)
        for each in (pack, other)
    )
    assert torch.equal(one, two)


def strength_of(apart: float, settings: Enrolment, speakers: int = 6) -> float:
    pack = pack_of(False, apart)
    places = np.arange(speakers * PER_SPEAKER)
    moments = Moments.of((pack.rows(place) for place in places), ZScore.fit(pack.values[places]))
    everyone = np.ones(len(places), bool)
    return choose_strength(moments, SPEAKERS[places], everyone, settings, 0)


@pytest.mark.parametrize("settings", [Enrolment(utterances=5), Enrolment(utterances="all")])
def test_speakers_are_scaled_where_they_differ_alone(settings: Enrolment) -> None:
    assert strength_of(3.0, settings) == 5.0
    assert np.isinf(strength_of(0.0, settings))


def test_a_single_speaker_cannot_play_an_unknown_one() -> None:
    assert np.isinf(strength_of(3.0, Enrolment(utterances=5), speakers=1))


def test_a_corpus_alone_is_played_by_its_speakers() -> None:
    corpora = np.where(np.arange(COUNT) < 64, "a", "b")
    settings = Enrolment(utterances=4, by="corpus")
    draw = draw_of_fold(corpora, SPEAKERS, EMOTIONS, TRAIN, TEST, settings, 0)
    assert np.unique(draw.playing).tolist() == [f"held out: s{number}" for number in range(4)]
    pack = pack_of(False)
    assert np.isfinite(fit_voices(pack, False, TRAIN, LABELS, draw).strength)
    assert len(fit_voices(pack, False, TRAIN, LABELS, draw).middles) == 0


def fold_of(emotions: NDArray[np.str_], known: KnownVoices, speakers: object) -> FoldTraining:
    parts = np.where(np.arange(COUNT) < 64, "train", "test")
    names = list(map(str, range(COUNT)))
    return FoldTraining(
        "fcn",
        manifest=pd.DataFrame(
            {"utterance": names, "emotion": emotions, "corpus": "demo", "speaker": speakers}
        ),
        folds=pd.DataFrame({"fold": "0", "utterance": names, "part": parts}),
        fold="0",
        features={"mine": pack_of(False)},
        seed=0,
        recipe=Recipe(normalisation="enrolled", device="cpu", precision="float32"),
        streams=read_settings(Streams, {"streams": {"acln": None, "fcn": {"features": "mine"}}}),
        known=known,
    )


def test_labels_of_the_test_set_change_nothing_that_is_read() -> None:
    known = KnownVoices(Enrolment(utterances=4))
    shuffled = EMOTIONS.copy()
    shuffled[TEST] = EMOTIONS[TEST][::-1]
    one, two = (fold_of(each, known, SPEAKERS) for each in (EMOTIONS, shuffled))
    assert not np.array_equal(EMOTIONS, shuffled)
    read = [fold.dataset.tables["fcn"].batch(np.arange(COUNT)).values for fold in (one, two)]
    assert torch.equal(*read)
    seed = KnownVoices(Enrolment(utterances=4), draw_seed=1)
    other = fold_of(EMOTIONS, seed, SPEAKERS).dataset.tables["fcn"].batch(TEST).values
    assert not torch.equal(read[0][TEST], other)


@pytest.mark.parametrize(
    ("known", "speakers", "message"),
    [
        (KnownVoices(), SPEAKERS, "and enrolment has none; set enrolment"),
        (KnownVoices(Enrolment(utterances=4)), "", "enrolled needs the speaker of every utterance"),
    ],
)
def test_without_recordings_or_speakers_it_is_refused(
    known: KnownVoices, speakers: object, message: str
) -> None:
    with pytest.raises(SersnakeError, match=message):
        fold_of(EMOTIONS, known, speakers)
