"""Draws the method and the workflow: this script writes ``method.svg`` beside itself.

One file for light and dark pages; no text is turned into paths, so that it can be read and found.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

WIDTH, HEIGHT = 880, 330
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328; text-anchor: middle }
.small { font-size: 11px; fill: #57606a }
.box { fill: #ffffff; stroke: #57606a; stroke-width: 1.2 }
.network { fill: #ddf4ff; stroke: #0969da; stroke-width: 1.4 }
.hard { fill: none; stroke: #bc4c00; stroke-width: 1.4 }
.hard-text { font-size: 11px; fill: #bc4c00 }
.arrow { fill: none; stroke: #57606a; stroke-width: 1.2 }
.head { fill: #57606a } .hard-head { fill: #bc4c00 }
.open { stroke-dasharray: 5 4 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .small { fill: #9198a1 }
  .box { fill: #151b23; stroke: #9198a1 } .network { fill: #0c2d6b; stroke: #4493f8 }
  .hard { stroke: #f0883e } .hard-text { fill: #f0883e }
  .arrow { stroke: #9198a1 } .head { fill: #9198a1 } .hard-head { fill: #f0883e }
}
"""
# Features, how a network reads them, the network, and whether the lane is the paper's.
LANES = [
    ("MFCCs", "a row per frame (C++)", "ACLN", "convolution, LSTM, attention", True),
    ("IS09 functionals", "384 values (openSMILE)", "FCN", "fully connected", True),
    ("any features", "log-mels, Whisper, yours", "your network", "or one of ours", False),
]
TOP, STEP, TALL = 66, 74, 50
FEATURES_X, NETWORK_X, BOX = 150, 370, 168
CENTRE = TOP + STEP + TALL / 2  # of the middle lane, and of all that is not in one


def box(x: float, y: float, wide: float, title: str, below: str, kind: str = "box") -> str:
    """A rounded box with a line and a smaller one."""
    middle = x + wide / 2
    return (
        f'<rect class="{kind}" x="{x}" y="{y}" width="{wide}" height="{TALL}" rx="6"/>'
        f'<text x="{middle}" y="{y + 22}">{escape(title)}</text>'
        f'<text class="small" x="{middle}" y="{y + 39}">{escape(below)}</text>'
    )


def arrow(path: str, kind: str = "arrow", head: str = "head") -> str:
    """A line with a head at its end."""
    return f'<path class="{kind}" d="{path}" marker-end="url(#{head})"/>'


def lane(number: int, features: str, how: str, network: str, parts: str, paper: bool) -> str:
    """From recordings to the classifier: features, a network, and its hard examples."""
    y, open_ = TOP + number * STEP, "" if paper else " open"
    middle, right = y + TALL / 2, NETWORK_X + BOX
    loop = f"M{right} {middle - 10} h34 q8 0 8 8 v4 q0 8 -8 8 h-28"
    return "\n".join(
        [
            arrow(f"M106 {CENTRE} C128 {CENTRE} 124 {middle} 144 {middle}"),
            box(FEATURES_X, y, BOX, features, how, f"box{open_}"),
            arrow(f"M{FEATURES_X + BOX} {middle} H{NETWORK_X - 6}"),
            box(NETWORK_X, y, BOX, network, parts, f"network{open_}"),
            arrow(loop, "hard", "hard-head"),
            arrow(f"M{right} {y + 42} C{right + 90} {y + 42} 640 {CENTRE} 668 {CENTRE}"),
        ]
    )


def drawing() -> str:
    """The whole picture."""
    marker = (
        '<marker id="{0}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto"><path class="{0}" d="M0 0 L8 4 L0 8 z"/></marker>'
    )
    middle = TOP + STEP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-label="Each stream of features trains a network of its own, which is re-trained on '
        'its hard examples alone; one classifier joins their embeddings.">',
        f"<style>{STYLE}</style>",
        f"<defs>{marker.format('head')}{marker.format('hard-head')}</defs>",
        '<text class="small" x="454" y="20">trained on their own, one loss each</text>',
        '<text class="hard-text" x="454" y="38">then on the examples that each gets wrong most '
        "often</text>",
        box(8, middle, 98, "recordings", "and labels"),
        *(lane(number, *words) for number, words in enumerate(LANES)),
        box(674, middle, 92, "classifier", "SVM, LDA …"),
        arrow(f"M766 {middle + 25} H786"),
        box(792, middle, 82, "results", "a model"),
        '<text class="small" x="440" y="316">Folds are audited for leaks · test data selects '
        "nothing · every number has an interval · same seed, same bytes</text>",
        "</svg>\n",
    ]
    return "\n".join(parts)


if __name__ == "__main__":
    Path(__file__).with_name("method.svg").write_text(drawing(), encoding="utf-8")
