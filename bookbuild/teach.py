"""What the pages *Teach* show: timetables with their hours, what students need before, and the class plans.

{timetable} 12 weeks   a table of sessions, with hours from the chapters' own boxes, and their sum
{needs}                what each chapter asks of a reader
{class-plans}          the list of all class plans
{class-plan}           one class plan, from the YAML in the block (:mod:`lesson`)
"""

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from . import lesson
from .boxes import page_link
from .chapter import NotAnExercise, Spot, Task
from .course import link
from .dictionary import table
from .lesson import LENGTHS, Lesson, NotALesson, Room, Step
from .markup import slug
from .places import warn
from .plan import ROUTES, TIMETABLES, Entry, Session, entries, say, written

# Steps that are about the same thing in every plan.
SAID = {
    "open": "with the chart: ask, let them write or draw, then show it.",
    "discuss": "with two sides, as below.",
    "close": "with the key points, and hand out the homework.",
}


def _names(env: BuildEnvironment) -> list[str]:
    """The chapters in the tree, NN_name, in order; the page is made anew when one of them or its exercise changes."""
    names = [one.name for one in written(env)]
    for name in names:
        env.note_dependency(f"chapters/{name}.ipynb")
        env.note_dependency(f"exercises/{name}/{name}.ipynb")
    return names


def _rooms(env: BuildEnvironment) -> dict[int, Room]:
    """Number -> each chapter that has an exercise with tasks."""
    found = {}
    for name in _names(env):
        try:
            room = lesson.room(Path(env.srcdir), name)
        except (FileNotFoundError, NotAnExercise):
            continue
        found[room.chapter.number] = room
    return found


def _page_of(env: BuildEnvironment, docname: str, words: str) -> nodes.Node:
    """A link to a page, or its words where the book has no such page."""
    if docname not in env.found_docs:
        return nodes.inline("", words)
    return link(env, docname, words)


# ---- timetables


class Load(SphinxDirective):
    """``{timetable} NAME``: one line a week or day."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        plan = TIMETABLES.get(self.arguments[0])
        if plan is None:
            raise self.error(f"timetable knows {', '.join(TIMETABLES)}, not {self.arguments[0]!r}")
        _names(self.env)
        known = entries(self.env)
        before: set[int] = set()
        rows: list[list[nodes.Node | str]] = []
        total = [0.0, 0.0, 0.0]
        for i, session in enumerate(plan.sessions, start=1):
            hours = self._hours(session, before, known)
            before |= set(session.chapters)
            total = [a + b for a, b in zip(total, hours, strict=True)]
            rows.append([str(i), self._chapters(session, known), *map(_say, hours)])
        rows.append(["", nodes.strong("", "Together"), *map(_say, total)])
        out = table([plan.unit, "Class plan", "Read", "Core tasks", "All tasks"], rows, "ic-timetable")
        return [out, self._below(plan.in_class, plan.route)]

    @staticmethod
    def _hours(session: Session, before: set[int], known: dict[int, Entry]) -> list[float]:
        """Hours to read what is new in a session, for its core tasks, and for all of its tasks."""
        read = sum(known[n].read for n in session.chapters if n not in before)
        # a chapter that is only planned has the hours of its whole exercise
        core = sum(known[n].solve if known[n].core is None else known[n].core for n in session.solve)
        return [read, core, sum(known[n].solve for n in session.solve)]

    def _chapters(self, session: Session, known: dict[int, Entry]) -> nodes.Node:
        out = nodes.inline()
        for i, number in enumerate(session.chapters):
            one = known[number]
            docname = f"{lesson.FOLDER}/{(one.docname or '').split('/')[-1]}"
            out += [nodes.Text(", " if i else ""), _page_of(self.env, docname, f"{number} {one.title}")]
        if session.solve != session.chapters:
            out += nodes.Text(
                f" (hand in {', '.join(map(str, session.solve))})" if session.solve else " (read and talk)"
            )
        return out

    def _below(self, hours: float, route: str) -> nodes.paragraph:
        whom = next(one.whom for one in ROUTES if one.name == route)
        return nodes.paragraph("", f"With {hours:g} hours in class. This is the route “{route}”. {whom}")


def _say(hours: float) -> str:
    """Hours for a cell of a table, which does not break between number and unit; a dash for none."""
    return say(hours).replace(" ", "\u00a0") if hours else "–"


def _stop(words: str) -> str:
    """The full stop that a title needs at the end of a sentence."""
    return "" if words.endswith(("?", ".", "!")) else "."


class Needs(SphinxDirective):
    """``{needs}``: one line a chapter."""

    def run(self) -> list[nodes.Node]:
        out = nodes.bullet_list(classes=["ic-needs"])
        for number, room in _rooms(self.env).items():
            line = nodes.paragraph("", "", nodes.strong("", f"Chapter {number}. "), nodes.Text(room.spots.needs))
            out += nodes.list_item("", line)
        return [out]


class ClassPlans(SphinxDirective):
    """``{class-plans}``: each chapter's plan, its opening question and what it leads to."""

    def run(self) -> list[nodes.Node]:
        out = nodes.bullet_list(classes=["ic-class-plans"])
        known = entries(self.env)
        for name in _names(self.env):
            number = int(name[:2])
            one = known[number]
            head = nodes.paragraph("", "", nodes.inline("", str(number), classes=["ic-no"]), nodes.Text(" "))
            head += _page_of(self.env, f"{lesson.FOLDER}/{name}", one.title)
            out += nodes.list_item("", head, nodes.paragraph("", one.question))
        return [out]


# ---- one class plan


class ClassPlan(SphinxDirective):
    """``{class-plan}``: the page of one chapter's plan, title and all."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        name = self.env.docname.split("/")[-1]
        self.env.note_dependency(f"chapters/{name}.ipynb")
        self.env.note_dependency(f"exercises/{name}/{name}.ipynb")
        try:
            self.room = lesson.room(Path(self.env.srcdir), name)
        except (FileNotFoundError, ValueError):
            title = f"Class plan of {name}"
            return [self._section(title, [nodes.paragraph("", "This copy of the book does not have the chapter.")])]
        try:
            plan = Lesson.of("\n".join(self.content))
        except NotALesson as error:
            raise self.error(str(error)) from error
        here = nodes.paragraph()
        self.set_source_info(here)
        for problem in plan.problems(self.room):
            warn(self.env, here, problem)
        parts = [
            self._about(),
            self._section("Open with a chart", self._opening(plan)),
            *(self._section(f"{length} minutes", [self._agenda(plan, length)]) for length in LENGTHS),
            self._section("What students usually get wrong", [self._wrong(plan)]),
            self._section("A discussion with two sides", self._debate(plan)),
            self._section("Homework", self._home(plan)),
        ]
        return [self._section(self.room.title, parts)]

    @staticmethod
    def _section(title: str, parts: list[nodes.Node]) -> nodes.section:
        out = nodes.section(ids=[slug(title)], names=[])
        out += nodes.title("", title)
        out += parts
        return out

    def _words(self, markdown: str, *before: nodes.Node) -> nodes.paragraph:
        """A paragraph of what the author wrote, after what was made."""
        written, messages = self.state.inline_text(markdown, self.lineno)
        return nodes.paragraph("", "", *before, *written, *messages)

    def _to(self, spot: Spot) -> nodes.Node:
        return page_link(self.env, self.room.chapter.docname, spot.anchor, spot.words, "ic-spot")

    def _task(self, task: Task) -> nodes.Node:
        door = slug(self.room.chapter.door or "")
        return page_link(self.env, self.room.chapter.docname, door, f"{task.number} {task.title}", "ic-spot")

    def _about(self) -> nodes.paragraph:
        chapter = self.room.chapter
        out = nodes.paragraph("", "", _page_of(self.env, chapter.docname, f"Chapter {chapter.number}"))
        if chapter.hours:
            read, solve = chapter.hours
            out += nodes.Text(f" takes {say(read)} to read and {say(solve)} to solve. ")
        if self.room.spots.needs:
            out += nodes.Text(f"Students need {self.room.spots.needs}")
        return out

    def _opening(self, plan: Lesson) -> list[nodes.Node]:
        chart = self.room.spots.charts.get(plan.opening.chart)
        shown = [self._to(chart)] if chart else []
        return [
            self._words(plan.opening.ask, nodes.strong("", "Ask before you show it. ")),
            nodes.paragraph(
                "", "", nodes.strong("", "The chart. "), *shown, nodes.Text(_stop(chart.words if chart else ""))
            ),
            self._words(plan.opening.then, nodes.strong("", "Then. ")),
        ]

    def _agenda(self, plan: Lesson, length: int) -> nodes.bullet_list:
        out = nodes.bullet_list(classes=["ic-agenda"])
        at = 0
        for step in plan.steps[length]:
            until = at + step.minutes
            minutes = nodes.inline("", f"{at}–{until}", classes=["ic-minutes"])
            kind = nodes.strong("", lesson.KINDS[step.kind])
            # one element beside the minutes, whatever the step is made of
            line = self._words(step.say, kind, *self._about_step(step))
            out += nodes.list_item("", nodes.paragraph("", "", minutes, nodes.inline("", "", *line.children)))
            at = until
        return out

    def _about_step(self, step: Step) -> list[nodes.Node]:
        """What a step is about, between its kind and what its author says of it."""
        if step.kind in SAID:
            return [nodes.Text(f" {SAID[step.kind]} ")]
        spots = self.room.spots
        places = {"teach": spots.sections, "show": spots.charts, "poll": spots.checks, "try": spots.tries}
        task = next((task for task in self.room.exercise.tasks if task.number == step.about), None)
        if step.kind == "solve" and task:
            return [
                nodes.Text(" "),
                self._task(task),
                nodes.Text(f" ({task.part or 'a task'}, {task.points} points). "),
            ]
        spot = places.get(step.kind, {}).get(step.about)
        if spot is None:
            return []  # a break; or a place that is not there, of which a warning tells
        return [nodes.Text(" "), self._to(spot), nodes.Text(f"{_stop(spot.words)} ")]

    def _wrong(self, plan: Lesson) -> nodes.bullet_list:
        out = nodes.bullet_list()
        tasks = {task.number: task for task in self.room.exercise.tasks}
        for number, words in plan.wrong:
            name = f"{number} {tasks[number].title}" if number in tasks else number
            out += nodes.list_item("", self._words(words, nodes.strong("", f"{name}{_stop(name)} ")))
        return out

    def _debate(self, plan: Lesson) -> list[nodes.Node]:
        sides = nodes.bullet_list(classes=["ic-sides"])
        for position, case in plan.debate.sides:
            sides += nodes.list_item("", self._words(case, nodes.strong("", f"{position.rstrip('.')}. ")))
        decision = next(
            (spot for words, spot in self.room.spots.sections.items() if words.startswith("Decision")), None
        )
        place = [nodes.Text(" See "), self._to(decision), nodes.Text(_stop(decision.words))] if decision else []
        end = self._words(plan.debate.end, nodes.strong("", "To end. "))
        end += place
        return [self._words(plan.debate.question), sides, end]

    def _home(self, plan: Lesson) -> list[nodes.Node]:
        out: list[nodes.Node] = [self._words(plan.home)]
        lists = nodes.bullet_list(classes=["ic-home"])
        for part in ("core", "further"):
            tasks = self.room.tasks(part)
            if not tasks:
                continue
            hours = self.room.solve(part)
            time = f", about {say(hours)}" if hours else ""
            head = f"{part.capitalize()}, {self.room.exercise.points(part)} points{time}: "
            line = nodes.paragraph("", "", nodes.strong("", head))
            for i, task in enumerate(tasks):
                line += [nodes.Text(", " if i else ""), nodes.Text(f"{task.number} {task.title}")]
            line += nodes.Text(_stop(tasks[-1].title))
            lists += nodes.list_item("", line)
        return [*out, lists]


def setup(app: Sphinx) -> None:
    app.add_directive("timetable", Load)
    app.add_directive("needs", Needs)
    app.add_directive("class-plans", ClassPlans)
    app.add_directive("class-plan", ClassPlan)
