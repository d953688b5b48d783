"""Whether folds keep what they claim, judged from the findings of all folds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sersnake.audit.catalogue import Catalogue
from sersnake.audit.findings import Findings
from sersnake.protocols.words import NAMED, count, some

HOLDS, BROKEN, OPEN = "holds", "does not hold", "cannot be certified"
FoldFindings = Mapping[str, Findings]


@dataclass(frozen=True)
class Verdict:
    """One sentence about all folds.

    Attributes:
        status: ``HOLDS``, ``BROKEN``, or ``OPEN`` where the manifest does not know enough.
        reason: What was seen, in a sentence.
        examples: Lines that name a fold and its utterances.
    """

    status: str
    reason: str
    examples: tuple[str, ...] = ()


def judge_recordings(folds: FoldFindings, catalogue: Catalogue) -> Verdict:
    """Whether no utterance, no identical recording and no part of one stands on both sides."""
    twice = [
        f"fold {fold}: {name} stands in both parts"
        for fold, found in folds.items()
        for name in found.both_sides
    ]
    for fold, found in folds.items():
        twice += [_pair(fold, same, "have the same samples") for same in found.identical]
        twice += [_pair(fold, same, "are of one recording") for same in found.of_one_recording]
    if twice:
        where = [
            fold
            for fold, found in folds.items()
            if found.both_sides or found.identical or found.of_one_recording
        ]
        reason = f"the same recording stands on both sides in {_where(where, len(folds))}"
        return Verdict(BROKEN, reason, shorten(twice))
    if len(catalogue.files.names):
        return Verdict(HOLDS, "no segment and no identical recording stands on both sides")
    if len(catalogue.recordings.names):
        return Verdict(HOLDS, "no utterance and no identical recording stands on both sides")
    return Verdict(HOLDS, "no utterance stands on both sides")


def _pair(fold: str, same: Mapping[str, list[str]], what: str) -> str:
    return f"fold {fold}: {some(same['train'])} (train) and {some(same['test'])} (test) {what}"


def judge_group(claim: str, folds: FoldFindings, catalogue: Catalogue) -> Verdict:
    """Whether no speaker (sentence, session) stands on both sides.

    An unknown one is never taken for one that is not shared.
    """
    names = catalogue.groups[claim].names
    if not len(names):
        return Verdict(OPEN, f"the manifest knows no {claim}")
    if any(found.shared[claim] for found in folds.values()):
        return Verdict(BROKEN, _who_is_shared(claim, folds), shorten(_slips(claim, folds)))
    unknown = max((found.unknown[claim] for found in folds.values()), default=0)
    if unknown:
        utterances = count(unknown, "utterance")
        return Verdict(OPEN, f"the {claim[:-1]} of {utterances} in train or test is not known")
    what = count(len(names), claim[:-1])
    return Verdict(HOLDS, f"none of the {what} stands on both sides of a fold")


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
        f"fold {name} is none that {label} makes" for name in folds if name not in set(made)
    ]
    differences += [
        f"fold {fold}: {name} is in {found}, {label} puts it in {expected}"
        for fold, findings in folds.items()
        for name, found, expected in findings.changed
    ]
    if differences:
        reason = f"{count(len(differences), 'line')} not as {label} makes it"
        return Verdict(BROKEN, reason, shorten(differences))
    return Verdict(HOLDS, f"{label} makes the same folds")


def failures(folds: FoldFindings, *, tested: bool = True) -> Iterator[str]:
    """What makes folds useless whatever they claim; not being tested only where they should be."""
    for part in ("train", "test") if tested else ("train",):
        empty = [fold for fold, found in folds.items() if not getattr(found, part)]
        if empty:
            yield f"nothing stands in the {part} part of fold {some(empty)}"
    yield from _missing_classes("train", folds)
    unlisted = sorted({name for found in folds.values() for name in found.unlisted})
    if unlisted:
        yield f"the manifest has no {some(unlisted)} ({count(len(unlisted), 'utterance')})"


def warnings(folds: FoldFindings, catalogue: Catalogue) -> Iterator[str]:
    """What a user should know of folds that can be used all the same."""
    yield from catalogue.gaps
    yield from _missing_classes("test", folds)
    for name, where in _by_name({fold: found.repeated for fold, found in folds.items()}):
        yield f"{name} has several rows in {_where(where, len(folds))}"
    pairs = {
        fold: [" and ".join(sorted(pair.values())) for pair in found.near_identical]
        for fold, found in folds.items()
    }
    for names, where in _by_name(pairs):
        yield f"{names} sound the same and stand on both sides in {_where(where, len(folds))}"


def _missing_classes(part: str, folds: FoldFindings) -> Iterator[str]:
    missing = {
        fold: found.missing_classes[part] for fold, found in folds.items() if getattr(found, part)
    }
    for name, where in _by_name(missing):
        yield f"no {name} in the {part} part of {_where(where, len(folds))}"


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


def _who_is_shared(claim: str, folds: FoldFindings) -> str:
    """``9 of 10 test speakers also train in every fold (03, 08, 09, 10, 11, …)``."""
    where = {fold: found for fold, found in folds.items() if found.shared[claim]}
    shared = [len(found.shared[claim]) for found in where.values()]
    tested = [found.tested[claim] for found in where.values()]
    names = sorted({name for found in where.values() for name in found.shared[claim]})
    place = f"in {_where(list(where), len(folds))} ({some(names)})"
    if shared == tested:
        if max(tested) == 1:
            return f"the test {claim[:-1]} also trains {place}"
        return f"all {_range(tested)} test {claim} also train {place}"
    return f"{_range(shared)} of {_range(tested)} test {claim} also train {place}"


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
    """Names the utterances of those that have hardly any of theirs on one side."""
    for fold, found in folds.items():
        for name, shared in found.shared[claim].items():
            total = shared.train + shared.test
            if 0 < len(shared.few) <= max(1, total // 10):
                side = "train" if shared.train < shared.test else "test"
                yield (
                    f"fold {fold}: {claim[:-1]} {name} has {len(shared.few)} of its "
                    f"{count(total, 'utterance')} in {side}: {some(shared.few)}"
                )
