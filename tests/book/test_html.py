"""What the built files hold, without a browser: links that lead somewhere, ids that stand once, nothing foreign."""

import csv
import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from urllib.parse import unquote, urlsplit

import pytest

from .conftest import CHAPTER, PAGES, ROOT, names

LOADS = dict.fromkeys(("script", "img", "iframe", "source", "video", "audio", "embed"), "src") | {"object": "data"}
LINKS_THAT_LOAD = {"stylesheet", "icon", "preload", "modulepreload", "preconnect", "dns-prefetch"}


class Page(HTMLParser):
    """The ids, links and loaded files of a page."""

    def __init__(self, text: str):
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.headings: list[int] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id"):
            self.ids.append(given["id"])
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        if tag in LOADS and given.get(LOADS[tag]):
            self.loads.append(given[LOADS[tag]])
        if tag == "link" and given.get("rel") in LINKS_THAT_LOAD:
            self.loads.append(given["href"])
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))


@pytest.fixture(scope="module")
def pages(book):
    return {name: Page((book / name).read_text(encoding="utf-8")) for name in names(book)}


def test_every_link_and_anchor_within_the_book_leads_somewhere(book, pages):
    lost = []
    for name, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            path = (book / name).parent / unquote(parts.path) if parts.path else book / name
            target = path.resolve().relative_to(book.resolve()).as_posix()
            anchor = unquote(parts.fragment)
            if not path.exists() or (anchor and target in pages and anchor not in pages[target].ids):
                lost.append((name, link))
    assert not lost


def test_ids_stand_once_on_each_page(pages):
    for name, page in pages.items():
        twice = {i for i in page.ids if page.ids.count(i) > 1}
        assert not twice, (name, twice)


@pytest.mark.parametrize("name", PAGES)
def test_what_is_said_of_a_page_elsewhere_holds_no_markup(book, name):
    found = re.findall(
        r'<meta (?:name|property)="(?:og:)?description" content="([^"]*)"', (book / name).read_text("utf-8")
    )
    assert not [text for text in found if "span" in text or "data-glue" in text]


def test_headings_begin_with_one_h1_and_skip_no_level(pages):
    for name, page in pages.items():
        levels = page.headings
        assert levels[0] == 1 and levels.count(1) == 1, (name, levels)
        assert all(after - before <= 1 for before, after in pairwise(levels)), (name, levels)


def test_no_page_loads_a_file_from_elsewhere(book, pages):
    for name, page in pages.items():
        assert not [load for load in page.loads if re.match(r"(?:https?:)?//", load)], name
    for css in (book / "_static").glob("book.css"):
        assert not re.findall(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", css.read_text(encoding="utf-8"))
    script = (book / "_static" / "book.js").read_text(encoding="utf-8")
    assert not re.findall(r"https?://", script)


def test_a_page_asks_for_one_style_sheet_and_one_script(pages):
    for name, page in pages.items():
        if name != "search.html":
            assert len([load for load in page.loads if ".js" in load]) == 1, name
            assert len([load for load in page.loads if ".css" in load]) == 1, name


def test_the_data_can_be_downloaded(book):
    assert (book / "datasets" / "datapackage.json").exists()
    assert (book / "datasets" / "england_icb_profile.csv").read_bytes().count(b"\n") >= 42


def test_the_exercise_can_be_downloaded_and_holds_no_answer(book):
    editions = list((book / "exercises").glob("*.ipynb"))
    assert editions
    for path in editions:
        text = path.read_text(encoding="utf-8")
        assert "grade_id" in text
        for secret in ("BEGIN SOLUTION", "BEGIN HIDDEN", "HIDDEN TESTS", "BEGIN MARK SCHEME"):
            assert secret not in text, (path.name, secret)


def test_no_answer_to_an_exercise_stands_anywhere_in_the_book(book):
    for path in book.rglob("*"):
        if path.suffix in (".html", ".ipynb", ".js", ".md", ".txt"):
            assert "BEGIN HIDDEN TESTS" not in path.read_text(encoding="utf-8"), path


# ---- generated pages


def test_every_claim_has_its_entry(book, pages):
    with open(ROOT / "datasets" / "claims.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    text = (book / "pages/claims.html").read_text(encoding="utf-8")
    assert len(rows) == 139
    for row in rows:
        assert f"claim-{row['id']}" in pages["pages/claims.html"].ids
    used = text.split('id="claim-A28"')[1].split('id="claim-A29"')[0]
    assert "Worked with in" in used and "05_inequality.html" in used


def test_a_claim_in_a_chapter_links_to_its_entry(pages):
    assert "../pages/claims.html#claim-A28" in pages[CHAPTER].links


def test_a_table_named_in_a_chapter_links_to_its_description(pages):
    assert any(link.startswith("../pages/data.html#synth_england_") for link in pages[CHAPTER].links)


def test_every_table_is_described_and_says_whether_it_is_real(book, pages):
    package = json.loads((ROOT / "datasets" / "datapackage.json").read_text(encoding="utf-8"))
    text = (book / "pages/data.html").read_text(encoding="utf-8")
    for resource in package["resources"]:
        assert resource["name"] in pages["pages/data.html"].ids
        section = text.split(f'id="{resource["name"]}"')[1].split("<section")[0]
        assert f"../datasets/{resource['name']}.csv" in section
        assert ("ic-synthetic" in section) == resource["synthetic"], resource["name"]
        for field in resource["schema"]["fields"]:
            assert f">{field['name']}<" in section, (resource["name"], field["name"])


def test_arabic_is_marked_as_arabic_and_runs_from_right_to_left(book):
    text = (book / "pages/glossary.html").read_text(encoding="utf-8")
    arabic = re.findall(r"<(\w+)([^>]*)>[^<]*[\u0600-\u06ff][^<]*<", text)
    assert len(arabic) > 100
    assert all('lang="ar"' in attrs and 'dir="rtl"' in attrs for _, attrs in arabic)


def test_citations_name_author_and_year(book):
    text = (book / CHAPTER).read_text(encoding="utf-8")
    assert re.search(r"\(<a[^>]*bibliography[^>]*>Mackenbach and Kunst, 1997</a>\)", re.sub(r"</?span[^>]*>", "", text))
