"""Verb that brings a corpus."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sersnake.cli.arguments import add_verb
from sersnake.errors import SersnakeError

if TYPE_CHECKING:
    from sersnake.corpora.fetch.source import Source


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verb of this stage."""
    parser = add_verb(
        verbs,
        "fetch",
        "Download a corpus and check that it is whole. EMODB is free to download; for the others "
        "it says where they are to be had. An interrupted call goes on where it stopped. "
        "http_proxy, https_proxy and no_proxy are honoured. No hash of EMODB's archive is "
        "published, so what is checked is the sha256 of each of its 535 recordings, and that of "
        "the archive only if you demand one.",
        fetch,
    )
    parser.add_argument("corpus", help="emodb; or casia, iemocap, ravdess, emovo to be told more")
    parser.add_argument(
        "--to",
        type=Path,
        metavar="DIR",
        help="folder of all corpora, in which DIR/emodb is made (default: the environment "
        "variable SERSNAKE_CORPORA, else corpora)",
    )
    parser.add_argument(
        "--url",
        help="http or https address of the zip archive, such as a mirror's (default: its authors')",
    )
    parser.add_argument(
        "--sha256", type=_sha256, metavar="HEX", help="sha256 that the archive must have"
    )
    parser.add_argument(
        "--timeout",
        type=float,
        default=30.0,
        metavar="S",
        help="longest silence of the server in s",
    )
    parser.add_argument(
        "--keep-archive",
        action="store_true",
        default=None,
        help="leave the archive as DIR/emodb.zip",
    )


def _sha256(text: str) -> str:
    if not re.fullmatch("[0-9a-fA-F]{64}", text):
        raise argparse.ArgumentTypeError(f"{text!r} has not the 64 hexadecimal digits of a sha256")
    return text.lower()


def fetch(options: argparse.Namespace) -> None:
    """Brings the corpus, or says where it is to be had."""
    from sersnake.corpora.fetch.source import SOURCES

    root = options.to or _workflow_root()
    if not 0 < options.timeout < 86400:
        raise SersnakeError(f"--timeout {options.timeout:g}: must be above 0 s and below a day")
    if options.corpus not in SOURCES:
        raise SersnakeError(_how_to_get(options.corpus, root))
    try:
        _install(options, root / options.corpus)
    except KeyboardInterrupt:
        print("sersnake fetch: interrupted; the same call goes on later", file=sys.stderr)
        raise SystemExit(130) from None
    _certify(options.corpus, root)


def _workflow_root() -> Path:
    """Where the workflow looks for corpora."""
    return Path(os.environ.get("SERSNAKE_CORPORA") or "corpora")


def _how_to_get(name: str, root: Path) -> str:
    from sersnake.corpora import get_corpus

    corpus = get_corpus(name)
    place = "" if corpus.synthetic else f"; put it below {root} as {corpus.layout}"
    return f"sersnake does not download {name}{place}. {corpus.source}"


def _install(options: argparse.Namespace, folder: Path) -> None:
    from sersnake.corpora.fetch.install import install, is_installed
    from sersnake.corpora.fetch.progress import ByteProgress

    source = _source(options)
    if is_installed(folder, source.hashes()):
        print(f"{folder}: already there and complete", file=sys.stderr)
        return
    print(f"{source.url} -> {folder}", file=sys.stderr)
    install(
        source,
        folder,
        ByteProgress(sys.stderr),
        keep_archive=bool(options.keep_archive),
        timeout=options.timeout,
    )


def _source(options: argparse.Namespace) -> Source:
    from dataclasses import replace

    from sersnake.corpora.fetch.source import SOURCES

    source = SOURCES[options.corpus]
    return replace(source, url=options.url or source.url, sha256=options.sha256 or source.sha256)


def _certify(name: str, root: Path) -> None:
    """Counts the corpus, and prints what to type next."""
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
    """What to type before a command, so that the workflow finds the corpora."""
    if root.resolve() == _workflow_root().resolve():
        return ""
    return f"SERSNAKE_CORPORA={shlex.quote(str(root.resolve()))} "
