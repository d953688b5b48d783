"""Whether folds keep what they claim, judged from the findings of all folds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sersnake.io.words import NAMED, count, some
from sersnake.protocols.audit.catalogue import Catalogue
from sersnake.protocols.audit.findings import Findings

HOLDS, BROKEN, OPEN = "holds", "does not hold", "cannot be certified"
EMPTY = "has nothing to compare"
UNTOLD = "cannot be told"
# Parts that are compared: the first one's names are counted, the second one's verb tells the leak.
PAIRS = (
    ("test", "train", "train"),
    ("validation", "train", "train"),
    ("test", "validation", "validate"),
)
FoldFindings = Mapping[str, Findings]


@dataclass(frozen=True)
class Verdict:
    """One sentence about all folds.

    Attributes:
        status: ``HOLDS``, ``BROKEN``, ``OPEN`` where the manifest does not know enough,
            ``EMPTY`` where a fold trains or tests nothing, so that nothing could be shared, or
            ``UNTOLD`` where nobody can know, which is no failure.
        reason: The finding, in a sentence.
        examples: Lines that name a fold and its utterances.
    """

    status: str
    reason: str
    examples: tuple[str, ...] = ()


def judge_recordings(folds: FoldFindings, catalogue: Catalogue) -> Verdict:
    """Whether no utterance, no identical recording and no part of one is in several parts."""
    twice = [
        f"fold {fold}: {name} is in {'several' if findings.validation else 'both'} parts"
        for fold, findings in folds.items()
        for name in findings.both_sides
    ]
    for fold, findings in folds.items():
        twice += [_alike(fold, same, "have the same samples") for same in findings.identical]
        twice += [_alike(fold, same, "are of one recording") for same in findings.of_one_recording]
    if twice:
        where = [
            fold
            for fold, findings in folds.items()
            if findings.both_sides or findings.identical or findings.of_one_recording
        ]
        reason = f"the same recording is in more than one part in {_where(where, len(folds))}"
        return Verdict(BROKEN, reason, shorten(twice))
    if empty := next(_empty_parts(folds), ""):
        return Verdict(EMPTY, empty)
    if len(catalogue.files.names):
        return Verdict(HOLDS, "no segment and no identical recording is in more than one part")
    if len(catalogue.recordings.names):
        return Verdict(HOLDS, "no utterance and no identical recording is in more than one part")
    return Verdict(
        HOLDS, "no utterance is in more than one part; the recordings themselves are not known"
    )


def _alike(fold: str, same: Mapping[str, list[str]], what: str) -> str:
    """``fold 0: a, b (train) and c (test) have the same samples``."""
    parts = [part for part in ("train", "validation", "test") if part in same]
    names = " and ".join(f"{some(same[part])} ({part})" for part in parts)
    return f"fold {fold}: {names} {what}"


def _empty_parts(folds: FoldFindings, tested: bool = True) -> Iterator[str]:
    """Names the folds with an empty training or test set."""
    for part in ("train", "test") if tested else ("train",):
        empty = [fold for fold, findings in folds.items() if not getattr(findings, part)]
        if empty:
            yield f"the {part} set of fold {some(empty)} is empty"


def judge_group(claim: str, folds: FoldFindings, catalogue: Catalogue) -> Verdict:
    """Whether no speaker (sentence, session) is in several parts.

    An unknown one is never counted as not shared.
    """
    names = catalogue.groups[claim].names
    if not len(names):
        return Verdict(OPEN, f"the manifest has no {claim}")
    if any(findings.shared[claim] for findings in folds.values()):
        return Verdict(BROKEN, _who_is_shared(claim, folds), shorten(_slips(claim, folds)))
    if empty := next(_empty_parts(folds), ""):
        return Verdict(EMPTY, empty)
    unknown = max((findings.unknown[claim] for findings in folds.values()), default=0)
    if unknown:
        utterances = count(unknown, "utterance")
        parts = "train, validation or test" if _validated(folds) else "train or test"
        return Verdict(OPEN, f"the {claim[:-1]} of {utterances} in {parts} is not known")
    what = count(len(names), claim[:-1])
    return Verdict(HOLDS, f"none of the {what} is in more than one part of a fold")


def judge_protocol(label: str, folds: FoldFindings, made: Iterable[str]) -> Verdict:
    """Whether the folds are those that the protocol makes.

    Args:
        label: The protocol with its seed.
        folds: The findings, with what is changed.
        made: Names of the folds that the protocol makes.
    """
    made = list(made)
    differences = [f"fold {name} is missing" for name in made if name not in folds]
    differences += [
        f"fold {name} is not one of those that {label} makes"
        for name in folds
        if name not in set(made)
    ]
    differences += [
        f"fold {fold}: {name} is in {actual}, {label} puts it in {expected}"
        for fold, findings in folds.items()
        for name, actual, expected in findings.changed
    ]
    if differences:
        reason = f"{count(len(differences), 'line')} differ from {label}"
        return Verdict(BROKEN, reason, shorten(differences))
    return Verdict(HOLDS, f"{label} makes the same folds")


def failures(folds: FoldFindings, *, tested: bool = True) -> Iterator[str]:
    """Failures that make folds unusable whatever they claim."""
    yield from _empty_parts(folds, tested)
    yield from _missing_classes("train", folds)
    unlisted = sorted({name for findings in folds.values() for name in findings.unlisted})
    if unlisted:
        yield f"the manifest has no {some(unlisted)} ({count(len(unlisted), 'utterance')})"


def warnings(folds: FoldFindings, catalogue: Catalogue) -> Iterator[str]:
    """Warnings about usable folds."""
    yield from catalogue.gaps
    yield from _missing_classes("test", folds)
    for name, where in _by_name({fold: findings.repeated for fold, findings in folds.items()}):
        yield f"{name} has several rows in {_where(where, len(folds))}"
    pairs = {
        fold: [" and ".join(sorted(pair.values())) for pair in findings.near_identical]
        for fold, findings in folds.items()
    }
    for names, where in _by_name(pairs):
        yield f"{names} sound the same and are in different parts in {_where(where, len(folds))}"


def _missing_classes(part: str, folds: FoldFindings) -> Iterator[str]:
    missing = {
        fold: findings.missing_classes[part]
        for fold, findings in folds.items()
        if getattr(findings, part)
    }
    for name, where in _by_name(missing):
        yield f"no {name} in the {part} set of {_where(where, len(folds))}"


def _by_name(names: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, list[str]]]:
    """Each name with the folds that have it, sorted by name."""
    folds: dict[str, list[str]] = {}
    for fold, of_fold in names.items():
        for name in of_fold:
            folds.setdefault(name, []).append(fold)
    yield from sorted(folds.items())


def shorten(lines: Iterable[str]) -> tuple[str, ...]:
    """The first lines and how many more there are."""
    listed = tuple(lines)
    rest = len(listed) - NAMED
    return (*listed[:NAMED], f"… and {rest:,} more") if rest > 0 else listed


def _validated(folds: FoldFindings) -> bool:
    return any(findings.validation for findings in folds.values())


def _who_is_shared(claim: str, folds: FoldFindings) -> str:
    """A sentence for each pair of parts that share somebody."""
    sentences = (_who_of_pair(claim, folds, *pair) for pair in PAIRS)
    return "; ".join(filter(None, sentences))


def _who_of_pair(claim: str, folds: FoldFindings, first: str, second: str, verb: str) -> str:
    """``9 of 10 test speakers also train in every fold (03, 08, 09, 10, 11, …)``."""
    sharing = {fold: findings.sharing(claim, first, second) for fold, findings in folds.items()}
    where = [fold for fold, names in sharing.items() if names]
    if not where:
        return ""
    shared = [len(sharing[fold]) for fold in where]
    counted = [_counted(folds[fold], first)[claim] for fold in where]
    names = sorted({name for fold in where for name in sharing[fold]})
    place = f"in {_where(where, len(folds))} ({some(names)})"
    if shared == counted:
        if max(counted) == 1:
            return f"the {first} {claim[:-1]} also {verb}s {place}"
        return f"all {_range(counted)} {first} {claim} also {verb} {place}"
    return f"{_range(shared)} of {_range(counted)} {first} {claim} also {verb} {place}"


def _counted(findings: Findings, part: str) -> dict[str, int]:
    return findings.tested if part == "test" else findings.validated


def _where(folds: list[str], number: int) -> str:
    if len(folds) == number:
        return "every fold" if number > 1 else f"fold {folds[0]}"
    if len(folds) == 1:
        return f"fold {folds[0]}"
    return f"{len(folds)} of {number} folds"


def _range(numbers: list[int]) -> str:
    low, high = min(numbers), max(numbers)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _slips(claim: str, folds: FoldFindings) -> Iterator[str]:
    """Names the utterances of those with very few of them in one part."""
    for fold, findings in folds.items():
        for name, shared in findings.shared[claim].items():
            total = sum(shared.sizes.values())
            if 0 < len(shared.few) <= max(1, total // 10):
                yield (
                    f"fold {fold}: {claim[:-1]} {name} has {len(shared.few)} of its "
                    f"{count(total, 'utterance')} in {shared.smallest}: {some(shared.few)}"
                )
