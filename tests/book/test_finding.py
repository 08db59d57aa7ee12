"""Finding: search leads to the very place, in three languages; the index and the links in tables and code."""

import csv
import importlib
import json
import re
from html import unescape
from pathlib import Path
from urllib.parse import quote, unquote

import pytest

from bookbuild import search, uses
from bookbuild.chapter import read as read_chapter

from .conftest import CHAPTER, CHAPTERS, PAGES, ROOT


def found(read, query: str) -> list[tuple[str, str]]:
    """(address, words) of each result."""
    reader = read(f"search.html?q={quote(query)}")
    reader.page.wait_for_function("document.getElementById('search-told').textContent", timeout=20_000)
    assert not reader.complaints
    links = reader.page.locator("#search-results li").all()
    return [(item.locator("a").first.get_attribute("href"), item.inner_text()) for item in links]


@pytest.mark.parametrize(
    ("query", "address"),
    [
        ("stunted", "pages/data.html#synth_morocco_children"),  # a description of data
        ("Surrey Heartlands", "chapters/05_inequality.html#fig-core20-chart"),  # the data of a chart
        ("queue of people", "chapters/05_inequality.html#"),  # running text
        ("Core20", "pages/glossary.html#core20plus5"),
        ("groupement sanitaire", "pages/glossary.html#territorial-health-group"),
        ("systeme de soins integres", "pages/glossary.html#integrated-care-system"),  # no accents
        ("SYSTÈME de soins", "pages/glossary.html#integrated-care-system"),
        ("المجموعة الصحية الترابية", "pages/glossary.html#territorial-health-group"),
        ("مجموعة صحية ترابية", "pages/glossary.html#territorial-health-group"),  # no article
        ("A28", "pages/claims.html#claim-A28"),
        ("erreygers", "pages/bibliography.html"),
        ("inequalty", "pages/glossary.html#"),  # a slip
    ],
)
def test_search_finds_the_place(read, query, address):
    results = found(read, query)
    assert any(link.startswith(address) for link, _ in results[:12]), results[:12]


def test_a_result_names_its_section_and_its_page(read):
    results = dict(found(read, "Surrey Heartlands"))
    words = results["chapters/05_inequality.html#fig-core20-chart"]
    assert words.startswith("Figure 5.") and "The most deprived fifth" in words and "Surrey Heartlands" in words


WITHIN = 100  # ms from the last key to the results
TYPE = """async (word) => {
  const input = document.getElementById("ic-search-page-q"), list = document.getElementById("search-results");
  const told = document.getElementById("search-told"), times = [];
  // The best of up to five: other work on the machine can only make it slower.
  for (let i = 0; i < 5 && !(Math.min(...times) < 100); i += 1) {
    input.value = word.slice(0, -1);
    input.form.requestSubmit();
    await new Promise((done) => setTimeout(done, 0));
    const start = performance.now();
    const seen = new Promise((done) => {
      new MutationObserver((_, self) => (self.disconnect(), done())).observe(told, { childList: true });
    });
    input.value = word;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    await seen;
    times.push(performance.now() - start);
  }
  return [Math.min(...times), [...list.querySelectorAll("a")].map((link) => link.getAttribute("href"))];
}"""


def test_a_term_of_any_chapter_is_found_while_one_types(read):
    """A word of each chapter's title or text that few other places have, from the last key to the results."""
    page = read("search.html").page
    page.wait_for_load_state("load")
    for name in CHAPTERS:
        markdown = read_chapter(ROOT / name.replace(".html", ".ipynb")).markdown.lower()
        words = sorted(
            set(re.findall(r"\[([a-z][a-z -]{6,28})\]\(\.\./pages/glossary", markdown)), key=lambda w: (-len(w), w)
        )
        assert words, name
        for word in words[:2]:
            took, links = page.evaluate(TYPE, word)
            assert took < WITHIN, f"{word!r} of {name} took {took:.0f} ms"
            assert any(link.startswith(name) for link in links), f"{word!r} is not found in {name}"


def test_every_external_address_is_written_in_one_way(book):
    """``make links`` then asks, and lists, each once."""
    found: dict[str, set[str]] = {}
    for name in PAGES:
        for address in re.findall(r'<a\b[^>]*\bhref="(https?://[^"]+)"', (book / name).read_text(encoding="utf-8")):
            plain = re.sub(r"^https?://(www\.|dx\.)?", "", unescape(address).split("#")[0]).rstrip("/").lower()
            found.setdefault(plain, set()).add(unescape(address))
    assert len(found) > 100
    doubled = [ways for ways in found.values() if len(ways) > 1]
    assert not doubled, doubled


def test_an_empty_result_says_what_to_try(read):
    page = read("search.html?q=zzqxv").page
    page.wait_for_function("document.getElementById('search-told').textContent", timeout=20_000)
    assert "Nothing in the book matches “zzqxv”" in page.locator("#search-told").inner_text()
    assert page.locator("#search-help").is_visible()
    assert page.locator("#search-help").get_by_role("link", name="Index").is_visible()


def test_a_list_of_places_that_did_not_come_is_told_and_is_no_empty_result(read):
    reader = read("index.html")
    reader.page.context.route("**/search-records.js*", lambda route: route.abort())
    page = reader.open("search.html?q=deprived").page
    page.wait_for_function("document.getElementById('search-told').textContent", timeout=20_000)
    assert "did not load" in page.locator("#search-told").inner_text()
    assert page.locator("#search-help").is_visible()


def test_what_is_typed_while_the_list_of_places_comes_is_kept(read):
    reader = read("index.html")
    held = []
    reader.page.context.route("**/search-records.js*", lambda route: held.append(route))
    page = reader.page
    page.goto(f"{reader.site}search.html", wait_until="commit")
    page.locator("#ic-search-page-q").fill("raking")
    while not held:
        page.wait_for_timeout(50)
    held[0].fallback()
    page.wait_for_function("document.querySelector('#search-results li')", timeout=20_000)
    assert page.locator("#ic-search-page-q").input_value() == "raking"


def test_search_is_used_by_keyboard(read):
    page = read(CHAPTER).page
    page.locator("#ic-q").focus()
    page.keyboard.type("slope index")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=slope+index")
    page.locator("#search-results li").first.wait_for(timeout=20_000)
    page.locator("#ic-search-page-q").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    second = page.locator("#search-results li a").nth(1)
    assert second.evaluate("e => e === document.activeElement")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "search.html" not in url)


def test_every_record_leads_to_a_place_that_is_there(book):
    text = (book / "_static" / "search-records.js").read_text(encoding="utf-8")
    records = json.loads(text.removeprefix("window.icRecords = ").rstrip().rstrip(";"))
    assert len(records) > 300
    pages = {}
    for record in records:
        name, _, anchor = record["u"].partition("#")
        page = pages.setdefault(name, (book / name).read_text(encoding="utf-8"))
        assert not anchor or f'id="{unquote(anchor)}"' in page, record["u"]
    for name in CHAPTERS:
        charts = set(re.findall(r'<figure class="ic-chart" id="([^"]+)"', (book / name).read_text(encoding="utf-8")))
        assert charts <= {record["u"].partition("#")[2] for record in records}, name


def test_without_scripts_a_link_to_the_index_stands_where_the_field_was(read):
    page = read(CHAPTER, scripts=False).page
    assert not page.locator("#ic-q").is_visible()
    page.locator("header").get_by_role("link", name="Index").click()
    assert page.url.endswith("pages/book-index.html")


PAGE = """
<h1>not in a section</h1>
<section id="a"><h1>Title<a class="headerlink" href="#a">¶</a></h1><p>One <b>two</b>.</p><svg><text>drawn</text></svg>
<figure class="ic-chart" id="fig-x"><figcaption><p class="ic-fig-title">Figure 1 Up</p></figcaption>
<details><summary>Data</summary><table><tr><td>Tiznit</td><td>51.7</td></tr></table></details><script>no</script></figure>
<section id="b"><h2>Deeper</h2><p>three<br>four</p></section></section>
<div class="ic-term docutils" id="icb"><p class="ic-term-name">Board (ICB)</p><p>A body.</p>
<p><span lang="fr">conseil</span><span lang="ar">مجلس</span></p></div>
"""


def test_a_page_is_cut_into_its_places():
    first, figure, deeper, term = search.cut(PAGE)
    assert (first["id"], first["title"], first["text"]) == ("a", "Title", "One two.")
    assert (figure["kind"], figure["title"], figure["text"]) == ("figure", "Figure 1 Up", "Data Tiznit")
    assert (deeper["title"], deeper["text"]) == ("Deeper", "three four")
    assert (term["kind"], term["title"], term["other"]) == ("term", "Board (ICB)", "conseil مجلس")


# ---- the index


def test_the_index_has_every_term_and_says_where_it_is_used(book):
    text = (book / f"{uses.PAGE}.html").read_text(encoding="utf-8").split("<article")[1].split("</article>")[0]
    with open(ROOT / "datasets" / "glossary.csv", encoding="utf-8", newline="") as file:
        terms = list(csv.DictReader(file))
    assert text.count("glossary.html#") >= len({row["term_en"] for row in terms})
    for name in CHAPTERS:
        chapter = (book / name).read_text(encoding="utf-8").split("<article")[1].split("</article>")[0]
        for anchor in set(re.findall(r'glossary\.html#([^"]+)"', chapter)):
            # the term's line links back to this chapter
            lines = [line for line in text.split("<li>") if f'glossary.html#{anchor}"' in line]
            glossary = (book / "pages/glossary.html").read_text(encoding="utf-8")
            home = re.search(rf'id="{re.escape(anchor)}"', glossary)
            assert home, anchor
            if lines:  # a term with two anchors is listed under its first
                assert f"../{name}" in lines[0], (anchor, name)
        for claim in set(re.findall(r'claims\.html#(claim-[AB]\d\d)"', chapter.split("State of the world")[0])):
            (line,) = [line for line in text.split("<li>") if f'claims.html#{claim}"' in line]
            assert f"../{name}" in line, (claim, name)


def test_the_index_names_methods_data_and_authors(book):
    text = (book / f"{uses.PAGE}.html").read_text(encoding="utf-8")
    methods = text.split('id="methods"')[1].split('id="authors"')[0]
    assert "slope_index" in methods and f"../{CHAPTER}#" in methods
    assert "`" not in methods and ":func:" not in methods, "what a method does is told in plain words"
    data = text.split('id="data"')[1].split('id="methods"')[0]
    assert "data.html#england_icb_profile" in data and f"../{CHAPTER}#" in data
    authors = text.split('id="authors"')[1]
    assert "Mackenbach, J." in authors and f"../{CHAPTER}#" in authors


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_chapter_uses_methods_of_its_own(book, name):
    """Chapter 1 calls its module by another name, in a cell that the book leaves out."""
    text = (book / f"{uses.PAGE}.html").read_text(encoding="utf-8")
    methods = text.split('id="methods"')[1].split('id="authors"')[0]
    module = importlib.import_module("integrated_care." + Path(name).stem.split("_", 1)[1])
    own = {name for name in module.__all__ if callable(getattr(module, name))}
    lines = [line for line in methods.split("<li>") if f"../{name}#" in line]
    assert len([line for line in lines if re.search(r'"pre">(\w+)<', line)[1] in own]) >= 5


@pytest.mark.parametrize("name", CHAPTERS)
def test_claims_in_tables_and_tables_in_code_are_links(book, name):
    text = (book / name).read_text(encoding="utf-8").split("<article")[1].split("</article>")[0]
    assert not re.findall(r"<t[dh][^>]*>[AB]\d{2}</t[dh]>", text), "a claim's id in a table leads nowhere"
    loads = re.findall(r'<span class="n">load</span><span class="p">\(</span><span class="s[12]">["\'&](.{2})', text)
    assert all(after == "<a" for after in loads), "the name of a table in load() leads nowhere"
