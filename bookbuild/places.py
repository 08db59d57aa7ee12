"""Where in a page something stands, so that each message names file and cell; and the check of typed numbers."""

import json

import nbformat
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from . import claims, prose
from .chapter import number_of

log = logging.getLogger(__name__)
# myst-nb gives the first line of a notebook's third cell the number 30002.
_PER_CELL = 10_000


def where(env: BuildEnvironment, node: nodes.Node) -> str:
    """ "cell 'slope', line 3: " for a node of a notebook, and "line 3: " elsewhere (empty where nobody knows)."""
    line = None
    while node is not None and line is None:
        node, line = node.parent, node.line
    cells = env.temp_data.get("cell_ids", [])
    if line and cells and 0 < line // _PER_CELL <= len(cells):
        return f"cell {cells[line // _PER_CELL - 1]!r}, line {line % _PER_CELL - 1}: "
    return f"line {line}: " if line else ""


def warn(env: BuildEnvironment, node: nodes.Node, message: str) -> None:
    """A warning that names the file, and the cell where the file is a notebook; it fails a strict build."""
    log.warning(where(env, node) + message, location=env.docname, type="bookbuild")


def _read_source(app: Sphinx, docname: str, source: list[str]) -> None:
    if not app.env.doc2path(docname).endswith(".ipynb"):
        return
    try:
        cells = json.loads(source[0])["cells"]
        app.env.temp_data["cell_ids"] = [cell.get("id", str(i)) for i, cell in enumerate(cells)]
    except (ValueError, KeyError) as error:
        log.warning(f"this is not a notebook: {error}", location=docname, type="bookbuild")
        return
    if number_of(docname) is None:
        return
    notebook = nbformat.reads(source[0], as_version=4)
    for problem in prose.problems(notebook, claims.known(app.env)):
        log.warning(str(problem), location=docname, type="bookbuild")


def setup(app: Sphinx) -> None:
    app.connect("source-read", _read_source)
