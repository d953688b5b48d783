"""What the arms are called in tables and figures."""

from __future__ import annotations

from collections.abc import Iterable

from sersnake.settings.arms import ARMS, BEYOND

TRAININGS = {
    "alf": "ALF alone",
    "elf": "ELF alone",
    "fused": "Fused training",
    "independent": "Independent training",
}
LOSSES = {"ce": "CE", "focal": "focal", "he": "HE"}
CLASSIFIERS = {"": "", "_elm": ", ELM", "_mlp": ", MLP"}  # nothing: the linear SVM

NETWORK_NAMES = {"acln": "ACLN", "fcn": "FCN", "fused": "Fused"}

# In the order of every table: the baselines that the paper lacks first.
ARM_NAMES = {
    "is09_svm": "IS09 + linear SVM (baseline)",
    "compare_svm": "ComParE + linear SVM (baseline)",
    **{
        f"{training}_{loss}{suffix}": f"{name} ({short}){classifier}"
        for training, name in TRAININGS.items()
        for loss, short in LOSSES.items()
        for suffix, classifier in CLASSIFIERS.items()
    },
    BEYOND: "Beyond (chosen reading)",
}

LOSS_SENTENCES = {
    "ce": "CE: cross entropy.",
    "focal": "Focal: focal loss.",
    "he": "HE: hard-example mining and re-training with the hard-example loss.",
}
BEYOND_SENTENCE = (
    "Beyond: the reading that validation within each fold's training part chooses, further from "
    "the paper than the other rows."
)
EPOCH_SENTENCE = "The last epoch counts, and the test part selects nothing."


def loss_of(arm: str) -> str:
    """The loss in an arm's name ("he" of independent_he_elm); nothing for any other arm."""
    return ARMS[arm].loss if arm in ARMS else ""


def explain(arms: Iterable[str]) -> str:
    """What the short names of these arms mean, and which epoch counts."""
    named = list(arms)
    found = {loss_of(arm) for arm in named}
    sentences = [text for loss, text in LOSS_SENTENCES.items() if loss in found]
    sentences += [BEYOND_SENTENCE] * (BEYOND in named)
    return " ".join([*sentences, EPOCH_SENTENCE])
