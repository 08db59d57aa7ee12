"""The built pages in the order of the contents, cleaned of what only a screen can use.

The same cleaning serves the PDF and the e-book: questions to check yourself become lettered answers, and what is said of
each answer moves to the end of the page; charts keep the drawing and lose scripts and tables; links that lead nowhere
away from the site become absolute or plain text.
"""

import html
import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from string import ascii_uppercase
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag
from html5lib.constants import adjustSVGAttributes
from sphinx_external_toc.parsing import parse_toc_yaml

from ..chapter import number_of
from ..imprint import Imprint

# Pages about the site, and not about its subject.
SITE_ONLY = {"pages/accessibility", "pages/changelog", "pages/teach", "pages/running", "pages/class-plans"}
CLASS_PLANS = "pages/plans/"  # for a class, one at a time: each prints from its own page
# What has no use without a screen, wherever it stands in a page.
SCREEN_ONLY = (
    "script, noscript, template, form, button, input, select, textarea, audio, video, iframe, [hidden], .headerlink, "
    ".ic-inputs, .ic-narrow, .ic-code, .ic-cite, .ic-doors, .ic-start, section:has(> .ic-chapters), section:has(> .ic-take), "
    ".ic-screen"
)
# The heaviest of it, which is not even parsed: scripts with the specs of charts, and drawings for phones.
UNREAD = re.compile(r'<head>.*?</head>|<script\b.*?</script>|<svg class="ic-narrow".*?</svg>', re.DOTALL)
SVG_ELEMENTS = {
    name.lower(): name for name in ("clipPath", "linearGradient", "radialGradient", "textPath", "foreignObject")
}


class Unfit(Exception):
    """A built page that cannot be put on paper; the text says which and why."""


@dataclass
class Page:
    """One page of the book: its name as Sphinx knows it, its title, and its cleaned article."""

    name: str
    title: str
    article: Tag
    caption: str = ""
    data: list[Tag] = field(default_factory=list)  # the tables behind the charts, as the site shows them

    @property
    def chapter(self) -> int | None:
        """5 for ``chapters/05_inequality``."""
        return number_of(self.name)

    @property
    def slug(self) -> str:
        """A name without slashes, for ids and file names."""
        return self.name.replace("/", "-")

    @property
    def soup(self) -> BeautifulSoup:
        """The document that the article stands in, which makes new elements."""
        return next(parent for parent in self.article.parents if isinstance(parent, BeautifulSoup))


def order(root: Path) -> list[tuple[str, str]]:
    """(page, caption of its part) in the order of ``_toc.yml``, the landing page first."""
    toc = parse_toc_yaml(root / "_toc.yml")
    found: list[tuple[str, str]] = [(toc.root.docname, "")]

    def walk(document) -> None:
        for tree in document.subtrees:
            for item in tree.items:
                if item in toc:
                    found.append((str(item), tree.caption or ""))
                    walk(toc[item])

    walk(toc.root)
    return found


def new(page: Page, name: str, text: str = "", **attributes: str) -> Tag:
    """A new element for a page; ``class_`` is the class."""
    given = {key.rstrip("_"): value for key, value in attributes.items()}
    element = page.soup.new_tag(name, attrs=given)
    if text:
        element.string = text
    return element


def read(site: Path, name: str, caption: str = "", unread: re.Pattern[str] = UNREAD) -> Page:
    """A built page as it is, not cleaned, but for what ``unread`` matches.

    The parser is four times as fast as html5lib, and reads the same in what Sphinx writes, which closes what it opens.
    """
    path = site / f"{name}.html"
    if not path.exists():
        raise Unfit(f"{path} is not there: run make book")
    soup = BeautifulSoup(unread.sub("", path.read_text(encoding="utf-8")), "html.parser")
    article = soup.select_one("article")
    heading = article.select_one("h1") if article else None
    if heading is None:
        raise Unfit(f"{path} holds no article with a title")
    for link in heading.select(".headerlink"):
        link.decompose()
    for drawing in article.find_all("svg"):
        _spell(drawing)
    return Page(name, " ".join(heading.get_text().split()), article, caption)


def _spell(drawing: Tag) -> None:
    """Write the names in an SVG as SVG does: a parser of HTML gives them in small letters, which XML takes for others."""
    for tag in [drawing, *drawing.find_all(True)]:
        tag.name = SVG_ELEMENTS.get(tag.name, tag.name)
        if any(key in adjustSVGAttributes for key in tag.attrs):
            tag.attrs = {adjustSVGAttributes.get(key, key): value for key, value in tag.attrs.items()}


def edition(root: Path, site: Path, address: str = "") -> tuple[Page, list[Page]]:
    """The landing page, and the pages that go on paper, cleaned. ``address`` is where the site is published, if it is."""
    first, *rest = [
        (name, caption) for name, caption in order(root) if name not in SITE_ONLY and not name.startswith(CLASS_PLANS)
    ]
    landing = read(site, *first)
    pages = [read(site, *item) for item in rest]
    for page in [landing, *pages]:
        clean(page)
    anchors = {page.name: {tag["id"] for tag in page.article.select("[id]")} for page in pages}
    for page in [landing, *pages]:
        for part in [page.article, *page.data]:
            for link in part.select("a[href]"):
                settle(page, link, anchors, address)
    return landing, pages


# ---- cleaning


def clean(page: Page) -> None:
    """Take out what only a screen can use, and open what is folded away."""
    for figure in page.article.select(".ic-chart"):
        _keep_drawing(page, figure)
    for number, options in enumerate(page.article.select(".ic-options"), start=1):
        _letter(page, options, number)
    for element in page.article.select(SCREEN_ONLY):
        if not element.decomposed:
            element.decompose()
    for details in page.article.select("details"):
        _open(page, details)
    for element in page.article.select("[tabindex]"):
        del element["tabindex"]
    for cell in page.article.select(".cell, .cell_output"):  # whose only content was folded code
        if not cell.get_text(strip=True) and not cell.select_one("svg, img"):
            cell.decompose()


def _keep_drawing(page: Page, figure: Tag) -> None:
    """A chart: number, title, drawing, source. Its tables are set aside, and its description is the drawing's name."""
    drawing = figure.select_one("svg.ic-wide, svg.ic-only")
    if drawing is None:
        raise Unfit(f"{page.name}: the chart {figure.get('id')!r} has no drawing")
    if figure.select_one(".ic-inputs") is not None:
        still = "A still picture: on the site and in its offline copy this chart can be changed."
        figure.append(new(page, "p", still, class_="ic-source ic-still"))
    for more in figure.select(".ic-more"):
        for table in more.select(".ic-table"):
            table["data-chart"] = figure["id"]
            page.data.append(table.extract())
        more.decompose()
    figure.attrs.pop("style", None)


def _letter(page: Page, options: Tag, number: int) -> None:
    """Options with hidden replies -> a lettered list here, and the replies under *Answers* at the end of the page."""
    choices = options.find_all("details", recursive=False)
    if not choices:
        return
    here, there = free_id(page, f"choices-{number}"), free_id(page, f"replies-{number}")
    question = new(page, "ol", class_="ic-choices", type="A", id=here)
    replies = new(page, "dl", class_="ic-replies")
    for letter, details in zip(ascii_uppercase, choices, strict=False):
        summary = details.find("summary").extract()
        item = new(page, "li")
        item.extend(list(summary.contents))
        question.append(item)
        term, reply = new(page, "dt", letter), new(page, "dd")
        reply.extend(list(details.contents))
        replies.extend([term, reply])
    to = new(page, "p", class_="ic-to-answers")
    to.append(new(page, "a", f"Answers to question {number}", href=f"#{there}"))
    options.replace_with(question)
    question.insert_after(to)
    box = question.find_parent(class_="ic-box")
    if box is not None and (label := box.select_one(".ic-box-label")) is not None:
        label.append(f" {number}")
    answers = page.article.select_one("section.ic-answers") or _answers(page)
    block = new(page, "div", class_="ic-answer", id=there)
    line = new(page, "p", class_="ic-answer-to")
    line.append(new(page, "a", f"Question {number}", href=f"#{here}"))
    block.extend([line, replies])
    answers.append(block)


def free_id(page: Page, wanted: str) -> str:
    """An id that nothing on the page has: the one that is wanted, else with a number behind it."""
    found, number = wanted, 2
    while page.article.find(id=found) is not None:
        found, number = f"{wanted}-{number}", number + 1
    return found


def _answers(page: Page) -> Tag:
    place = free_id(page, "answers-to-check-yourself")
    section = new(page, "section", class_="ic-answers", id=place)
    section.append(new(page, "h2", "Answers to Check yourself"))
    (page.article.find("section") or page.article).append(section)
    return section


def _open(page: Page, details: Tag) -> None:
    """What is folded away on a screen stands open on paper, under its own words."""
    if summary := details.find("summary", recursive=False):
        summary.name = "p"
        summary["class"] = "ic-opened"
    details.name = "div"
    details.attrs.pop("open", None)


# ---- links


def settle(page: Page, link: Tag, anchors: dict[str, set[str]], address: str) -> None:
    """Make a link lead somewhere away from the site.

    A link within the edition gets ``data-page`` and ``data-anchor``, from which each format makes its own address. One to
    a file or page that only the site has becomes absolute where the site's address is known, and plain text elsewhere.
    """
    href = link["href"]
    parts = urlsplit(href)
    if parts.scheme or parts.netloc:
        link["class"] = "ic-external"
        return
    target = posixpath.normpath(posixpath.join(posixpath.dirname(page.name), unquote(parts.path))) if parts.path else ""
    name = target.removesuffix(".html") if target else page.name
    anchor = unquote(parts.fragment)
    if name in anchors and (not anchor or anchor in anchors[name]):
        link.attrs = {k: v for k, v in link.attrs.items() if k in ("id", "title", "class")}
        link["data-page"], link["data-anchor"] = name, anchor
    elif address and target:
        link["href"] = address.rstrip("/") + "/" + target + (f"#{parts.fragment}" if anchor else "")
        link["class"] = "ic-external"
    else:
        link.unwrap()


def spell_out(page: Page) -> None:
    """Print the address of each link to another site, where its words do not give it."""
    for link in page.article.select("a.ic-external"):
        address = re.sub(r"^(?:https?://)?(?:www\.|doi\.org/)?", "", link["href"]).rstrip("/")
        if link["href"].startswith("http") and address.lower() not in link.get_text().lower().replace("\u200b", ""):
            shown = re.sub(r"^https?://", "", link["href"]).rstrip("/")
            link.insert_after(new(page, "span", f" ({shown})", class_="ic-url"))


def preface(landing: Page) -> list[Tag]:
    """What the landing page says of the book, without its title, its picture and its doors."""
    kept = list(landing.article.select(".ic-lede > p"))
    for section in landing.article.select("section section"):
        heading = section.find(["h2", "h3"])
        if heading is None or len(section.get_text(strip=True)) > len(heading.get_text(strip=True)):
            kept.append(section)
    return kept


def papers(about: Imprint) -> str:
    """The papers that the book works through, as a list in HTML."""
    e = html.escape
    items = (
        f"<li>{e(paper.authors)} ({paper.year}). {e(paper.title)}. <em>{e(paper.journal)}</em>. "
        f'<a href="{e(paper.address)}">doi:{e(paper.doi)}</a></li>'
        for paper in about.papers
    )
    return f"<ul>{''.join(items)}</ul>"


def prefix_ids(page: Page, rename: Callable[[str], str]) -> None:
    """Rename every id of a page, and whatever refers to it within the page."""
    ids = {tag["id"] for tag in page.article.select("[id]")}

    def swap(match: re.Match[str]) -> str:
        return f"url(#{rename(match[1])})" if match[1] in ids else match[0]

    for tag in page.article.find_all(True):
        for key, value in list(tag.attrs.items()):
            if key == "id":
                tag["id"] = rename(value)
            elif (
                key in ("href", "xlink:href") and isinstance(value, str) and value.startswith("#") and value[1:] in ids
            ):
                tag[key] = "#" + rename(value[1:])
            elif key in ("aria-labelledby", "aria-describedby", "headers", "for"):
                words = value if isinstance(value, list) else value.split()
                tag[key] = " ".join(rename(word) if word in ids else word for word in words)
            elif isinstance(value, str) and "url(#" in value:
                tag[key] = re.sub(r"url\(#([^)]+)\)", swap, value)
