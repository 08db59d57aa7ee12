"""The page *Symbols and conventions*: letters from ``datasets/notation.csv``, conventions from the method modules.

{symbols}       a table of the letters of all formulas, and what each stands for in which chapter
{conventions}   what the functions of each chapter's module have in common, from the docstring of the module
"""

import ast
import csv
import re
from functools import lru_cache
from pathlib import Path

from docutils import nodes
from docutils.core import publish_doctree
from sphinx.application import Sphinx

from .course import OfCourse, link
from .dictionary import table
from .markup import slug
from .plan import written

PAGE = "pages/notation"
_FORMULA = re.compile(r"\$\$(.+?)\$\$|(?<![\\$])\$([^$\n]+?)\$(?!\$)", re.DOTALL)
_WORDS = re.compile(r"\\(?:text|mathrm|operatorname|texttt|mathbf)\{[^{}]*\}")
NAMES = ("CI", "MR", "dt")  # symbols of two letters
GREEK = (
    "alpha beta gamma delta varepsilon epsilon eta theta kappa lambda mu nu pi rho sigma tau phi varphi chi psi omega"
)
_SYMBOL = re.compile(rf"\\([a-zA-Z]+)|({'|'.join(NAMES)})|([A-Za-z])")


def symbols(markdown: str) -> set[str]:
    r"""The letters of the formulas in a text, as TeX writes them: {"n", "\\theta", "CI"}."""
    found = set()
    for display, inline in _FORMULA.findall(markdown):
        for command, name, letter in _SYMBOL.findall(_WORDS.sub(" ", display or inline)):
            if command in GREEK.split():
                found.add(f"\\{command}")
            elif not command:
                found.add(name or letter)
    return found


def rows(root: Path) -> list[dict[str, str]]:
    """The table, one meaning a row; none in a book without one."""
    path = root / "datasets" / "notation.csv"
    if not path.exists():
        return []
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@lru_cache(maxsize=32)
def _docstring(path: Path, changed: float) -> str:
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""


def conventions(path: Path) -> str:
    """The list under *Conventions* in the docstring of a module, in reStructuredText; empty where it has none."""
    _, _, rest = _docstring(path, path.stat().st_mtime).partition("Conventions, the same in every function\n")
    _, _, items = rest.partition("-\n")
    return re.split(r"\n\n(?! )", items.strip("\n"))[0]


class Symbols(OfCourse):
    """``{symbols}``: a row a letter, Latin before Greek; several meanings stand below each other."""

    def run(self) -> list[nodes.Node]:
        root = Path(self.env.srcdir)
        self.env.note_dependency(str(root / "datasets" / "notation.csv"))
        known = self.known()
        of: dict[str, list[tuple[int, str]]] = {}
        for row in rows(root):
            if known[int(row["chapter"])].docname:
                of.setdefault(row["symbol"], []).append((int(row["chapter"]), row["meaning"]))
        lines = []
        for symbol in sorted(of, key=lambda s: (s.startswith("\\"), s.lower(), s)):
            meanings = nodes.inline()
            for i, (number, meaning) in enumerate(of[symbol]):
                meanings += nodes.raw("", "<br>", format="html") if i else nodes.Text("")
                meanings += [link(self.env, known[number].docname, str(number)), nodes.Text(f" {meaning}")]
            lines.append([nodes.math("", symbol), meanings])
        several = sum(len(found) > 1 for found in of.values())
        told = (
            f"{len(of)} letters; {several} of them stand for more than one thing, each in its own chapter or section."
        )
        return [nodes.paragraph("", told), table(["Symbol", "Chapter, and what it stands for"], lines, "ic-symbols")]


class Conventions(OfCourse):
    """``{conventions}``: a section for the module of each chapter that is written."""

    def run(self) -> list[nodes.Node]:
        root, out = Path(self.env.srcdir), []
        for chapter in written(self.env):
            path = root / "integrated_care" / f"{chapter.name[3:]}.py"
            if not path.exists():
                continue
            self.env.note_dependency(str(path))
            text = re.sub(r":\w+:`~?([^`]+)`", r"``\1``", conventions(path))
            section = nodes.section(ids=[slug(f"module-{chapter.name[3:]}")], names=[])
            title = nodes.title("", f"Chapter {chapter.number}: ")
            title += nodes.literal("", path.stem)
            section += title
            section += [
                node.deepcopy() for node in publish_doctree(text, settings_overrides={"report_level": 2}).children
            ]
            out.append(section)
        return out


def setup(app: Sphinx) -> None:
    app.add_directive("symbols", Symbols)
    app.add_directive("conventions", Conventions)
