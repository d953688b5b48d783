"""The models that come with sersnake, by name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "models"


def built_in_models() -> dict[str, Path]:
    """The folders of the built-in models by their names."""
    return {folder.name: folder for folder in sorted(FOLDER.glob("*")) if folder.is_dir()}


def find_model(name: str | Path) -> Path:
    """The folder of a model; of a built-in one if there is no folder of this name."""
    folder = Path(name)
    return folder if folder.exists() else built_in_models().get(str(name), folder)


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
