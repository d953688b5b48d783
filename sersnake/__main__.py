"""``python -m sersnake``."""

import sys

from sersnake.cli import main

sys.exit(main())
