"""What each page says of itself, and addresses that last: in the built book, and in small books that are published."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pytest
import yaml
from bs4 import BeautifulSoup

from bookbuild import imprint as imprints
from bookbuild import social, structured, take

from .conftest import CHAPTER, ROOT, STRICT, names
from .test_strict import chapter, small, warnings

PUBLISHED = "https://example.org/reform/"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture(scope="module")
def about() -> imprints.Imprint:
    return imprints.imprint(ROOT)


@pytest.fixture(scope="module")
def soups(book) -> dict[str, BeautifulSoup]:
    return {name: BeautifulSoup((book / name).read_text("utf-8"), "html.parser") for name in names(book)}


def facts(soup: BeautifulSoup) -> dict:
    return json.loads(soup.select_one('script[type="application/ld+json"]').string)


def shown(soups) -> dict[str, BeautifulSoup]:
    """The pages that have something to say: not the search page."""
    return {name: soup for name, soup in soups.items() if name != "search.html"}


# ---- version and day


def test_version_and_day_agree_wherever_they_stand(about):
    cff = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    newest = re.search(r"^## (\S+) \((\d{4}-\d\d-\d\d)\)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert (newest[1], newest[2]) == (str(cff["version"]), str(cff["date-released"]))
    assert about.version == newest[1]  # the package takes it from integrated_care, as the pages do


def test_each_page_names_its_edition_at_the_foot(soups, about):
    for name, soup in soups.items():
        assert about.edition in soup.select_one("footer").get_text(), name
    assert about.edition == f"Version {about.version}, {about.date.day} {about.date:%B %Y}"


def test_the_changelog_is_a_page_of_the_book(soups, about):
    text = soups["pages/changelog.html"].select_one("article").get_text()
    assert about.version in text
    assert soups["index.html"].select_one('footer a[href="pages/changelog.html"]')


def test_a_contradiction_between_citation_and_code_is_named(tmp_path):
    text = (ROOT / "CITATION.cff").read_text("utf-8").replace(f"version: {imprints.__version__}", "version: 9.9.9")
    (tmp_path / "CITATION.cff").write_text(text)
    with pytest.raises(imprints.NoImprint, match=r"CITATION\.cff says version 9\.9\.9"):
        imprints.imprint(tmp_path)
    (tmp_path / "CITATION.cff").write_text("title: A\n")
    with pytest.raises(imprints.NoImprint, match="KeyError 'version'"):
        imprints.imprint(tmp_path)


# ---- addresses


def test_every_address_in_every_page_leads_somewhere(book, soups):
    """Links, files and places: of pages and of old addresses, in each attribute that holds an address."""
    every = {
        path: soups.get(path.relative_to(book).as_posix()) or BeautifulSoup(path.read_text("utf-8"), "html.parser")
        for path in book.rglob("*.html")
        if "lite" not in path.relative_to(book).parts
    }
    assert len(every) > len(soups), "old addresses too"
    ids = {path: {tag["id"] for tag in soup.select("[id]")} for path, soup in every.items()}
    lost, count = [], 0
    for path, soup in every.items():
        for tag in soup.find_all(True):
            found = [tag.get(key) for key in ("href", "src", "action", "data-vega", "poster")]
            found += re.findall(r"url=(\S+)", tag.get("content", "")) if tag.get("http-equiv") == "refresh" else []
            found += [tag["content"]] if tag.get("property") == "og:image" else []
            for address in filter(None, found):
                parts = urlsplit(address)
                if parts.scheme or parts.netloc:
                    continue
                count += 1
                target = (path.parent / unquote(parts.path)).resolve() if parts.path else path.resolve()
                anchor = unquote(parts.fragment)
                if not target.is_file() or (anchor and target in ids and anchor not in ids[target]):
                    lost.append((path.relative_to(book).as_posix(), address))
    assert count > 500
    assert not lost
    for css in (book / "_static").glob("*.css"):
        for path in re.findall(r"url\([\"']?(?!data:)([^\"')]+)", css.read_text("utf-8")):
            assert (css.parent / path).is_file(), (css.name, path)


def test_the_number_of_a_chapter_leads_to_it(book, browser, site):
    for path in sorted((ROOT / "chapters").glob("*.ipynb")):
        number = path.stem.split("_")[0]
        for old in {number, number.lstrip("0")}:
            soup = BeautifulSoup((book / "chapters" / f"{old}.html").read_text("utf-8"), "html.parser")
            assert soup.select_one("link[rel=canonical]")["href"] == f"{path.stem}.html"
            assert soup.select_one("meta[http-equiv=refresh]")["content"] == f"0; url={path.stem}.html"
    for scripts in (True, False):
        context = browser.new_context(java_script_enabled=scripts)
        page = context.new_page()
        page.goto(site + "chapters/05.html")
        page.wait_for_url("**/" + CHAPTER)
        context.close()


def publish(root: Path, address: str, redirects: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """A small book with an imprint, built for an address."""
    small(root, chapter())
    shutil.copy(ROOT / "CITATION.cff", root)
    config = yaml.safe_load((root / "_config.yml").read_text("utf-8"))
    config["sphinx"]["config"]["bookbuild_redirects"] = redirects or {}
    (root / "_config.yml").write_text(yaml.safe_dump(config))
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", *STRICT, str(root)]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, env={**os.environ, "BOOK_URL": address})


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("published") / "small"
    done = publish(
        root, PUBLISHED.rstrip("/"), {"chapters/05_old_name": "chapters/05_small", "old.html": "pages/claims"}
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return root / "_build" / "html"


def test_a_published_copy_knows_its_address(published):
    for name, wanted in {
        "index.html": PUBLISHED,
        "chapters/05_small.html": PUBLISHED + "chapters/05_small.html",
    }.items():
        soup = BeautifulSoup((published / name).read_text("utf-8"), "html.parser")
        assert soup.select_one("link[rel=canonical]")["href"] == wanted
        assert soup.select_one('meta[property="og:url"]')["content"] == wanted
        image = soup.select_one('meta[property="og:image"]')["content"]
        assert image.startswith(PUBLISHED) and (published / image.removeprefix(PUBLISHED)).is_file()
        assert facts(soup)["url"] == wanted


def test_a_published_copy_has_a_sitemap_of_its_pages_and_of_no_old_address(published):
    tree = ElementTree.parse(published / "sitemap.xml")
    found = [loc.text for loc in tree.iter(f"{SITEMAP}loc")]
    pages = ("", "chapters/05_small.html", "pages/bibliography.html", "pages/claims.html")
    assert sorted(found) == [PUBLISHED + page for page in pages]
    assert {e.text for e in tree.iter(f"{SITEMAP}lastmod")} == {imprints.imprint(ROOT).date.isoformat()}
    assert f"Sitemap: {PUBLISHED}sitemap.xml" in (published / "robots.txt").read_text()


def test_the_table_of_old_addresses_is_followed(published):
    for old, href, canonical in (
        ("chapters/05_old_name.html", "05_small.html", "chapters/05_small.html"),
        ("old.html", "pages/claims.html", "pages/claims.html"),
    ):
        soup = BeautifulSoup((published / old).read_text("utf-8"), "html.parser")
        assert soup.select_one("a")["href"] == href and (published / old).parent.joinpath(href).is_file()
        assert soup.select_one("link[rel=canonical]")["href"] == PUBLISHED + canonical


def test_a_book_that_nobody_published_claims_no_address(book, soups):
    if os.environ.get("BOOK_URL"):
        pytest.skip("BOOK_URL is set: this copy is published")
    assert not (book / "sitemap.xml").exists() and not (book / "robots.txt").exists()
    for name, soup in shown(soups).items():
        assert not soup.select('link[rel=canonical], meta[property="og:url"]'), name
        assert "url" not in facts(soup), name


def test_a_mistake_in_the_table_of_old_addresses_fails_the_build(tmp_path):
    done = publish(tmp_path / "small", "", {"pages/claims": "index", "gone": "pages/nowhere"})
    said = "\n".join(warnings(done.stderr))
    assert done.returncode != 0
    assert "'pages/claims' is a page, and cannot lead elsewhere" in said
    assert "'gone' leads to 'pages/nowhere', which is no page" in said


def test_an_address_without_a_scheme_is_refused():
    with pytest.raises(imprints.NoImprint, match="write it with its scheme"):
        imprints.address("example.org/book")
    assert imprints.address(" https://example.org/book ") == "https://example.org/book/"


# ---- descriptions


def test_each_page_describes_itself_for_a_shared_link(book, soups):
    for name, soup in shown(soups).items():
        meta = {m.get("property") or m.get("name"): m["content"] for m in soup.select("meta[content]")}
        for key in ("og:title", "og:type", "og:site_name", "og:image", "og:image:alt", "twitter:card"):
            assert meta[key].strip(), (name, key)
        assert "<" not in meta["og:title"] and "¶" not in meta["og:title"]
    picture = (book / "_static" / "social" / "index.png").read_bytes()
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24])) == (1200, 630)
    assert len(picture) < 300_000


def test_each_chapter_has_a_picture_of_its_own(book):
    pictures = {path.name: path.read_bytes() for path in (book / "_static" / "social").glob("*.png")}
    chapters = list((ROOT / "chapters").glob("*.ipynb"))
    assert len(pictures) == len(set(pictures.values())) == len(chapters) + 1


def test_each_page_describes_itself_for_a_catalogue(soups, about):
    dois = {paper.address for paper in about.papers}
    assert len(dois) == 2
    for name, soup in shown(soups).items():
        found = facts(soup)
        assert found["@context"] == "https://schema.org", name
        kinds = set(found["@type"])
        assert {paper["@id"] for paper in found["isBasedOn"]} == dois
        assert found["license"] == "https://creativecommons.org/licenses/by/4.0/"
        assert (found["inLanguage"], found["version"], found["dateModified"]) == (
            "en",
            about.version,
            about.date.isoformat(),
        )
        assert all(person["@type"] in ("Person", "Organization") and person["name"] for person in found["author"])
        assert found["name"] and found["description"] and found["learningResourceType"] and found["educationalLevel"]
        if name == "index.html":
            assert {"Book", "Course"} <= kinds and found["provider"]
            assert len(found["hasPart"]) == len(list((ROOT / "chapters").glob("*.ipynb")))
        else:
            assert "LearningResource" in kinds and found["isPartOf"]["name"] == about.name
            assert re.fullmatch(r"PT(?=\d)(\d+H)?(\d+M)?", found["timeRequired"]), name
        if name.startswith("chapters/"):
            assert "Chapter" in kinds and found["position"] == int(name.split("/")[1].split("_")[0])
            box = soup.select(".ic-box-aims li")
            assert len(found["teaches"]) == len(box) >= 4
            assert all(len(aim.split()) > 3 for aim in found["teaches"])


@pytest.mark.parametrize(("minutes", "wanted"), [(120, "PT2H"), (95, "PT1H35M"), (7, "PT7M"), (0, "PT0M")])
def test_durations(minutes, wanted):
    assert structured.duration(minutes) == wanted


def test_a_title_in_a_picture_breaks_into_lines_and_is_cut_with_a_sign():
    svg = social.lines("one two three four <five> six", 0, 0, 10, 9, most=2)
    assert svg.count("<text") == 2 and "…" in svg and "<five>" not in svg


# ---- cite this chapter


def test_each_chapter_can_be_cited_and_other_pages_have_no_box(soups, about):
    for name, soup in soups.items():
        box = soup.select_one(".ic-cite")
        assert bool(box) == name.startswith("chapters/"), name
        if box:
            title = re.sub(r"^\d+ · ", "", soup.h1.get_text().rstrip("¶"))
            words, bibtex = box.select_one("#cite-text").get_text(), box.select_one("#cite-bibtex").get_text()
            for text in (words, bibtex):
                assert title in text and about.name in text and str(about.date.year) in text and about.version in text
            assert re.fullmatch(r"@incollection\{[\w-]+,\n(  \w+ +=.+,\n)+  \w+ +=.+\n\}", bibtex), bibtex
            assert bibtex.count("{") == bibtex.count("}")
            assert len(box.select(".ic-source a[href^='https://doi.org/']")) == len(about.papers)


def test_the_citation_can_be_copied_by_button_and_selected_without_scripts(read):
    page = read(CHAPTER, permissions=["clipboard-read", "clipboard-write"]).page
    page.locator(".ic-cite summary").click()
    page.locator(".ic-copy").last.click()
    page.locator(".ic-copied", has_text="Copied.").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#cite-bibtex").text_content()
    page = read(CHAPTER, scripts=False).page
    page.locator(".ic-cite summary").click()
    assert page.locator("#cite-bibtex").is_visible() and not page.locator(".ic-copy").first.is_visible()


# ---- take it with you


def site_with_place(root: Path) -> Path:
    (root / "index.html").write_text(f"<p>Hello</p>{take.BEGIN}{take.NOT_MADE}{take.END}")
    (root / "page.html").write_text("one")
    return root


def test_what_there_is_to_take_stands_on_the_landing_page_with_its_size(tmp_path):
    import pikepdf

    from bookbuild.paper import shelf

    html = tmp_path / "html"
    html.mkdir()
    site_with_place(html)
    made = [tmp_path / name for name in ("b.pdf", "b.epub", "b-offline.zip")]
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(made[0])
    made[1].write_bytes(b"x" * 263_000)
    made[2].write_bytes(b"x" * 1_940_000)
    before = take.digest(html)
    shelf.put(html, made)
    soup = BeautifulSoup((html / "index.html").read_text(), "html.parser")
    assert [(html / a["href"]).is_file() for a in soup.select("a")] == [True] * 3
    assert "263 KB" in soup.get_text() and "1.9 MB" in soup.get_text() and "1 page" in soup.get_text()
    assert take.digest(html) == before == (html / "downloads" / take.RECORD).read_text().strip()


def test_files_made_from_an_older_book_are_taken_down(tmp_path):
    class App:
        outdir = tmp_path
        config = type("Config", (), {"root_doc": "index"})
        builder = type("Builder", (), {"name": "html"})

    html = site_with_place(tmp_path)
    (html / "downloads").mkdir()
    (html / "downloads" / take.RECORD).write_text(take.digest(html))
    take.fill(html / "index.html", "the files")
    take._take_down(App, None)
    assert (html / "downloads").exists(), "nothing changed: they stay"
    (html / "page.html").write_text("two")
    take._take_down(App, None)
    assert not (html / "downloads").exists() and take.NOT_MADE in (html / "index.html").read_text()


def test_the_landing_page_has_the_place(book):
    assert len(take.PLACE.findall((book / "index.html").read_text("utf-8"))) == 1
