"""What once() takes away from the other tests is work, and nothing that they would see."""

import jsonschema
import once
import pytest
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook
from nbgrader.nbgraderformat.common import ValidationError
from nbgrader.nbgraderformat.v3 import MetadataValidatorV3

ROLE = {"grade_id": "a", "grade": True, "solution": False, "locked": True, "task": False, "points": 1}


def students(root, *names: str) -> tuple[list[str], dict]:
    """Those of a new gradebook, and the statements that are kept."""
    once.once()
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        for name in names:
            gradebook.add_student(name)
        compiled = gradebook.engine.get_execution_options()["compiled_cache"]
        return [student.id for student in gradebook.students], compiled


def test_a_second_gradebook_holds_its_own_and_writes_no_statement_again(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    found, compiled = students(tmp_path / "one", "amy", "bob")
    before = dict(compiled)
    assert found == ["amy", "bob"] and before
    found, again = students(tmp_path / "two", "cleo", "dan")
    assert found == ["cleo", "dan"]
    assert again is compiled and again == before


@pytest.mark.parametrize("change", [{}, {"points": -1}, {"points": "one"}, {"grade_id": "a b"}, {"locked": 1}], ids=str)
def test_a_cell_is_held_against_the_schema_as_ever(change):
    once.once()
    cell = new_code_cell(metadata={"nbgrader": {"schema_version": 3, "cell_type": "code", **ROLE, **change}})
    validator, said = MetadataValidatorV3(), []
    for check in (validator.validate_cell, lambda cell: jsonschema.validate(cell.metadata.nbgrader, validator.schema)):
        try:
            check(cell)
        except ValidationError as error:
            said.append(error.message)
        else:
            said.append("")
    assert said[0] == said[1] and bool(said[0]) == bool(change)
