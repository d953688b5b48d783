"""The certificate names what differs and the likely cause, a different one for each."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pytest

from sersnake.corpora import certify, get_corpus
from sersnake.corpora.certificate import Certificate, differences

CLASSES = ("anger", "joy", "neutral")
SPEAKERS = ("f1", "f2", "m1", "m2")
TEXTS = range(10)


def whole(classes: tuple[str, ...] = CLASSES) -> pd.DataFrame:
    """120 utterances, 40 a class and 30 a speaker."""
    rows = [(f"{s}-{e}-{t}", s, e) for s in SPEAKERS for e in classes for t in TEXTS]
    return pd.DataFrame(rows, columns=["utterance", "speaker", "emotion"])


def certificate(**changes: object) -> Certificate:
    values: dict[str, object] = {
        "edition": "",
        "classes": dict.fromkeys(CLASSES, 40),
        "speakers": dict.fromkeys(SPEAKERS, 30),
        "names": frozenset(whole()["utterance"]),
    }
    return Certificate(**(values | changes))  # type: ignore[arg-type]


COUNTED = certificate(names=frozenset(), edition="large")


def rename(frame: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    return frame.assign(utterance=frame["utterance"].replace(dict(names)))


def difference(frame: pd.DataFrame, certificate: Certificate) -> str:
    (sentence,) = differences(certificate, frame)
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize("known", [certificate(), COUNTED, certificate(speakers={})])
def test_whole_corpus_has_no_differences(known: Certificate) -> None:
    assert differences(known, whole()) == []
    assert differences(known, whole().sample(frac=1, random_state=1)) == []


def test_one_missing_is_named_with_class_and_speaker() -> None:
    frame = whole()[lambda frame: frame["utterance"] != "m1-joy-3"]
    assert difference(frame, certificate()) == (
        "119 of 120 utterances: m1-joy-3 is missing (joy, speaker m1); it was deleted or not "
        "unpacked: unpack the corpus again"
    )


def test_several_missing_are_named_up_to_five() -> None:
    lost = [f"{speaker}-joy-{text}" for speaker in SPEAKERS for text in (1, 2)]
    text = difference(whole()[lambda frame: ~frame["utterance"].isin(lost)], certificate())
    assert "112 of 120 utterances: f1-joy-1, f1-joy-2, f2-joy-1, f2-joy-2, m1-joy-1" in text
    assert "m1-joy-1 and 3 more are missing (32 of 40 of joy); they were deleted or not" in text


def test_renamed_within_the_scheme() -> None:
    frame = rename(whole(), {"m1-joy-3": "m1-joy-33"})
    assert difference(frame, certificate()) == (
        "120 of 120 utterances: m1-joy-33 is not of the published corpus and m1-joy-3 is missing; "
        "it was probably renamed: give back its published name"
    )
    frame = rename(frame, {"f1-joy-1": "f1-joy-x"})
    assert "they were probably renamed: give back their published names" in difference(
        frame, certificate()
    )


@pytest.mark.parametrize(
    ("column", "name", "part"),
    [("speaker", "m2", "a whole part (speaker m2)"), ("emotion", "joy", "a whole part (joy)")],
)
@pytest.mark.parametrize("known", [certificate(), COUNTED])
def test_missing_part_is_told_from_single_files(
    column: str, name: str, part: str, known: Certificate
) -> None:
    text = difference(whole()[lambda frame: frame[column] != name], known)
    assert f"0 of {30 if column == 'speaker' else 40} of " in text
    assert text.endswith(f"; {part} was moved, renamed or not unpacked: unpack that part again")


def test_most_of_one_speaker_is_a_part_too() -> None:
    frame = whole()[lambda frame: (frame["speaker"] != "m2") | (frame["emotion"] == "joy")]
    assert "10 of 30 of speaker m2; a whole part (speaker m2)" in difference(frame, COUNTED)


def test_every_class_short_is_a_part_where_speakers_are_unknown() -> None:
    frame = whole()[lambda frame: frame["speaker"] != "m2"]
    text = difference(frame, certificate(names=frozenset(), speakers={}))
    assert "90 of 120 utterances: 30 of 40 of anger, 30 of 40 of joy, 30 of 40 of neutral" in text
    assert "a whole part (of every class) was moved" in text


def test_too_many_are_named() -> None:
    copies = pd.DataFrame({"utterance": ["f1-joy-1b"], "speaker": ["f1"], "emotion": ["joy"]})
    text = difference(pd.concat([whole(), copies]), certificate(edition="large"))
    assert text == (
        "121 of 120 utterances (large): f1-joy-1b is not of the published corpus; it is a copy or "
        "of another edition: move it out of the corpus' folder, or set corpus_options to the "
        "edition that it is"
    )


def test_more_foreign_than_missing_is_no_renaming() -> None:
    copies = pd.DataFrame({"utterance": list("xyz"), "speaker": ["f1"] * 3, "emotion": ["joy"] * 3})
    text = difference(pd.concat([whole()[1:], copies]), certificate())
    assert "x, y, z are not of the published corpus and f1-anger-0 is missing" in text
    assert "renamed or are of another edition" in text


def test_many_other_names_are_another_edition() -> None:
    frame = whole()
    frame["utterance"] = "x" + frame["utterance"]
    text = difference(frame, certificate())
    assert "and 115 more are not of the published corpus" in text
    assert "renamed or are of another edition" in text


def test_right_sum_of_shifted_classes() -> None:
    frame = whole()
    frame.loc[frame.index[:7], "emotion"] = "joy"
    text = difference(frame, COUNTED)
    assert text.startswith("120 of 120 utterances (large): 33 of 40 of anger, 47 of 40 of joy; ")
    assert "relabelled or moved" in text
    assert "corpus_options" in text


def test_unknown_class_and_speaker_are_counted() -> None:
    frame = whole().replace({"emotion": {"joy": "delight"}})
    assert "0 of 40 of joy, 40 of 0 of delight; utterances were relabelled" in difference(
        frame, COUNTED
    )
    frame = whole().replace({"speaker": {"m2": "m9"}})
    assert "0 of 30 of speaker m2, 30 of 0 of speaker m9" in difference(frame, COUNTED)


def test_counts_alone_cannot_tell_deleted_from_relabelled() -> None:
    assert (
        "39 of 40 of anger, 29 of 30 of speaker f1; it was deleted, relabelled or not"
        in difference(whole()[1:], COUNTED)
    )


def test_nearest_edition_counts() -> None:
    small = certificate(
        edition="small", classes=dict.fromkeys(CLASSES, 4), speakers={}, names=frozenset()
    )
    either = certificate(edition="large", alternatives=(small,))
    assert differences(either, whole()) == []
    assert differences(either, whole()[lambda frame: frame.index % 10 == 0]) == []
    assert difference(whole()[:13], either).startswith("13 of 12 utterances (small)")
    assert difference(whole()[:70], either).startswith("70 of 120 utterances (large)")


SIZES: dict[str, list[tuple[dict[str, str], int]]] = {
    "demo": [({}, 96)],
    "emodb": [({}, 535)],
    "casia": [({"edition": "1200"}, 1200), ({"edition": "9600"}, 9600)],
    "iemocap": [
        ({}, 2280),
        ({"style": "scripted"}, 2210),
        ({"style": "both"}, 4490),
    ],
    "ravdess": [({}, 1440), ({"channel": "song"}, 1012), ({"channel": "both"}, 2452)],
    "emovo": [({}, 588)],
}


@pytest.mark.parametrize(
    ("name", "options", "size"),
    [(name, options, size) for name, cases in SIZES.items() for options, size in cases],
)
def test_published_numbers_agree_with_one_another(
    name: str, options: dict[str, str], size: int
) -> None:
    corpus = get_corpus(name)
    emotions = corpus.kept or corpus.emotions
    known = corpus.certificate({**corpus.options, **options}, emotions)
    assert known is not None
    assert known.size == size
    assert set(known.classes) <= set(emotions)
    assert not known.speakers or sum(known.speakers.values()) == size
    assert not known.names or len(known.names) == size
    # Of some emotions alone the numbers agree too.
    some = corpus.certificate({**corpus.options, **options}, emotions[1:])
    assert some is not None
    assert some.classes == {
        name: size for name, size in known.classes.items() if name in emotions[1:]
    }
    assert not some.speakers or sum(some.speakers.values()) == some.size
    assert not some.names or len(some.names) == some.size
    assert some.names <= known.names


def test_empty_corpus_is_refused_with_its_layout() -> None:
    with pytest.raises(ValueError, match=r"emovo: no utterance.*emovo/f1/dis-f1-b1\.wav"):
        certify("emovo", whole()[:0].assign(corpus="emovo"))
