"""Notebooks are kept in one form, and their prose says what their cells compute."""

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


def glue_cell(**values):
    return new_code_cell("glue(…)", outputs=[new_output("display_data", data={GLUE_MIME: values, "text/plain": ""})])


def test_fill_writes_the_published_value():
    nb = notebook(glue_cell(share="20.2%"), new_markdown_cell('It is <span data-glue="share">?</span>.'))
    notebooks.fill(nb)
    assert nb.cells[1].source == 'It is <span data-glue="share">20.2%</span>.'


def test_fill_names_the_cell_whose_value_nobody_publishes():
    with pytest.raises(notebooks.NotebookProblem, match="cell 'cell-0': no cell publishes 'share'"):
        notebooks.fill(notebook(new_markdown_cell('<span data-glue="share">?</span>')))


def test_one_name_cannot_have_two_values():
    with pytest.raises(notebooks.NotebookProblem, match="'share' is published twice"):
        notebooks.glued(notebook(glue_cell(share="1"), glue_cell(share="2")))


def test_a_failing_cell_is_named(tmp_path):
    with pytest.raises(notebooks.NotebookProblem, match=r"cell 'cell-0' failed with ZeroDivisionError"):
        notebooks.run(notebook(new_code_cell("1 / 0")), tmp_path)


def test_what_the_book_hides_is_folded_in_jupyterlab():
    plumbing, chart, shown = (
        new_code_cell("x = 1\nglue(x=f'{x}')", metadata={"tags": ["remove-cell"]}),
        new_code_cell("charts.finish()", metadata={"tags": ["hide-input"]}),
        new_code_cell("import pandas", metadata={"tags": ["remove-cell"], "jupyter": {"source_hidden": True}}),
    )
    nb = notebook(plumbing, chart, shown)
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
    )
    found = "\n".join(notebooks.problems(bad))
    for fault in (
        "'cell-0': metadata scrolled",
        "it is numbered 3, but is code cell 1",
        "'cell-1': it wrote to stderr",
        "2 rich types",
        "more than one line",
        "'cell-3': {cite:p}`one` shows as it stands outside the book: write a link",
    ):
        assert fault in found


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
    nb = notebook(glue_cell(share="20.2%"), new_markdown_cell('<span data-glue="share">20.1%</span> (claim A99)'))
    found = "\n".join(str(p) for p in prose.problems(nb, KNOWN))
    assert "reads '20.1%' but the cells give '20.2%'" in found
    assert "claim A99 is not in claims.csv" in found
