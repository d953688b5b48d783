"""Whether the encoders in use were pretrained on the corpus."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sersnake.features.known_encoders import NO, UNKNOWN, YES, Seen, seen
from sersnake.io.words import some
from sersnake.protocols.audit.verdict import BROKEN, HOLDS, UNTOLD, Verdict

# The worst answer of several encoders is that of all.
VERDICTS = {
    YES: (BROKEN, "{models} was trained on {corpora}"),
    UNKNOWN: (UNTOLD, "whether {models} was trained on {corpora} is not known"),
    NO: (HOLDS, "{models} was not trained on {corpora}"),
}


def ask_encoders(encoders: Sequence[str], manifest: pd.DataFrame) -> tuple[Seen, ...]:
    """Whether each encoder was trained on each corpus.

    Args:
        encoders: Their names.
        manifest: Column corpus where it is known.
    """
    corpora = sorted(set(manifest["corpus"])) if "corpus" in manifest else [""]
    return tuple(seen(model, corpus) for model in dict.fromkeys(encoders) for corpus in corpora)


def judge_encoders(answers: Sequence[Seen]) -> Verdict:
    """Whether no encoder was trained on the corpus; what it was trained on is named."""
    answer = next(each for each in VERDICTS if any(a.answer == each for a in answers))
    status, reason = VERDICTS[answer]
    told = [each for each in answers if each.answer == answer]
    models = some(dict.fromkeys(each.model for each in told))
    corpora = some(dict.fromkeys(each.corpus or "the recordings" for each in told))
    examples = dict.fromkeys(f"{e.model}: {e.data} ({e.source})" for e in told if e.data)
    return Verdict(status, reason.format(models=models, corpora=corpora), tuple(examples))
