"""EMODB and nEMO as one corpus: what is common, counted and kept apart."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from sersnake.corpora import certify, read_corpus
from sersnake.protocols import Protocol, make_folds
from sersnake.protocols.audit import audit
from sersnake.settings.config import read_config

CONFIG = Path(__file__).parents[2] / "config" / "cross_corpus.yaml"


@pytest.fixture
def corpora(emodb_dir: Path) -> Path:
    if not (emodb_dir.parent / "nemo" / "manifest.csv").is_file():
        pytest.skip("nEMO does not exist beside EMODB")
    return emodb_dir.parent


def test_the_five_common_emotions_cross_without_a_leak(corpora: Path) -> None:
    config = read_config(yaml.safe_load(CONFIG.read_text(encoding="utf-8")))
    frame = read_corpus("emodb_nemo", corpora, config.corpus_settings)
    sizes = frame.groupby(["corpus", "emotion"]).size()
    assert sizes["emodb"].to_dict() == {
        **{"anger": 127, "fear": 69, "happiness": 71, "neutral": 79, "sadness": 62}
    }
    assert set(sizes["nemo"]) == {90}
    assert certify("emodb_nemo", frame, config.corpus_settings) == []
    assert frame["speaker"].nunique() == 19
    for name, folds in (("corpus_disjoint", 2), ("within_corpus", 19), ("speaker_disjoint", 19)):
        protocol = Protocol(name)
        made = make_folds(frame, protocol)
        assert made["fold"].nunique() == folds
        assert audit(frame, made, protocol=protocol).passed
