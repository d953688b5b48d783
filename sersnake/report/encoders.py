"""The sentence in captions of results on features of a pretrained encoder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from sersnake.features.known_encoders import NO, YES, seen

KEYS = ("answer", "family", "data", "source")  # what is known of an encoder, and not of its set


def with_answers(encoders: Iterable[Mapping[str, Any]], corpus: str) -> list[dict[str, Any]]:
    """Encoders with whether each was trained on a corpus.

    Args:
        encoders: ``features``, ``label``, ``model``, ``revision`` and ``variants`` of each feature
            set; the last are the variants that read it if the run itself does not.
        corpus: Name of the corpus.
    """
    known = [(encoder, asdict(seen(encoder["model"], corpus))) for encoder in encoders]
    return [{**encoder, **{key: of_model[key] for key in KEYS}} for encoder, of_model in known]


def encoder_sentences(encoders: Iterable[Mapping[str, Any]], corpus: str) -> list[str]:
    """One sentence per encoder: source of the features, and what is known about training data.

    Args:
        encoders: As :func:`with_answers` returns them.
        corpus: The corpus as it is written in a sentence.
    """
    labels: dict[tuple[str, str], list[str]] = {}
    of_model: dict[tuple[str, str], Mapping[str, Any]] = {}
    for encoder in encoders:
        key = encoder["model"], encoder["revision"]
        listed = labels.setdefault(key, [])
        if f"{encoder['label']} features" not in listed:  # a variant's may be called the same
            listed.append(_features(encoder))
        of_model[key] = encoder
    return [
        f"{' and '.join(labels[key])} come from {_name(*key)}, frozen; {_known(encoder, corpus)}"
        for key, encoder in of_model.items()
    ]


def _features(encoder: Mapping[str, Any]) -> str:
    variants = encoder["variants"]
    words = f" (variant{'s' * (len(variants) > 1)} {', '.join(variants)})" if variants else ""
    return f"{encoder['label']} features{words}"


def _name(model: str, revision: str) -> str:
    return f"{model} (revision {revision[:8]})" if revision else model


def _known(encoder: Mapping[str, Any], corpus: str) -> str:
    if not encoder["data"]:
        return f"its training data, and whether they included {corpus}, are not known."
    data = f"its training data ({encoder['data']})"
    endings = {YES: f"{data} included {corpus}.", NO: f"{data} did not include {corpus}."}
    return endings.get(encoder["answer"], f"whether {data} included {corpus} is not known.")
