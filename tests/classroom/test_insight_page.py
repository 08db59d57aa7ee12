"""The teacher's page in Chromium: on a phone and a desk, light and dark, on paper; it needs no script and breaks no rule."""

from collections import Counter

import pytest
from axe_playwright_python.sync_playwright import Axe

from classroom.insight import Insight, Item, Met, Privacy, Task, Written
from classroom.insightpage import page
from classroom.itemanalysis import Estimate
from classroom.misconceptions import Error, Seen
from classroom.model import Fate
from classroom.tasks import Criterion

STUDENTS = [f"s{number}" for number in range(40)]


def a_class() -> Insight:
    """Four tasks with long titles, errors met by many and by few, an essay with a rubric: nothing of it was ever graded."""
    long = "You divided by the number of areas less one, where each area counts as often as it has people: " * 2
    code = "def f(x):\n    return [x]" + " + [x]" * 30
    items = []
    for number in range(1, 5):
        title = f"7.{number} A title that is much longer than the screen of a telephone is wide"
        errors = [
            Met(Error(long, Seen.HIDDEN, 7, "Compared with whom?"), tuple(STUDENTS[:9]), code),
            Met(Error("The code stopped with TypeError.", Seen.OWN), tuple(STUDENTS[9:12])),
        ]
        task = Task("n", title, "denominators", tests={"t": 4.0})
        items.append(Item(task, STUDENTS, STUDENTS[:30], STUDENTS[12:30], 2.5, 0.625, Estimate(0.4, 0.1, 0.6), errors))
    rubric = (Criterion("a claim", 3.0), Criterion("a source", 2.0))
    essay = Written(Task("n", "7.5 What for?", rubric=rubric), "essay", 5.0, dict.fromkeys(STUDENTS[:20], 3.0))
    essay.lines = {line: dict.fromkeys(STUDENTS[:20], 1.0) for line in rubric}
    return Insight(
        name="week7",
        title="Exercise 7",
        students=dict.fromkeys(STUDENTS, ""),
        items=items,
        written=[essay],
        reliability=Estimate(0.7, 0.5, 0.8),
        complete=40,
        right_or_wrong=False,
        enough=120,
        fates=Counter({Fate.GRADED: 33, Fate.REPAIRED: 7}),
        repairs={"a cell was put back": STUDENTS[:7]},
    )


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "week7.html"
    path.write_text(page(a_class(), Privacy()), encoding="utf-8")
    return path.as_uri()


def test_it_fits_every_screen_and_breaks_no_rule(browser, file):
    for width, mode, blue in ((390, "light", "rgb(0, 114, 178)"), (1280, "dark", "rgb(90, 176, 230)")):
        # axe is a script: the page's own policy would not let it in.
        context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=mode, bypass_csp=True)
        opened = context.new_page()
        opened.goto(file)
        assert opened.evaluate("document.documentElement.scrollWidth") == width
        above = opened.locator(".first li")
        assert above.count() == 3 and above.last.bounding_box()["y"] < 844  # on the first screen
        bar = opened.locator("figure svg path[fill='var(--blue)']").first
        assert bar.evaluate("one => getComputedStyle(one).fill") == blue
        # No heading of a table breaks inside a word.
        assert opened.evaluate(
            "[...document.querySelectorAll('th')].every((one) => one.scrollWidth <= one.clientWidth)"
        )
        assert Axe().run(opened).response["violations"] == []
        context.close()


def test_it_needs_no_script_no_network_and_prints_dark_on_light(browser, file):
    context = browser.new_context(java_script_enabled=False, offline=True, color_scheme="dark")
    opened, trouble = context.new_page(), []
    opened.on("console", lambda message: trouble.append(message.text))
    opened.on("request", lambda asked: trouble.append(asked.url) if asked.url.startswith("http") else None)
    opened.goto(file)
    assert "12 of the 30 who tried it lost points, more than 7 of them by" in opened.inner_text(".first")
    assert opened.get_by_role("img").count() == 2 and not trouble
    context.close()
    context = browser.new_context(color_scheme="dark", viewport={"width": 680, "height": 900})
    opened = context.new_page()
    opened.goto(file)
    opened.emulate_media(media="print", color_scheme="dark")
    assert opened.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert opened.evaluate("document.documentElement.scrollWidth") <= 680
    context.close()
