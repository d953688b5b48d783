"""The tables of the page on robustness."""

from __future__ import annotations

import pandas as pd
from reading import Rows, one, read

SVM, FCN, WHISPER = "ComParE + linear SVM", "FCN alone (CE)", "Whisper + LDA"


def emodb() -> pd.DataFrame:
    """Accuracy on EMODB, of systems trained on degraded copies too as "…, copies"."""
    plain, copies = (
        read(f"{record}/tables/robustness.csv")
        for record in ("robustness-emodb", "robustness-copies")
    )
    return pd.concat([plain, copies.assign(system=copies["system"] + ", copies")])


def robustness_emodb() -> Rows:
    """EMODB under each condition."""
    return by_condition(emodb())


def robustness() -> list[str]:
    """What the table of EMODB says, in points WA."""
    table = emodb()

    def loss(system: str, condition: str) -> str:
        row = one(table, system=system, condition=condition)
        return f"{-row['wa_gain']} ({-row['wa_gain_high']} to {-row['wa_gain_low']})"

    def both(system: str, condition: str) -> str:
        copies, plain = (
            one(table, system=name, condition=condition)["wa_value"]
            for name in (f"{system}, copies", system)
        )
        return f"{copies} in place of {plain}"

    return [
        f"- *ComParE* loses {loss(SVM, 'noise 10 dB')} points to white noise at 10 dB, "
        f"{loss(SVM, 'reverberation')} to a room, {loss(SVM, 'level -20 dB')} to 20 dB less level "
        f"alone, and {loss(SVM, 'MP3 32 kbit/s')} to MP3 at 32 kbit/s.",
        f"- *Copies* hold what they were made of: at 10 dB ComParE has {both(SVM, 'noise 10 dB')} "
        f"and FCN {both(FCN, 'noise 10 dB')}, in the room {both(SVM, 'reverberation')} and "
        f"{both(FCN, 'reverberation')}. They hold noise at other levels too, and not the "
        f"telephone, whose band none of them has: {both(SVM, 'telephone')} and "
        f"{both(FCN, 'telephone')}. Clean recordings: {both(SVM, 'clean')} and "
        f"{both(FCN, 'clean')}.",
        f"- *Whisper* loses {loss(WHISPER, 'noise 10 dB')} points at 10 dB, "
        f"{loss(WHISPER, 'reverberation')} in the room and {loss(WHISPER, 'telephone')} over the "
        "telephone, without a copy.",
    ]


def robustness_nemo() -> Rows:
    """The same of nEMO under each condition."""
    return by_condition(read("robustness-nemo/tables/robustness.csv"))


def by_condition(table: pd.DataFrame) -> Rows:
    """WA of each system under each condition."""
    conditions = list(table["condition"].unique())
    rows = [["WA in percent", *conditions]]
    for system in table["system"].unique():
        values = [one(table, system=system, condition=name)["wa_value"] for name in conditions]
        rows.append([system, *map(str, values)])
    return rows
