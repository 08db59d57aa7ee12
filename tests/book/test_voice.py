"""One voice: terms, symbols, openings and references, held across all chapters."""

import csv
import json
import re
from collections import Counter
from functools import cache
from html import unescape

import pytest

from bookbuild import chapter, glossary, notation, plan

from .conftest import CHAPTERS, ROOT

NAMES = {int(name.split("/")[1][:2]): name.split("/")[1].removesuffix(".html") for name in CHAPTERS}
ROWS = notation.rows(ROOT)
with open(ROOT / "datasets" / "glossary.csv", encoding="utf-8", newline="") as file:
    TERMS = list(csv.DictReader(file))


@cache
def written(number: int) -> chapter.Chapter:
    return chapter.read(ROOT / f"chapters/{NAMES[number]}.ipynb")


@cache
def cells(path: str) -> list[str]:
    return ["".join(cell["source"]) for cell in json.loads((ROOT / path).read_text(encoding="utf-8"))["cells"]]


# ---- symbols


@pytest.mark.parametrize("number", NAMES)
def test_the_table_of_symbols_has_the_letters_of_each_chapter(number):
    used, listed = (
        notation.symbols(written(number).markdown),
        {r["symbol"] for r in ROWS if r["chapter"] == str(number)},
    )
    assert used - listed == set(), f"datasets/notation.csv does not say what these stand for in chapter {number}"
    assert listed - used == set(), f"no formula of chapter {number} has these"


def test_letters_are_read_from_formulas_only():
    text = r"It costs £3 or $\\bar x_i = \\text{cash}\\,dt$, and $$\\frac{CI}{\\mathrm{Var}(\\theta)}$$ for n people."
    assert notation.symbols(text.replace("\\\\", "\\")) == {"x", "i", "dt", "CI", "\\theta"}


def test_the_page_shows_each_meaning_and_each_convention(book):
    text = (book / f"{notation.PAGE}.html").read_text(encoding="utf-8").split("<article")[1].split("</article>")[0]
    words = " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split()).replace("’", "'")
    ready = [row for row in ROWS if int(row["chapter"]) in NAMES]
    for row in ready:
        assert f"{row['chapter']} {row['meaning']}" in words, row
    several = sum(n > 1 for n in Counter(row["symbol"] for row in ready).values())
    assert f"{len({row['symbol'] for row in ready})} letters; {several} of them" in words
    for number, name in NAMES.items():
        path = ROOT / "integrated_care" / f"{name[3:]}.py"
        items = notation.conventions(path)
        assert (
            items.startswith("* ") and "Nothing that is passed in is changed" in items.replace("\n  ", " ")
        ) or number == 13
        section = text.split(f'id="module-{name[3:].replace("_", "-")}"')[1].split("</section>")[0]
        assert section.count("<li>") == len(re.findall(r"^\* ", items, re.MULTILINE))
        assert "`" not in section


# ---- terms


def test_the_glossary_is_complete_in_three_languages():
    for row in TERMS:
        assert row["definition_en"] and row["term_fr"], row["term_en"]
        assert re.search(r"[\u0600-\u06ff]{2}", row["term_ar"]), row["term_en"]
        assert not re.search(r"[\u0600-\u06ff]", row["term_fr"]), row["term_en"]
    for field in ("term_en", "definition_en"):
        doubled = [words for words, n in Counter(row[field].lower() for row in TERMS).items() if n > 1]
        assert not doubled, doubled
    places = Counter(place for row in TERMS for place in glossary.anchors(row["term_en"]))
    assert not [place for place, n in places.items() if n > 1]


def defined() -> dict[str, set[int]]:
    """Term -> the chapters whose boxes *Definition* define it."""
    found: dict[str, set[int]] = {}
    for number in NAMES:
        for quote in re.findall(r"(?:^>[^\n]*\n?)+", written(number).markdown, re.MULTILINE):
            if quote.startswith("> **Definition.**"):
                for term in re.findall(
                    r"\*\*\[?([^*\]]+)\]?(?:\([^)]*\))?\*\*", quote.removeprefix("> **Definition.**")
                ):
                    found.setdefault(term.strip(" .").lower(), set()).add(number)
    return found


def test_a_term_that_two_chapters_define_is_told():
    told = (ROOT / f"{notation.PAGE}.md").read_text(encoding="utf-8").split("## Words that two")[1].split("\n## ")[0]
    told_of = {line[4:].split("**")[0].lower(): line for line in re.split(r"\n(?=- )", told) if line.startswith("- **")}
    twice = {term: numbers for term, numbers in defined().items() if len(numbers) > 1}
    assert set(twice) == set(told_of), "say on pages/notation.md what the word means in each chapter, or define it once"
    for term, numbers in twice.items():
        said = re.findall(r"chapters? (\d+)(?: and (\d+))?", told_of[term])
        assert numbers == {int(n) for pair in said for n in pair if n}, term


def test_a_term_of_the_glossary_is_defined_by_one_chapter():
    home: dict[str, set[int]] = {}
    for number in NAMES:
        for quote in re.findall(r"^> \*\*Definition\.\*\*[^\n]*", written(number).markdown, re.MULTILINE):
            for anchor in re.findall(r"\*\*\[[^\]]+\]\(\.\./pages/glossary\.md#([\w-]+)\)\*\*", quote):
                home.setdefault(anchor, set()).add(number)
    assert len(home) > 40
    twice = {anchor: numbers for anchor, numbers in home.items() if len(numbers) > 1}
    assert not twice, "a second chapter should link to the term and not define it again"


# ---- openings


def test_no_two_chapters_open_alike():
    first = {}
    for number in NAMES:
        blocks = [
            b for b in re.split(r"\n\s*\n", written(number).markdown) if b.strip() and not b.startswith(("#", ">"))
        ]
        plain = re.sub(r"\[([^\]]+)\]\([^)]*\)|<[^>]+>", r"\1", blocks[0])
        first[number] = re.findall(r"\w+", plain.lower())
    for size, what in ((3, "words"), (12, "sentence")):
        starts = Counter(tuple(found[:size]) for found in first.values())
        assert max(starts.values()) == 1, f"two chapters begin with the same {what}: {starts.most_common(1)}"


# ---- references


def test_a_chapter_that_is_named_exists_and_is_written():
    for number, name in NAMES.items():
        for path in (f"chapters/{name}.ipynb", f"exercises/{name}/{name}.ipynb"):
            named = {int(n) for cell in cells(path) for n in re.findall(r"\b[Cc]hapter (\d+)\b", cell)}
            assert named <= set(plan.PLAN), (number, path)
            assert named <= set(NAMES), f"{path} sends its reader to a chapter that is not yet written"
