"""The offline copy: unpacked, opened from a folder, with no server and no network."""

import zipfile
from pathlib import Path

import pytest

from bookbuild.imprint import imprint
from bookbuild.paper import offline

from .conftest import CHAPTER, ROOT, Reader, names


@pytest.fixture(scope="module")
def folder(book, tmp_path_factory) -> Path:
    """The unpacked copy."""
    where = tmp_path_factory.mktemp("offline")
    made = offline.make(book, imprint(ROOT), where)
    with zipfile.ZipFile(made) as archive:
        archive.extractall(where)
    (top,) = [path for path in where.iterdir() if path.is_dir()]
    assert (top / "README.txt").exists()
    return top


@pytest.fixture
def unfold(browser, folder):
    """``unfold(name, dark=…)`` opens a page of the copy; what is asked elsewhere, refused or complained of is noted."""
    opened = []

    def reader(name: str, dark: bool = False) -> Reader:
        context = browser.new_context(
            viewport={"width": 1280, "height": 900}, color_scheme="dark" if dark else "light", offline=True
        )
        opened.append(context)
        it = Reader(context.new_page(), folder.as_uri() + "/")
        it.page.on("console", lambda m: m.type == "error" and it.complaints.append(m.text))  # warnings: test_walk.py
        it.page.on("pageerror", lambda error: it.complaints.append(str(error)))
        # "Aborted" is a file that was on its way when the reader left the page.
        it.page.on(
            "requestfailed",
            lambda r: "ABORTED" in (r.failure or "") or it.complaints.append(f"refused: {r.url[:120]} {r.failure}"),
        )
        it.page.on("request", lambda r: r.url.startswith((it.site, "data:", "blob:")) or it.foreign.append(r.url))
        return it.open(name)

    yield reader
    for context in opened:
        context.close()


def test_every_page_opens_without_a_complaint(unfold, folder):
    reader = unfold("index.html")
    for name in names(folder):
        reader.open(name).walk()
    assert not reader.complaints
    assert not reader.foreign


def test_charts_come_alive(unfold):
    page = unfold(CHAPTER).walk().page
    live = page.locator(".ic-chart:has(.ic-spec)").count()
    assert live >= 3 and page.locator('.ic-chart[data-state="live"]').count() == live


def test_text_is_set_in_the_books_own_letters(unfold):
    page = unfold(CHAPTER).page
    page.evaluate("document.fonts.ready.then(() => 0)")
    loaded = page.evaluate("[...document.fonts].filter((font) => font.status === 'loaded').map((font) => font.family)")
    assert any("Source Sans 3" in family for family in loaded) and any("Source Serif 4" in family for family in loaded)


def test_search_finds_pages(unfold):
    reader = unfold("search.html?q=deprived")
    reader.page.locator("#search-results a", has_text="The most deprived fifth").first.wait_for()
    reader.page.wait_for_timeout(500)  # a summary that is fetched would be refused about now
    assert not reader.complaints


def test_dark_is_kept_from_page_to_page(unfold):
    page = unfold("index.html").page
    page.locator(".ic-theme").click()
    page.goto(page.url.replace("index.html", CHAPTER))
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_an_old_address_leads_on_and_keeps_the_place(unfold):
    page = unfold("chapters/5.html#answers").page
    page.wait_for_url(f"**/{CHAPTER}#answers")


def test_the_same_site_gives_the_same_bytes(book, tmp_path):
    made = [offline.make(book, imprint(ROOT), tmp_path / name).read_bytes() for name in ("one", "two")]
    assert made[0] == made[1]


# ---- links to what does not come along

PAGE = (
    '<p>Run it <a class="x" href="../lite/lab/index.html?path=a.ipynb">in the browser</a>, '
    'or <a href="../data/a.csv">the data</a>.</p>'
)


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("", "Run it in the browser, or"),
        (
            "https://example.org/b/",
            'href="https://example.org/b/lite/lab/index.html?path=a.ipynb">in the browser</a>, or',
        ),
    ],
)
def test_a_link_to_what_stays_on_the_site_is_absolute_or_plain_text(address, wanted, monkeypatch):
    monkeypatch.setenv("BOOK_URL", address)
    text = offline._page(PAGE, imprint(ROOT))
    assert wanted in text and '<a href="../data/a.csv">' in text
