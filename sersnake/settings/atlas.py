"""The page of all utterances."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from sersnake.settings.base import Settings


class AtlasPage(Settings, frozen=True):
    """The page of all utterances."""

    system: Annotated[
        str,
        Meta(description="The system that is shown first, and whose attention is drawn."),
    ] = "independent_he"
    embed_audio: Annotated[
        bool,
        Meta(
            description="Copies the recordings into the folder, so that it can be sent to somebody "
            "who may have them; otherwise the page links to them."
        ),
    ] = False
