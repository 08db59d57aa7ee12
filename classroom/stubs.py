"""The stub that a student sees in place of a model answer: it names the function that is still to be written."""

import re

from nbconvert.exporters.exporter import ResourcesDict
from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

DEF = re.compile(r"\s*def (\w+)\(")


class NameStubs(NbGraderPreprocessor):
    """Fills ``{function}`` in a stub with the name of the function around it.

    nbgrader's ``ClearSolutions.code_stub`` is one text for all cells. Put this preprocessor right after it, so that an
    unsolved task fails with ``NotImplementedError: write sii() first``.
    """

    def preprocess_cell(
        self, cell: NotebookNode, resources: ResourcesDict, cell_index: int
    ) -> tuple[NotebookNode, ResourcesDict]:
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution"):
            name, lines = "", []
            for line in cell.source.split("\n"):
                name = match[1] if (match := DEF.match(line)) else name
                lines.append(line.replace("{function}", name))
            cell.source = "\n".join(lines)
        return cell, resources
