"""Parts of ``gpu_check.py``. They import no more than training does."""
