"""The atlas, a page of all utterances."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from sersnake.settings.base import Settings


class AtlasPage(Settings, frozen=True):
    """The atlas, a page of all utterances."""

    system: Annotated[
        str,
        Meta(description="System shown first, whose attention is drawn."),
    ] = "independent_he"
    embed_audio: Annotated[
        bool,
        Meta(
            description="Copy the recordings into the folder, to send it to somebody who may have "
            "them; otherwise the page links to them."
        ),
    ] = False
