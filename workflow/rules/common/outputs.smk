"""What a run leaves for its user."""

import shutil


def rung_output():
    """What a record shows of each other protocol of the ladder."""
    pairs = default_pairs([*config["arms"], *([BEYOND] if config["beyond"]["readings"] else [])])
    pieces = {
        "metrics.csv": True,
        "tables/table3.txt": {"table3"} & set(tables_of(config["arms"], CORPUS)),
        "comparisons.csv": pairs,
    }
    wanted = [piece for piece, needed in pieces.items() if needed]
    return [f"{run}/{piece}" for run in RUNGS.values() if run != RESULTS for piece in wanted]


def final_output():
    """Everything that a run leaves for its user."""
    arms = set(config["arms"])
    independent = arms & {"independent_ce", "independent_he"}
    figures = {"figure2": independent, "figure3": arms & {"independent_ce"}}
    figures |= {"figure4": arms & {"independent_he"}, "ladder": RUNGS}
    mined = any(ARMS[arm].loss == "he" for arm in arms)
    figures |= {"figure5": mined, "figure6": {"independent_ce", "independent_he"} <= arms}
    figures |= {"specification": readings_of(RESULTS)}
    chosen = config["beyond"]["readings"]
    compared = default_pairs([*config["arms"], *([BEYOND] if chosen else [])])
    tables = dict.fromkeys(tables_of(config["arms"], CORPUS), True)
    tables |= {
        "intervals": True,
        "comparisons": compared,
        "ladder": RUNGS,
        "optimism": wanted_phases(RESULTS),
    }
    tables |= {"specification": readings_of(RESULTS)}
    files = {"curve.csv": wanted_phases(RESULTS), "choice.csv": chosen}
    files |= {"optimism.csv": wanted_phases(RESULTS)}
    files |= {"history.csv": wanted_phases(RESULTS), "hard_index.csv": mined, "metrics.csv": True}
    files |= {"intervals.csv": True, "comparisons.csv": compared, "ladder.csv": RUNGS}
    files |= {"provenance.json": True, "provenance.html": True}
    files |= {"agreement.csv": mined and listeners(), "atlas": True}
    files |= {"paper.tex": True, "paper.pdf": shutil.which("pdflatex")}
    wanted = [name for name, needed in files.items() if needed]
    for folder, names, kinds in (
        ("figures", figures, ("pdf", "png")),
        ("tables", tables, ("tex", "csv", "html", "txt")),
    ):
        wanted += [
            f"{folder}/{name}.{kind}" for name, needed in names.items() if needed for kind in kinds
        ]
    return [f"{RESULTS}/{name}" for name in wanted]
