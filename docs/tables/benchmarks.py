"""The tables of the page on speed."""

from __future__ import annotations

from reading import Rows, one, read


def rehearsal_iemocap() -> Rows:
    """IEMOCAP's size."""
    return rehearsal("iemocap")


def rehearsal_msp() -> Rows:
    """A user's own 25,000 utterances."""
    return rehearsal("msp")


def rehearsal(name: str) -> Rows:
    """Time and memory of each rule at a size, and how the time grows."""
    rows = [["rule", "jobs", "CPU time", "memory of the largest job", "exponent"]]
    for _, row in read(f"benchmarks/rehearsal_{name}.csv").iterrows():
        memory = f"{row['memory_mib']:.0f} MiB"
        cells = [f"`{row['rule']}`", str(row["jobs"]), f"{row['cpu_seconds']:.0f} s", memory]
        rows.append([*cells, f"{row['exponent']:.2f}"])
    return rows


def beside() -> Rows:
    """What a user would take instead."""
    names = {
        "sersnake": "this workflow, linear SVM",
        "opensmile + scikit-learn": "script of opensmile and scikit-learn, linear SVM",
        "nkululeko, SVM": "nkululeko 1.14.1, SVM",
        "nkululeko, MLP": "nkululeko 1.14.1, MLP, 50 epochs",
    }
    rows = [["tool", "one thread", "two threads", "largest process", "WA / UA"]]
    table = read("benchmarks/beside.csv")
    for tool, name in names.items():
        runs = [one(table, tool=tool, threads=threads) for threads in (1, 2)]
        times = [f"{run['seconds']:.0f} s" for run in runs]
        memory = f"{max(run['memory_mib'] for run in runs):.0f} MiB"
        rows.append([name, *times, memory, f"{runs[0]['wa']:.1f} / {runs[0]['ua']:.1f}"])
    return rows


def prediction() -> Rows:
    """How long `sersnake predict` takes, and each stage of it on one thread."""
    rows = [["what", "recordings", "time"]]
    for _, row in read("benchmarks/predict.csv").iterrows():
        rows.append([row["what"], str(row["files"]), f"{row['seconds']:.2f} s"])
    return rows


def long_recordings() -> Rows:
    """Time and memory by the length of a recording."""
    rows = [["length", "scored", "time", "CPU time", "peak memory"]]
    for _, row in read("benchmarks/predict_long.csv").iterrows():
        seconds = [f"{row[name]:.1f} s" for name in ("seconds", "cpu_seconds")]
        rows.append(
            [f"{row['minutes']} min", row["scored"], *seconds, f"{row['memory_mib']:.0f} MiB"]
        )
    return rows


def epoch_avx2() -> Rows:
    """An epoch of ACLN held to AVX2."""
    table = read("benchmarks/training_epoch_avx2.csv")
    loops = {
        "plain_padded": "padded to the corpus' longest",
        "plain_batches": "to the batch's longest",
        "plain_sorted": "batches of like lengths",
        "sersnake_auto": "sersnake",
    }
    rows = [["coefficients", *loops.values()]]
    for coefficients in table["coefficients"].unique():
        seconds = [one(table, coefficients=coefficients, loop=name)["seconds"] for name in loops]
        rows.append([str(coefficients), *(f"{each:.1f} s" for each in seconds)])
    return rows


def trials() -> Rows:
    """What was measured once."""
    table = read("benchmarks/trials.csv")
    return [list(table.columns), *table.to_numpy().tolist()]


def estimate() -> list[str]:
    """How long IEMOCAP takes, from an epoch on EMODB."""
    table = read("benchmarks/training_epoch_avx2.csv")
    epoch = one(table, coefficients=13, loop="sersnake_auto")["seconds"]
    speech, emodb, folds = 5.5 * 60, 20, 5  # minutes of a training set
    turns = epoch * speech / emodb
    quick, paper = (folds * epochs * turns / 3600 for epochs in (60 + 50, 1700 + 1400))
    return [
        f"An epoch of ACLN on EMODB's {emodb} minutes of a training set takes {epoch:.1f} s held "
        f"to AVX2, so one on IEMOCAP's 5.5 hours takes some {turns:.0f} s. The default systems "
        "have 60 epochs of ACLN and 50 of the fused network in each of five folds with preset "
        f"`quick`: if an epoch of both takes as long, {quick:.0f} core-hours. Preset `paper` has "
        f"1,700 and 1,400: {paper:.0f} core-hours. No more than ten cores help, since there are "
        "ten jobs."
    ]
