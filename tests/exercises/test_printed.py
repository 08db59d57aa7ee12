"""What a student reads fits what the tests accept: printed numbers are rightly rounded, and half a function breaks no chart."""

import ast
import re

import numpy as np
import pytest
from answers import Block
from harness import NOTEBOOKS, Exercise
from IPython.display import display

EXERCISES = {name: Exercise(name) for name in NOTEBOOKS}


class Recorder(ast.NodeTransformer):
    """Has each ``np.isclose(got, 0.8633, …)`` report what it compared: got, and the decimals as they are printed."""

    def __init__(self, source: str) -> None:
        self.source = source

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        if ast.unparse(node.func) not in ("np.isclose", "np.allclose"):
            return node
        theirs = node.args[1].elts if isinstance(node.args[1], (ast.List, ast.Tuple)) else [node.args[1]]
        printed = [ast.get_source_segment(self.source, one) or "" for one in theirs]
        seen = ast.Constant(tuple(text if re.fullmatch(r"-?\d+\.\d+", text) else "" for text in printed))
        return ast.Call(ast.Name("_compared", ast.Load()), [node, node.args[0], seen], [])


def is_rounding_of(printed: str, value: float) -> bool:
    """Whether ``printed`` is ``value`` to as many decimals as it has; a tie may go either way."""
    unit = 10.0 ** -len(printed.partition(".")[2])
    return abs(float(printed) - value) <= unit / 2 + 1e-9


def comparisons(exercise: Exercise, block: Block) -> list[tuple[float, str]]:
    """What a task's tests compare with success where the model answers, each with the decimals that they print for it."""
    found, namespace = [], {"__name__": "__main__", "display": display}

    def compared(close, got, printed):
        values = np.ravel(np.asarray(got, dtype=float))
        if np.all(close):
            found.extend(zip(values, printed if len(values) == len(printed) else [""] * len(values), strict=True))
        return close

    exec(exercise.setup, namespace)
    exec(block.model, namespace)
    namespace["_compared"] = compared
    for source in block.tests.values():
        tree = ast.fix_missing_locations(Recorder(source).visit(ast.parse(source)))
        exec(compile(tree, "<test>", "exec"), namespace)
    return found


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", EXERCISES)
def test_a_printed_value_is_what_comes_out(name):
    """Or who rounds a right answer as the text does, 0.86335 to 0.8634, loses marks for it."""
    exercise = EXERCISES[name]
    found = [pair for block in exercise.blocks.values() for pair in comparisons(exercise, block)]
    assert [f"{text} for {value}" for value, text in found if text and not is_rounding_of(text, value)] == []
    texts = "\n".join(cell.source for cell in exercise.notebook.cells if cell.cell_type == "markdown")
    bold = [text.replace("−", "-").replace(",", "") for text in re.findall(r"\*\*([−-]?[\d,]+\.\d{2,})\*\*", texts)]
    assert bold
    assert [text for text in bold if not any(is_rounding_of(text, value) for value, _ in found)] == []


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", EXERCISES)
@pytest.mark.parametrize("half", ["None", "'x'", "[]", "{}['key']", "1 / 0"])
def test_a_half_written_function_breaks_no_chart(name, half):
    """What is not graded runs whatever the functions give or raise."""
    exercise, namespace = EXERCISES[name], {"__name__": "__main__", "display": lambda shown: None}
    exec(exercise.setup, namespace)
    for function in exercise.blocks:
        exec(f"def {function}(*inputs, **named):\n    return {half}", namespace)
    for cell in exercise.notebook.cells:
        if cell.cell_type == "code" and not cell.metadata.get("nbgrader"):
            exec(compile(cell.source, cell.id, "exec"), namespace)


def test_the_last_digit_counts():
    assert is_rounding_of("0.8633", 0.863349) and not is_rounding_of("0.8634", 0.863349)
    assert is_rounding_of("-0.45", -0.448) and is_rounding_of("0.5", 0.55)
