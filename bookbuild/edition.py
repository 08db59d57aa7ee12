"""What each page says of itself: version and day, how to cite it, and what a search engine or a shared link shows.

All of it comes from the imprint (:mod:`bookbuild.imprint`) and from the page; a book without ``CITATION.cff``, as a test
may build, has none of it.
"""

import hashlib
import html
import re
from pathlib import Path
from typing import Any

import vl_convert
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError

from integrated_care.charts import COLOURS

from . import imprint as imprints
from . import social, structured
from .chapter import number_of
from .drawing import use_fonts
from .imprint import Imprint
from .markup import json_in_html, slug
from .plan import PLAN, entries

PREVIEWS = "_static/social"


def of(app: Sphinx) -> Imprint | None:
    """The imprint of the book that is being built."""
    return app.config.bookbuild_imprint


def _begin(app: Sphinx, config: Config) -> None:
    """Read the imprint, and take the address from whoever publishes this copy."""
    try:
        published = imprints.address(config.html_baseurl)
        if (Path(app.srcdir) / "CITATION.cff").exists():
            config.bookbuild_imprint = imprints.imprint(Path(app.srcdir), published)
    except imprints.NoImprint as problem:
        raise ConfigError(str(problem)) from problem
    config.html_baseurl = published


def _page(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    about = of(app)
    if about is None:
        return
    context["imprint"] = about
    root = app.config.root_doc
    chapter = entries(app.env).get(number_of(pagename))
    title = about.name if pagename == root else plain(context.get("title", ""))
    if about.address:
        context["pageurl"] = about.url(pagename)
    if doctree is None:
        return
    picture = f"{PREVIEWS}/{slug(pagename) if chapter else root}.png"
    context["preview"] = {
        "title": title,
        "description": context.get("summary", ""),
        "kind": "book" if pagename == root else "article",
        "image": about.address + picture if about.address else context["pathto"](picture, True),
        "alt": f"{title}. {about.name}",
    }
    chapters = [d for d in app.env.toctree_includes.get(root, []) if number_of(d)] if pagename == root else []
    facts = structured.page(
        about, pagename, title, context.get("summary", ""), chapter, root == pagename, doctree,
        [(plain(app.env.titles[d].astext()), d) for d in chapters],
    )  # fmt: skip
    context["facts"] = json_in_html(facts, indent=1)
    if chapter:
        bare = re.sub(r"^\d+ · ", "", title)
        context["citation"] = about.citation(bare, pagename, chapter.number)
        context["bibtex"] = about.bibtex(bare, pagename, chapter.number)


def plain(title: str) -> str:
    """A title without markup."""
    return html.unescape(re.sub(r"<[^>]+>", "", title)).strip()


def _first_drawing(doctree: nodes.document) -> str:
    """The drawing of a page's first chart, with its colours."""
    for node in doctree.findall(nodes.raw):
        found = re.search(
            r'<svg (?:class="ic-(?:wide|only)" )?role="img".*?</svg>(?=<svg|</div>|$)', node.astext(), re.DOTALL
        )
        if found:
            return re.sub(r"var\(--c-([a-z0-9-]+)\)", lambda m: COLOURS[m[1]][0], found[0])
    return ""


def _extent(app: Sphinx) -> str:
    """How many chapters the book has, for its picture; of how many, while some are still to come."""
    ready = sum(one.docname is not None for one in entries(app.env).values())
    return f"{ready} chapters" if ready >= len(PLAN) else f"{ready} of {len(PLAN)} chapters"


def _draw_previews(app: Sphinx, error: Exception | None) -> None:
    """One picture a chapter and one for the book, made anew only when something in it changed."""
    about = of(app)
    if error or about is None or app.builder.format != "html" or app.builder.name != "html":
        return
    store, target = Path(app.doctreedir) / "social", Path(app.outdir) / PREVIEWS
    store.mkdir(parents=True, exist_ok=True)
    target.mkdir(parents=True, exist_ok=True)
    use_fonts(Path(app.doctreedir) / "charts" / "fonts")
    root = app.config.root_doc
    wanted = {
        root: social.preview(about, imprints.subtitle(about), _extent(app), _first_drawing(app.env.get_doctree(root)))
    }
    for docname in app.env.found_docs:
        if number := number_of(docname):
            title = re.sub(r"^\d+ · ", "", plain(app.env.titles[docname].astext()))
            drawing = _first_drawing(app.env.get_doctree(docname))
            wanted[slug(docname)] = social.preview(about, title, f"Chapter {number}", drawing)
    for name, svg in wanted.items():
        key = hashlib.sha256((vl_convert.__version__ + svg).encode()).hexdigest()[:24]
        kept = store / f"{key}.png"
        if not kept.exists():
            kept.write_bytes(vl_convert.svg_to_png(svg, scale=1))
        (target / f"{name}.png").write_bytes(kept.read_bytes())
    touch = Path(app.outdir) / "_static" / "touch-icon.png"
    if not touch.exists():
        touch.write_bytes(vl_convert.svg_to_png(social.touch_icon(), scale=1))


def setup(app: Sphinx) -> None:
    app.add_config_value("bookbuild_imprint", None, "html")
    app.connect("config-inited", _begin)
    app.connect("html-page-context", _page, priority=600)  # after the theme has found the summary
    app.connect("build-finished", _draw_previews)
