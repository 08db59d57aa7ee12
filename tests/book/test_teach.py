"""What a teacher gets: a class plan for each chapter, timetables with honest hours, and commands that are there."""

import html
import re
import shlex
from functools import cache
from pathlib import Path
from typing import NamedTuple

import nbformat
import pytest

from bookbuild import chapter, lesson, plan
from bookbuild.lesson import LENGTHS, Lesson, NotALesson
from classroom import cli
from classroom.leaks import Markers, Secret, find_leaks, squeeze
from classroom.release import SHORTEST_PRIVATE

from .conftest import PLANS, ROOT

NAMES = [path.stem for path in sorted((ROOT / "chapters").glob("*.ipynb"))]
TEACH = [ROOT / "pages" / f"{name}.md" for name in ("teach", "running", "class-plans")]


def words(text: str) -> list[str]:
    plain = html.unescape(re.sub(r"<[^>]+>", " ", text)).replace("’", "'").lower()
    return re.findall(r"[^\W_]+(?:'[^\W_]+)*", plain)


# ---- class plans


@pytest.mark.parametrize("name", NAMES)
def test_a_class_plan_names_only_what_its_chapter_has_and_its_minutes_add_up(name):
    found, room = lesson.read(ROOT, name), lesson.room(ROOT, name)
    assert list(found.problems(room)) == []
    assert set(found.steps) == set(LENGTHS)
    assert {step.kind for step in found.steps[120]} >= {"solve", "show"}
    # every core task that marks itself, or most of them, has something to say; and the paper at the end has
    core = {task.number for task in room.tasks("core")}
    told = {number for number, _ in found.wrong}
    assert len(core & told) >= len(core) / 2 and room.exercise.tasks[-1].number in told


@pytest.mark.parametrize("name", NAMES)
def test_a_class_plan_is_read_in_two_minutes(name):
    assert sum(len(words(text)) for text in lesson.read(ROOT, name).words) <= 480  # at 240 a minute
    assert max(len(words(text)) for text in lesson.read(ROOT, name).words) <= 60


def changed(old: str, new: str, name: str = "05_inequality") -> list[str]:
    text = (ROOT / lesson.FOLDER / f"{name}.md").read_text(encoding="utf-8")
    assert text.count(old) >= 1
    (block,) = lesson._BLOCK.findall(text.replace(old, new, 1))
    return list(Lesson.of(block).problems(lesson.room(ROOT, name)))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("chart: deciles-chart", "chart: gone-chart", "no chart 'gone-chart'"),
        ("[8, open]", "[9, open]", "60 minutes add up to 61"),
        ("[20, discuss]", "[21, discuss]", "120 minutes add up to 121"),
        ("poll, flip", "poll, flop", "no box 'Check yourself' in the cell 'flop'"),
        ("try, fifths-read", "try, flip", "no box 'Try it' in the cell 'flip'"),
        ('"Measure: a gap has two sizes"', '"Measure: a gap"', "no section 'Measure: a gap'"),
        ("show, core20-chart", "show, core20", "no chart 'core20'"),
        ('solve, "5.1"', 'solve, "5.11"', "no task '5.11'"),
        ('["5.10", ', '["5.12", ', "no task 5.12"),
        ("[8, open]", "[8, break]", "has 'open' 0 times"),
    ],
)
def test_a_plan_that_names_what_is_not_there_is_told_so(old, new, said):
    assert any(said in problem for problem in changed(old, new))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("open: [", "no YAML"),
        ("open: 1", "a class plan must have exactly"),
        ("{open: {}, 60: [], 120: [], wrong: [], discuss: {}, home: x}", "open must have exactly ask, chart, then"),
    ],
)
def test_what_is_no_plan_is_refused_with_a_reason(written, said):
    with pytest.raises(NotALesson, match=said):
        Lesson.of(written)


@pytest.mark.parametrize("step", ["[0, open]", "[5, sing]", "[5]", "[5, open, a, b]", "[5, poll]", "[true, open]"])
def test_a_step_of_another_form_is_refused(step):
    text = (ROOT / lesson.FOLDER / "05_inequality.md").read_text(encoding="utf-8").replace("- [8, open]", f"- {step}")
    with pytest.raises(NotALesson, match="a step"):
        Lesson.of(lesson._BLOCK.findall(text)[0])


@pytest.mark.parametrize("name", NAMES)
def test_the_page_of_a_plan_leads_to_each_place_and_shows_no_reply(book, name):
    found, room = lesson.read(ROOT, name), lesson.room(ROOT, name)
    page = (book / lesson.FOLDER / f"{name}.html").read_text(encoding="utf-8")
    shown = " ".join(words(page.split("<article")[1]))
    to = f"../../chapters/{name}.html#"
    spots = [
        room.spots.charts[found.opening.chart],
        *(room.spots.checks[s.about] for s in found.steps[60] if s.kind == "poll"),
    ]
    for spot in spots:
        assert f'href="{to}{spot.anchor}"' in page
        assert " ".join(words(spot.words)) in shown
    assert " ".join(words(room.title)) in shown
    for task in room.exercise.tasks:
        assert " ".join(words(f"{task.number} {task.title}")) in shown
    assert "ic-options" not in page and "<script>" not in page.split("</head>")[1]


# ---- no answer


class Kept(NamedTuple):
    """What a chapter's exercise and answer bank say and nobody else may: as lines, and as six words in a row."""

    lines: list[Secret]
    runs: set[tuple[str, ...]]


def runs(text: str, size: int = 6) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[i : i + size]) for i in range(len(found) - size + 1)}


@cache
def kept(name: str) -> Kept:
    markers = Markers(
        (
            ("model answer", "### BEGIN SOLUTION", "### END SOLUTION"),
            ("hidden test", "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"),
            ("mark scheme", "=== BEGIN MARK SCHEME ===", "=== END MARK SCHEME ==="),
        )
    )
    public, secret = list(lesson.room(ROOT, name).chapter.cells), []
    for cell in nbformat.read(ROOT / "exercises" / name / f"{name}.ipynb", as_version=4).cells:
        seen, fenced = markers.split(cell.source)
        public += seen
        secret += [line for _, _, line in fenced]
    secret += (ROOT / "tests" / "answers" / f"{name[3:]}.py").read_text(encoding="utf-8").split("\n")
    in_the_open = squeeze("\n".join(public))
    lines = {text for line in secret if len(text := squeeze(line)) >= SHORTEST_PRIVATE and text not in in_the_open}
    return Kept([Secret(name, text) for text in sorted(lines)], runs("\n".join(secret)) - runs("\n".join(public)))


@pytest.mark.parametrize("name", NAMES)
def test_a_class_plan_gives_no_answer_away(name):
    """No line of an answer, a hidden test or the bank; and no six words in a row that only they say."""
    path = ROOT / lesson.FOLDER / f"{name}.md"
    assert find_leaks({path.name: path.read_bytes()}, kept(name).lines) == []
    for text in lesson.read(ROOT, name).words:
        assert not runs(text) & kept(name).runs, text
        assert "`" not in text and " = " not in text, f"a class plan speaks in words: {text}"


def test_the_search_for_answers_finds_a_line_and_a_sentence():
    secret = kept("05_inequality")
    assert len(secret.lines) > 200 and len(secret.runs) > 1000
    assert find_leaks({"plan.md": f"They should write {secret.lines[0].text}.".encode()}, secret.lines)
    assert runs(f"tell them that {' '.join(min(secret.runs))} now") & secret.runs


@pytest.mark.parametrize("path", TEACH, ids=lambda path: path.stem)
def test_the_pages_for_teachers_give_no_answer_away(path):
    found = [line for name in NAMES for line in kept(name).lines]
    assert find_leaks({path.name: path.read_bytes()}, found) == []


# ---- timetables


def test_each_timetable_is_a_route_and_leaves_out_nothing_of_it():
    routes = {route.name: set(route.chapters) for route in plan.ROUTES}
    assert [len(timetable.sessions) for timetable in plan.TIMETABLES.values()] == [12, 6, 3]
    for name, timetable in plan.TIMETABLES.items():
        assert set().union(*(session.chapters for session in timetable.sessions)) == routes[timetable.route], name
        for session in timetable.sessions:
            assert set(session.solve) <= set(session.chapters), name


def amount(cell: str) -> float:
    if cell == "–":
        return 0
    number, unit = re.fullmatch(r"(\d*½?)\s(h|min)", cell).groups()
    return (float(number.rstrip("½") or 0) + 0.5 * number.endswith("½")) / (60 if unit == "min" else 1)


def test_the_hours_of_a_timetable_are_those_of_the_chapters_boxes(book):
    page = (book / "pages/teach.html").read_text(encoding="utf-8")
    tables = re.findall(r'<table class="[^"]*ic-timetable.*?</table>', page, re.DOTALL)
    assert len(tables) == len(plan.TIMETABLES)
    hours = {n: (planned.read, planned.solve) for n, planned in plan.PLAN.items()}
    hours |= {(one := chapter.read(ROOT / "chapters" / f"{name}.ipynb")).number: one.hours for name in NAMES}
    for table, timetable in zip(tables, plan.TIMETABLES.values(), strict=True):
        rows = re.findall(r"<tr\b.*?</tr>", table, re.DOTALL)[1:]
        cells = [
            [html.unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)]
            for row in rows
        ]
        assert len(cells) == len(timetable.sessions) + 1
        read = sum(hours[n][0] for n in set().union(*(session.chapters for session in timetable.sessions)))
        solve = sum(hours[n][1] for session in timetable.sessions for n in session.solve)
        assert abs(amount(cells[-1][2]) - read) <= 0.25
        assert abs(amount(cells[-1][4]) - solve) <= 0.25
        assert 0.4 * solve < amount(cells[-1][3]) < 0.75 * solve
        assert abs(sum(amount(row[2]) for row in cells[:-1]) - read) <= 0.25 * len(cells)


@pytest.mark.parametrize("name", NAMES)
def test_the_hours_of_core_and_further_tasks_are_those_of_the_exercise(name):
    room = lesson.room(ROOT, name)
    assert 0 < room.solve("core") < room.chapter.hours[1]
    assert room.solve("core") + room.solve("further") == room.chapter.hours[1]


# ---- commands


def commands(program: str) -> list[str]:
    """Every command of a program that stands in code on the page *Run the course*, joined where it runs over a line."""
    text = (ROOT / "pages" / "running.md").read_text(encoding="utf-8").replace("\\\n", " ")
    blocks = "\n".join(re.findall(r"^```bash\n(.*?)^```", text, re.DOTALL | re.MULTILINE))
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE))
    lines = [line.split(" #")[0].strip() for line in [*blocks.splitlines(), *inline]]
    return sorted({line for line in lines if line.startswith(f"{program} ")})


@pytest.mark.parametrize("line", [c for c in commands("classroom") if "COMMAND" not in c])
def test_a_command_of_the_page_is_one_that_classroom_takes(line, capsys):
    assert cli._parser().parse_args(shlex.split(line)[1:]).command


@pytest.mark.parametrize("line", commands("make"))
def test_a_target_of_the_page_is_one_of_the_makefile(line):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{line.split()[1]}:.*##", makefile, re.MULTILINE)


def test_the_commands_of_nbgrader_on_the_page_are_its_own():
    from nbgrader.apps.nbgraderapp import NbGraderApp

    found = {line.split()[1] for line in commands("nbgrader")}
    assert {
        "release_assignment",
        "fetch_assignment",
        "submit",
        "collect",
        "release_feedback",
        "fetch_feedback",
    } <= found
    known = NbGraderApp().subcommands
    assert found <= set(known)
    assert not {name for name in found if "DEPRECATED" in known[name][1]}


def test_the_page_names_files_that_git_ignores_and_settings_that_are_the_courses():
    text = (ROOT / "pages" / "running.md").read_text(encoding="utf-8")
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split("\n")
    for name in re.findall(r"`([^`]+)`", text.split("| file | what it holds |")[1].split("\n\n")[0]):
        assert name in ignored or f"{name}*" in ignored, name
    config = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    (course,) = set(re.findall(r"--course (\w+)`", text))
    assert f'course_id = "{course}"' in config


def test_the_pages_of_plans_are_as_many_as_chapters():
    assert [Path(name).stem for name in PLANS] == NAMES
