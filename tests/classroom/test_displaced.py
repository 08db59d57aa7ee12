"""Never a silent zero: an untouched cell whose answer may stand elsewhere waits for a person; a task left out does not."""

import copy
import csv
import json
import time
from pathlib import Path

import nbformat
import pytest
import tiny
from course import nbgrader
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell
from nbgrader.api import Gradebook

from classroom import assignment as assignments
from classroom import cli, demo
from classroom.course import open_course
from classroom.decisions import DECISIONS, Decisions
from classroom.displaced import WORDS, WORDS_IN_CODE, functions, near
from classroom.export import export
from classroom.feedback import feedback
from classroom.grade import grade_assignment
from classroom.intake import OTHERS, intake
from classroom.model import Accepted, Decision, Fate, Outcome
from classroom.outcomes import OUTCOMES, Outcomes, report
from classroom.resolve import decide, questions
from classroom.submission import TYPED

ROOT = Path(__file__).parents[2]
ESSAY = (
    "Madam Chair, two numbers give two answers: the gap says that we should turn to the old towns first,\n"
    "the ratio says that the villages are worse off. I would go by the gap, for it counts people."
)
DOUBLE = "def double(x):\n    return x + x"
RIGHT = tiny.ANSWERS["right"]
ALL_BUT_ESSAY = {name: text for name, text in RIGHT.items() if name != "essay"}
ALL_BUT_DOUBLE = {name: text for name, text in RIGHT.items() if name != "double"}
ALL_BUT_TOTAL = {name: text for name, text in RIGHT.items() if name != "by_hand"}
OPEN = {"essay": ALL_BUT_ESSAY, "double": ALL_BUT_DOUBLE, "by_hand": ALL_BUT_TOTAL}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    course = tiny.make_course(tmp_path_factory.mktemp("course"))
    for step in (course.source_directory, course.release_directory):
        (Path(course.format_path(step, ".", tiny.NAME)) / "form.docx").write_bytes(b"PK\3\4 empty")
    return course


@pytest.fixture
def fresh(course, tmp_path):
    return tiny.copy_course(course, tmp_path / "course")


@pytest.fixture(scope="module")
def week1(course):
    return assignments.load(course, tiny.NAME)


def at(notebook, name: str) -> int:
    """Where a cell is, by grade id."""
    return next(i for i, c in enumerate(notebook.cells) if c.metadata.get("nbgrader", {}).get("grade_id") == name)


def hand_in(course, student: str, answers, edit=lambda notebook: None, **files: bytes) -> Path:
    """Hands in the released notebook with answers, edited, and other files beside it (``__`` stands for a dot)."""
    notebook = tiny.answered(tiny.released(course), answers)
    edit(notebook)
    folder = tiny.submit(course, student, nbformat.writes(notebook).encode())
    for name, data in files.items():
        path = folder / name.replace("__", ".")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    return folder


def run(course, **options) -> dict[str, Outcome]:
    return {
        one.student: one for one in grade_assignment(course, tiny.NAME, pool=tiny.Plain(), progress=False, **options)
    }


def score(course, student: str = "amy") -> float:
    return tiny.rows(course)[student]["score"]


def exported(course, tmp_path, **options) -> dict[str, dict[str, str]]:
    path = export(course, "csv", tmp_path / "marks.csv", outcomes_folder=str(course.root), **options)
    with path.open(newline="", encoding="utf-8") as file:
        return {row["student_id"]: row for row in csv.DictReader(file)}


def add(*cells):
    """An edit that puts cells at the end."""
    return lambda notebook: notebook.cells.extend(cells)


def change(name: str, text: str):
    """An edit of the text of one cell, by grade id, or of the first."""

    def edit(notebook):
        notebook.cells[at(notebook, name) if name else 0]["source"] += text

    return edit


def beside(offset: int, text: str):
    """An edit that puts a text cell next to the one for the essay."""
    return lambda notebook: notebook.cells.insert(at(notebook, "essay") + offset, new_markdown_cell(text))


def commented(text: str) -> str:
    return "\n".join(f"# {line}" for line in text.split("\n"))


def with_output(notebook):
    """The essay was shown by a cell whose code is gone."""
    cell = new_code_cell("")
    cell["outputs"] = [new_output("stream", name="stdout", text=ESSAY)]
    notebook.cells.append(cell)


def with_markdown_output(notebook):
    cell = new_code_cell("show(my_text)")
    cell["outputs"] = [new_output("display_data", data={"text/markdown": ESSAY})]
    notebook.cells.append(cell)


def with_picture(notebook):
    """Pasted into the cell for the answer, whose text stays the placeholder."""
    notebook.cells[at(notebook, "essay")]["attachments"] = {"page.png": {"image/png": "iVBORw0KGgo="}}


def picture_elsewhere(notebook):
    notebook.cells.append(
        new_markdown_cell("![](attachment:page.png)", attachments={"page.png": {"image/png": "AA=="}})
    )


def notebook_of(*cells) -> bytes:
    return nbformat.writes(nbformat.v4.new_notebook(cells=list(cells))).encode()


def nothing(notebook):
    pass


DISPLACED = {
    # the text for a person: in another cell ...
    "in a cell below": ("essay", add(new_markdown_cell(ESSAY)), {}, "cell 11"),
    "in a raw cell": ("essay", add(new_raw_cell(ESSAY)), {}, "cell 11"),
    "in the task's own cell": ("essay", change("", f"\n\n{ESSAY}"), {}, "cell 1"),
    "in a locked cell, whose text is put back": ("essay", change("drawing", f"\n\n{ESSAY}"), {}, "cell 9"),
    "as comments": ("essay", add(new_code_cell(commented(f"{ESSAY}\n{ESSAY}x"))), {}, "cell 11"),
    "as a string": ("essay", add(new_code_cell(f'"""\n{ESSAY}\n{ESSAY}x\n"""')), {}, "cell 11"),
    "printed": ("essay", add(new_code_cell(f'print("""{ESSAY}\n{ESSAY}x""")')), {}, "cell 11"),
    "as prose that is no Python": ("essay", add(new_code_cell(f"{ESSAY}\n{ESSAY}x")), {}, "cell 11"),
    "by a magic": ("essay", add(new_code_cell(f"%%markdown\n{ESSAY}")), {}, "cell 11"),
    "by a magic that writes it": ("essay", add(new_code_cell(f"%%writefile essay.md\n{ESSAY}")), {}, "cell 11"),
    "in a sentence right below": ("essay", beside(1, "Two is one and one."), {}, "cell 9"),
    "in a sentence right above": ("essay", beside(0, "Two is one and one."), {}, "cell 8"),
    "in Arabic": ("essay", add(new_markdown_cell("المساواة بين الناس في الصحة أهم من النسبة " * 3)), {}, "cell 11"),
    "in Japanese": (
        "essay",
        add(new_markdown_cell("格差は人数で測るべきである。比率だけでは足りない。")),
        {},
        "cell 11",
    ),
    "in an output": ("essay", with_output, {}, "the output of cell 11"),
    "in an output that is Markdown": ("essay", with_markdown_output, {}, "the output of cell 11"),
    "as an attachment": ("essay", with_picture, {}, "a picture in cell 8"),
    "as a picture in a cell": ("essay", picture_elsewhere, {}, "a picture in cell 11"),
    "in the code of another task, as comments": (
        "essay",
        change("by_hand", "\n" + commented(f"{ESSAY}\n{ESSAY}x")),
        {},
        "cell 7",
    ),
    "in the code of another task, as a string": (
        "essay",
        change("by_hand", f'\nmine = """{ESSAY}\n{ESSAY}."""'),
        {},
        "cell 7",
    ),
    "behind a link": (
        "essay",
        add(new_markdown_cell("Here: https://docs.google.com/document/d/1/edit")),
        {},
        "cell 11",
    ),
    # ... or in a file
    "in a Word file": ("essay", nothing, {"essay__docx": b"PK\3\4..."}, "'essay.docx'"),
    "in an Open Document file": ("essay", nothing, {"essay__odt": b"PK\3\4..."}, "'essay.odt'"),
    "in a PDF": ("essay", nothing, {"tiny__pdf": b"%PDF-1.7 ..."}, "'tiny.pdf'"),
    "in a text file": ("essay", nothing, {"essay__txt": ESSAY.encode("utf-16")}, "'essay.txt' (“Madam Chair"),
    "in Markdown": ("essay", nothing, {"notes__md": ESSAY.encode()}, "'notes.md' (“Madam Chair"),
    "in a file without an ending": ("essay", nothing, {"essay": ESSAY.encode("latin-1")}, "'essay' (“Madam Chair"),
    "typed into the platform": (
        "essay",
        nothing,
        {"onlinetext__html": f"<style>a b c</style><p>{ESSAY}</p>".encode()},
        "'onlinetext.html' (“Madam Chair",
    ),
    "behind a link that was typed into the platform": (
        "essay",
        nothing,
        {f"{TYPED}/link__html": b"<a href='https://uni.example/me'>mine</a>"},
        f"'{TYPED}/link.html'",
    ),
    "in the cloud": ("essay", nothing, {"essay__gdoc": b'{"doc_id": "1abc"}'}, "'essay.gdoc'"),
    "in a bookmark": ("essay", nothing, {"essay__url": b"[InternetShortcut]\nURL=https://x.example/1"}, "'essay.url'"),
    "spoken": ("essay", nothing, {"essay__m4a": b"\0\0\0 ftypM4A"}, "'essay.m4a'"),
    "in a mail": (
        "essay",
        nothing,
        {"sent/mail__eml": f"Subject: essay\n\n{ESSAY}".encode()},
        "'sent/mail.eml' (“Subject",
    ),
    "in LaTeX": ("essay", nothing, {"essay__tex": f"\\section{{Two}}\n{ESSAY}".encode()}, "'essay.tex'"),
    "as a photograph": ("essay", nothing, {"IMG_0001__JPG": b"\xff\xd8\xff\0\0"}, "'IMG_0001.JPG'"),
    "in a file that was handed out to be filled in": ("essay", nothing, {"form__docx": b"PK\3\4 mine"}, "'form.docx'"),
    "in a zip": ("essay", nothing, {"work__zip": b"PK\3\4..."}, "'work.zip'"),
    "in a rar": ("essay", nothing, {"work__rar": b"Rar!\x1a\7\0"}, "'work.rar'"),
    "in a module": ("essay", nothing, {"essay__py": f'text = """\n{ESSAY}\n{ESSAY}x\n"""'.encode()}, "'essay.py'"),
    "in another notebook": (
        "essay",
        nothing,
        {"essay__ipynb": notebook_of(new_markdown_cell(ESSAY))},
        "cell 1 of 'essay.ipynb' (“Madam Chair",
    ),
    "in a notebook that cannot be read": ("essay", nothing, {"tiny2__ipynb": b'{"cells": ['}, "'tiny2.ipynb'"),
    # a function
    "a function below its tests": ("double", add(new_code_cell(DOUBLE)), {}, "cell 11"),
    "a function in text": ("double", add(new_markdown_cell(f"```python\n{DOUBLE}\n```")), {}, "cell 11"),
    "a function in a locked cell": ("double", change("setup", f"\n{DOUBLE}"), {}, "cell 2"),
    "a function under a name of its own": (
        "double",
        add(new_code_cell("def Doubled(x):\n    return x + x")),
        {},
        "cell 11",
    ),
    "a function that is commented out": (
        "double",
        change("double", "\n" + commented(f"my try\n{DOUBLE}")),
        {},
        "what is commented out in cell 3",
    ),
    "a function in a module": ("double", nothing, {"mine__py": DOUBLE.encode()}, "'mine.py'"),
    "a function in a text file": ("double", nothing, {"mine__txt": DOUBLE.encode()}, "'mine.txt'"),
    "a function in a document": ("double", nothing, {"answers__docx": b"PK\3\4"}, "'answers.docx'"),
    "a function that the emptied cell undoes": (
        "double",
        lambda notebook: (
            notebook.cells.insert(2, new_code_cell(DOUBLE)),
            notebook.cells[3].update(source="def double(x):\n    pass"),
        ),
        {},
        "cell 3",
    ),
    "a function below the essay": ("double", change("essay", f"\n\n```\n{DOUBLE}\n```"), {}, "cell 8"),
    "a function for another program": ("double", add(new_code_cell(f"%%script python\n{DOUBLE}")), {}, "cell 11"),
    "a function in a class": (
        "double",
        add(new_code_cell("class Mine:\n    def double(self, x):\n        return x + x")),
        {},
        "cell 11",
    ),
    "a function in a raw cell": ("double", add(new_raw_cell(DOUBLE)), {}, "cell 11"),
    # a value
    "a value in text": ("by_hand", add(new_markdown_cell("My answer is\n\ntotal = 7")), {}, "cell 11"),
    "a value with a capital": ("by_hand", add(new_code_cell("Total = 7")), {}, "cell 11"),
    "a value below": ("by_hand", add(new_code_cell("total = 7")), {}, "cell 11"),
}


@pytest.mark.parametrize("kind", DISPLACED)
def test_work_in_another_place_waits_for_a_person(fresh, tmp_path, kind):
    """Held, told what and where; never exported as final; the student's page says that we look."""
    name, edit, files, where = DISPLACED[kind]
    hand_in(fresh, "amy", OPEN[name], edit, **files)
    outcome = run(fresh)["amy"]
    assert outcome.fate is Fate.ATTENTION, outcome
    (note,) = [note for note in outcome.notes if "handed out" in note]
    assert name in note and where in note
    assert any(where in told for told in outcome.found)
    rows = tiny.rows(fresh)["amy"]
    assert rows["needs"] and not [row for key, row in rows.items() if key[0] == "grade" and row[0] == 0 and not row[3]]
    for options in ({}, {"provisional": True}, {"reviewed": True}):
        assert exported(fresh, tmp_path, **options)["amy"]["score"] == ""
    (page,) = feedback(fresh, tiny.NAME)
    html = page.path.read_text(encoding="utf-8")
    assert "A person is looking" in html and "No response" not in html and "0 of 5 points" not in html


HONEST = {
    "nothing": ("stub", nothing, {}),
    "scratch": ("stub", add(new_code_cell("print(double)"), new_code_cell("x = 3\nx * 2"), new_code_cell("")), {}),
    "magics": ("stub", add(new_code_cell("%matplotlib inline"), new_code_cell("!ls\n%timeit 3 + 4")), {}),
    "notes": ("stub", add(new_markdown_cell("## Notes\n\nAsk on Monday why twice 2 is 4."), new_markdown_cell("")), {}),
    "a word beside": ("stub", beside(1, "I had no time."), {}),
    "a source": ("stub", add(new_markdown_cell("Read: https://www.who.int/data/gho and https://www.ons.gov.uk")), {}),
    "what Word leaves behind": ("stub", nothing, {"~$essay__docx": b"\x05amina"}),
    "a remark in a cell of code": ("stub", change("by_hand", "\n# I tried it twice, and it did not come out"), {}),
    "a notebook without cells": (
        "stub",
        nothing,
        {"Untitled__ipynb": notebook_of(), "b__ipynb": notebook_of(new_code_cell())},
    ),
    "a form as it was handed out": ("stub", nothing, {"form__docx": b"PK\3\4 empty"}),
    "a copy of the stub": ("stub", lambda notebook: notebook.cells.insert(2, new_code_cell(stub(notebook))), {}),
    "a copy of the task": ("stub", add(new_markdown_cell("Draw a line below."), new_code_cell("import math")), {}),
    "a copy of a test": ("stub", add(new_code_cell("assert double(2) == 4, 'twice 2 is 4'")), {}),
    "a comment in the stub": ("stub", change("double", "\n    # I do not know how"), {}),
    "pass": ("stub", change("double", "\n    pass"), {}),
    "a helper with a long docstring": (
        "stub",
        add(new_code_cell(f'def helper(x):\n    """{ESSAY}"""\n    return x\n\nclass A:\n    """{ESSAY}"""')),
        {},
    ),
    "code": (
        "stub",
        add(new_code_cell("\n".join(f"value{i} = [n for n in range({i}) if n > 3]" for i in range(99)))),
        {},
    ),
    "a chart that the code writes": (
        "stub",
        add(new_code_cell('chart.save("chart.png")\nplt.savefig("plots/b.svg")')),
        {"chart__png": b"\x89PNG", "b__svg": b"<svg>"},
    ),
    "data": ("stub", nothing, {"mine__csv": ESSAY.encode(), "a__json": b"{}", "b__yml": b"", "timestamp__txt": b""}),
    "a short file": ("stub", nothing, {"readme__txt": b"This is my work.", "empty__docx": b""}),
    "what was handed out, again": ("stub", nothing, {"data__csv": b"a,b\n1,2\n"}),
    "a print of the notebook": (ALL_BUT_DOUBLE, nothing, {"tiny__pdf": b"%PDF", "Tiny (1)__html": b"<html>"}),
    "the notebook as a script": (ALL_BUT_DOUBLE, nothing, {"tiny__py": b"SCRIPT"}),
    "an older copy": (ALL_BUT_DOUBLE, nothing, {"tiny-Copy1__ipynb": b"OLDER"}),
    "an essay": (ALL_BUT_DOUBLE, add(new_markdown_cell(ESSAY)), {}),
    "a function more": ("stub", add(new_code_cell("def treble(x):\n    return 3 * x")), {}),
}


def stub(notebook) -> str:
    return notebook.cells[at(notebook, "double")]["source"]


@pytest.mark.parametrize("kind", HONEST)
def test_a_task_that_was_left_out_is_an_ordinary_zero(fresh, tmp_path, kind):
    answers, edit, files = HONEST[kind]
    answers = tiny.ANSWERS[answers] if isinstance(answers, str) else answers
    released = tiny.released(fresh)
    whole = tiny.answered(released, answers)
    made = {
        b"SCRIPT": "\n\n".join(cell["source"] for cell in whole.cells if cell["cell_type"] == "code").encode(),
        b"OLDER": nbformat.writes(tiny.answered(released, {"roots": RIGHT["roots"]})).encode(),
    }
    hand_in(fresh, "amy", answers, edit, **{name: made.get(data, data) for name, data in files.items()})
    outcome = run(fresh)["amy"]
    assert outcome.fate in (Fate.GRADED, Fate.REPAIRED) and not outcome.found, outcome
    assert tiny.rows(fresh)["amy"]["grade", "double_tests"] == (0.0, None, None, False)


def test_what_is_answered_is_not_looked_for(fresh):
    """Whatever else is handed in with a complete notebook, it holds nothing back."""
    files = {"essay__docx": b"PK\3\4", "all__zip": b"PK\3\4", "mine__py": DOUBLE.encode(), "a__png": b"\x89PNG"}
    hand_in(fresh, "amy", RIGHT, add(new_markdown_cell(ESSAY), new_code_cell(DOUBLE)), **files)
    assert run(fresh)["amy"].fate is Fate.GRADED and score(fresh) == 5.0


def test_where_the_line_is(week1):
    def found(cell) -> bool:
        notebook = tiny.answered(nbformat.from_dict(week1.notebooks["tiny"].release), ALL_BUT_ESSAY)
        notebook.cells.append(cell)
        return bool(intake(week1, {"tiny.ipynb": nbformat.writes(notebook).encode()}).found)

    words = [f"w{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(WORDS_IN_CODE)]
    assert not found(new_markdown_cell(" ".join(words[: WORDS - 1])))
    assert found(new_markdown_cell(" ".join(words[:WORDS])))
    assert not found(new_code_cell("# " + " ".join(words[:-1])))
    assert found(new_markdown_cell("x" * 3_000_000))  # more than is looked through
    assert found(new_code_cell("# " + " ".join(words)))


def test_the_placeholder_in_another_language_with_text_below_is_a_persons_to_mark(fresh):
    """A cell that a student wrote in never was an automatic 0; it is not told as one that stands elsewhere either."""
    hand_in(fresh, "amy", ALL_BUT_ESSAY | {"essay": f"*Écrivez votre réponse ici.*\n\n{ESSAY}"})
    hand_in(fresh, "bob", ALL_BUT_ESSAY, change("essay", f"\n\n{ESSAY}"), other__docx=b"PK")
    outcomes = run(fresh)
    for student in ("amy", "bob"):
        assert outcomes[student].fate is Fate.GRADED and not outcomes[student].found
        assert tiny.rows(fresh)[student]["grade", "essay"] == (None, None, None, True)


@pytest.mark.parametrize("empty", ["", "   \n\n"])
def test_an_emptied_or_deleted_cell_for_a_text_is_as_good_as_untouched(fresh, empty):
    hand_in(fresh, "amy", ALL_BUT_ESSAY | {"essay": empty}, add(new_markdown_cell(ESSAY)))
    hand_in(
        fresh, "bob", ALL_BUT_ESSAY, lambda nb: (nb.cells.pop(at(nb, "essay")), nb.cells.append(new_raw_cell(ESSAY)))
    )
    outcomes = run(fresh)
    assert all("Madam Chair" in outcomes[student].found[0] for student in ("amy", "bob")), outcomes


# ------------------------------------------------------------------------------------------- a function above its stub


ABOVE = {
    "def": DOUBLE,
    "with a comment": f"# mine\n{DOUBLE}\nprint(double(4))",
    "lambda": "double = lambda x: x + x",
    "another name": "def mine(x):\n    return 2 * x\n\ndouble = mine",
    "two in one cell": f"import math\n{DOUBLE}\n\ndef treble(x):\n    return 3 * x",
}


@pytest.mark.parametrize("how", ABOVE)
def test_a_function_above_its_untouched_stub_counts(fresh, tmp_path, how):
    hand_in(fresh, "amy", ALL_BUT_DOUBLE, lambda notebook: notebook.cells.insert(2, new_code_cell(ABOVE[how])))
    outcome = run(fresh)["amy"]
    assert outcome.fate is Fate.REPAIRED and not outcome.found
    assert outcome.notes == ("'double' is as it was handed out: it was not run, cell 3 above it counts",)
    rows = tiny.rows(fresh)["amy"]
    assert rows["grade", "double_tests"] == (2.0, None, None, False) and rows["score"] == 5.0
    assert rows["comment", "double"][0] == "This cell was not run: what you wrote above it counts."
    assert exported(fresh, tmp_path, provisional=True)["amy"]["score"] == "5"


def test_a_stub_that_was_worked_on_is_run_as_ever(fresh):
    hand_in(
        fresh,
        "amy",
        RIGHT | {"double": "def double(x):\n    return 4"},
        lambda nb: nb.cells.insert(2, new_code_cell(DOUBLE)),
    )
    assert run(fresh)["amy"].fate is Fate.GRADED
    assert tiny.rows(fresh)["amy"]["grade", "double_tests"][0] == 0.0


def test_what_stands_above_a_stub_in_the_release_is_not_the_students(fresh):
    """An example that was handed out earns nothing."""
    release = Path(fresh.format_path(fresh.release_directory, ".", tiny.NAME)) / "tiny.ipynb"
    notebook = nbformat.read(release, as_version=4)
    notebook.cells.insert(2, new_code_cell(DOUBLE))
    nbformat.write(notebook, release)
    tiny.submit(fresh, "amy", nbformat.writes(tiny.answered(tiny.released(fresh), ALL_BUT_DOUBLE)).encode())
    assert run(fresh)["amy"].fate is Fate.GRADED
    assert tiny.rows(fresh)["amy"]["grade", "double_tests"][0] == 0.0


def test_two_functions_in_the_cell_of_one(fresh):
    """The stub of the other one is not run either."""
    both = f"{DOUBLE}\n\n{RIGHT['roots']}"
    hand_in(fresh, "amy", {name: text for name, text in RIGHT.items() if name != "roots"} | {"double": both})
    outcome = run(fresh)["amy"]
    assert outcome.notes == ("'roots' is as it was handed out: it was not run, cell 3 above it counts",)
    assert score(fresh) == 5.0


def test_a_wrong_function_above_its_stub_is_marked_as_any_wrong_one(fresh):
    hand_in(fresh, "amy", ALL_BUT_DOUBLE, lambda nb: nb.cells.insert(2, new_code_cell("def double(x):\n    return 4")))
    assert run(fresh)["amy"].fate is Fate.REPAIRED
    assert tiny.rows(fresh)["amy"]["grade", "double_tests"] == (0.0, None, None, False)


def test_names():
    assert functions(
        "async def a(): pass\nclass B: pass\nc = lambda: 1\nfrom d import e as f, g\nh = 3\n    def i(): pass"
    ) == {*"aBcfgi"}
    assert near("gaps", "gap") and near("gaps", "Gaps") and near("core20", "core_20") and near("sii", "sij")
    assert (
        not near("gaps", "ranks") and not near("ab", "a") and not near("double", "treble") and near("double", "doubble")
    )


# ------------------------------------------------------------------------------------------- two notebooks


def both(course, student: str, first, second, names=("tiny.ipynb", "tiny (1).ipynb")) -> Path:
    folder = tiny.submit(course, student, b"")
    (folder / "tiny.ipynb").unlink()
    for name, answers in zip(names, (first, second), strict=True):
        (folder / name).write_bytes(nbformat.writes(tiny.answered(tiny.released(course), answers)).encode())
    return folder


@pytest.mark.parametrize("name", ["tiny (1).ipynb", "tiny_final.ipynb", "final.ipynb"])
def test_of_two_notebooks_a_person_chooses(fresh, tmp_path, capsys, monkeypatch, name):
    both(fresh, "amy", {}, RIGHT, ("tiny.ipynb", name))
    outcome = run(fresh)["amy"]
    assert outcome.fate is Fate.ATTENTION and outcome.file == "tiny.ipynb"
    assert outcome.notes[0] == (
        f"2 notebooks could be the one to grade: 'tiny.ipynb' earns 0 of 5 by its tests, {name!r} earns 5 and more for "
        "'double_tests', 'roots_score', 'total_tests' and has a text of its own for 'essay'; say which: "
        "classroom resolve week1 amy --notebook FILE"
    )
    assert outcome.found == (
        f"We found more than one notebook, 'tiny.ipynb', {name!r}, and are looking which of them counts.",
    )
    assert all(row[3] for key, row in tiny.rows(fresh)["amy"].items() if key[0] == "grade")
    assert exported(fresh, tmp_path, provisional=True)["amy"]["score"] == ""
    monkeypatch.chdir(fresh.root)
    assert cli.main(["resolve", "week1"]) == 1 and "earns 5" in capsys.readouterr().out
    assert cli.main(["resolve", "week1", "amy", "--notebook", name]) == 0
    assert "is the notebook to grade" in capsys.readouterr().out
    outcome = run(fresh)["amy"]
    assert outcome.fate is Fate.REPAIRED and score(fresh) == 5.0
    assert f"the file was called {name!r}" in outcome.notes and "'tiny.ipynb' was not graded" in outcome.notes
    assert exported(fresh, tmp_path, provisional=True)["amy"]["score"] == "5"
    assert cli.main(["resolve", "week1"]) == 0 and "nothing is open" in capsys.readouterr().out
    # Kept as what a person decided: it survives a lost file of outcomes, and is void for another submission.
    (Path(fresh.root) / OUTCOMES).unlink()
    assert run(fresh)["amy"].fate is Fate.REPAIRED
    both(fresh, "amy", {"roots": RIGHT["roots"]}, RIGHT, ("tiny.ipynb", name))
    assert run(fresh)["amy"].fate is Fate.ATTENTION
    both(fresh, "amy", {}, RIGHT, ("tiny.ipynb", name))
    assert run(fresh)["amy"].fate is Fate.REPAIRED
    assert cli.main(["resolve", "week1", "amy", "--undo"]) == 0
    assert run(fresh)["amy"].fate is Fate.ATTENTION


def test_a_scratch_notebook_with_one_function_of_four_is_weighed_like_any_other(fresh):
    hand_in(fresh, "amy", ALL_BUT_DOUBLE, scratch__ipynb=notebook_of(new_code_cell(DOUBLE)))
    outcome = run(fresh)["amy"]
    assert outcome.fate is Fate.ATTENTION
    assert (
        "'tiny.ipynb' earns 3 of 5 by its tests, 'scratch.ipynb' earns 2 and more for 'double_tests';"
        in outcome.notes[0]
    )


def test_the_one_with_the_right_name_can_be_chosen_too(fresh):
    both(fresh, "amy", tiny.ANSWERS["half"], RIGHT)
    assert run(fresh)["amy"].fate is Fate.ATTENTION
    decide(fresh, tiny.NAME, "amy", notebook="tiny.ipynb")
    outcome = run(fresh)["amy"]
    assert outcome.fate is Fate.REPAIRED and score(fresh) == 1.0
    decide(fresh, tiny.NAME, "amy", stands=True)
    assert run(fresh)["amy"].fate is Fate.REPAIRED


@pytest.mark.parametrize(
    ("first", "second"),
    [(RIGHT, tiny.ANSWERS["half"]), (RIGHT, {}), (RIGHT, RIGHT | {"double": "def double(x):\n    return 2*x"})],
)
def test_another_notebook_that_adds_nothing_is_only_noted(fresh, first, second):
    both(fresh, "amy", first, second)
    outcome = run(fresh)["amy"]
    assert outcome.fate is Fate.REPAIRED and outcome.notes == ("'tiny (1).ipynb' was not graded",)
    assert score(fresh) == 5.0


def test_of_two_that_are_called_alike_neither_is_taken_unseen(fresh):
    names = ("tiny (1).ipynb", "tiny (2).ipynb")
    both(fresh, "amy", RIGHT, tiny.ANSWERS["half"], names)
    both(fresh, "bob", RIGHT, RIGHT | {"double": "def double(x):\n    return 2 * x"}, names)
    outcomes = run(fresh)
    assert "'tiny (1).ipynb' earns 5 of 5 by its tests, 'tiny (2).ipynb' earns 1" in outcomes["amy"].notes[0]
    assert outcomes["amy"].fate is Fate.ATTENTION
    assert outcomes["bob"].fate is Fate.REPAIRED and score(fresh, "bob") == 5.0  # which of them makes no difference


def test_a_broken_notebook_beside_a_sound_one(fresh):
    """Nobody takes the sound one unseen; a person can."""
    folder = both(fresh, "amy", {}, RIGHT)
    (folder / "tiny.ipynb").write_bytes(b'{"cells": [')
    outcome = run(fresh)["amy"]
    assert outcome.fate is Fate.ATTENTION
    assert "breaks off" in outcome.notes[0] and "'tiny (1).ipynb' could be graded in its place" in outcome.notes[0]
    assert list(questions(fresh, tiny.NAME))
    decide(fresh, tiny.NAME, "amy", notebook="tiny (1).ipynb")
    assert run(fresh)["amy"].fate is Fate.REPAIRED and score(fresh) == 5.0


def test_more_notebooks_than_anybody_runs(fresh):
    """The number that is looked into is bounded; the others are still told."""
    folder = hand_in(fresh, "amy", {})
    for n in range(OTHERS + 30):
        answers = {"roots": RIGHT["roots"], "essay": f"{n}"}
        (folder / f"copy{n:02}.ipynb").write_bytes(
            nbformat.writes(tiny.answered(tiny.released(fresh), answers)).encode()
        )
    (outcome,) = grade_assignment(fresh, tiny.NAME, pool=(pool := tiny.Plain()), progress=False)
    assert outcome.fate is Fate.ATTENTION and len(pool.ran) == 1 + OTHERS
    assert any("'copy20.ipynb'" in note for note in outcome.notes)


# ------------------------------------------------------------------------------------------- what a person decides


def test_a_person_gives_the_points_or_lets_the_marks_stand(fresh, tmp_path):
    for student in ("amy", "bob"):
        hand_in(fresh, student, ALL_BUT_ESSAY, essay__docx=b"PK\3\4")
    outcomes = run(fresh)
    assert {one.fate for one in outcomes.values()} == {Fate.ATTENTION}
    assert any("--stands" in line for line in report(list(outcomes.values()), fresh, tiny.NAME))
    with Gradebook(fresh.db_url, fresh.course_id) as gradebook:
        for notebook in gradebook.find_submission(tiny.NAME, "amy").notebooks:
            for grade in notebook.grades:
                if grade.needs_manual_grade:
                    grade.manual_score, grade.needs_manual_grade = 4.0, False
        gradebook.db.commit()
    assert "stand" in decide(fresh, tiny.NAME, "bob", stands=True)
    outcomes = run(fresh)
    assert outcomes["amy"].fate is Fate.GRADED and outcomes["bob"].fate is Fate.REPAIRED
    assert not outcomes["amy"].found and not outcomes["bob"].found
    assert tiny.rows(fresh)["bob"]["grade", "essay"] == (0.0, None, None, False)
    assert "looked at what else was handed in" in outcomes["bob"].notes[0]
    assert exported(fresh, tmp_path)["amy"]["score"] != ""
    for page in feedback(fresh, tiny.NAME):
        assert "A person is looking" not in page.path.read_text(encoding="utf-8")


def test_trouble_with_a_decision_is_a_sentence(fresh, monkeypatch, capsys):
    hand_in(fresh, "amy", {}, other__ipynb=b"{")
    monkeypatch.chdir(fresh.root)
    for words, said in (
        (["resolve", "week1", "zoe", "--stands"], "zoe handed in nothing for week1"),
        (["resolve", "week1", "amy", "--notebook", "tiny2.ipynb"], "it has: 'other.ipynb', 'tiny.ipynb'"),
        (
            ["resolve", "week1", "amy", "--notebook", "other.ipynb"],
            "'other.ipynb' cannot be graded: the file breaks off",
        ),
        (["resolve", "week1", "amy", "--notebook", "../../bob/week1/tiny.ipynb"], "has no notebook"),
        (["resolve", "week9", "amy", "--stands"], "week9"),
    ):
        assert cli.main(words) == 2
        assert said in capsys.readouterr().err
    assert not (Path(fresh.root) / DECISIONS).exists()
    with pytest.raises(SystemExit):
        cli.main(["resolve", "week1", "amy", "--stands", "--notebook", "tiny.ipynb"])


def test_a_file_of_decisions_that_was_cut_short_or_edited_by_hand(fresh):
    decisions = Decisions(Path(fresh.root))
    decisions.add(tiny.NAME, "amy", {"a": b"1"}, Decision({"tiny": "a.ipynb"}))
    with decisions.path.open("ab") as file:
        file.write(b'{"assignment": "week1", "student": "bob", "files"')
    decisions = Decisions(Path(fresh.root))
    decisions.add(tiny.NAME, "bob", {"a": b"1"}, Decision(stands=True))
    decisions = Decisions(Path(fresh.root))
    assert decisions.of(tiny.NAME, "amy", {"a": b"1", "timestamp.txt": b"x"}) == Decision({"tiny": "a.ipynb"})
    assert decisions.of(tiny.NAME, "bob", {"a": b"1"}) == Decision(stands=True)
    assert decisions.of(tiny.NAME, "bob", {"a": b"2"}) == Decision() == decisions.of(tiny.NAME, "cleo", {})


def test_outcomes_of_an_earlier_version_are_read(fresh):
    hand_in(fresh, "amy", RIGHT)
    run(fresh)
    path = Path(fresh.root) / OUTCOMES
    row = json.loads(path.read_bytes())
    del row["found"]
    path.write_text(json.dumps(row) + "\n")
    assert Outcomes(Path(fresh.root)).of(tiny.NAME)["amy"].outcome.found == ()


# ------------------------------------------------------------------------------------------- hostile


def test_hostile_names_and_texts_stay_words(fresh, tmp_path):
    """In the report, on the page, in the comment that the formgrader shows, in the CSV."""
    bad = "<img src=x onerror=alert(1)> \x1b[31m=HYPERLINK() " + ESSAY
    folder = hand_in(fresh, "amy", ALL_BUT_ESSAY, add(new_markdown_cell(bad)))
    (folder / "=cmd<script>alert(1)<\u202escript>.docx").write_bytes(b"PK\3\4")
    outcome = run(fresh)["amy"]
    said = "\n".join([*report([outcome], fresh, tiny.NAME), *questions(fresh, tiny.NAME), *outcome.found])
    assert "\x1b" not in said and "\u202e" not in said
    (page,) = feedback(fresh, tiny.NAME)
    html = page.path.read_text(encoding="utf-8")
    assert "<img src=x" not in html and "<script" not in html and "&lt;img src=x" in html
    assert "<" not in tiny.rows(fresh)["amy"]["comment", "essay"][0]
    assert not exported(fresh, tmp_path)["amy"]["status"].startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize(
    "text",
    [
        "a" * 500_000,
        "a " * 500_000,
        "<" * 500_000,
        "<script" * 100_000,
        "# " * 500_000,
        "(" * 500_000,
        "def " * 200_000,
        ":\n'''" * 100_000,
        " " * 500_000 + "x",
        "x" + "\t" * 500_000,
        "from a import " + "b, " * 200_000,
        "\n" * 500_000,
        "print(" * 100_000,
        "a=" * 200_000,
        "-" * 500_000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_whatever_a_text_is_made_of_it_is_done_with_soon(week1, text):
    notebook = tiny.answered(nbformat.from_dict(week1.notebooks["tiny"].release), {})
    notebook.cells += [new_markdown_cell(text), new_code_cell(text), new_raw_cell(text)]
    notebook.cells[-2]["outputs"] = [new_output("display_data", data={"text/markdown": text})]
    files = {"tiny.ipynb": nbformat.writes(notebook).encode()}
    files |= {name: text.encode() for name in ("a.txt", "b.html", "c.py", "d")}
    start = time.process_time()
    assert isinstance(intake(week1, files), Accepted)
    assert time.process_time() - start < 8


def test_outputs_that_are_none(week1):
    notebook = json.loads(nbformat.writes(tiny.answered(nbformat.from_dict(week1.notebooks["tiny"].release), {})))
    odd = [
        7,
        None,
        {},
        {"data": 7},
        {"data": {"text/markdown": {"a": 1}}},
        {"text": [1, "a"]},
        {"data": {"text/plain": None}},
    ]
    for outputs in (odd, "x", {"a": 1}, None):
        notebook["cells"].append({"cell_type": "code", "metadata": {}, "source": "", "outputs": outputs})
    assert isinstance(intake(week1, {"tiny.ipynb": json.dumps(notebook).encode()}), Accepted)


# ------------------------------------------------------------------------------------------- the course's own


BANKS = sorted(path for path in (ROOT / "tests" / "answers").glob("*.py") if path.stem != "__init__")


@pytest.mark.parametrize("path", BANKS, ids=lambda path: path.stem)
def test_no_honest_paper_of_a_demo_class_is_held(tmp_path, path):
    """As drawn from the bank, and with what honest people leave in a notebook besides."""
    name = next(
        name
        for name in (p.name for p in (ROOT / "exercises").iterdir() if p.is_dir())
        if demo.bank_of(ROOT, name) == path
    )
    demo.copy_course(open_course(ROOT), name, tmp_path)
    course = open_course(tmp_path)
    demo.make_class(course, name, path, 40, enrol=False)
    assignment = assignments.load(course, name)
    left_behind = [
        new_code_cell("print(1)"),
        new_code_cell("%matplotlib inline"),
        new_markdown_cell("## Notes\n\nAsk on Monday why the ranks are weighted."),
        new_code_cell('def helper(values):\n    """Sorted values, from low to high."""\n    return sorted(values)'),
        new_code_cell("# Does it hold for other numbers as well, and if it does not, for which ones?\n1 + 1"),
    ]
    papers = sorted((tmp_path / "submitted").glob(f"*/{name}/{name}.ipynb"))
    assert len(papers) == 40
    for paper in papers:
        data = paper.read_bytes()
        notebook = nbformat.reads(data.decode(), as_version=4)
        for number, cell in enumerate(left_behind):
            notebook.cells.insert(5 * number + 2, copy.deepcopy(cell))
        for files in ({paper.name: data}, {paper.name: nbformat.writes(notebook).encode(), "mine.csv": b"a,b\n1,2\n"}):
            taken = intake(assignment, files)
            assert isinstance(taken, Accepted) and not taken.found and not taken.rivals, (paper.parts[-3], taken.found)


def answers_of(bank, sample: bool = True) -> dict[str, str]:
    """A right answer to every task of an answer bank, and its best paper."""
    answers = {task.function: task.right[0].source for task in bank.tasks}
    return answers | ({"reflection": bank.samples[-1].text} if sample else {})


def gaps_above(answers: dict[str, str]):
    """The first function in a cell of its own above its stub, as people do who keep the stub to look at."""
    return lambda notebook: notebook.cells.insert(at(notebook, "gaps"), new_code_cell(answers["gaps"]))


@pytest.mark.timeout(600)
def test_the_courses_exercise_by_both_ways_of_grading(tmp_path, monkeypatch, capsys):
    """An untouched notebook beside the final one, the essay in a cell below, a function above its stub: with the real
    sandbox, by ``classroom grade`` and by ``nbgrader autograde``."""
    name = "05_inequality"
    bank = demo.load_bank(demo.bank_of(ROOT, name))
    demo.copy_course(open_course(ROOT), name, tmp_path)
    course = open_course(tmp_path)
    demo.make_class(course, name, bank, 1)
    released = nbformat.read(tmp_path / "release" / name / f"{name}.ipynb", as_version=4)
    answers = answers_of(bank)

    def put(student: str, answers, edit=nothing, file: str = f"{name}.ipynb"):
        notebook = tiny.answered(released, answers)
        edit(notebook)
        path = tmp_path / "submitted" / student / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)

    put("two", {})
    put("two", answers, file=f"{name}_final.ipynb")
    put("below", answers_of(bank, sample=False), add(new_markdown_cell(answers["reflection"])))
    put("above", {task: text for task, text in answers.items() if task != "gaps"}, gaps_above(answers))
    put("late", {task: text for task, text in answers.items() if task != "gaps"}, add(new_code_cell(answers["gaps"])))
    monkeypatch.chdir(tmp_path)
    assert cli.main(["grade", name, "--quiet"]) == 1
    said = capsys.readouterr().out
    assert f"'{name}.ipynb' earns 0 of 52 by its tests, '{name}_final.ipynb' earns 52" in said
    assert "'reflection' is as handed out, and cell 50 (“" in said
    assert "'gaps' is as it was handed out: it was not run, cell 5 above it counts" in said

    def marks() -> dict[str, dict[str, str]]:
        path = export(course, "csv", tmp_path / "marks.csv", provisional=True, outcomes_folder=str(tmp_path))
        with path.open(newline="", encoding="utf-8") as file:
            return {row["student_id"]: row for row in csv.DictReader(file)}

    assert [marks()[student]["score"] for student in ("two", "below", "above", "late")] == ["", "", "52", ""]
    assert cli.main(["resolve", name, "two", "--notebook", f"{name}_final.ipynb"]) == 0
    assert cli.main(["grade", name, "--quiet"]) == 1
    assert marks()["two"]["score"] == "52"

    stock = tiny.copy_course(course, tmp_path / "stock")
    for path in (Path(stock.root) / name for name in (OUTCOMES, DECISIONS, "gradebook.db")):
        path.unlink()
    with Path(stock.root, "nbgrader_config.py").open("a") as config:
        config.write(f"c.CourseDirectory.root = {stock.root!r}\n")
    for command in (["generate_assignment", name, "--force"], ["autograde", name, "--create", "--force"]):
        said = nbgrader(Path(stock.root), *command)
    assert "Not run: 'gaps' is as it was handed out, and cell 5 above it counts." in said
    assert "as handed out: reflection; cell 50 (“" in said
    with Gradebook(stock.db_url, stock.course_id) as gradebook:
        assert f"'{name}.ipynb' earns 0 of 52 by its tests, '{name}_final.ipynb' earns 52" in said
        two = gradebook.find_submission(name, "two").notebooks[0]
        assert all(grade.needs_manual_grade for grade in two.grades)
        for student in ("below", "above"):
            submission = gradebook.find_submission(name, student)
            assert submission.score == 52 and submission.needs_manual_grade
            comments = {c.name: c.auto_comment for notebook in submission.notebooks for c in notebook.comments}
            assert "No response." not in comments.values()
        grades = {grade.name: grade for grade in gradebook.find_submission(name, "late").notebooks[0].grades}
        assert grades["gaps_tests"].needs_manual_grade and not grades["sii_tests"].needs_manual_grade
