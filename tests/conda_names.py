"""What conda-forge calls differently from PyPI."""

PYPI_NAMES = {
    "huggingface_hub": "huggingface-hub",
    "matplotlib-base": "matplotlib",
    "pysoundfile": "soundfile",
    "pytorch": "torch",
    "soxr-python": "soxr",
}
CONDA_NAMES = {pypi: conda for conda, pypi in PYPI_NAMES.items()}
