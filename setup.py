"""Builds the C++ kernel; everything else stands in pyproject.toml."""

from pathlib import Path

from pybind11.setup_helpers import Pybind11Extension
from setuptools import setup

SOURCES = [
    "bindings",
    "extract",
    "norm_pool",
    "networks_avx2",
    "networks_avx512",
    "networks_baseline",
    "path_avx2",
    "path_avx512",
    "path_baseline",
    "plan",
    "winograd",
]

setup(
    ext_modules=[
        Pybind11Extension(
            "sersnake._kernel",
            [f"csrc/{name}.cc" for name in SOURCES],
            depends=[str(header) for header in Path("csrc").glob("*.h")],
            cxx_std=17,
            extra_compile_args=["-O3", "-Wall", "-Wextra", "-Wno-psabi"],
            extra_link_args=["-pthread"],
        )
    ],
)
