"""Verbs of the corpus: the demo's speech, the manifest and the folds."""

from __future__ import annotations

import argparse
from pathlib import Path

from sersnake.cli.arguments import add_file, add_output, add_verb

MANIFEST_COLUMNS = ("utterance", "path", "speaker", "session", "emotion", "corpus", "synthetic")


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verbs of this stage."""
    parser = add_verb(
        verbs,
        "synthesize",
        "Speak one speaker's part of the synthetic demo corpus with eSpeak NG.",
        synthesize,
    )
    parser.add_argument("speaker", help="speaker of the demo corpus, such as f1")
    parser.add_argument(
        "--output-dir",
        type=Path,
        required=True,
        metavar="DIR",
        default=argparse.SUPPRESS,
        help="folder for the wav files",
    )
    parser = add_verb(
        verbs, "manifest", "List a corpus' utterances and check that it is whole.", manifest
    )
    parser.add_argument("corpus", help="demo, emodb, casia or iemocap")
    parser.add_argument("root", type=Path, help="the corpus' folder, in its published layout")
    add_output(parser, "manifest.csv")
    parser = add_verb(verbs, "folds", "Split a corpus into training and test parts.", folds)
    add_file(parser, "--manifest", "manifest.csv of the corpus")
    parser.add_argument(
        "--protocol",
        default="random_split",
        help="random_split (stratified; speakers on both sides) or leave_one_session_out",
    )
    parser.add_argument("--repeats", type=int, default=10, help="splits of random_split")
    parser.add_argument("--test-share", type=float, default=0.2, help="test part of random_split")
    parser.add_argument("--seed", type=int, default=0, help="seed of random_split")
    add_output(parser, "folds.csv")


def synthesize(options: argparse.Namespace) -> None:
    """Writes one speaker's recordings."""
    from sersnake.corpora.demo import synthesize_speaker

    synthesize_speaker(options.speaker, options.output_dir)


def manifest(options: argparse.Namespace) -> None:
    """Writes manifest.csv."""
    from sersnake.corpora import check_counts, get_corpus
    from sersnake.corpora.manifest import make_manifest
    from sersnake.io import write_csv

    corpus = get_corpus(options.corpus)
    frame = corpus.read(options.root)
    check_counts(corpus, frame)
    write_csv(options.output, make_manifest(corpus, frame))


def folds(options: argparse.Namespace) -> None:
    """Writes folds.csv."""
    from sersnake.io import read_csv, write_csv
    from sersnake.protocols import make_folds

    frame = make_folds(
        read_csv(options.manifest, MANIFEST_COLUMNS),
        options.protocol,
        repeats=options.repeats,
        test_share=options.test_share,
        seed=options.seed,
    )
    write_csv(options.output, frame)
