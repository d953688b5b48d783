"""The models that come with sersnake, by name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "models"


def built_in_models() -> dict[str, Path]:
    """The folders of the built-in models by their names."""
    return {folder.name: folder for folder in sorted(FOLDER.glob("*")) if folder.is_dir()}


def is_built_in(name: str | Path) -> bool:
    """Whether a name stands for a built-in model, not for a folder."""
    return str(name) in built_in_models() and not Path(name).exists()


def find_model(name: str | Path) -> Path:
    """The folder of a model; of a built-in one if there is no folder of this name."""
    return built_in_models()[str(name)] if is_built_in(name) else Path(name)


def described() -> Iterator[str]:
    """A line per built-in model: system, corpus, accuracy, size and licence."""
    from sersnake.model.folder import read_description

    for name, folder in built_in_models().items():
        about = read_description(folder)["about"]
        size = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
        measured = " / ".join(f"{100 * about['measured'][of]['pooled']:.1f}" for of in ("WA", "UA"))
        corpus = about["corpus"]
        yield (
            f"{name}: {about['system_name']}; {corpus['title']}, {corpus['speakers']} speakers; "
            f"WA / UA {measured} %; {size:.1f} MB; {corpus['license']}"
        )
