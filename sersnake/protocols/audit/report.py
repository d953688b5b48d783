"""The printed report of an audit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sersnake.io.words import count
from sersnake.protocols.audit import Audit
from sersnake.protocols.audit.verdict import EMPTY, HOLDS, OPEN, UNTOLD, Verdict, shorten

PLURALS = {"utterances": "utterance", "speakers": "speaker", "sentences": "sentence"}
PLURALS |= {"sessions": "session", "classes": "class"}


def report(audit: Audit, manifest: str, folds: str) -> str:
    """The report, some 20 lines whatever the number of folds.

    Args:
        audit: The audit.
        manifest: Name of the manifest.
        folds: Name of the fold file.
    """
    return "\n".join(_lines(audit, manifest, folds)) + "\n"


def _lines(audit: Audit, manifest: str, folds: str) -> Iterator[str]:
    sizes = [count(number, PLURALS[name], name) for name, number in audit.sizes.items() if number]
    yield f"{folds}: {count(len(audit.folds), 'fold')} of {manifest} ({', '.join(sizes)})"
    yield _how_tested(audit)
    yield "\nClaims"
    for name, verdict in audit.claims.items():
        yield from _verdict(name, verdict)
    if audit.remade:
        yield from _verdict("protocol", audit.remade)
    for line in shorten(audit.failures):
        yield f"  FAILS  {line}"
    yield from _section("Not claimed", _not_claimed(audit))
    yield from _section("Notes", (f"  {line}" for line in shorten(audit.warnings)))
    yield ""
    if audit.passed and any(verdict.status == EMPTY for verdict in audit.claims.values()):
        yield "Passed: all utterances are in the training set, as intended."
    elif audit.passed and (untold := [n for n, v in audit.claims.items() if v.status == UNTOLD]):
        yield f"Passed: no claim is broken; {' and '.join(untold)} cannot be told."
    elif audit.passed:
        yield "Passed: every claim holds."
    else:
        yield f"Failed: {'; '.join(shorten(audit.broken))}."


def _how_tested(audit: Audit) -> str:
    train = _range([fold.train for fold in audit.folds.values()])
    test = _range([fold.test for fold in audit.folds.values()])
    validation = _range([fold.validation for fold in audit.folds.values()])
    between = "" if validation == "0" else f" validation {validation},"
    never, often = len(audit.never_tested), len(audit.tested_often)
    tested = f"{never:,} never tested, {often:,} tested more than once"
    if not never and not often:
        tested = "each tested once"
    return f"Train {train},{between} test {test} utterances per fold; {tested}."


def _range(numbers: list[int]) -> str:
    low, high = min(numbers, default=0), max(numbers, default=0)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _not_claimed(audit: Audit) -> Iterator[str]:
    for name, verdict in audit.unclaimed.items():
        mark = {HOLDS: "not shared", OPEN: "unknown", EMPTY: "unknown"}.get(
            verdict.status, "shared"
        )
        yield f"  {name:<12}{mark}: {verdict.reason}"


def _verdict(name: str, verdict: Verdict) -> Iterator[str]:
    mark = {HOLDS: "ok", EMPTY: "none", UNTOLD: "?"}.get(verdict.status, "FAILS")
    reason = f"cannot be certified: {verdict.reason}" if verdict.status == OPEN else verdict.reason
    yield f"  {mark:<7}{name:<12}{reason}"
    for line in verdict.examples:
        yield f"         {line}"


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    listed = list(lines)
    if listed:
        yield f"\n{title}"
        yield from listed
