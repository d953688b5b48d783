"""The leak audit: what training and test sets share, for any folds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from sersnake.errors import SersnakeError
from sersnake.features.known_encoders import Seen
from sersnake.protocols import CLAIMS, WHOLE, Protocol, split
from sersnake.protocols.audit.catalogue import GROUPS, Catalogue, make_catalogue
from sersnake.protocols.audit.encoders import ask_encoders, judge_encoders
from sersnake.protocols.audit.findings import Findings, changes, each_fold, examine
from sersnake.protocols.audit.verdict import (
    EMPTY,
    HOLDS,
    UNTOLD,
    Verdict,
    failures,
    judge_group,
    judge_protocol,
    judge_recordings,
    warnings,
)
from sersnake.protocols.part_words import read_parts
from sersnake.protocols.splits import PARTS

__all__ = ["Audit", "audit"]


@dataclass(frozen=True)
class Audit:
    """The result of an audit.

    Attributes:
        claims: What the folds must keep apart.
        unclaimed: What is shared without being claimed apart.
        protocol: How the folds are said to be made, if that is known.
        remade: Whether the protocol makes these folds; ``None`` where it cannot be asked.
        failures: What makes the folds useless whatever they claim.
        warnings: Further warnings.
        folds: All about each fold.
        never_tested: Utterances of the manifest in no test set.
        tested_often: Utterances of the manifest in several test sets.
        sizes: Numbers of utterances, speakers, sentences, sessions and classes of the manifest.
        encoders: Whether each pretrained encoder in use was trained on the corpus.
    """

    claims: dict[str, Verdict]
    unclaimed: dict[str, Verdict]
    protocol: Protocol | None
    remade: Verdict | None
    failures: tuple[str, ...]
    warnings: tuple[str, ...]
    folds: dict[str, Findings]
    never_tested: list[str]
    tested_often: list[str]
    sizes: dict[str, int]
    encoders: tuple[Seen, ...] = ()

    @property
    def broken(self) -> list[str]:
        """What does not hold: claims, the protocol, and the failures (an empty part is one)."""
        claims, fine = self.claims.items(), (HOLDS, EMPTY, UNTOLD)
        broken = [f"the claim {name} {v.status}" for name, v in claims if v.status not in fine]
        if self.remade and self.remade.status != HOLDS:
            broken.append(self.remade.reason)
        return [*broken, *self.failures]

    @property
    def passed(self) -> bool:
        """Whether the folds keep all that they claim."""
        return not self.broken

    def shares(self, claim: str) -> bool | None:
        """Whether any fold has the same speaker (sentence, session) in training and test set.

        Args:
            claim: speakers, sentences or sessions.

        Returns:
            ``None`` where names are missing and those that are known are not shared.
        """
        folds = self.folds.values()
        if any(fold.sharing(claim, "train", "test") for fold in folds):
            return True
        return None if any(fold.unknown[claim] for fold in folds) else False

    def as_dict(self) -> dict[str, Any]:
        """Everything, for JSON."""
        folds = {name: fold.as_dict() for name, fold in self.folds.items()}
        protocol = self.protocol and self.protocol.as_dict()
        rest = asdict(replace(self, folds={}, protocol=None))
        rest["others"] = rest.pop("unclaimed")  # what audit.json calls them
        if not self.encoders:
            del rest["encoders"]
        shared = {claim: self.shares(claim) for claim in GROUPS}
        told = {"folds": folds, "shared": shared, "passed": self.passed}
        return {**rest, "protocol": protocol, **told}


def audit(
    manifest: pd.DataFrame,
    folds: pd.DataFrame,
    *,
    protocol: Protocol | None = None,
    claims: Sequence[str] | None = None,
    encoders: Sequence[str] = (),
) -> Audit:
    """Looks for what training, validation and test set of a fold share.

    Args:
        manifest: Columns utterance and emotion; speaker, sentence, session, path, sha256 and
            fingerprint where they are known.
        folds: Columns fold, utterance and part (train, test, validation or unused, or another word
            for one of them that fold files may have).
        protocol: How the folds are said to be made. They are made again and compared, but for
            predefined folds of an unknown file.
        claims: What no two of training, validation and test set share (speakers, sentences,
            sessions); what the protocol claims where it is not given. Recordings are always
            claimed.
        encoders: Pretrained encoders in use, which may not have been trained on the corpus of the
            manifest's column corpus.

    Raises:
        SersnakeError: There is no fold, a part or a claim is unknown, the manifest lists an
            utterance twice, or the protocol cannot be made from it.
    """
    if folds.empty:
        raise SersnakeError("folds: there is no fold; make the folds again")
    if not folds["part"].isin(PARTS).all():
        folds = folds.assign(part=read_parts(folds["part"], lambda row: f"folds: row {row}"))
    chosen = _resolve_claims(protocol, claims)
    catalogue = make_catalogue(manifest, folds["utterance"])
    findings, tested, made = _examine_folds(manifest, folds, catalogue, protocol)
    verdicts = {"recordings": judge_recordings(findings, catalogue)}
    verdicts |= {claim: judge_group(claim, findings, catalogue) for claim in GROUPS}
    names = catalogue.utterances[: catalogue.listed]
    answers = _ask_encoders(encoders, manifest)
    of_encoders = {"encoder": judge_encoders(answers)} if answers else {}
    return Audit(
        claims={claim: verdicts[claim] for claim in CLAIMS if claim in chosen} | of_encoders,
        unclaimed={claim: verdicts[claim] for claim in CLAIMS if claim not in chosen},
        protocol=protocol,
        remade=judge_protocol(protocol.label, findings, made) if protocol and made else None,
        failures=tuple(failures(findings, tested=protocol is None or protocol.protocol != WHOLE)),
        warnings=tuple(warnings(findings, catalogue)),
        folds=findings,
        never_tested=names[tested == 0].tolist(),
        tested_often=names[tested > 1].tolist(),
        sizes=_sizes(catalogue),
        encoders=answers,
    )


def _resolve_claims(protocol: Protocol | None, claims: Sequence[str] | None) -> set[str]:
    if claims is None:
        return set(protocol.claims) if protocol else {"recordings"}
    for claim in claims:
        if claim not in CLAIMS:
            raise SersnakeError(f"claims: {claim!r} is not one of {', '.join(CLAIMS)}")
    return {"recordings", *claims}


def _ask_encoders(encoders: Sequence[str], manifest: pd.DataFrame) -> tuple[Seen, ...]:
    """What is known of encoders, which counts for the audits alone that are told some."""
    return ask_encoders(encoders, manifest) if encoders else ()


def _examine_folds(
    manifest: pd.DataFrame,
    folds: pd.DataFrame,
    catalogue: Catalogue,
    protocol: Protocol | None,
) -> tuple[dict[str, Findings], np.ndarray, list[str]]:
    """Findings by fold, how often each utterance is tested, and the folds that were made again."""
    listed = {fold.name: fold for fold in each_fold(folds, catalogue)}
    trained, tested = np.zeros((2, len(catalogue.utterances)), np.int64)
    for fold in listed.values():
        trained[fold.train] += 1
        tested[fold.test] += 1
    classes = catalogue.classes.counts(np.flatnonzero(trained + tested))
    findings = {name: examine(fold, catalogue, classes) for name, fold in listed.items()}
    made = []
    if protocol and (protocol.fold_file or not protocol.entry.of_file):
        for name, parts in split(manifest, protocol):
            made.append(name)
            if name in listed:
                findings[name].changed.extend(changes(listed[name], catalogue, parts))
    return findings, tested[: catalogue.listed], made


def _sizes(catalogue: Catalogue) -> dict[str, int]:
    groups = {claim: len(labels.names) for claim, labels in catalogue.groups.items()}
    return {"utterances": catalogue.listed, **groups, "classes": len(catalogue.classes.names)}
