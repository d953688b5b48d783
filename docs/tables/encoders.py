"""The tables of the page on pretrained encoders."""

from __future__ import annotations

from reading import Rows, difference, measured, pair, ranges, under

STREAMS = "encoder-streams"


def encoders() -> Rows:
    """A frozen encoder under each protocol."""
    rows = [["protocol", "ComParE, SVM", "all layers, SVM", "all layers, LDA", "selected"]]
    systems = ("compare_svm", "whisper_svm", "whisper_lda")
    for name, get in (
        ("EMODB, one speaker left out", lambda s: measured("encoder-speakers", s)),
        ("EMODB, random 10-fold", lambda s: under("encoder-speakers", "ten_fold", s)),
        ("EMODB, speaker and sentence left out", lambda s: measured("encoder-sentences", s)),
        ("nEMO, one speaker left out", lambda s: measured("nemo-encoder", s)),
        ("nEMO, random 10-fold", lambda s: under("nemo-encoder", "ten_fold", s)),
    ):
        best = get("selected")
        cells = [pair(get(system)) for system in systems]
        rows.append([name, *cells, f"**{pair(best)}** ({ranges(best)})"])
    return rows


def encoder_streams() -> Rows:
    """A pretrained encoder as a stream beside the paper's."""
    rows = [["trained", "CE", "HE", "focal"]]
    for name, *systems in (
        ("the paper's two streams, independently", "acln+fcn_ce", "acln+fcn_he"),
        ("three streams, independently", "independent_ce", "independent_he"),
        ("three streams, fused", "fused_ce"),
        ("the encoder's stream alone", "whisper_ce", "whisper_he", "whisper_focal"),
        ("the encoder's stream alone, LDA on its embedding", "whisper_ce_lda", "whisper_he_lda"),
        ("no network: an SVM on the features", "whisper_svm"),
        ("no network: an LDA on the features", "whisper_lda"),
    ):
        cells = [pair(measured(STREAMS, system)) for system in systems]
        rows.append([name, *cells, *[""] * (3 - len(cells))])
    return rows


def streams_together() -> list[str]:
    """What the table of streams says."""
    together, fused, mined, focal = (
        difference(STREAMS, *pair)
        for pair in (
            ("independent_he", "whisper_he"),
            ("independent_ce", "fused_ce"),
            ("whisper_he", "whisper_ce"),
            ("whisper_he", "whisper_focal"),
        )
    )
    return [
        f"- *Streams together*: three less the encoder's alone, both with hard examples: "
        f"{together.points:.1f} points WA ({together.evidence}). Independent less fused training: "
        f"{fused.points:.1f} ({fused.evidence}).",
        "- *Hard examples*: the encoder's stream with them less cross entropy: "
        f"{mined.points:.1f} ({mined.evidence}), and less the focal loss: {focal.points:.1f} "
        f"({focal.evidence}).",
    ]
