"""Comparison with alternatives: ComParE and a linear SVM on EMODB, leave one speaker out.

Usage: ``python benchmarks/beside.py [--nkululeko PYTHON] [--threads 1 2]``, with SERSNAKE_CORPORA
set. From recordings to accuracies, each from the start and one after the other:

- this workflow (including manifest, audit and provenance) with the system ``compare_svm``;
- a typical script with opensmile and scikit-learn;
- nkululeko with its SVM, and with its MLP (one call per speaker; features are computed once), by
  the Python of an environment that has it (``pip install nkululeko``); left out without one.

Prints a table and writes ``beside.csv``. WA and UA are pooled over the folds, in percent. Those of
the MLP are of the last epoch: nkululeko's own summary takes the epoch that is best on the test set.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pandas as pd
from engine.emodb import CORPORA, ROOT

from sersnake.corpora import read_corpus
from sersnake.io import write_csv

SCRIPT = """
import sys
import opensmile, pandas as pd
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

rows, threads = pd.read_csv(sys.argv[1], dtype=str), int(sys.argv[2])
smile = opensmile.Smile(opensmile.FeatureSet.ComParE_2016, num_workers=threads)
features = smile.process_files(rows["file"])
classifier = make_pipeline(StandardScaler(), SVC(kernel="linear"))
rows["predicted"] = cross_val_predict(
    classifier, features.to_numpy(), rows["emotion"], groups=rows["speaker"],
    cv=LeaveOneGroupOut(), n_jobs=threads,
)
rows.to_csv(sys.argv[3], index=False)
"""
INI = """
[EXP]
root = {folder}/
name = {name}
runs = 1
epochs = {epochs}
[DATA]
databases = ['emodb']
emodb = {manifest}
emodb.type = csv
emodb.absolute_path = True
emodb.split_strategy = ['{speaker}']
target = emotion
labels = {labels}
[FEATS]
type = ['os']
set = ComParE_2016
level = functionals
scale = standard
[MODEL]
{model}
[PLOT]
"""
SVM = "type = svm\nlogo = 10"
MLP = "type = mlp\nlayers = {'l1':128, 'l2':16}\ndrop = .4"
MLP_EPOCHS = 50
Accuracies = tuple[float, float]


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--nkululeko", type=Path, help="Python of an environment that has it")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--out", type=Path, default=Path("results/benchmarks"))
    return parser.parse_args()


def main() -> None:
    """Measures all of them."""
    options = parse()
    rows = []
    for threads in options.threads:
        for name, run in contestants(options.nkululeko).items():
            with tempfile.TemporaryDirectory() as folder:
                print(f"{name}, {threads} threads", file=sys.stderr, flush=True)
                rows.append({"tool": name, "threads": threads, **measure(run, folder, threads)})
    table = pd.DataFrame(rows)
    write_csv(options.out / "beside.csv", table, float_format="%.4g")
    print(table.to_string(index=False, float_format="%.1f"))


def contestants(nkululeko: Path | None) -> dict[str, Callable[[Path, int], Accuracies]]:
    """The tools by name: functions of a folder and a number of threads that return accuracies."""
    here = {"sersnake": workflow, "opensmile + scikit-learn": script}
    if nkululeko is None:
        return here
    return {
        **here,
        "nkululeko, SVM": lambda folder, threads: nkululeko_svm(nkululeko, folder, threads),
        "nkululeko, MLP": lambda folder, threads: nkululeko_mlp(nkululeko, folder, threads),
    }


def measure(run: Callable[[Path, int], Accuracies], folder: str, threads: int) -> dict[str, float]:
    """Wall and CPU seconds, the memory of the largest process, and the accuracies."""
    # A child process of its own, so that the memory of its children is that of this run alone.
    receive, send = os.pipe()
    begin = time.perf_counter()
    if not (child := os.fork()):
        os.write(send, json.dumps(list(map(float, run(Path(folder), threads)))).encode())
        os._exit(0)
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - begin
    os.close(send)
    answer = os.read(receive, 1000).decode()
    os.close(receive)
    if status:
        raise SystemExit(f"a contestant failed in {folder}")
    wa, ua = json.loads(answer)
    cpu = usage.ru_utime + usage.ru_stime
    memory = usage.ru_maxrss / 1024
    return {"seconds": seconds, "cpu_seconds": cpu, "memory_mib": memory, "wa": wa, "ua": ua}


def workflow(folder: Path, threads: int) -> Accuracies:
    """This workflow."""
    configs = ["config/emodb.yaml", "config/protocols/leave_one_speaker_out.yaml"]
    call = ["-m", "snakemake", "--snakefile", "Snakefile", "--directory", folder, "--nolock"]
    call += ["--cores", threads, "--configfile", *configs, "--config", "systems=[compare_svm]"]
    call += [f"corpora_dir={os.environ[CORPORA]}", "--", "results/emodb/predictions.csv"]
    run([sys.executable, *call], threads)
    return accuracies(pd.read_csv(folder / "results/emodb/predictions.csv"))


def script(folder: Path, threads: int) -> Accuracies:
    """A script of opensmile and scikit-learn."""
    path = folder / "predictions.csv"
    run([sys.executable, "-c", SCRIPT, write_manifest(folder), threads, path], threads)
    return accuracies(pd.read_csv(path))


def nkululeko_svm(python: Path, folder: Path, threads: int) -> Accuracies:
    """One call, which leaves each speaker out."""
    printed = _nkululeko(python, folder, threads, "s03", SVM, epochs=1)
    wa = re.findall(r"^ *accuracy +([\d.]+)", printed, re.MULTILINE)[-1]
    ua = re.findall(r"^ *macro avg +[\d.]+ +([\d.]+)", printed, re.MULTILINE)[-1]
    return 100 * float(wa), 100 * float(ua)


def nkululeko_mlp(python: Path, folder: Path, threads: int) -> Accuracies:
    """One call per speaker, with the features of the first call."""
    speakers = pd.read_csv(write_manifest(folder))["speaker"].unique()
    for speaker in speakers:
        _nkululeko(python, folder, threads, speaker, MLP, MLP_EPOCHS)
        (last,) = folder.glob(f"run/results/*_last_0_{MLP_EPOCHS - 1:03d}.csv")
        last.rename(folder / f"{speaker}.csv")
    parts = [pd.read_csv(folder / f"{speaker}.csv") for speaker in speakers]
    return accuracies(pd.concat(parts).rename(columns={"truth": "emotion"}))


def _nkululeko(
    python: Path, folder: Path, threads: int, speaker: str, model: str, epochs: int
) -> str:
    manifest = write_manifest(folder)
    labels = sorted(pd.read_csv(manifest)["emotion"].unique())
    values = {"folder": folder, "name": "run", "manifest": manifest, "model": model}
    ini = folder / "run.ini"
    ini.write_text(INI.format(**values, epochs=epochs, labels=labels, speaker=speaker))
    return run([python, "-m", "nkululeko.nkululeko", "--config", ini], threads)


def write_manifest(folder: Path) -> Path:
    """Columns file, speaker and emotion of EMODB; speakers are text, not numbers."""
    rows = read_corpus("emodb", Path(os.environ[CORPORA]) / "emodb")
    rows = rows.assign(file=rows["path"], speaker="s" + rows["speaker"])
    path = folder / "manifest.csv"
    rows[["file", "speaker", "emotion"]].to_csv(path, index=False)
    return path


def run(call: Iterable[object], threads: int) -> str:
    """Runs a command with so many threads of BLAS and PyTorch, and returns what it printed."""
    limits: Mapping[str, str] = {"OMP_NUM_THREADS": str(threads)}
    words = list(map(str, call))
    done = subprocess.run(
        words, cwd=ROOT, env={**os.environ, **limits}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stdout[-2000:] + done.stderr[-2000:])
    return done.stdout + done.stderr


def accuracies(predictions: pd.DataFrame) -> Accuracies:
    """WA and UA in percent."""
    right = predictions["emotion"] == predictions["predicted"]
    return 100 * right.mean(), 100 * right.groupby(predictions["emotion"]).mean().mean()


if __name__ == "__main__":
    main()
