"""What a person reads while folds are trained."""

from __future__ import annotations

import io
import re

from sersnake.io.progress import EpochProgress


def row(epoch: int, loss: float, accuracy: float) -> dict[str, float]:
    return {"epoch": epoch, "loss": loss, "accuracy": accuracy, "learning_rate": 1e-3}


def test_the_first_and_the_last_epoch_of_a_fold_are_printed() -> None:
    stream = io.StringIO()
    report = EpochProgress("acln", {"anna": 4}, 3, stream)
    for epoch in (5, 6, 7):
        report("anna", row(epoch, 1 / epoch, 0.5))
    first, last = stream.getvalue().splitlines()
    assert re.fullmatch(
        r"acln fold anna: epoch 1/3, loss 0\.2000, accuracy 50\.0%, \d+ s left", first
    )
    assert re.fullmatch(r"acln fold anna: epoch 3/3, loss 0\.1429, .*, 0 s left", last)


def test_several_folds_share_a_line() -> None:
    stream = io.StringIO()
    report = EpochProgress("fcn", {"0": 0, "1": 10, "2": 0}, 2, stream, hard_share=0.498)
    for epoch in (1, 2):
        for fold, loss in (("0", 0.1), ("1", 0.2), ("2", 0.6)):
            report(fold, row(epoch + 10 * (fold == "1"), loss, 0.25))
    first, last = stream.getvalue().splitlines()
    assert re.fullmatch(
        r"fcn 3 folds \(0 to 2\): epoch 1/2, hard 49\.8%, mean loss 0\.3000, "
        r"mean accuracy 25\.0%, \d+ s left",
        first,
    )
    assert "epoch 2/2" in last


def test_a_resumed_phase_says_where_it_goes_on() -> None:
    stream = io.StringIO()
    EpochProgress("acln", {"0": 0}, 40, stream)("0", row(31, 1.0, 0.5))
    assert "epoch 31/40" in stream.getvalue()
