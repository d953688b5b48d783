"""The result of a check as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

NETWORKS = {
    "network": "{}",
    "precision": "{}",
    "embedding_difference": "{:.1e}",
    "loss_difference": "{:.1e}",
    "same_bytes": "{}",
    "cpu_seconds": "{:.2f}",
    "card_seconds": "{:.3f}",
    "card_mib": "{:.0f}",
    "agrees": "{}",
}
TOGETHER = {
    "folds": "{}",
    "epochs_per_second": "{:.2f}",
    "use_percent": "{:.0f}",
    "memory_mib": "{:.0f}",
}


def page(result: Mapping[str, Any]) -> str:
    """The machine, a table of networks, and one of folds at once."""
    of = result["machine"]
    return "\n".join(
        [
            f"Card: {of['card']} (CUDA {of['cuda']}). Processor: {of['processor']}, "
            f"{of['threads']} threads. Python {of['python']}, PyTorch {of['torch']}. "
            f"{result['utterances']} utterances; {result['seconds']:.0f} s in all.",
            "",
            *table(result["networks"], NETWORKS),
            "",
            "ACLN, several folds in parallel on the GPU:",
            "",
            *table(result["folds_at_once"], TOGETHER),
            "",
        ]
    )


def table(rows: Sequence[Mapping[str, Any]], formats: Mapping[str, str]) -> list[str]:
    """Lines of a Markdown table."""
    heads = [name.replace("_", " ") for name in formats]
    lines = [heads, ["---"] * len(heads)]
    lines += [[_cell(row[name], text) for name, text in formats.items()] for row in rows]
    return [f"| {' | '.join(line)} |" for line in lines]


def _cell(value: Any, text: str) -> str:
    return "-" if value is None else text.format(value)
