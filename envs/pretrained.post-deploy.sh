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
