"""The results of a run: each table and figure is one entry of :data:`RESULTS`.

The rules, Snakemake's report, the paper, the record and the help of the verbs ask this list. A new
result is an entry here and the file with its function. Nothing is imported for the list: a function
is loaded when its result is made, and the code behind a result is that of its function.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sersnake.errors import SersnakeError
from sersnake.report.encoders import encoder_sentences, with_answers
from sersnake.report.result_entries import IN_PAPER, DataFile, Result, RunFacts

INDEPENDENT = ("independent_ce", "independent_he")


def _in_table3(facts: RunFacts) -> object:
    from sersnake.report.tables.training import systems_of_table3

    return systems_of_table3(facts.systems)


def _outside_table3(facts: RunFacts) -> object:
    from sersnake.report.tables.training import systems_of_table3

    return set(facts.systems) - set(systems_of_table3(facts.systems))


def _losses(facts: RunFacts) -> list[str]:
    from sersnake.report.tables.losses import METHODS

    return facts.has(tuple(METHODS))


def _in_literature(facts: RunFacts) -> object:
    from sersnake.report.tables.literature import CORPORA, OURS

    return facts.corpus in CORPORA and facts.has(OURS)


ACCURACIES = (
    "weighted accuracy (WA) and unweighted accuracy (UA) in percent, as mean and standard "
    "deviation over folds and pooled over all test predictions."
)
CROSSED = (
    "Across the corpora {corpus}: weighted and unweighted accuracy of every system by training "
    "corpora (rows) and test corpus (columns), pooled over all test predictions; 95 % intervals "
    "from a bootstrap over speakers."
)
POOLED_PARTS = "test sets of all folds pooled; n is the number of test predictions of a class"
POINTS_OF_A_CURVE = (
    "Each point: one classifier per fold, tested with ten random draws of this number of "
    "recordings, at most half per speaker; the rest are scored. All: the scored recordings set "
    "the scale themselves (transductive). Failures: 10 recordings of one emotion, chosen by their "
    "labels (a stress test), and of a wrong speaker. 95 % intervals from a bootstrap over "
    "speakers."
)
UNDER_CONDITIONS = (
    "Each system is trained once per fold, on the run's training recordings, and tested on clean "
    "test recordings and under each condition. 95 % intervals from a bootstrap over speakers."
)

# The order is that of a record's page.
RESULTS = (
    Result(
        "table3",
        "table",
        "sersnake.report.tables.training:table3",
        ("metrics",),
        label="3: Independent against fused training",
        caption=f"Independent against fused training on {{corpus}}: {ACCURACIES}",
        exists=_in_table3,
        shown=True,
        of_protocols=True,
    ),
    Result(
        "intervals",
        "table",
        "sersnake.report.tables.intervals:interval_table",
        ("intervals",),
        label="Intervals: every system's accuracy",
        caption="Weighted (WA) and unweighted accuracy (UA) of each system on {corpus} with 95 % "
        "intervals: of the mean over folds (corrected resampled t) and of the pooled value "
        "(bootstrap over speakers).",
        shown=True,
    ),
    Result(
        "comparisons",
        "table",
        "sersnake.report.tables.comparisons:comparison_table",
        ("comparisons",),
        label="Comparisons: differences between systems",
        caption="Differences between the systems on {corpus} in percentage points, with 95 % "
        "intervals: over folds (corrected resampled t test), over speakers (bootstrap), and over "
        "utterances (McNemar's test). If the paper reports a system, its value, which has no "
        "spread, is compared with our interval.",
        exists=lambda facts: facts.compared,
        shown=True,
        of_protocols=True,
    ),
    Result(
        "groups",
        "table",
        "sersnake.report.tables.groups:group_table",
        ("groups",),
        label="Groups: who it works for",
        caption="Who a system works for on {corpus}: weighted accuracy (WA), unweighted accuracy "
        "(UA), macro-F1 and expected calibration error (ECE) by sex, length, speaker and "
        "sentence, with 95 % intervals, and the gap between the sexes with a permutation test "
        "over speakers.",
        exists=lambda facts: facts.known,
        shown=True,
    ),
    Result(
        "ablation",
        "table",
        "sersnake.report.tables.ablation:ablation",
        ("metrics",),
        label="Ablation: all systems",
        caption="Every system on {corpus}, including single streams and other classifiers: "
        f"{ACCURACIES}",
        exists=_outside_table3,
        shown=True,
    ),
    Result(
        "protocols",
        "table",
        "sersnake.report.protocol_comparison:protocol_comparison_table",
        ("protocols",),
        label="Protocol comparison: the price of a leak",
        caption="The price of a leak on {corpus}: weighted and unweighted accuracy of the same "
        "systems under protocols that share less and less between training and test set, pooled "
        "over all test predictions; 95 % intervals from a bootstrap over speakers.",
        exists=lambda facts: facts.leaks_compared,
        shown=True,
        compares_protocols=True,
    ),
    Result(
        "cross_corpus",
        "table",
        "sersnake.report.cross_corpus:cross_corpus_table",
        ("cross_corpus",),
        label="Across corpora: trained on one, tested on another",
        caption=CROSSED,
        exists=lambda facts: facts.corpora,
        shown=True,
        compares_protocols=True,
    ),
    Result(
        "enrolment",
        "table",
        "sersnake.report.enrolment_curve:enrolment_table",
        ("enrolment_curve",),
        label="Enrolment curve",
        caption="Weighted (WA) and unweighted accuracy (UA) on {corpus} by the number of enrolled "
        f"recordings per test speaker, in percent. {POINTS_OF_A_CURVE}",
        exists=lambda facts: facts.enrolment_curve,
        shown=True,
    ),
    Result(
        "robustness",
        "table",
        "sersnake.report.robustness:robustness_table",
        ("robustness",),
        label="Robustness: degraded test recordings",
        caption="Weighted (WA) and unweighted accuracy (UA) on degraded test recordings of "
        f"{{corpus}}, and the difference from clean ones. {UNDER_CONDITIONS}",
        exists=lambda facts: facts.robustness,
        shown=True,
    ),
    Result(
        "specification",
        "table",
        "sersnake.report.specification:specification_table",
        ("specification", "variants"),
        label="Specification curve",
        caption="Weighted (WA) and unweighted accuracy (UA) of every variant on {corpus}, means "
        "over folds with 95 % intervals (corrected resampled t), sorted by UA. Do not report the "
        "best variant: this order is by test accuracy.",
        exists=lambda facts: facts.variants,
        shown=True,
    ),
    Result(
        "optimism",
        "table",
        "sersnake.report.tables.optimism:optimism_table",
        ("optimism",),
        label="Optimism: the epoch selected on the test set",
        caption="How far selecting the epoch on the test set of {corpus} would inflate the score "
        "(not a result), compared with the last epoch, which counts.",
        exists=lambda facts: facts.networks,
        shown=True,
    ),
    Result(
        "table4",
        "table",
        "sersnake.report.tables.hard_shares:table4",
        ("hard_index", "manifest"),
        label="4: Shares of the classes with and without mining",
        caption="Share of each class among the training utterances of {corpus} without and with "
        "mining, per mined network, in percent.",
        exists=lambda facts: facts.mined,
        shown=True,
    ),
    Result(
        "table6",
        "table",
        "sersnake.report.tables.recalls:table6",
        ("metrics",),
        label="6: Recall of each class",
        caption="Recall of each class under each loss on {corpus}: in percent, as mean and "
        "standard deviation over folds.",
        exists=_losses,
        shown=True,
    ),
    Result(
        "table1",
        "table",
        "sersnake.report.tables.networks:table1",
        ("acln_features",),
        label="1: Layers of ACLN",
        caption="Layers, kernels, shapes and parameters of ACLN (attention-based convolution LSTM "
        "network), read from the network trained on {corpus}.",
        exists=lambda facts: facts.trains("acln"),
    ),
    Result(
        "table2",
        "table",
        "sersnake.report.tables.networks:table2",
        ("fcn_features",),
        label="2: Layers of FCN",
        caption="Layers, kernels, shapes and parameters of FCN (fully connected network), read "
        "from the network trained on {corpus}.",
        exists=lambda facts: facts.trains("fcn"),
    ),
    Result(
        "table5",
        "table",
        "sersnake.report.tables.losses:table5",
        ("metrics",),
        label="5: Loss functions",
        caption=f"The loss functions under independent training on {{corpus}}: {ACCURACIES}",
        exists=lambda facts: len(_losses(facts)) > 1,
    ),
    Result(
        "table7",
        "table",
        "sersnake.report.tables.literature:table7",
        ("metrics",),
        label="7: Published results and ours",
        caption="Published results and ours on {corpus}: weighted accuracy (WA) and unweighted "
        "accuracy (UA) in percent. Compare only rows with the same protocol.",
        exists=_in_literature,
    ),
    Result(
        "figure2",
        "figure",
        "sersnake.report.figures.loss:figure2",
        ("history",),
        label="2: Training loss",
        caption="Training loss (cross entropy) of each stream in phase 1 on {corpus}: mean over "
        "folds (line), and range from the lowest to the highest fold (band).",
        exists=lambda facts: facts.has(INDEPENDENT),
    ),
    Result(
        "figure3",
        "figure",
        "sersnake.report.figures.confusion:figure3",
        ("predictions",),
        label="3: Confusions without hard examples",
        caption="Confusions of independent training with cross entropy on {corpus}, in percent of "
        f"the true class; {POOLED_PARTS}.",
        exists=lambda facts: facts.has(["independent_ce"]),
    ),
    Result(
        "figure4",
        "figure",
        "sersnake.report.figures.confusion:figure4",
        ("predictions",),
        label="4: Confusions with hard examples",
        caption="Confusions of independent training with hard examples on {corpus}, in percent of "
        f"the true class; {POOLED_PARTS}. HE: hard-example mining and re-training with the "
        "hard-example loss.",
        exists=lambda facts: facts.has(["independent_he"]),
    ),
    Result(
        "figure5",
        "figure",
        "sersnake.report.figures.hard_examples:figure5",
        ("hard_index", "manifest"),
        label="5: Hard examples per class",
        caption="Hard and easy training examples of each class of {corpus}, mean numbers per "
        "fold, per mined network. The threshold comes as close to the target share as possible "
        "without separating utterances of equal hard index.",
        exists=lambda facts: facts.mined,
    ),
    Result(
        "figure6",
        "figure",
        "sersnake.report.figures.accuracy_curve:figure6",
        ("curve",),
        label="6: Test accuracy over the epochs",
        caption="Test accuracy of each network's own softmax over the epochs on {corpus}, with "
        "and without re-training on hard examples. Thin: single folds; bold: mean of all folds; "
        "dotted: start of phase 2. Test accuracy was recorded only for this figure and never used "
        "for selection.",
        exists=lambda facts: len(facts.has(INDEPENDENT)) == len(INDEPENDENT),
    ),
    Result(
        "groups",
        "figure",
        "sersnake.report.figures.groups:group_figure",
        ("groups",),
        label="Groups: who it works for",
        caption="Who a system works for on {corpus}: unweighted accuracy (UA) and expected "
        "calibration error (ECE) with 95 % intervals, and the recall of each emotion, by sex, "
        "length, speaker and sentence; all test predictions pooled. Lines: the whole corpus; grey "
        "marks: the mean ECE by chance, of perfectly calibrated probabilities for the same number "
        "of utterances. Intervals: bootstrap over the speakers of a group, or over the recordings "
        "of a single speaker.",
        exists=lambda facts: facts.known,
    ),
    Result(
        "reliability",
        "figure",
        "sersnake.report.figures.reliability:reliability_figure",
        ("groups",),
        label="Reliability: accuracy by confidence",
        caption="Reliability diagram on {corpus}: accuracy by the probability of the predicted "
        "emotion, with 95 % intervals (bootstrap over speakers). Probabilities: scores with one "
        "temperature per fold, fitted on the scores of its training utterances in the folds that "
        "test them.",
        exists=lambda facts: facts.known and facts.folds > 1,
    ),
    Result(
        "protocols",
        "figure",
        "sersnake.report.figures.protocol_comparison:protocol_comparison_figure",
        ("protocols",),
        label="Protocol comparison: the price of a leak",
        caption="The price of a leak on {corpus}: the same systems under protocols that share less "
        "and less between training and test set; pooled test predictions with 95 % intervals "
        "from a bootstrap over speakers.",
        exists=lambda facts: facts.leaks_compared,
        compares_protocols=True,
    ),
    Result(
        "cross_corpus",
        "figure",
        "sersnake.report.figures.cross_corpus:cross_corpus_figure",
        ("cross_corpus",),
        label="Across corpora: trained on one, tested on another",
        caption=CROSSED,
        exists=lambda facts: facts.corpora,
        compares_protocols=True,
    ),
    Result(
        "enrolment",
        "figure",
        "sersnake.report.figures.enrolment_curve:enrolment_figure",
        ("enrolment_curve",),
        label="Enrolment curve",
        caption="Weighted (WA) and unweighted accuracy (UA) on {corpus} by the number of enrolled "
        f"recordings per test speaker; dotted: without enrolment. {POINTS_OF_A_CURVE}",
        exists=lambda facts: facts.enrolment_curve,
    ),
    Result(
        "robustness",
        "figure",
        "sersnake.report.figures.robustness:robustness_figure",
        ("robustness",),
        label="Robustness: degraded test recordings",
        caption="Weighted (WA) and unweighted accuracy (UA) on degraded test recordings of "
        f"{{corpus}}; dotted: clean ones. {UNDER_CONDITIONS}",
        exists=lambda facts: facts.robustness,
    ),
    Result(
        "specification",
        "figure",
        "sersnake.report.figures.specification:specification_figure",
        ("specification", "variants"),
        label="Specification curve",
        caption="Weighted (WA) and unweighted accuracy (UA) of every variant on {corpus}, means "
        "over folds with 95 % intervals (corrected resampled t), sorted by UA; dashed: published; "
        "diamond: the run itself. Dots: filled, changed by the variant; open, kept. Do not report "
        "the right end: this order is by test accuracy.",
        exists=lambda facts: facts.variants,
    ),
)
DATA = (
    DataFile("metrics.csv", recorded=True, of_protocols=True),
    DataFile("intervals.csv", recorded=True),
    DataFile("comparisons.csv", lambda facts: facts.compared, recorded=True, of_protocols=True),
    DataFile("groups.csv", lambda facts: facts.known, recorded=True),
    DataFile("optimism.csv", lambda facts: facts.networks, recorded=True),
    DataFile("model_selection.csv", lambda facts: facts.selection, recorded=True),
    DataFile("agreement.csv", lambda facts: facts.mined and facts.listeners, recorded=True),
    DataFile("provenance.json", recorded=True),
    DataFile("provenance.html"),
    DataFile("history.csv", lambda facts: facts.networks),
    DataFile("curve.csv", lambda facts: facts.networks),
    DataFile("hard_index.csv", lambda facts: facts.mined),
    DataFile("enrolment_curve.csv", lambda facts: facts.enrolment_curve),
    DataFile("robustness.csv", lambda facts: facts.robustness),
    DataFile("protocols.csv", lambda facts: facts.leaks_compared, recorded=True),
    DataFile("cross_corpus.csv", lambda facts: facts.corpora, recorded=True),
    DataFile("atlas"),
    DataFile("paper.tex"),
    DataFile("numbers.tex"),
    DataFile("references.bib"),
    DataFile("paper.pdf", lambda facts: facts.latex),
)


def names_of(kind: str) -> list[str]:
    """Names of all tables, or of all figures."""
    return [result.name for result in RESULTS if result.kind == kind]


def result_named(kind: str, name: str) -> Result:
    """The table or figure with a name.

    Raises:
        SersnakeError: There is none.
    """
    for result in RESULTS:
        if (result.kind, result.name) == (kind, name):
            return result
    raise SersnakeError(f"{kind} {name!r} is not one of {', '.join(names_of(kind))}")


def caption_of(kind: str, name: str, corpus: str, encoders: Iterable[Mapping[str, Any]]) -> str:
    """The caption of a table or figure in Snakemake's report, with the encoders that it uses.

    Args:
        kind: ``table`` or ``figure``.
        name: Its name.
        corpus: Name of the corpus.
        encoders: As :func:`~sersnake.report.encoders.with_answers` takes them.
    """
    written = f"``{corpus}``"
    text = result_named(kind, name).caption.format(corpus=written)
    return " ".join([text, *encoder_sentences(with_answers(encoders, corpus), written)])


def results_of(facts: RunFacts) -> list[Result]:
    """The tables and figures that a run has."""
    return [result for result in RESULTS if result.exists(facts)]


def run_files(facts: RunFacts) -> list[str]:
    """All results of a run, in its folder."""
    data = [file.name for file in DATA if file.exists(facts)]
    return [*data, *(file for result in results_of(facts) for file in result.files)]


def paper_files(facts: RunFacts) -> list[str]:
    """The tables and figures of a run as its paper includes them."""
    return [f"{r.kind}s/{r.name}.{IN_PAPER[r.kind]}" for r in results_of(facts)]


def paper_sources(facts: RunFacts) -> list[str]:
    """The files whose numbers the text of a run's paper has, without their endings."""
    return ["manifest", "intervals", *(["comparisons"] if facts.compared else [])]


def protocol_files(facts: RunFacts) -> list[str]:
    """The results that a record has for each other protocol."""
    data = [file.name for file in DATA if file.of_protocols and file.exists(facts)]
    results = [result for result in results_of(facts) if result.of_protocols]
    return [*data, *(file for result in results for file in result.files)]
