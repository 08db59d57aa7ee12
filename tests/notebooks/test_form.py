"""Notebooks are kept in one form, and their prose says what their cells compute."""

import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from bookbuild import notebooks, prose
from integrated_care.prose import GLUE_MIME

CHAPTERS = [path for path in notebooks.sources() if path.parent.name == "chapters"]
KNOWN = prose.claims(notebooks.ROOT)


def name(path):
    return path.relative_to(notebooks.ROOT).as_posix()


def test_there_is_a_chapter_and_an_exercise_for_it():
    assert {path.stem for path in CHAPTERS} == {path.stem for path in notebooks.sources() if path not in CHAPTERS}
    assert CHAPTERS


@pytest.mark.parametrize("path", notebooks.sources(), ids=name)
def test_form(path):
    nb = notebooks.read(path)
    assert notebooks.problems(nb) == []
    assert path.read_text(encoding="utf-8") == notebooks.text(nb), f"{name(path)}: run make notebooks"


@pytest.mark.parametrize("path", CHAPTERS, ids=name)
def test_prose_types_no_number(path):
    assert [str(p) for p in prose.problems(notebooks.read(path), KNOWN)] == []


@pytest.mark.parametrize("path", CHAPTERS, ids=name)
def test_a_finished_chapter_has_its_parts(path):
    """Key points in two languages, a solved task with its code, and what happened since: all that is made by hand."""
    cells = notebooks.read(path).cells
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    english = re.search(r"^## Key points\n(.*?)^<details lang=\"fr\">(.*?)^</details>", text, re.MULTILINE | re.DOTALL)
    assert [len(re.findall(r"^\d\. ", part, re.MULTILINE)) for part in english.groups()] == [5, 5]
    assert text.index("## Key points") < text.index("## Further reading") < text.index("## State of the world on ")
    assert "> **Solved task.** " in text and "../pages/glossary.md)" in text
    number = int(path.stem[:2])
    code = [cell.source for cell in cells if cell.cell_type == "code"]
    assert code.index(f"tables.world({number})") + 1 == code.index(f"tables.checked({number})")
    (task,) = (i for i, cell in enumerate(cells) if "> **Solved task.** " in cell.source)
    assert cells[task + 1].cell_type == "code" and not cells[task + 1].metadata.get("tags")


def test_no_two_chapters_open_alike():
    opened = [next(c.source for c in notebooks.read(path).cells if c.cell_type == "markdown") for path in CHAPTERS]
    first = [re.split(r"(?<=[.?!])\s", source.split("\n\n")[1])[0][:40] for source in opened]
    assert len(set(first)) == len(first)


@pytest.mark.parametrize("path", CHAPTERS, ids=name)
def test_cells_are_short(path):
    """At most nine lines of visible code a cell; the text of a chart's title and description is not code."""
    for cell in notebooks.read(path).cells:
        if cell.cell_type == "code" and not {"remove-cell", "hide-input"} & set(cell.metadata.get("tags", [])):
            assert len(cell.source.splitlines()) <= 9, f"{name(path)}, cell {cell.id!r}"


def notebook(*cells) -> nbformat.NotebookNode:
    nb = new_notebook(cells=list(cells), metadata=notebooks.METADATA)
    for i, cell in enumerate(nb.cells):
        cell.id = f"cell-{i}"
    return nb


def computed(**values):
    """A notebook that computes what its prose says, as after make notebooks."""
    nb = notebook(
        new_code_cell("".join(f"{name} = ...\n" for name in values)),
        *(new_markdown_cell(f"It is {{{{{name}}}}}.") for name in values),
    )
    prose.gather(nb)
    nb.cells[-1].outputs = [new_output("display_data", data={GLUE_MIME: values, "text/plain": ""})]
    prose.fill(nb)
    return nb


def said(nb) -> str:
    return "\n".join(str(problem) for problem in prose.problems(nb, KNOWN))


def test_what_an_author_types_becomes_a_span_and_a_line_of_the_last_cell():
    nb = notebook(
        new_code_cell("npv, share = [0, 1, 0.68], 0.5"),
        new_markdown_cell("It is {{npv[2]:.2f}}, or {{share:.0%}}; again {{share:.0%}}."),
        new_markdown_cell("Not `{{code}}`, nor $e^{{x}}$."),
    )
    prose.gather(nb)
    assert nb.cells[1].source.startswith('It is <span data-glue="npv[2]:.2f">?</span>, or <span data-glue="share:.0%">')
    assert nb.cells[2].source == "Not `{{code}}`, nor $e^{{x}}$."
    assert nb.cells[-1].source == 'numbers(\n    "npv[2]:.2f",\n    "share:.0%",\n)'
    assert (nb.cells[-1].id, nb.cells[-1].metadata.tags) == (prose.NUMBERS, ["remove-cell"])
    before = nbformat.writes(nb)
    prose.gather(nb)
    assert nbformat.writes(nb) == before


def test_fill_writes_the_published_value():
    nb = computed(share="20.2%")
    assert nb.cells[1].source == 'It is <span data-glue="share">20.2%</span>.'
    assert said(nb) == ""


def test_a_place_with_braces_in_it_is_named():
    nb = notebook(new_code_cell("x = 1"), new_markdown_cell("One\nis {{f'{x:.2f}'}}, but `{{this}}` is code."))
    prose.gather(nb)
    (told,) = prose.problems(nb, KNOWN)
    assert (told.cell, told.line) == ("cell-1", 2) and "has braces in it" in told.text


def test_the_last_cell_goes_when_no_number_is_left():
    nb = computed(share="20.2%")
    nb.cells[1].source = "It is a fifth."
    assert "does not publish what the prose says" in said(nb)
    prose.gather(nb)
    assert [cell.id for cell in nb.cells] == ["cell-0", "cell-1"]


LONG = "share * (1 + share) * (2 + share) * (3 + share)"


@pytest.mark.parametrize(
    ("place", "fault"),
    [
        (LONG, f"has {len(LONG)} characters: give it a name"),
        ("share > 1", "cannot stand in it"),
        ("12.5:.1f", "is a constant"),
        ("max(1, 2)", "is a constant"),
        ("share +", "is not an expression"),
        ("[share for share in [1, 2]]", "is a constant"),
        ("twice", "reads 'twice', which the cells 'cell-0', 'cell-1' all bind"),
        ("again", "reads 'again', which the cells 'cell-0', 'cell-1' all bind"),
        ("share:.0%", None),
    ],
)
def test_a_place_that_cannot_be_trusted_is_named(place, fault):
    nb = notebook(
        new_code_cell("share = twice = 1\nfor again in [1]: pass"),
        new_code_cell("import numpy as twice\ndef again():\n    share = 2"),
        new_markdown_cell(f"One, two,\nand {{{{{place}}}}}."),
    )
    prose.gather(nb)
    faults = [line for line in said(nb).splitlines() if "reads '?'" not in line]
    assert [fault in line and "cell 'cell-2', line 2" in line for line in faults] == ([True] if fault else [])


def test_a_failing_cell_is_named(tmp_path):
    with pytest.raises(notebooks.NotebookProblem, match=r"cell 'cell-0' failed with ZeroDivisionError"):
        notebooks.run(notebook(new_code_cell("1 / 0")), tmp_path)


def test_what_the_book_hides_is_folded_in_jupyterlab():
    plumbing, chart, shown = (
        new_code_cell("numbers(\n    'x',\n)", metadata={"tags": ["remove-cell"]}),
        new_code_cell("charts.finish()", metadata={"tags": ["hide-input"]}),
        new_code_cell("import pandas", metadata={"tags": ["remove-cell"], "jupyter": {"source_hidden": True}}),
    )
    nb = notebook(plumbing, chart, shown)
    plumbing.id = prose.NUMBERS
    assert sum("not folded as its tags say" in problem for problem in notebooks.problems(nb)) == 3
    notebooks.tidy(nb)
    folded = [cell.metadata.get("jupyter") for cell in nb.cells]
    assert folded == [{"source_hidden": True, "outputs_hidden": True}, {"source_hidden": True}, None]
    assert not any("folded" in problem for problem in notebooks.problems(nb))


def test_problems_name_cell_and_fault():
    bad = notebook(
        new_code_cell("a", execution_count=3, metadata={"scrolled": True}),
        new_code_cell("b", execution_count=2, outputs=[new_output("stream", name="stderr", text="Warning: old")]),
        new_code_cell(
            "c",
            execution_count=3,
            outputs=[new_output("display_data", data={"text/html": "<b>\n</b>", "image/png": "x"})],
        ),
        new_markdown_cell("As shown {cite:p}`one`."),
        new_markdown_cell("> <details><summary>One</summary>\n>\n> No.\n>\n> </details"),
        new_markdown_cell("`<details>` folds:\n\n```html\n<details>\n```"),
    )
    found = "\n".join(notebooks.problems(bad))
    for fault in (
        "'cell-0': metadata scrolled",
        "it is numbered 3, but is code cell 1",
        "'cell-1': it wrote to stderr",
        "2 rich types",
        "more than one line",
        "'cell-3': {cite:p}`one` shows as it stands outside the book: write a link",
        "'cell-4': <details> and </details> do not come in pairs",
    ):
        assert fault in found
    assert "cell-5" not in found  # code shows a tag and opens none


@pytest.mark.parametrize(
    "text, tokens",
    [
        ("Half of 42 boards", ["42"]),
        ("It fell by 26.1% to 3,858 million", ["26.1%", "3,858 million"]),
        ("It is −19.1 years", ["−19.1 years"]),
        ("The SII of 7 groups in 2015–17, on 23 November 2026, chapters 7 and 13", []),
        ("`x = 99`, $y = 3.5$, [a link](page-77.html), [Barr et al. (2017)](../pages/bibliography.md#barr2017)", []),
        ('It is <span data-glue="share">20.2%</span> of Core20PLUS5', []),
        ("1. first\n2. second", []),
        ("# The 30% that may not be there\n\n## A fall of 30%", ["30%"]),
    ],
)
def test_typed_numbers(text, tokens):
    assert [token for _, token in prose.typed_numbers(text)] == tokens


def test_a_claim_vouches_for_its_own_number_only():
    nb = notebook(new_markdown_cell("> **Claim A28.** The most deprived 20% of people.\n\nAnd 30% of others."))
    (problem,) = prose.problems(nb, KNOWN)
    assert (problem.cell, problem.line) == ("cell-0", 3)
    assert "'30%'" in problem.text


def test_stale_prose_and_unknown_claims_are_named():
    nb = computed(share="20.2%")
    nb.cells[1].source = '<span data-glue="share">20.1%</span> (claim A99)'
    assert "'share' reads '20.1%' but is '20.2%'" in said(nb)
    assert "claim A99 is not in claims.csv" in said(nb)
