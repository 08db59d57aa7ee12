"""The decks as one folder that opens from a disk: a page a chapter, a list of them, and what they are set and moved with."""

import html
import re
import shutil
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from ..chapter import Exercise
from ..imprint import Imprint
from ..paper import pages
from ..paper.assets import css_with_fonts
from .deck import Slide, slides

HERE = Path(__file__).resolve().parent
REVEAL = "sphinx-revealjs"  # the package that carries reveal.js
# What a deck needs of it, and how that is called beside the decks.
MOVERS = {
    "dist/reveal.css": "reveal.css",
    "dist/reveal.js": "reveal.js",
    "plugin/notes/notes.js": "reveal-notes.js",
    "LICENSE": "reveal.LICENSE.txt",
}
# What of a built page no slide shows, and what it costs most to parse: tables of charts, and what paper does without, too.
UNREAD = re.compile(rf'<div class="ic-more">.*?(?=</figure>)|{pages.UNREAD.pattern}', re.DOTALL)
KEYS = (
    "Arrow keys or space move, <kbd>Esc</kbd> shows all slides, <kbd>F</kbd> fills the screen, <kbd>S</kbd> opens the speaker’s "
    "notes, <kbd>D</kbd> turns light into dark, <kbd>?</kbd> lists the other keys."
)

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="stylesheet" href="_static/reveal.css">
<link rel="stylesheet" href="_static/book.css">
<link rel="stylesheet" href="_static/slides.css">
</head>
<body class="{css}">
{body}
</body>
</html>
"""


def _section(slide: Slide) -> str:
    level = "h1" if slide.kind == "title" else "h2"
    lang = f' lang="{html.escape(slide.lang)}"' if slide.lang else ""
    kicker = f'<p class="ic-slide-kicker">{html.escape(slide.kicker)}</p>' if slide.kicker else ""
    notes = f'<aside class="notes">{slide.notes}</aside>' if slide.notes else ""
    shown = f"{kicker}<{level}>{slide.title}</{level}>\n{slide.body}"
    if slide.kind == "chart":  # reveal.js sets how a section is laid out itself
        shown = f'<div class="ic-slide-fill">{shown}</div>'
    return f'<section class="ic-slide ic-slide-{slide.kind} {slide.size}"{lang}>{shown}{notes}</section>'


def page(made: list[Slide], about: Imprint) -> str:
    """A deck as a page."""
    first, *rest = made
    where = f' <a href="{html.escape(about.address)}">{html.escape(about.address)}</a>' if about.address else ""
    first.body += f'<p class="ic-muted">{html.escape(about.name)}. {html.escape(about.edition)}. CC BY 4.0.{where}</p>'
    body = "\n".join(map(_section, [first, *rest]))
    scripts = "".join(
        f'<script src="_static/{name}"></script>' for name in ("reveal.js", "reveal-notes.js", "slides.js")
    )
    body = f'<main class="reveal"><div class="slides">\n{body}\n</div></main>\n{scripts}'
    return _PAGE.format(title=f"{first.title} · {html.escape(about.name)}", css="ic-deck", body=body)


def _index(decks: list[tuple[str, str, int]], about: Imprint) -> str:
    """The list of the decks: (name of its file, title, number of slides)."""
    lines = "".join(
        f'<li><a href="{name}.html">{title}</a> <span class="ic-muted">{count} slides</span> '
        f'<a href="{name}.html?print-pdf">for printing</a></li>'
        for name, title, count in decks
    )
    body = (
        f'<main class="ic-decks"><p class="ic-slide-kicker">{html.escape(about.name)}</p><h1>Slides</h1>'
        f"<p>One deck a chapter, made from the chapter’s own page. {KEYS} To get a PDF, open the page <em>for printing</em> "
        f"and print it, without margins and with backgrounds. {html.escape(about.edition)}, CC BY 4.0.</p><ul>{lines}</ul></main>"
    )
    return _PAGE.format(title=f"Slides · {html.escape(about.name)}", css="ic-deck-list", body=body)


def _static(static: Path, target: Path) -> None:
    """Style sheets, scripts and fonts; ``static`` is that of the built book."""
    target.mkdir(parents=True)
    (target / "book.css").write_text(css_with_fonts(static), encoding="utf-8")
    for name in ("slides.css", "slides.js"):
        shutil.copy2(HERE / name, target / name)
    carried = files("sphinx_revealjs") / "_static" / "revealjs"
    for name, here in MOVERS.items():
        (target / here).write_bytes((carried / name).read_bytes())


def make(root: Path, site: Path, about: Imprint, out: Path) -> list[Path]:
    """Make a deck of each chapter of the built book ``site`` into ``out``, which is made anew; the paths of the decks."""
    shutil.rmtree(out, ignore_errors=True)
    _static(site / "_static", out / "_static")
    made, listed = [], []
    for docname, _ in pages.order(root):
        if not docname.startswith("chapters/"):
            continue
        name = docname.removeprefix("chapters/")
        source = root / "exercises" / name / f"{name}.ipynb"
        built = pages.read(site, docname, unread=UNREAD)
        deck = slides(built, Exercise.read(source) if source.exists() else None)
        path = out / f"{name}.html"
        path.write_text(page(deck, about), encoding="utf-8")
        made.append(path)
        listed.append((name, html.escape(built.title), len(deck)))
    (out / "index.html").write_text(_index(listed, about), encoding="utf-8")
    return made


def moved_with() -> str:
    """What the decks are moved with, for the command to say."""
    return f"reveal.js, as {REVEAL} {version(REVEAL)} carries it"
