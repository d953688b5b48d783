"""How Sphinx makes the site: `make docs`, warnings are errors."""

import json
import os

import docutils.nodes
from myst_parser.parsers.sphinx_ import MystParser
from sphinx.application import Sphinx

import sersnake
from sersnake.cli import verb_parsers

project = "sersnake"
author = "The sersnake developers"
version = release = sersnake.__version__
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
]
html_theme = "furo"
html_title = f"sersnake {version}"
html_copy_source = False
html_static_path = ["_static"]
html_css_files = ["site.css"]
exclude_patterns = ["_build"]
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
copybutton_exclude = ".linenos, .gp, .go"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_rtype = False
myst_heading_anchors = 4
suppress_warnings = ["misc.highlighting_failure"]


class NotebookParser(MystParser):
    """A notebook as a page: its cells in order, without outputs, of which it holds none."""

    supported = ("notebook",)

    def parse(self, inputstring: str, document: docutils.nodes.document) -> None:
        """Parses the cells as one page of Markdown."""
        cells = json.loads(inputstring)["cells"]
        texts = [("".join(cell["source"]), cell["cell_type"] == "code") for cell in cells]
        blocks = [f"```python\n{text}\n```" if is_code else text for text, is_code in texts]
        super().parse("\n\n".join(blocks), document)


def add_verbs(app: Sphinx, page: str, source: list[str]) -> None:
    """Puts the help of every verb below the page on verbs."""
    if page == "reference/verbs":
        helps = {name: parser.format_help() for name, parser in verb_parsers().items()}
        source[0] += "".join(f"\n## {name}\n\n```text\n{text}```\n" for name, text in helps.items())


def setup(app: Sphinx) -> None:
    """Lets Sphinx read notebooks, and the help of verbs."""
    os.environ["COLUMNS"] = "88"  # of the help
    app.add_source_suffix(".ipynb", "notebook")
    app.add_source_parser(NotebookParser)
    app.connect("source-read", add_verbs)
