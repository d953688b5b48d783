"""The list of results: every entry can be made, and a run has those that its config fills."""

from __future__ import annotations

import inspect
from pathlib import Path

import pandas as pd
import pytest

from sersnake.errors import SersnakeError
from sersnake.report.result_entries import Result, RunFacts, known_columns, load_function
from sersnake.report.results import (
    RESULTS,
    paper_files,
    protocol_files,
    result_named,
    results_of,
    run_files,
)
from sersnake.report.sources import read_sources

DEFAULT_SYSTEMS = ("is09_svm", "fused_ce", "independent_ce", "independent_he")
STREAMS = {"acln": "acln", "fcn": "fcn"}


@pytest.mark.parametrize("result", RESULTS, ids=lambda result: f"{result.kind}-{result.name}")
def test_a_function_takes_its_sources_and_the_run(result: Result) -> None:
    parameters = inspect.signature(load_function(result)).parameters.values()
    needed = {one.name for one in parameters if one.default is one.empty}
    assert needed == {*result.sources, "context"}


def test_no_two_results_of_a_kind_have_a_name_or_a_label_in_common() -> None:
    for names in ([(r.kind, r.name) for r in RESULTS], [(r.kind, r.label) for r in RESULTS]):
        assert len(set(names)) == len(names)


def test_every_caption_names_the_corpus_and_ends() -> None:
    for result in RESULTS:
        assert result.caption.count("{corpus}") == 1, result.name
        assert result.caption.endswith("."), result.name


@pytest.mark.parametrize(
    ("systems", "corpus", "tables", "figures"),
    [
        (["is09_svm"], "demo", "table3", ""),
        (["fcn_ce"], "emodb", "table2 ablation optimism", ""),
        (["acln_he"], "demo", "table1 table4 ablation optimism", "figure5"),
        (["fused_ce"], "emodb", "table1 table2 table3 table7 optimism", ""),
        (
            DEFAULT_SYSTEMS,
            "demo",
            "table1 table2 table3 table4 table5 table6 comparisons optimism",
            "figure2 figure3 figure4 figure5 figure6",
        ),
        (
            ["independent_ce", "fused_ce"],
            "casia",
            "table1 table2 table3 table6 table7 comparisons optimism",
            "figure2 figure3",
        ),
    ],
)
def test_a_run_has_what_its_systems_fill(
    systems: list[str], corpus: str, tables: str, figures: str
) -> None:
    results = results_of(RunFacts(tuple(systems), corpus, STREAMS))
    names = {kind: {r.name for r in results if r.kind == kind} for kind in ("table", "figure")}
    assert names == {"table": {*tables.split(), "intervals"}, "figure": set(figures.split())}


@pytest.mark.parametrize(
    ("systems", "streams", "tables"),
    [
        (["mine_ce"], {"acln": "acln", "mine": ""}, ""),
        (["fused_ce"], {"acln": "acln", "mine": ""}, "table1"),
        (["mine_ce"], {"acln": "acln", "mine": "fcn"}, "table2"),
        (["acln+mine_ce"], {"acln": "acln", "mine": "fcn"}, "table1 table2"),
        (["is09_svm", "compare_elm"], {"acln": "acln"}, ""),
    ],
)
def test_layers_are_those_of_the_networks_that_streams_train(
    systems: list[str], streams: dict[str, str], tables: str
) -> None:
    results = results_of(RunFacts(tuple(systems), "demo", streams))
    layers = {result.name for result in results} & {"table1", "table2"}
    assert layers == set(tables.split())


def test_the_paper_includes_every_table_and_figure_once() -> None:
    facts = RunFacts(DEFAULT_SYSTEMS, "demo", STREAMS, protocols=True)
    files = paper_files(facts)
    assert len(files) == len(results_of(facts)) == len(set(files))
    assert set(files) < set(run_files(facts))
    assert {"tables/protocols.tex", "figures/protocols.pdf"} < set(files)


def test_what_else_the_config_asks_for_has_its_results() -> None:
    bare = RunFacts(("is09_svm",), "emodb", STREAMS)
    asked = RunFacts(
        ("is09_svm",),
        "emodb",
        STREAMS,
        protocols=True,
        variants=True,
        selection=True,
        enrolment_curve=True,
        robustness=True,
        listeners=True,
        latex=True,
    )
    more = set(run_files(asked)) - set(run_files(bare))
    assert {name for name in more if not name.startswith(("tables/", "figures/"))} == {
        *("protocols.csv", "model_selection.csv", "paper.pdf", "comparisons.csv"),
        *("enrolment_curve.csv", "robustness.csv"),
    }
    assert {Path(name).stem for name in more if name.startswith("tables/")} == {
        *("protocols", "specification", "comparisons", "enrolment", "robustness")
    }
    assert {Path(name).stem for name in more if name.startswith("figures/")} == {
        *("protocols", "specification", "enrolment", "robustness")
    }
    assert "agreement.csv" in run_files(RunFacts(("acln_he",), "emodb", STREAMS, listeners=True))


@pytest.mark.parametrize(
    ("known", "folds", "files"),
    [
        ((), 10, set()),
        (("sex",), 1, {"groups.csv", "tables/groups.txt", "figures/groups.png"}),
        (
            ("speaker",),
            2,
            {
                *("groups.csv", "tables/groups.txt", "figures/groups.png"),
                "figures/reliability.png",
            },
        ),
    ],
)
def test_groups_are_of_corpora_whose_speakers_or_sentences_are_known(
    known: tuple[str, ...], folds: int, files: set[str]
) -> None:
    """One fold tests nothing that another trains on, so that there is nothing to calibrate on."""
    made = run_files(RunFacts(("is09_svm",), "emodb", STREAMS, known=known, folds=folds))
    names = {name for name in made if "groups" in name or "reliability" in name}
    assert files == {name for name in names if name.endswith((".csv", ".txt", ".png"))} - {
        "tables/groups.csv"
    }


def test_what_is_known_of_a_corpus_is_what_its_list_fills() -> None:
    corpus = pd.DataFrame({"speaker": ["", ""], "sex": ["", "male"], "sentence": ["1", "2"]})
    assert known_columns(corpus) == ("sex", "sentence")


def test_a_record_has_of_other_protocols_what_compares_them() -> None:
    files = protocol_files(RunFacts(DEFAULT_SYSTEMS, "demo", STREAMS))
    assert {"metrics.csv", "comparisons.csv", "tables/table3.txt", "tables/comparisons.txt"} < set(
        files
    )
    assert not [name for name in files if "table4" in name or "figures" in name]


def test_an_unknown_result_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SersnakeError, match="figure 'figure9' is not one of figure2, figure3"):
        result_named("figure", "figure9")


def test_sources_are_those_that_a_result_asks_for(tmp_path: Path) -> None:
    path = tmp_path / "variants.csv"
    path.write_text("variant,option,value\n01,share,0.50\n")
    frame = read_sources(["variants"], {"variants": path})["variants"]
    assert frame.to_numpy().tolist() == [["01", "share", "0.50"]]
    with pytest.raises(SersnakeError, match="variants is missing; give variants=FILE"):
        read_sources(["variants"], {})
    with pytest.raises(SersnakeError, match="metrics is not asked for; give variants=FILE"):
        read_sources(["variants"], {"variants": path, "metrics": path})
    with pytest.raises(SersnakeError, match="has no column variant, option, value"):
        path.write_text("system\nx\n")
        read_sources(["variants"], {"variants": path})


@pytest.mark.parametrize(
    ("name", "columns", "missing"),
    [
        ("optimism", "network system metric last_epoch optimistic_best_epoch optimism low", "high"),
        (
            "cross_corpus",
            "protocol description trained_on tested_on system metric value low high",
            "shared",
        ),
    ],
)
def test_every_column_that_a_result_reads_is_asked_for(
    name: str, columns: str, missing: str, tmp_path: Path
) -> None:
    path = tmp_path / "source.csv"
    path.write_text(columns.replace(" ", ",") + "\n")
    with pytest.raises(SersnakeError, match=rf"source\.csv: has no column {missing}"):
        read_sources([name], {name: path})
