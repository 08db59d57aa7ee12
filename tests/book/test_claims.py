"""The page *Claims*: what it says of each claim, its search and filters, and how one corrected row reaches every place."""

import csv
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Page

from . import axe
from .conftest import ROOT, build

PAGE = "pages/claims.html"
with open(ROOT / "datasets" / "claims.csv", encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))


def shown(page: Page) -> list[str]:
    """The ids of the claims that are on the page now."""
    found = page.locator(".ic-claim").evaluate_all("all => all.filter(e => e.getClientRects().length).map(e => e.id)")
    return [name.removeprefix("claim-") for name in found]


def says(page: Page, text: str) -> None:
    page.wait_for_function("text => document.querySelector('.ic-count').textContent === text", arg=text, timeout=5000)


def with_field(field: str, value: str) -> list[str]:
    return [row["id"] for row in ROWS if row[field] == value]


@pytest.fixture
def page(read) -> Iterator[Page]:
    reader = read(PAGE)
    says(reader.page, "All 139 claims")
    yield reader.page
    assert not reader.complaints and not reader.foreign


# ---- the list


def test_without_scripts_it_is_a_plain_list_of_all_claims(read):
    page = read(PAGE, scripts=False).page
    assert shown(page) == [row["id"] for row in ROWS]
    assert not page.locator(".ic-filter").is_visible()
    assert not page.get_by_role("searchbox", name="Words").is_visible()


def test_each_claim_says_when_it_was_checked(book):
    text = (book / PAGE).read_text(encoding="utf-8")
    assert len(re.findall(r"Checked \d{1,2} [A-Z][a-z]+ 20\d\d\.", text)) == len(ROWS)


def test_a_claim_leads_to_its_chapters_and_to_tasks_that_exist(page):
    entry = page.locator("#claim-B50")
    entry.scroll_into_view_if_needed()
    assert entry.get_by_role("link", name="Reading a policy argument as data").count() == 1
    tasks = entry.get_by_role("link", name=re.compile(r"^\d+\.\d+ "))
    names = tasks.all_text_contents()  # inner text is empty until an entry is laid out
    assert names[:2] == ["1.4 In real terms, per person", "1.5 Which definition gives the number?"]
    assert tasks.first.get_attribute("href").endswith("chapters/01_claims.html#now-you")
    tasks.first.click()
    page.get_by_role("heading", name="Now you").wait_for(timeout=20_000)  # fails if it does not come into being


def test_only_tasks_of_exercises_in_the_book_are_named(page):
    chapters = {int(path.stem[:2]) for path in (ROOT / "chapters").glob("*.ipynb")}
    there = {f"{n}." for n in chapters}
    listed = {
        row["id"]: [t for t in row["exercises"].split(";") if any(t.startswith(c) for c in there)] for row in ROWS
    }
    found = page.locator(".ic-claim").evaluate_all(
        """all => all.map(e => [e.id.slice(6), [...e.querySelectorAll('a')].map(a => a.textContent.trim())
           .filter(text => /^\\d+\\.\\d+ /.test(text)).map(text => text.split(' ')[0])])"""
    )
    assert dict(found) == listed


# ---- search and filters


@pytest.mark.parametrize(
    ("label", "option", "expected"),
    [
        ("Paper", "Lalani and Peters (2026)", with_field("seed", "LP2026")),
        ("Kind", "figure", with_field("kind", "figure")),
        ("Verdict", "not confirmed", with_field("check_status", "not confirmed")),
        ("Verdict", "confirmed", with_field("check_status", "confirmed")),
    ],
)
def test_a_filter_leaves_what_it_says(page, label, option, expected):
    page.get_by_label(label, exact=True).select_option(label=option)
    says(page, f"{len(expected)} of 139 claims")
    assert shown(page) == expected


def test_the_filter_by_chapter_leaves_the_claims_that_the_chapter_names(page):
    page.get_by_label("Chapter", exact=True).select_option(label="1 · Reading a policy argument as data")
    left = shown(page)
    assert {"A24", "A29", "B15", "B50"} <= set(left) and len(left) < 139
    assert all("Reading a policy argument as data" in page.locator(f"#claim-{i}").text_content() for i in left)


def test_words_are_found_in_any_order_without_regard_to_accents_or_capitals(page):
    box = page.get_by_role("searchbox", name="Words")
    box.fill("b50")
    assert "B50" in shown(page)
    for words in ("Santé CHIFFRES", "chiffres sante"):
        box.fill(words)
        assert shown(page) == ["A24"]
    box.fill("no such words anywhere")
    says(page, "No claim has all of this. Take a word or a filter away.")
    assert shown(page) == []
    assert not page.get_by_role("heading", level=2).filter(visible=True).count()


def test_filters_add_up_and_empty_sections_go(page):
    page.get_by_label("Kind", exact=True).select_option(label="figure")
    page.get_by_label("Paper", exact=True).select_option(label="Lalani and Peters (2026)")
    expected = [i for i in with_field("kind", "figure") if i.startswith("B")]
    assert shown(page) == expected
    assert (
        page.locator("h2:visible, h3:visible")
        .evaluate_all("all => all.map(e => e.textContent.trim())")[0]
        .startswith("Lalani")
    )
    page.get_by_role("button", name="Show all").click()
    says(page, "All 139 claims")
    assert len(shown(page)) == 139


def test_it_works_by_keyboard_alone_and_the_count_is_announced(page):
    box = page.get_by_role("searchbox", name="Words")
    box.focus()
    page.keyboard.type("grant")
    count = page.get_by_role("status")
    assert count.count() == 1
    page.wait_for_function("() => / of 139 claims/.test(document.querySelector('.ic-count').textContent)")
    for label in ("Paper", "Kind"):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.labels[0].textContent") == label
    page.keyboard.type("fig")
    page.wait_for_function("() => document.querySelector('#claims-kind').value === 'ic-kind-figure'")
    assert shown(page) == [i for i in shown(page) if i in with_field("kind", "figure")] != []
    for _ in range(3):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Show all"
    page.keyboard.press("Enter")
    says(page, "All 139 claims")
    box.focus()
    page.keyboard.press("Enter")  # sends nothing anywhere
    assert page.url.endswith(PAGE)


def test_a_choice_stays_in_the_address_and_a_link_to_a_hidden_claim_undoes_it(read):
    page = read(f"{PAGE}?kind=ic-kind-figure&verdict=no-such-thing").page
    assert shown(page) == with_field("kind", "figure")
    assert page.get_by_label("Verdict", exact=True).input_value() == ""
    page.evaluate("location.hash = '#claim-A01'")
    says(page, "All 139 claims")
    assert page.locator("#claim-A01").is_visible()
    page.goto(page.url.split("?")[0].split("#")[0] + "?q=grant#claim-A28")
    page.wait_for_function("() => document.querySelector('#claim-A28').getClientRects().length > 0")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_while_it_is_filtered(read, dark):
    page = read(PAGE, width=390, dark=dark).page
    page.get_by_label("Kind", exact=True).select_option(label="figure")
    says(page, "16 of 139 claims")
    # Entries that are not on the screen are not laid out yet, and axe would measure the room that is kept for them.
    page.add_style_tag(content=axe.LAY_OUT)
    assert not [rule["id"] for rule in axe.violations(page)]


@pytest.mark.parametrize("words", ["grant", "nothing has these words"])
def test_nothing_scrolls_sideways_at_320_px_while_it_is_filtered(read, words):
    page = read(PAGE, width=320, height=640).page
    page.get_by_role("searchbox", name="Words").fill(words)
    page.wait_for_timeout(300)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 320
    for control in page.locator(".ic-filter :is(input, select, button)").all():
        assert control.bounding_box()["height"] >= 24


# ---- one corrected row


STATE = """
from integrated_care import load, tables

rows = load("claims")
ours = rows[rows["chapters"].str.contains("ch01")]
tables.show(ours[["id", "check_status"]], f"As checked by {ours['checked'].max()}")
"""
BOX = "# A small chapter\n\n> **Claim B50.** Funding fell.\n\n[Download](../release/01_small/01_small.ipynb)"
TASKS = {"title": "# Exercise 1: A small one", "task": "## 1.5 A small task (3 points)\n\nClaim B50 is open."}


@pytest.fixture(scope="module")
def corrected(tmp_path_factory) -> Path:
    """A small book, built from a copy of the tables in which one row of ``claims.csv`` is another."""
    root = tmp_path_factory.mktemp("corrected") / "small"
    for folder in ("bookbuild", "integrated_care", "datasets", "classroom"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__", "recipes"))
    for name in ("_config.yml", "references.bib", "nbgrader_config.py"):
        shutil.copy(ROOT / name, root)
    path = root / "datasets" / "claims.csv"
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    row = next(row for row in rows if row["id"] == "B50")
    assert row["check_status"] != "overtaken"
    row |= {"check_status": "overtaken", "check_note": "A later paper says something new.", "checked": "2031-02-03"}
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, row, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    cells = [nbformat.v4.new_markdown_cell(BOX, id="title"), nbformat.v4.new_code_cell(STATE.strip(), id="state")]
    for name, content in {
        "chapters/01_small.ipynb": cells,
        "exercises/01_small/01_small.ipynb": [nbformat.v4.new_markdown_cell(text, id=i) for i, text in TASKS.items()],
    }.items():
        (root / name).parent.mkdir(parents=True)
        nbformat.write(nbformat.v4.new_notebook(cells=content, metadata=kernel), root / name)
    (root / "pages").mkdir()
    (root / "index.md").write_text("# A small book\n\nIt has one chapter {cite:p}`nao2013`.\n")
    (root / "pages/claims.md").write_text("# Claims\n\n```{claims}\n```\n\n```{bibliography}\n```\n")
    (root / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nchapters:\n  - file: chapters/01_small\n  - file: pages/claims\n"
    )
    env = {**os.environ, "PYTHONPATH": str(root)}
    command = [sys.executable, "-m", "bookbuild.notebooks", "chapters/01_small.ipynb"]
    subprocess.run(command, cwd=root, env=env, check=True, capture_output=True)
    done = build(root, root.parent / "out")
    assert done.returncode == 0, done.stderr[-3000:]
    return root.parent / "out" / "_build" / "html"


def test_the_page_follows_a_corrected_row(corrected):
    text = (corrected / PAGE).read_text(encoding="utf-8")
    entry = text.split('id="claim-B50"')[1].split('id="claim-B51"')[0]
    assert "ic-verdict-overtaken" in entry and "A later paper says something new." in entry
    assert "Checked 3 February 2031." in entry
    assert re.search(r"overtaken</span> 5<", text), "the summary counts one more"
    assert "1.5 A small task" in entry and "13.1" not in entry


def test_the_box_of_a_chapter_follows_a_corrected_row(corrected):
    text = (corrected / "chapters/01_small.html").read_text(encoding="utf-8")
    box = text.split('aria-label="Claim B50"')[1].split("</div>")[0]
    assert "ic-verdict-overtaken" in box and "holds with a definition" not in box


def test_the_table_of_a_chapter_follows_a_corrected_row(corrected):
    text = (corrected / "chapters/01_small.html").read_text(encoding="utf-8")
    table = text.split("<table")[1].split("</table>")[0]
    assert "As checked by 2031-02-03" in table
    assert re.search(r">B50(?:</a>)?</th><td>overtaken<", table)
    assert not any(row["check_status"] == "overtaken" for row in ROWS if row["id"] == "B50")
