"""Every notebook gives the same numbers whatever the versions: run by ``make compat`` on those of the browser.

nbval compares every byte, under the locked versions. Altair's specs differ in form between versions; what a reader sees must
not, so here the texts, the tables, the published values and the data of the charts are compared.
"""

import copy

import pytest

from bookbuild import notebooks

from .seen import seen


@pytest.mark.parametrize("path", notebooks.sources(), ids=lambda path: path.parent.name + "/" + path.stem)
def test_same_numbers(path):
    stored = notebooks.read(path)
    fresh = copy.deepcopy(stored)
    notebooks.run(fresh, path.parent)
    for before, after in zip(stored.cells, fresh.cells, strict=True):
        was, now = ([seen(o) for o in cell.get("outputs", [])] for cell in (before, after))
        assert now == was, f"{path.name}, cell {before.id!r}"
