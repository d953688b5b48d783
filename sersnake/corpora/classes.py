"""The classes of a run, made of the emotions that its corpora label (the setting ``labels``)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sersnake.errors import SersnakeError
from sersnake.settings.corpus import Labels


def class_of_each(
    labels: Labels, emotions: Iterable[str], usual: Sequence[str] = ()
) -> dict[str, str]:
    """The class of each emotion that is kept.

    Args:
        labels: What is kept and merged.
        emotions: The labels of a corpus.
        usual: Those that are kept if ``labels`` names none; empty for all.
    """
    classes = {emotion: labels.merge.get(emotion, emotion) for emotion in emotions}
    kept = set(labels.keep) or {labels.merge.get(emotion, emotion) for emotion in usual}
    return {emotion: name for emotion, name in classes.items() if not kept or name in kept}


def check_labels(labels: Labels, emotions: Sequence[str], where: str) -> None:
    """Checks that what is kept and merged exists, and that two classes are left.

    Args:
        labels: What is kept and merged.
        emotions: The labels of the corpora.
        where: The corpora as a message calls them.

    Raises:
        SersnakeError: An emotion or a class does not exist, or only one class is left.
    """
    for emotion in labels.merge:
        if emotion not in emotions:
            raise SersnakeError(
                f"labels: merge: {emotion!r} is not an emotion of {where}; it has "
                f"{', '.join(emotions)}"
            )
    classes = list(dict.fromkeys(labels.merge.get(emotion, emotion) for emotion in emotions))
    for name in labels.keep:
        if name not in classes:
            when = "once merged, " if labels.merge else ""
            raise SersnakeError(
                f"labels: keep: {name!r} is not a class of {where}; {when}it has "
                f"{', '.join(classes)}"
            )
    left = set(labels.keep) or set(classes)
    if (labels.keep or labels.merge) and len(left) < 2:
        raise SersnakeError(f"labels: only {left.pop()!r} is left; keep at least two classes")


def label_sentence(labels: Labels) -> str:
    """The sentence on classes in captions; empty if no emotion is dropped or merged."""
    merged = [f"{emotion} counts as {name}" for emotion, name in labels.merge.items()]
    kept = [f"only {', '.join(labels.keep)}"] if labels.keep else []
    parts = "; ".join([*kept, *merged])
    return f"Classes: {parts}." if parts else ""
