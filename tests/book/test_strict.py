"""What must stop a build, in a small book, with the file and the place in the message.

One build is given every mistake at once, each in a cell of its own: each must be a warning, and under ``-W`` any
warning fails the build, the second time too.
"""

import copy
import re
import shutil
from pathlib import Path

import nbformat
import pytest

from .conftest import ROOT, build

SPEC = {
    "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
    "description": "Two points, the second higher than the first, to try the build with.",
    "data": {"values": [{"a": 1, "b": 2}, {"a": 2, "b": 3}]},
    "mark": "point",
    "encoding": {"x": {"field": "a", "type": "quantitative"}, "y": {"field": "b", "type": "quantitative"}},
}
CHAPTER = "chapters/05_small.ipynb"
TEXT = "# A small chapter\n\nIt says little, and claim A28 is named.\n\n> **What to see.** A box."


def chapter(markdown: dict[str, str] | None = None, spec: dict | None = None) -> nbformat.NotebookNode:
    cells = [nbformat.v4.new_markdown_cell(TEXT, id="title")]
    cells += [nbformat.v4.new_markdown_cell(text, id=f"{name}-cell") for name, text in (markdown or {}).items()]
    data = {"application/vnd.vegalite.v5+json": spec or SPEC, "text/plain": "two points"}
    output = nbformat.v4.new_output("display_data", data=data)
    cells.append(nbformat.v4.new_code_cell("chart", id="the-chart", outputs=[output]))
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return nbformat.v4.new_notebook(cells=cells, metadata=kernel)


def small(root: Path, notebook: nbformat.NotebookNode) -> Path:
    """A book with one chapter and the page of claims."""
    (root / "chapters").mkdir(parents=True)
    (root / "pages").mkdir()
    (root / "datasets").mkdir()
    shutil.copy(ROOT / "_config.yml", root)
    shutil.copy(ROOT / "datasets" / "claims.csv", root / "datasets")
    (root / "references.bib").write_text("@book{one, author={Someone}, title={A book}, year={2000}, publisher={X}}\n")
    (root / "index.md").write_text("# A small book\n\nIt has one chapter {cite:p}`one`.\n")
    (root / "pages" / "claims.md").write_text("# Claims\n\n```{claims}\n```\n")
    (root / "pages" / "bibliography.md").write_text("# Bibliography\n\n```{bibliography}\n```\n")
    parts = "".join(f"  - file: {name}\n" for name in ("chapters/05_small", "pages/claims", "pages/bibliography"))
    toc = f"format: jb-book\nroot: index\nchapters:\n{parts}"
    (root / "_toc.yml").write_text(toc)
    nbformat.write(notebook, root / CHAPTER)
    return root


def warnings(output: str) -> list[str]:
    """The warnings of a build, without colours."""
    return [line for line in re.sub(r"\x1b\[[\d;]*m", "", output).splitlines() if "WARNING: " in line]


def test_a_mistake_fails_the_build_the_second_time_too_until_it_is_mended(tmp_path):
    root = small(tmp_path / "small", chapter(spec={**SPEC, "description": " "}))
    for _ in range(2):
        done = build(root, root.parent / "out")
        assert done.returncode != 0
        (said,) = warnings(done.stderr)
        assert CHAPTER in said and "cell 'the-chart': this chart has no description" in said
    nbformat.write(chapter(), root / CHAPTER)
    done = build(root, root.parent / "out")
    assert done.returncode == 0, done.stderr


# mistake -> its Markdown, and what the message must say
MISTAKES = {
    "box": ("> **Notice well.** A box that nobody knows.", "line 1: the box label 'Notice well.' is not known"),
    "claim": ("Words.\n\n> **Claim A99.** Nobody made it.", "line 3: claim A99 is not in datasets/claims.csv"),
    "page": ("A [link](../pages/nowhere.md) that is lost.", "'../pages/nowhere.md'"),
    "anchor": ("A [link](../pages/claims.md#nothing-here) to no place.", "'nothing-here'"),
    "brace": (
        "Words.\n\nA formula $\\frac{1}{2$ has no end.",
        "line 3: the formula '\\\\frac{1}{2' cannot be shown: its braces",
    ),
    "command": ("A formula $\\nosuchcommand x$ here.", "cannot be shown: the command \\nosuchcommand is unknown"),
    "source": ("A source [(Nobody, 1999)](../pages/bibliography.md#nobody1999).", "nobody1999"),
    "cited": (
        "As [Someone (1900)](../pages/bibliography.md#one) says.",
        "a citation is written 'Someone (1900)'; it should read 'Someone (2000)'",
    ),
    "number": ("Words.\n\nThe share is 20.2% here.", "line 3: the number '20.2%' is typed"),
    "time": ("> **In this chapter.** You will learn.\n>\n> **Time:** a while.", "states no time; write, for example"),
    "answers": (
        "> **Check yourself.** Which?\n>\n> <details><summary>One</summary>\n>\n> Not that.\n>\n> </details>\n>\n"
        "> <details><summary>Two</summary>\n>\n> Nor that.\n>\n> </details>",
        "no option of this question is right; begin the feedback of the right one with 'Yes.'",
    ),
    "exercise": ("[Download](../release/05_small/05_small.ipynb)", "there is no exercises/05_small/05_small.ipynb"),
}
NAMELESS = {"page", "anchor", "source", "cited"}  # found when the cell is no longer known


@pytest.fixture(scope="module")
def failed(tmp_path_factory) -> list[str]:
    undrawable = copy.deepcopy(SPEC) | {"mark": "no such mark"}
    notebook = chapter({name: markdown for name, (markdown, _) in MISTAKES.items()}, spec=undrawable)
    root = small(tmp_path_factory.mktemp("mistakes") / "small", notebook)
    done = build(root, root.parent / "out")
    assert done.returncode != 0
    return warnings(done.stderr)


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_a_warning_that_names_its_place(failed, name):
    place = "" if name in NAMELESS else f"cell '{name}-cell'"
    found = [line for line in failed if CHAPTER in line and place in line and MISTAKES[name][1] in line]
    assert found, "\n".join(failed)


def test_a_chart_that_cannot_be_drawn_is_a_warning(failed):
    assert any("cell 'the-chart': this chart cannot be drawn" in line for line in failed if CHAPTER in line), failed
