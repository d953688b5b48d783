"""How hard examples are selected."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from sersnake.settings.base import Settings


class Mining(Settings, frozen=True):
    """Selection of the hard examples (Eq. 1 and 2)."""

    hard_share: Annotated[
        float,
        Meta(
            gt=0,
            le=1,
            description="Target share of hard examples (Fig. 5); the threshold beta is set to "
            "come as close as possible.",
        ),
    ] = 0.506
    beta: Annotated[
        Annotated[float, Meta(ge=0, lt=1)] | None,
        Meta(description="Threshold on the hard index; overrides `hard_share`."),
    ] = None
    smoothing: Annotated[
        float,
        Meta(
            ge=0,
            description="Laplace smoothing of m_i / c_i: this number is added to an utterance's "
            "errors and to its correct predictions.",
        ),
    ] = 0.0
    union: Annotated[
        bool,
        Meta(
            description="Treat an utterance that is hard for one stream as hard for all; each "
            "stream keeps its own hard index."
        ),
    ] = False
