"""Which emotions a run keeps and merges, of any corpus, and what the certificate counts then."""

from __future__ import annotations

from pathlib import Path

import pytest

from sersnake.cli import main
from sersnake.corpora import certify, read_corpus
from sersnake.corpora.classes import label_sentence
from sersnake.corpora.emodb import published_hashes
from sersnake.errors import SersnakeError
from sersnake.settings.corpus import CorpusSettings, Labels


@pytest.fixture(scope="module")
def emodb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All published names, not to be changed; no recording is opened."""
    folder = tmp_path_factory.mktemp("corpora") / "emodb"
    for name in published_hashes():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def settings(**labels: object) -> CorpusSettings:
    return CorpusSettings(labels=Labels(**labels))  # type: ignore[arg-type]


def test_what_is_kept_is_read_and_counted(emodb: Path) -> None:
    some = settings(keep=("anger", "sadness"))
    frame = read_corpus("emodb", emodb, some)
    assert frame["emotion"].value_counts().to_dict() == {"anger": 127, "sadness": 62}
    assert list(frame.index) == list(range(189))
    assert certify("emodb", frame, some) == []


def test_a_missing_recording_is_named_where_its_emotion_is_kept_alone(emodb: Path) -> None:
    kept = settings(keep=("happiness", "anger"))
    frame = read_corpus("emodb", emodb, kept)
    (sentence,) = certify("emodb", frame[frame["utterance"] != "03a01Fa"], kept)
    assert sentence.startswith("197 of 198 utterances: 03a01Fa is missing (happiness, speaker 03)")


def test_merged_emotions_are_counted_as_one_class(emodb: Path) -> None:
    calm = settings(merge={"boredom": "calm", "neutral": "calm"}, keep=("calm", "anger"))
    frame = read_corpus("emodb", emodb, calm)
    assert frame["emotion"].value_counts().to_dict() == {"calm": 160, "anger": 127}
    assert certify("emodb", frame, calm) == []
    (sentence,) = certify("emodb", frame[frame["emotion"] != "calm"], calm)
    assert "0 of 160 of calm" in sentence


def test_two_emotions_can_change_their_names(emodb: Path) -> None:
    """Each is renamed once, whatever the order."""
    swapped = settings(merge={"anger": "fear", "fear": "anger"})
    sizes = read_corpus("emodb", emodb, swapped)["emotion"].value_counts()
    assert (sizes["fear"], sizes["anger"]) == (127, 69)


HAS = "anger, boredom, disgust, fear, happiness, neutral, sadness"


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ({"keep": ("anger", "joy")}, f"labels: keep: 'joy' is not a class of emodb; it has {HAS}"),
        (
            {"merge": {"joy": "happiness"}},
            f"labels: merge: 'joy' is not an emotion of emodb; it has {HAS}",
        ),
        (
            {"merge": {"happiness": "joy"}, "keep": ("anger", "happiness")},
            "'happiness' is not a class of emodb; once merged, it has anger, boredom, disgust, "
            "fear, joy, neutral, sadness",
        ),
        ({"keep": ("anger",)}, "labels: only 'anger' is left; keep at least two classes"),
    ],
)
def test_labels_that_there_are_not_are_refused_with_those_that_there_are(
    emodb: Path, labels: dict[str, object], message: str
) -> None:
    with pytest.raises(SersnakeError, match=f"{message}$"):
        read_corpus("emodb", emodb, settings(**labels))


def test_a_missing_emotion_of_a_published_corpus_is_a_matter_of_its_certificate(
    tmp_path: Path,
) -> None:
    (tmp_path / "wav").mkdir()
    (tmp_path / "wav" / "03a01Wa.wav").touch()
    kept = settings(keep=("anger", "fear"))
    (sentence,) = certify("emodb", read_corpus("emodb", tmp_path, kept), kept)
    assert sentence.startswith("1 of 196 utterances: ")


def test_the_verb_takes_labels_and_says_it_in_one_line(
    emodb: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["manifest", "emodb", str(emodb), "--output", str(tmp_path / "manifest.csv")]
    assert main([*words, "--settings", '{"labels": {"keep": ["anger", "joy"]}}']) != 0
    assert "'joy' is not a class of emodb; it has anger, boredom" in capsys.readouterr().err


def test_a_caption_says_what_is_kept_and_merged() -> None:
    assert label_sentence(Labels()) == ""
    labels = Labels(keep=("angry", "happy"), merge={"excited": "happy"})
    assert label_sentence(labels) == "Classes: only angry, happy; excited counts as happy."
