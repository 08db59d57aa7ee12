"""The page *Where each system is worked with*, and that no claim of the papers is left without a chapter."""

import csv
import re
from functools import cache
from html import unescape

import pytest

from bookbuild import chapter, claims, dictionary, plan, systems
from bookbuild.markup import slug

from .conftest import CHAPTERS, ROOT

NAMES = {int(name.split("/")[1][:2]): name.split("/")[1].removesuffix(".html") for name in CHAPTERS}
ROWS = systems.rows(ROOT)
SYSTEMS = list(dict.fromkeys(row["system"] for row in ROWS))
with open(ROOT / "datasets" / "claims.csv", encoding="utf-8", newline="") as file:
    CLAIMS = {row["id"]: row for row in csv.DictReader(file)}


@cache
def written(number: int) -> chapter.Chapter:
    return chapter.read(ROOT / f"chapters/{NAMES[number]}.ipynb")


@cache
def tasks(number: int) -> set[str]:
    exercise = chapter.Exercise.read(ROOT / f"exercises/{NAMES[number]}/{NAMES[number]}.ipynb")
    return {task.number for task in exercise.tasks}


@cache
def loaded(number: int) -> set[str]:
    """The tables that a chapter or its exercise loads."""
    paths = (ROOT / f"chapters/{NAMES[number]}.ipynb", ROOT / f"exercises/{NAMES[number]}/{NAMES[number]}.ipynb")
    return {name for path in paths for name in re.findall(r"load\((?:\\\"|')(\w+)", path.read_text(encoding="utf-8"))}


def chapters_of(claim: str) -> set[int]:
    return {int(name.removeprefix("ch")) for name in CLAIMS[claim]["chapters"].split(";")}


def test_there_are_thirty_five_systems_and_each_stands_once():
    assert len(SYSTEMS) == 35 and len({slug(name) for name in SYSTEMS}) == 35
    assert [row["system"] for row in ROWS] == [name for name in SYSTEMS for row in ROWS if row["system"] == name]


@pytest.mark.parametrize("system", SYSTEMS)
def test_no_system_is_left_empty(system):
    """A system may wait for a chapter only while that chapter is planned."""
    mine = [row for row in ROWS if row["system"] == system]
    ready = [row for row in mine if int(row["chapter"]) in NAMES]
    assert ready or all(int(row["chapter"]) in plan.PLAN for row in mine)
    for row in mine:
        assert (
            row["work"]
            and systems.parts(row, "tasks")
            and systems.parts(row, "tables")
            and systems.parts(row, "claims")
        )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{slug(row['system'])}-{row['chapter']}")
def test_section_tasks_and_tables_are_there(row):
    number = int(row["chapter"])
    assert set(systems.parts(row, "claims")) <= set(CLAIMS)
    if number not in NAMES:
        assert number in plan.PLAN and not row["section"]
        return
    headings = re.findall(r"^##+ (.+)$", written(number).markdown, re.MULTILINE)
    assert systems.heading(written(number), row) in headings, "name the section in datasets/systems.csv"
    assert set(systems.parts(row, "tasks")) <= tasks(number)
    assert set(systems.parts(row, "tables")) <= loaded(number)
    for claim in systems.parts(row, "claims"):
        assert number in chapters_of(claim) or claim in written(number).claims, claim


def test_every_link_of_the_page_leads_to_the_place(book):
    text = (book / f"{systems.PAGE}.html").read_text(encoding="utf-8").split("<article")[1].split("</article>")[0]
    pages = {}
    for address in set(re.findall(r'href="(?:\.\./)?([^"]+\.html#[^"]+)"', text)):
        name, anchor = address.split("#")
        path = book / name if "/" in name else book / "pages" / name
        page = pages.setdefault(name, path.read_text(encoding="utf-8"))
        assert f'id="{unescape(anchor)}"' in page, address
    for row in ROWS:
        if (number := int(row["chapter"])) in NAMES:
            entry = text.split(f'id="{slug(row["system"])}"')[1].split("</section>")[0]
            assert f"chapters/{NAMES[number]}.html#{slug(systems.heading(written(number), row))}" in entry
            assert all(
                f'{dictionary.PAGE.split("/")[1]}.html#{name}"' in entry for name in systems.parts(row, "tables")
            )
            assert all(
                f'{claims.PAGE.split("/")[1]}.html#claim-{name}"' in entry for name in systems.parts(row, "claims")
            )


def test_a_row_without_a_section_finds_the_one_that_names_its_claim():
    markdown = "# T\n\nA54 first.\n\n## Claim: a\n\nNothing.\n\n### Measure: b\n\nHere is A54.\n"
    one = chapter.Chapter(14, "14_transfer", (markdown,))
    assert systems.heading(one, {"section": "", "claims": "A77;A54"}) == "Measure: b"
    assert systems.heading(one, {"section": "", "claims": "A5"}) == ""
    assert systems.heading(one, {"section": "Claim: a", "claims": "A54"}) == "Claim: a"


def test_no_claim_is_without_a_chapter(book):
    """A claim is shown by a chapter that ``claims.csv`` gives it; it may wait only if all of them are still planned."""
    shown = {
        number: set(re.findall(r'claims\.html#claim-(\w+)"', (book / f"chapters/{name}.html").read_text("utf-8")))
        for number, name in NAMES.items()
    }
    assert len(CLAIMS) == 139
    for claim in CLAIMS:
        mine = chapters_of(claim)
        assert mine and mine <= set(plan.PLAN), claim
        ready = mine & set(NAMES)
        assert not ready or any(claim in shown[number] for number in ready), f"no chapter of {claim} shows it"
