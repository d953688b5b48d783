"""The section on the method: what the systems of the run are made of, and nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sersnake.fusion.svm import LIBSVM_ROWS
from sersnake.report.paper.macros import LOSSES_OF, listed, of_networks, trained
from sersnake.report.paper.passages import paragraph, passage
from sersnake.report.paper.phrases import (
    CLASSIFIER_PAPERS,
    LOSS_PHRASES,
    cite,
    classifier_phrase,
    feature_sentence,
)
from sersnake.report.paper.run import PaperRun
from sersnake.report.table_format import escape_latex
from sersnake.settings.classifiers import DEFAULT_CLASSIFIER
from sersnake.settings.networks import FUSED
from sersnake.settings.systems import SELECTED

SCALINGS = {
    "z_scores": "standardised by mean and deviation of the training set",
    "normal_scores": "mapped to normal scores of their ranks in the training set",
}
COUNTED = {"training": "in training", "evaluation": "after each epoch"}
STARTS = {False: "from the weights of phase 1", True: "from the weights that phase 1 began with"}
CHOSEN = "chosen by inner folds of the training set"
SHARED = {"train": "in the training set", "hard": "among its hard examples"}


def method(run: PaperRun, tables: Collection[str]) -> str:
    """The section.

    Args:
        run: The run.
        tables: Names of the tables that the paper has.
    """
    parts = (
        paragraph("Features.", _features(run)),
        paragraph("Streams and networks.", _networks(run, tables)),
        paragraph("Training.", _training(run)),
        paragraph("Hard examples.", _mining(run)),
        paragraph("Classifier.", _classifier(run)),
        passage("software"),
    )
    return "\n\n".join(filter(None, parts))


def _features(run: PaperRun) -> Iterator[str]:
    for name, values in run.feature_sets.items():
        yield feature_sentence(name, values, run)


def _networks(run: PaperRun, tables: Collection[str]) -> Iterator[str]:
    if not run.networks:
        return
    streams = listed(_stream(stream, run) for stream in run.streams.values())
    begin = "The streams are" if len(run.streams) > 1 else "The only stream is"
    name = "independent" if run.independent else "streams"
    yield passage(name, Streams=begin, streams=streams)
    described = {str(stream["network"]): stream["network"] for stream in run.streams.values()}
    normalised = False
    for network in described.values():
        kind = network.get("name", "custom")
        yield _network(kind, network, tables, normalised)
        normalised |= kind == "acln"
    if FUSED in run.networks:
        yield passage("fused")


def _stream(stream: Mapping[str, Any], run: PaperRun) -> str:
    label, kind = escape_latex(str(stream["label"])), stream["network"].get("name", "").upper()
    features = escape_latex(run.context.feature_sets[stream["features"]])
    if label == kind:
        return rf"an \abbr{{{kind}}} on {features} features"
    network = rf" (an \abbr{{{kind}}})" if kind else ""
    return f"{label}{network} on {features} features"


def _network(
    kind: str, options: Mapping[str, Any], tables: Collection[str], normalised: bool
) -> str:
    table = {"acln": "table1", "fcn": "table2"}.get(kind)
    referred = rf" (Table~\ref{{tab:{table}}})" if table in tables else ""
    attention = "dot-product" if options.get("attention") == "dot" else "additive"
    if options.get("heads", 1) > 1:
        attention += f" {options['heads']}-head"
    rectified = r"leaky \abbr{ReLU}" if options.get("leaky_slope") else r"\abbr{ReLU}"
    match kind:
        case "acln":
            return passage(kind, activation=rectified, attention=attention, table=referred)
        case "fcn":
            norm = "" if normalised else cite("ioffe2015")
            return passage(kind, cite=norm, activation=r"\abbr{ReLU}", table=referred)
        case "aln":
            lstm = rf"a layer of \abbr{{LSTM}}{cite('hochreiter1997')}"
            states = lstm if options.get("lstm", True) else "a fully connected layer"
            return passage(kind, states=states, attention=attention)
    return passage("custom", module=escape_latex(str(options.get("module", kind))))


def _training(run: PaperRun) -> Iterator[str]:
    if not run.networks:
        return
    first = ["ce"] * bool(run.losses & {"ce", "he"}) + ["focal"] * ("focal" in run.losses)
    losses = " or ".join(LOSS_PHRASES[loss] for loss in first)
    by_fold = {run.config["training"][name]["normalisation"] for name in run.networks} == {"fold"}
    scaled = f" Its features are {SCALINGS['z_scores']}." * by_fold
    yield passage("training", losses=losses, scaled=scaled, **_schedule(run, "phase_1"))
    yield from _of_frames(run)
    if any(run.config["training"][name]["norm_statistics"] != "running" for name in run.networks):
        yield passage("norm_statistics")
    if run.losses & set(LOSSES_OF["phase_2"]):
        mined = "he" in run.losses
        yield passage("phase_2" if mined else "phase_2_alone", **_schedule(run, "phase_2"))
    if "focal" in run.losses:
        yield passage("focal")


def _of_frames(run: PaperRun) -> Iterator[str]:
    """What training does with the frames of an utterance, where a network reads frames."""
    trainings = {name: run.config["training"][name] for name in run.networks}
    if shares := {
        name: 100 * each["frame_mask"] for name, each in trainings.items() if each["frame_mask"]
    }:
        yield passage("masking", share=of_networks(run, shares))
    if frames := {name: each["crop"] for name, each in trainings.items() if each["crop"]}:
        yield passage("cropping", frames=of_networks(run, frames))


def _schedule(run: PaperRun, phase: str) -> dict[str, str]:
    """Whether a phase may end early, and how its learning rate falls."""
    schedules = [training[phase] for training in trained(run, phase).values()]
    steady = any(schedule["steady_window"] for schedule in schedules)
    whole = all(schedule["decay_epochs"] == schedule["epochs"] for schedule in schedules)
    macro = {"phase_1": "PhaseOne", "phase_2": "PhaseTwo", "retraining": "Retraining"}[phase]
    decay = ", decayed to zero by a cosine"
    if not any(schedule["decay_epochs"] for schedule in schedules):
        decay = ""
    elif not whole:
        decay += rf" over the last \{macro}Decay{{}} epochs"
    return {"most": " at most, until the training loss is steady" * steady, "decay": decay}


def _mining(run: PaperRun) -> Iterator[str]:
    if "he" not in run.losses:
        return
    mining, trainings = run.config["mining"], trained(run, "retraining")
    counted = {
        name: f"the last $c_i={n}$" if (n := training["counted_epochs"]) else "its $c_i$"
        for name, training in trainings.items()
    }
    when = {name: COUNTED[training["counting"]] for name, training in trainings.items()}
    smoothed = mining["smoothing"] > 0
    yield passage(
        "mining",
        epochs=of_networks(run, counted),
        when=of_networks(run, when),
        share=r"\frac{m_i+s}{c_i+2s}" if smoothed else r"\frac{m_i}{c_i}",
        always=passage("smoothed" if smoothed else "always_wrong"),
        threshold=passage("chosen_threshold" if mining["beta"] is None else "given_threshold"),
        union=" An utterance is hard for all streams as soon as it is for one." * mining["union"],
    )
    starts = {name: STARTS[each["retraining"]["re_initialise"]] for name, each in trainings.items()}
    shares = {name: SHARED[each["retraining"]["alpha_shares"]] for name, each in trainings.items()}
    yield passage(
        "retraining",
        weights=of_networks(run, starts),
        among=of_networks(run, shares),
        **_schedule(run, "retraining"),
    )


def _classifier(run: PaperRun) -> Iterator[str]:
    fusion = run.config["fusion"]
    scaling = SCALINGS[fusion["scaling"]]
    if run.networks:
        fields = {"joined": _joined(run)} if fusion["method"] == "early" else {}
        yield passage(fusion["method"], scaling=scaling, **fields)
        if fusion["features"]:
            yield passage("classifiers_of_features", sets=_labels(fusion["features"], run))
    yield passage("classifier", classifiers=_classifiers(run))
    if DEFAULT_CLASSIFIER in _used(run):
        yield from _linear_svm(run)
    if run.networks and run.config["seeds"] > 1:
        yield passage("members")
    if sets := {name: 0 for system in run.systems for name in system.feature_sets}:
        yield passage("baselines", sets=_labels(sets, run), scaling=scaling)
    if SELECTED in run.names:
        yield passage("selection")


def _joined(run: PaperRun) -> str:
    """How the embeddings of several networks meet before one classifier."""
    if all(len(system.networks(tuple(run.streams))) < 2 for system in run.systems):
        return ""
    balanced = ", weighted so that each contributes the same variance"
    return f"{balanced * run.config['fusion']['balanced']}, joined"


def _labels(names: Collection[str], run: PaperRun) -> str:
    return listed(escape_latex(run.context.feature_sets[name]) for name in names)


def _linear_svm(run: PaperRun) -> Iterator[str]:
    weight = run.config[DEFAULT_CLASSIFIER]["within_class"]
    if weight is not None:
        given = isinstance(weight, int | float)
        yield passage("within_class", weight=f"of {weight:g}" if given else CHOSEN)
    if len(run.manifest) > LIBSVM_ROWS:
        yield passage("liblinear", rows=f"{LIBSVM_ROWS:,}")


def _used(run: PaperRun) -> dict[str, None]:
    return dict.fromkeys(system.classifier for system in run.systems)


def _classifiers(run: PaperRun) -> str:
    phrases = {name: _with_settings(name, run.config[name]) for name in _used(run)}
    default = phrases.pop(DEFAULT_CLASSIFIER, "")
    named = " or ".join(phrases.values())
    if not (default and named):
        return default or named
    return f"{default} or, where a system is named after it, {named}"


def _with_settings(name: str, settings: Mapping[str, Any]) -> str:
    phrase = classifier_phrase(name)
    phrase += cite(CLASSIFIER_PAPERS[name]) if name in CLASSIFIER_PAPERS else ""
    if name not in ("svm", "rbf"):
        return phrase
    cost = settings["cost"]
    if isinstance(cost, int | float):
        return rf"{phrase} with $C={cost:g}$"
    return f"{phrase} with $C$ {CHOSEN}"
