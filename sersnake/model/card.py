"""The model card, in the form that the Hugging Face hub reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
import yaml

from sersnake.evaluation.grouping import GAP
from sersnake.features.known_encoders import NO, UNKNOWN, YES
from sersnake.fusion.final import late_block
from sersnake.model.novelty import QUANTILE
from sersnake.model.on_corpus import MEASURED
from sersnake.report.robustness import condition_name
from sersnake.report.tables.groups import (
    Bounded,
    by_group,
    extremes,
    gap_sentence,
    label_of,
    percent,
)
from sersnake.settings.classifiers import CLASSIFIERS
from sersnake.settings.networks import FUSED

if TYPE_CHECKING:
    from sersnake.model.model import Model
    from sersnake.settings.streams import StreamChoice

NONE = "\N{EN DASH}"  # where there is no value
TAGS = ["speech-emotion-recognition", "emotion", "speech"]
METRICS = {
    "WA": ("accuracy", "Weighted accuracy (WA)"),
    "UA": ("recall", "Unweighted accuracy (UA): mean recall of the classes"),
}
PAPER = (
    "as in *Exploration of an Independent Training Framework for Speech Emotion Recognition* "
    "(Zhong, Yu and Zhang, IEEE Access 2020, 10.1109/ACCESS.2020.3043894)"
)
OPENSMILE = (
    "The model uses openSMILE's functionals in training and in prediction. audEERING licenses "
    "openSMILE for private use, research and teaching. Any use in a commercial product, including "
    "models and features made with openSMILE, requires a licence from audEERING "
    "(https://github.com/audeering/opensmile-python/blob/main/LICENSE)."
)

INTENDED = (
    "Use it for research and teaching: to describe how recordings sound, to compare methods, and "
    "to find passages for a person to listen to.",
    "",
    "Do not use it to make decisions about people. In the European Union the AI Act (Regulation "
    "2024/1689) forbids systems that infer emotions at work and in education, except for medical "
    "or safety reasons (Article 5), and classifies most others as high-risk (Annex III), with a "
    "duty to inform the people concerned (Article 50). Other countries have other laws.",
)


# Whether an encoder was trained on the corpus.
SEEN = {
    YES: "{corpus} was among them, so nothing measured on it is new to the encoder.",
    NO: "{corpus} was not among them.",
    UNKNOWN: "whether {corpus} was among them is not known.",
}


def model_card(model: Model) -> str:
    """Markdown after a YAML header: description, accuracy, intended use and limits of the model."""
    header = yaml.safe_dump(_header(model), sort_keys=False, allow_unicode=True)
    return "\n".join(["---", header + "---", "", *_body(model), ""])


def _header(model: Model) -> dict[str, Any]:
    about, corpus = model.about, model.about["corpus"]
    header: dict[str, Any] = {"license": _license(corpus)}
    if header["license"] == "other":
        header["license_name"] = (
            "synthetic-speech" if corpus["synthetic"] else f"as-of-{corpus['name']}"
        )
    if corpus["languages"]:
        header["language"] = list(corpus["languages"])
    measured = [
        {"type": kind, "name": name, "value": round(about["measured"][metric]["pooled"], 4)}
        for metric, (kind, name) in METRICS.items()
    ]
    task = {"type": "audio-classification", "name": "Speech emotion recognition"}
    return header | {
        "library_name": "sersnake",
        "pipeline_tag": "audio-classification",
        "tags": [*TAGS, *(["opensmile"] if _asks_opensmile(model) else []), corpus["name"]],
        "model-index": [
            {
                "name": about["name"],
                "results": [
                    {
                        "task": task,
                        "dataset": {"type": corpus["name"], "name": corpus["title"]},
                        "metrics": measured,
                    }
                ],
            }
        ],
    }


def _body(model: Model) -> Iterator[str]:
    about, corpus = model.about, model.about["corpus"]
    yield f"# Speech emotion recognition, trained on {corpus['title']}"
    yield ""
    yield (
        f"{about['system_name']}: {_parts(model)}, made by sersnake "
        f"{about['versions']['sersnake']}."
    )
    yield ""
    yield f"It distinguishes {len(model.labels)} emotions: {', '.join(model.labels)}."
    yield from [
        "",
        "## Use",
        "",
        f"    sersnake predict recording.wav --model .{_modules(model)}",
        "",
    ]
    yield (
        "Recordings of any rate and number of channels are converted to 16 kHz mono first. Each "
        f"gets a score per emotion{_probabilities(model)},{_moment(model)} and its distance from "
        "the training data, with a warning if that is unusual. Loading this folder executes no "
        "code: arrays are safetensors, the rest is JSON."
    )
    yield from ["", "## Intended use", "", *INTENDED]
    yield from ["", "## Accuracy", "", *_measured(model)]
    if about.get("groups"):
        yield from ["", "## Who it works for", "", *_groups(model)]
    if about.get("robustness"):
        yield from ["", "## Degraded recordings", "", *_robustness(about["robustness"])]
    if about.get(MEASURED):
        yield from ["", "## On other recordings", "", *_elsewhere(about[MEASURED])]
    yield from ["", "## Data", ""]
    yield (
        f"All {corpus['utterances']} utterances of {corpus['title']} "
        f"({_speakers(corpus)}, {corpus['minutes']:.0f} minutes){_speech(corpus)}. {_terms(corpus)}"
    )
    if _asks_opensmile(model):
        yield from ["", "## Licence of openSMILE", "", OPENSMILE]
    if about.get("encoders"):
        yield from ["", "## Pretrained encoders", "", *_encoders(about["encoders"], corpus)]
    yield from ["", "## Limits", "", *_limits(model)]


def _encoders(
    encoders: Mapping[str, Mapping[str, str]], corpus: Mapping[str, Any]
) -> Iterator[str]:
    """The encoder of each feature set, and what is known about its training data."""
    if all(facts.get("included") for facts in encoders.values()):
        yield "They were not trained here; this folder includes them unchanged."
    else:
        yield (
            "They were not trained here, and their weights are not in this folder. `predict` "
            "looks for them in `models` or in the folder named by SERSNAKE_MODELS, where "
            "`sersnake fetch model` puts encoders from the Hugging Face hub, and refuses other "
            "weights. `sersnake include-encoders .` copies them into this folder."
        )
    yield ""
    for name, facts in encoders.items():
        revision = facts["revision"] or "not recorded"
        yield (
            f"- {name}: {facts['model']}, revision {revision}, SHA-256 of the weights "
            f"{facts['sha256']}, licence {facts['licence']}. {_seen(facts, corpus['title'])}"
        )


def _seen(facts: Mapping[str, str], corpus: str) -> str:
    """What is known about an encoder's training data."""
    if not facts["data"]:
        return f"Its training data, and whether they included {corpus}, are not known."
    data = f"{facts['family']}, trained on {facts['data']} ({facts['source']})"
    answer = facts["answer"]
    return f"{data}; {SEEN[answer].format(corpus=corpus)}"


def _speech(corpus: Mapping[str, Any]) -> str:
    return f": {corpus['speech']}" if corpus.get("speech") else ""


def _license(corpus: Mapping[str, Any]) -> str:
    """The licence's name on the hub."""
    return corpus["license"] or ("other" if corpus["synthetic"] else "unknown")


def _terms(corpus: Mapping[str, Any]) -> str:
    """The terms of the training data's licence."""
    if corpus["license"]:
        return (
            f"The licence of the corpus is {corpus['license']}; ask its owners what it means for "
            "derived models."
        )
    if corpus["name"] == "demo":
        return (
            "eSpeak NG synthesised this speech on the user's computer: nobody was recorded, and "
            "no corpus licence applies. The GPL of eSpeak NG concerns the program, not the speech."
        )
    if corpus["synthetic"]:
        return "A speech synthesiser made them; its terms of use apply to its output."
    return (
        "The licence of the corpus is not known to sersnake; ask its owners before you publish "
        "derived models."
    )


def _parts(model: Model) -> str:
    """Networks and classifier, with a citation of the paper."""
    if not model.networks:
        return _classifiers(model)
    return f"{_networks(model)}, and {_classifiers(model)}, {PAPER}"


def _probabilities(model: Model) -> str:
    return " (with `--probabilities` a calibrated probability)" if model.calibration else ""


def _moment(model: Model) -> str:
    """The column that only a model with attention has."""
    streams = [model.read_by(name)[name] for name in model.networks if name != FUSED]
    attends = any(stream.network.attends for stream in streams)
    return " the moment with the largest attention weight," if attends else ""


def _asks_opensmile(model: Model) -> bool:
    return any(kind == "opensmile" for kind, _ in model.extraction.sets.values())


def _networks(model: Model) -> str:
    *first, last = [_network(model, name) for name in model.networks]
    names = " and ".join(filter(None, [", ".join(first), last]))
    return names if model.members == 1 else f"{names} ({model.members} of each, scores averaged)"


def _network(model: Model, name: str) -> str:
    """A network in words: ACLN on mfcc."""
    if name == FUSED:
        return f"a fused network of {' and '.join(map(_stream, model.read_by(name).values()))}"
    return _stream(model.read_by(name)[name])


def _stream(stream: StreamChoice) -> str:
    network = stream.network
    return f"{network.name.upper() or network.module} on {stream.features}"


def _modules(model: Model) -> str:
    """The option of `predict` that names the user's own networks, if there are any."""
    streams = [stream for name in model.networks for stream in model.read_by(name).values()]
    modules = dict.fromkeys(s.network.module for s in streams if s.network.module)
    return " ".join(["", "--modules", *modules]) if modules else ""


def _classifiers(model: Model) -> str:
    """The final classifier in words, or several of late fusion."""
    late = late_block("")
    parts = [part.scaling.names for part in model.classifier.parts]
    streams = [", ".join(name.removeprefix(late) for name in names) for names in parts]
    kind = CLASSIFIERS[model.classifier.classifier].phrase
    if len(streams) == 1:
        return f"{kind} on {'their features' if model.networks else f'the features {streams[0]}'}"
    return f"{kind} on the features of each of {'; '.join(streams)}, scores averaged"


def _speakers(corpus: Mapping[str, Any]) -> str:
    count = corpus["speakers"]
    return "speakers unknown" if not count else "one speaker" if count == 1 else f"{count} speakers"


def _measured(model: Model) -> Iterator[str]:
    about = model.about
    yield f"{about['setting']} Percent, all test predictions pooled:"
    yield ""
    yield "| metric | value | 95 % interval | mean over folds |"
    yield "|---|---|---|---|"
    for metric in METRICS:
        row = about["measured"][metric]
        yield f"| {metric} | {_percent(row['pooled'])} | {_interval(row)} | {_mean(row)} |"
    for emotion in model.labels:
        value = about["measured"]["recall"][emotion]
        yield f"| recall of {emotion} | {_percent(value)} | | |"
    yield ""
    what = "networks" if model.networks else "classifiers"
    if name := about.get("candidate"):
        yield (
            "In each fold, inner folds of the training set selected the variant. This folder "
            f"contains the variant `{name}`, selected over all folds in the same way and trained "
            "on the whole corpus, so no utterance is left to test it."
        )
    else:
        yield (
            f"These numbers are for {what} trained on the training sets of the folds. The {what} "
            "in this folder were trained in the same way on the whole corpus, so no utterance is "
            "left to test them."
        )
    yield "The interval resamples speakers."


def _groups(model: Model) -> Iterator[str]:
    """Accuracy and calibration of groups of speakers and recordings in the folds."""
    groups = pd.DataFrame(model.about["groups"])
    numbers = ["value", "low", "high", "p"]
    groups[numbers] = groups[numbers].astype(float)
    yield "The same predictions by group, in percent, with 95 % intervals:"
    yield ""
    yield "| group | speakers | utterances | WA | UA | macro-F1 | ECE | ECE by chance |"
    yield "|---|---|---|---|---|---|---|---|"
    for rows in by_group(groups[~groups["kind"].isin(["speaker", GAP])]):
        first = rows.iloc[0]
        cells = [
            label_of(first["kind"], first["group"]),
            *(str(first[name] or NONE) for name in ("speakers", "utterances")),
            *(str(Bounded.of(rows, metric)) for metric in ("WA", "UA", "F1", "ECE")),
            percent(float(rows["value"]["ECE_expected"])),
        ]
        yield f"| {' | '.join(cells)} |"
    yield ""
    yield " ".join([*extremes(groups), *gap_sentence(groups)])
    yield ""
    yield (
        "ECE, the expected calibration error, is the difference between the probabilities of "
        "`sersnake predict --probabilities` and the share of correct predictions; small groups "
        "have one by chance alone. The probabilities are scores with one temperature, fitted on "
        "the held-out utterances of the folds."
    )


def _robustness(conditions: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Accuracy in the folds with noise, rooms and codecs."""
    yield "The same test recordings, degraded, in percent with 95 % intervals:"
    yield ""
    yield "| condition | WA | UA |"
    yield "|---|---|---|"
    for row in conditions:
        cells = [condition_name(row["condition"]), *(_bounded(row[metric]) for metric in METRICS)]
        yield f"| {' | '.join(cells)} |"


def _elsewhere(corpora: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Accuracy on the corpora of `sersnake evaluate`."""
    yield (
        "Whole corpora, with the emotions that model and corpus share, in percent, with 95 % "
        "intervals over speakers (reproduce with `sersnake evaluate NAME FOLDER --model .`):"
    )
    yield ""
    yield "| corpus | utterances | speakers | emotions | by chance | WA | UA |"
    yield "|---|---|---|---|---|---|---|"
    for told in corpora:
        name = told["corpus"] + (" (trained on: no estimate)" if told["of_training"] else "")
        emotions, measured = told["emotions"], told["measured"]
        cells = [
            name,
            f"{told['utterances']} of {told['of']}",
            str(told["speakers"] or NONE),
            ", ".join(emotions),
            _percent(1 / len(emotions)),
            *(_bounded(measured[metric]) for metric in METRICS),
        ]
        yield f"| {' | '.join(cells)} |"


def _bounded(row: Mapping[str, Any]) -> str:
    return f"{_percent(row['pooled'])} ({_interval(row)})"


def _percent(value: float | None) -> str:
    return NONE if value is None else f"{100 * value:.1f}"


def _interval(row: Mapping[str, Any]) -> str:
    return NONE if row["low"] is None else f"{_percent(row['low'])} to {_percent(row['high'])}"


def _mean(row: Mapping[str, Any]) -> str:
    return _percent(row["mean"]) + ("" if row["std"] is None else f" ± {_percent(row['std'])}")


def _limits(model: Model) -> Iterator[str]:
    corpus = model.about["corpus"]
    if corpus["synthetic"]:
        yield (
            "- The training data are synthetic (made by a speech synthesiser). This model says "
            "nothing about emotion in people."
        )
    yield (
        f"- It was trained on the language, microphones and speaking style of {corpus['title']} "
        "alone. Expect lower accuracy on your recordings, and measure it."
    )
    yield "- How speech sounds is not what a person feels."
    yield (
        f"- {100 - 100 * QUANTILE:.0f} % of the held-out utterances of the corpus are marked "
        "unusual. An utterance without this mark can still be misclassified."
    )
