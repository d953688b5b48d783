"""The tables of the page on variants."""

from __future__ import annotations

from reading import METRICS, RECORDS, published, read

RECORD = "emodb-variants"


def choices() -> list[str]:
    """What single choices are worth, in points WA over five splits."""
    names = sorted(path.parent.name for path in RECORDS.glob(f"{RECORD}/variants/*/metrics.csv"))
    base = means(f"{RECORD}/metrics.csv")
    of = {name: means(f"{RECORD}/variants/{name}/metrics.csv") for name in names}
    points = {name: values[0] - base[0] for name, values in of.items()}
    near = sum(abs(gain) < 2 for gain in points.values())
    anew, few = points["re_initialised"], points["beta_50"]
    return [
        f"- The run itself reaches {pair(base)} (WA / UA), the paper "
        f"{published('independent_he')}. Of the {len(of)} variants {near} are within two points "
        "WA of it.",
        f"- Features scaled by speaker reach {pair(of['speaker_normalisation'])}. They read the "
        "recordings of the test set, so the variant is transductive and cannot be selected by "
        "`model_selection`. The paper does not say whether it did so.",
        f"- ComParE in place of IS09 reaches {pair(of['compare_2016'])}.",
        f"- Networks trained anew on their hard examples, instead of going on from phase 1, lose "
        f"{-anew:.1f} points WA, few hard examples (`beta: 0.5`) {-few:.1f}, a perceptron in place "
        f"of the SVM {-points['mlp']:.1f}, and normal scores, where FCN's embedding has eight "
        f"times the say of ACLN's, {-points['normal_scores']:.1f}.",
        f"- C of the SVM changes WA by {points['cost_001']:.1f} and {points['cost_100']:.1f} "
        "points, because what networks make of their own training set can be separated with any "
        f"C, and smoothed counts by {points['smoothed_counts']:.1f}, because they keep the order "
        "of the hard index.",
    ]


def means(path: str) -> list[float]:
    """WA and UA in percent of independent training with hard examples, means over folds."""
    table = read(path)
    table = table[table["system"].str.startswith("independent_he") & (table["fold"] != "pooled")]
    return [100 * table.loc[table["metric"] == metric, "value"].mean() for metric in METRICS]


def pair(values: list[float]) -> str:
    """WA / UA."""
    return " / ".join(f"{value:.1f}" for value in values)
