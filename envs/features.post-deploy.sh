#!/usr/bin/env bash
set -euo pipefail
# sersnake is imported from the working copy that runs the workflow, which names itself in
# SERSNAKE_ROOT: an environment holds no copy of it that an edit could leave behind.
python - <<'PYTHON'
import sysconfig
from pathlib import Path

line = "import os, sys; sys.path.extend(filter(None, [os.environ.get('SERSNAKE_ROOT')]))\n"
Path(sysconfig.get_path("purelib"), "sersnake.pth").write_text(line)
PYTHON
# Only PyPI has these.
python -m pip install --no-deps \
  audeer==2.7.0 \
  audformat==1.4.3 \
  audinterface==1.4.0 \
  audiofile==1.6.1 \
  audmath==1.4.4 \
  audobject==0.7.13 \
  audresample==1.3.6 \
  espeakng-loader==0.2.4 \
  iso3166==3.0.0 \
  iso639-lang==2.6.3 \
  opensmile==2.6.0 \
  oyaml==1.0
