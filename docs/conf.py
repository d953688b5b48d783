"""How Sphinx makes the site: `make docs`, warnings are errors."""

import json

import docutils.nodes
from myst_parser.parsers.sphinx_ import MystParser
from sphinx.application import Sphinx

import sersnake

project = "sersnake"
author = "The sersnake developers"
version = release = sersnake.__version__
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinxarg.ext",
    "sphinx_copybutton",
]
html_theme = "furo"
html_title = f"sersnake {version}"
html_copy_source = False
exclude_patterns = ["_build"]
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
copybutton_exclude = ".linenos, .gp, .go"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_rtype = False
myst_enable_extensions = ["dollarmath"]
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


def setup(app: Sphinx) -> None:
    """Lets Sphinx read notebooks."""
    app.add_source_suffix(".ipynb", "notebook")
    app.add_source_parser(NotebookParser)
