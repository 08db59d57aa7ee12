"""The form of an exercise source: ids, points, and tests that teach."""

import ast
import re
from collections.abc import Iterator

import nbformat
import pytest
from harness import NOTEBOOKS, ROOT, Exercise, hidden, visible

EXERCISES = {name: Exercise(name) for name in NOTEBOOKS}
TESTS = [
    pytest.param(source, id=f"{name}-{cell}")
    for name, exercise in EXERCISES.items()
    for block in exercise.blocks.values()
    for cell, source in block.tests.items()
]
BLOCKS = [
    pytest.param(block, id=f"{name}-{block.function}")
    for name, exercise in EXERCISES.items()
    for block in exercise.blocks.values()
]
SECTION = re.compile(r'Chapter (\d+), "([^"]+)"')


def text_of(node: ast.expr | None) -> str:
    """The fixed text of a string or an f-string."""
    parts = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
    return "".join(part for part in parts if isinstance(part, str))


def spelled_out(source: str) -> str:
    """A test cell whose messages say in full where to read: for ``{read}`` the section that the cell calls ``read``."""
    for name, section in re.findall(r"^    (\w+) = '(Chapter .*)'$", source, re.MULTILINE):
        source = source.replace(f"{{{name}}}", section)
    return source


def scope(node: ast.AST) -> Iterator[ast.AST]:
    """What is below a node, without the functions in it."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, (ast.FunctionDef, ast.Lambda)):
            yield child
            yield from scope(child)


@pytest.mark.parametrize("name", EXERCISES)
def test_ids_and_metadata(name):
    exercise = EXERCISES[name]
    for cell in exercise.notebook.cells:
        role = cell.metadata.get("nbgrader")
        assert set(cell.metadata) <= {"nbgrader"}, cell.id
        if role:
            assert role.schema_version == 3
            assert role.grade_id.replace("_", "-") == cell.id
            assert role.locked == (not role.solution)
    for block in exercise.blocks.values():
        for cell in block.tests:
            assert re.fullmatch(rf"{block.function}_([a-z]+_)?tests", cell)
    assert nbformat.validate(exercise.notebook) is None


@pytest.mark.parametrize("name", EXERCISES)
def test_points_add_up_to_those_of_the_headings(name):
    """A heading such as "## 5.4 … (4 + 2 points, core)" covers the test cells up to the next heading."""
    promised, given = [], []
    for cell in EXERCISES[name].notebook.cells:
        if cell.cell_type == "markdown" and (heading := re.match(r"## \d+\.\d+ .*\(([\d +]+) points", cell.source)):
            promised.append(sum(int(number) for number in heading[1].split("+")))
            given.append(0)
        elif cell.metadata.get("nbgrader", {}).get("grade"):
            given[-1] += cell.metadata.nbgrader.points
    assert list(EXERCISES[name].manual) == ["reflection"]
    assert promised == given
    assert sum(promised) == EXERCISES[name].points + EXERCISES[name].manual["reflection"]


@pytest.mark.parametrize("name", EXERCISES)
def test_there_are_enough_graded_cells_with_hidden_tests(name):
    tests = [source for block in EXERCISES[name].blocks.values() for source in block.tests.values()]
    assert len(tests) >= 9
    assert sum(bool(hidden(source)) for source in tests) >= 7


@pytest.mark.parametrize("block", BLOCKS)
def test_a_solution_cell_is_one_documented_function(block):
    (function,) = ast.parse(block.model).body
    assert function.name == block.function
    assert "Returns" in ast.get_docstring(function)
    assert block.model.count("### BEGIN SOLUTION") == block.model.count("### END SOLUTION") == 1


@pytest.mark.parametrize("source", TESTS)
def test_every_test_cell_shows_some_tests_and_hides_others(source):
    assert "assert " in visible(source)
    assert any("assert " in line for line in hidden(source))
    assert source.count("### BEGIN HIDDEN TESTS") == source.count("### END HIDDEN TESTS") == 1


@pytest.mark.parametrize("source", TESTS)
def test_every_failure_has_a_message(source):
    messages = []
    for node in ast.walk(ast.parse(spelled_out(source))):
        if isinstance(node, ast.Assert):
            messages.append((node.lineno, text_of(node.msg) if node.msg else ""))
        elif isinstance(node, ast.Raise):
            messages.append((node.lineno, text_of(node.exc)))
    for line, message in messages:
        assert len(message) >= 15, f"line {line}: {source.splitlines()[line - 1]}"
    assert any(SECTION.search(message) for _, message in messages), "no message says where to read"


@pytest.mark.parametrize("source", TESTS)
def test_a_test_cell_ends_without_a_value(source):
    """nbgrader takes a value that is displayed below a test cell for partial credit."""
    for edition in (source, visible(source)):
        function, call = ast.parse(edition).body
        assert ast.unparse(call) == f"{function.name}()"
        assert not any(isinstance(node, (ast.Return, ast.Yield, ast.YieldFrom)) for node in scope(function))


@pytest.mark.parametrize("source", TESTS)
def test_a_test_cell_names_a_section_once(source):
    """A heading that is renamed is then one edit a cell."""
    cited = SECTION.findall(source)
    assert len(cited) == len(set(cited)) > 0


@pytest.mark.parametrize("source", TESTS)
def test_no_hashes_no_source_text_no_exact_floats(source):
    assert not re.search(r"hash|md5|sha\d|inspect|getsource|\b__code__", source)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq) for op in node.ops):
            for side in (node.left, *node.comparators):
                assert not any(isinstance(x, ast.Constant) and isinstance(x.value, float) for x in ast.walk(side))


@pytest.mark.parametrize("name", EXERCISES)
def test_messages_point_at_sections_that_exist(name):
    exercise = EXERCISES[name]
    chapter = nbformat.read(ROOT / "chapters" / exercise.path.name, as_version=4)
    prose = "\n".join(cell.source for cell in chapter.cells if cell.cell_type == "markdown")
    headings = [line.casefold() for line in prose.splitlines() if line.startswith("#")]
    cited = set(SECTION.findall("\n".join(cell.source for cell in exercise.notebook.cells)))
    assert cited
    for number, section in cited:
        assert int(number) == int(exercise.path.stem[:2])
        assert any(section.casefold() in heading for heading in headings), f"chapter {number} lacks {section!r}"


def test_the_checks_see_what_they_should():
    assert hidden("a\n### BEGIN HIDDEN TESTS\nb\n### END HIDDEN TESTS\nc") == ["b"]
    assert visible("a\n### BEGIN HIDDEN TESTS\nb\n### END HIDDEN TESTS\nc").split() == ["a", "c"]
    assert text_of(ast.parse("f'x {1} y'", mode="eval").body) == "x  y"
    said = """def _f():\n    read = 'Chapter 1, "A"'\n    assert 0, f'No. {read}'\n    (lambda: 1, lambda x: (yield))"""
    assert """f'No. Chapter 1, "A"'""" in spelled_out(said)
    assert not any(isinstance(node, ast.Yield) for node in scope(ast.parse(said).body[0]))
