"""Verb that downloads a corpus or a pretrained encoder."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from pathlib import Path

from sersnake.cli.arguments import add_verb
from sersnake.errors import SersnakeError


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verb of this stage."""
    parser = add_verb(
        verbs,
        "fetch",
        "Download a corpus, or a pretrained encoder from the Hugging Face hub, and check that it "
        "is complete. EMODB is free to download; for other corpora the verb says where to get "
        "them. EMODB is checked by the SHA-256 of each of its 535 recordings, since its authors "
        "publish no hash of the archive. http_proxy, https_proxy and no_proxy are honoured.",
        fetch,
    )
    parser.add_argument(
        "what",
        help="emodb; casia, iemocap, ravdess or emovo for instructions; or model, followed by its "
        "name",
    )
    parser.add_argument(
        "name", nargs="?", help="name of the model on the hub, such as openai/whisper-base"
    )
    parser.add_argument(
        "--to",
        type=Path,
        metavar="DIR",
        help="folder of all corpora, in which DIR/emodb is made, or of all models (default: the "
        "environment variable SERSNAKE_CORPORA or else corpora; for models SERSNAKE_MODELS or "
        "else models)",
    )
    parser.add_argument(
        "--url",
        help="http or https address of EMODB's zip archive, such as a mirror's (default: its "
        "authors')",
    )
    parser.add_argument(
        "--revision",
        default="",
        help="commit, branch or tag of the model (default: the newest commit, which is printed)",
    )


def fetch(options: argparse.Namespace) -> None:
    """Downloads a corpus or a model, or says where to get it."""
    if (options.what == "model") != bool(options.name):
        raise SersnakeError(
            "give a name after model, and only there: fetch model openai/whisper-base"
        )
    if options.revision and options.what != "model":
        raise SersnakeError("--revision is for models; leave it out")
    if options.url and options.what != "emodb":
        raise SersnakeError("--url is for emodb; leave it out")
    try:
        _fetch_model(options) if options.name else _fetch_corpus(options)
    except KeyboardInterrupt:
        print("sersnake fetch: interrupted; no file was kept", file=sys.stderr)
        raise SystemExit(130) from None


def _fetch_model(options: argparse.Namespace) -> None:
    from sersnake.features.encoder_files import models_folder
    from sersnake.features.fetch_encoder import fetch_encoder

    folder = (options.to or models_folder()) / options.name
    source = fetch_encoder(options.name, options.revision, folder)
    print(f"{folder} is complete: {options.name} at revision {source['revision']}")
    print(
        f"Next: name it in a config, features: {{mine: {{kind: pretrained, model: {options.name}, "
        f"revision: {source['revision']}}}}}"
    )


def _fetch_corpus(options: argparse.Namespace) -> None:
    root = options.to or _workflow_root()
    if options.what != "emodb":
        raise SersnakeError(_how_to_get(options.what, root))
    _bring(options.url, root / "emodb")
    _certify(options.what, root)


def _workflow_root() -> Path:
    """The folder in which the workflow looks for corpora."""
    return Path(os.environ.get("SERSNAKE_CORPORA") or "corpora")


def _how_to_get(name: str, root: Path) -> str:
    from sersnake.corpora import get_corpus

    corpus = get_corpus(name)
    place = "" if corpus.synthetic else f"; put it below {root} as {corpus.layout}"
    return f"sersnake does not download {name}{place}. {corpus.source}"


def _bring(url: str | None, folder: Path) -> None:
    from sersnake.corpora.emodb import published_hashes
    from sersnake.corpora.fetch import EMODB, fetch, is_whole

    if is_whole(folder, published_hashes()):
        print(f"{folder}: already there and complete", file=sys.stderr)
        return
    print(f"{url or EMODB} -> {folder}", file=sys.stderr)
    fetch(url or EMODB, folder, published_hashes())


def _certify(name: str, root: Path) -> None:
    """Counts the corpus, and prints the next command."""
    from sersnake.corpora import certify, read_corpus

    folder = root / name
    frame = read_corpus(name, folder)
    if faults := certify(name, frame):
        raise SersnakeError(f"{folder}: {' '.join(faults)}")
    print(
        f"{folder} is complete: {len(frame)} utterances of {frame['speaker'].nunique()} speakers, "
        "each recording as published"
    )
    print(f"Next: {_environment(root)}snakemake --cores 8 --configfile config/{name}.yaml")


def _environment(root: Path) -> str:
    """The prefix of a command with which the workflow finds the corpora."""
    if root.resolve() == _workflow_root().resolve():
        return ""
    return f"SERSNAKE_CORPORA={shlex.quote(str(root.resolve()))} "
