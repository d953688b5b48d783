"""The settings of enrolment, held against the corpora of a run."""

from __future__ import annotations

from typing import Any

import pytest

from sersnake.errors import SersnakeError
from sersnake.settings.config import read_config

JOINED = {"corpus": "both", "corpora": {"emodb": {}, "nemo": {"reader": "csv"}}}


def test_joined_corpora_can_be_enrolled() -> None:
    assert read_config({**JOINED, "enrolment": {"by": "corpus"}}).enrolment.by == "corpus"


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"enrolment": {"by": "corpus"}}, "enrolment: by: corpus needs several corpora; join them"),
        ({**JOINED, "enrolment": {"by": "corpus", "curve": [2]}}, "is measured per speaker"),
    ],
)
def test_a_corpus_alone_cannot_be_enrolled(config: dict[str, Any], message: str) -> None:
    with pytest.raises(SersnakeError, match=message):
        read_config(config)


def test_a_corpus_is_not_enrolled_beside_training_copies() -> None:
    by_corpus = {"enrolment": {"utterances": 5, "by": "corpus"}, "training_copies": ["speed_90"]}
    with pytest.raises(
        SersnakeError, match="training_copies: cannot be combined with enrolment by"
    ):
        read_config({**JOINED, **by_corpus})
