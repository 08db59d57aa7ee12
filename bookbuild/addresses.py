"""Addresses that last: old ones lead on, and the pages of a published copy are listed for search engines.

``bookbuild_redirects`` in ``_config.yml`` is the table of old addresses: the page that was -> the page that is. By itself,
``chapters/05`` and ``chapters/5`` lead to the chapter of that number, whatever it is called.

Own code, though there are extensions for both: ``sphinx-reredirects`` does not check that a target exists, nor can it write
the target's published address; ``sphinx-sitemap`` lists only the pages that this run wrote anew.
"""

import html
import posixpath
from pathlib import Path
from xml.sax.saxutils import escape

from sphinx.application import Sphinx
from sphinx.util import logging

from . import edition
from .chapter import number_of
from .theme import write

log = logging.getLogger(__name__)
NOT_LISTED = {"search", "genindex"}


def redirects(app: Sphinx) -> dict[str, str]:
    """Old page -> the page it is now; a mistake in the table is a warning, and fails a strict build."""
    table: dict[str, str] = {}
    for docname in sorted(app.env.found_docs):
        if number := number_of(docname):
            folder = docname.rsplit("/", 1)[0]
            table |= {f"{folder}/{number:02d}": docname, f"{folder}/{number}": docname}
    for old, now in app.config.bookbuild_redirects.items():
        old, target = old.removesuffix(".html"), now.removesuffix(".html")
        if old in app.env.found_docs:
            log.warning(f"bookbuild_redirects: {old!r} is a page, and cannot lead elsewhere", type="bookbuild")
        elif target not in app.env.found_docs:
            log.warning(f"bookbuild_redirects: {old!r} leads to {target!r}, which is no page", type="bookbuild")
        else:
            table[old] = target
    return table


def leads_on(old: str, target: str, title: str, published: str) -> str:
    """The page at an old address. The script keeps the place on the page; without scripts the refresh does its work."""
    to = posixpath.relpath(target + ".html", posixpath.dirname(old) or ".")
    canonical = published or to
    e = html.escape
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{e(title)}</title>\n'
        f'<link rel="canonical" href="{e(canonical)}">\n<meta name="robots" content="noindex">\n'
        f'<script>location.replace("{to}" + location.hash)</script>\n'
        f'<noscript><meta http-equiv="refresh" content="0; url={e(to)}"></noscript>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n</head>\n'
        f'<body><main><h1>{e(title)}</h1><p>This page is now at <a href="{e(to)}">{e(to)}</a>.</p></main></body>\n</html>\n'
    )


def _check(app: Sphinx) -> list:
    """While pages are collected, so that warnings still count."""
    if app.builder.name == "html":
        app.env.bookbuild_redirects = redirects(app)
    return []


def _write(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.name != "html":
        return
    out, about = Path(app.outdir), edition.of(app)
    for old, target in getattr(app.env, "bookbuild_redirects", {}).items():
        title = edition.plain(app.env.titles[target].astext())
        write(out / f"{old}.html", leads_on(old, target, title, about.url(target) if about else ""))
    listed = [out / "sitemap.xml", out / "robots.txt"]
    if about is None or not about.address:
        for path in listed:
            path.unlink(missing_ok=True)
        return
    pages = sorted(d for d in app.env.found_docs if d not in NOT_LISTED)
    rows = "".join(
        f"<url><loc>{escape(about.url(d))}</loc><lastmod>{about.date.isoformat()}</lastmod></url>\n" for d in pages
    )
    head = '<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    write(listed[0], f"{head}{rows}</urlset>\n")
    write(listed[1], f"User-agent: *\nAllow: /\n\nSitemap: {about.address}sitemap.xml\n")


def _ask_the_registry(app: Sphinx, uri: str) -> str | None:
    """For ``make links``: whether a DOI is registered. Publishers turn robots away, which says nothing of the link."""
    head, found, doi = uri.partition("https://doi.org/")
    return f"https://doi.org/api/handles/{doi}" if found and not head else None


def setup(app: Sphinx) -> None:
    app.connect("linkcheck-process-uri", _ask_the_registry)
    app.add_config_value("bookbuild_redirects", {}, "html", types=[dict])
    app.connect("html-collect-pages", _check)
    app.connect("build-finished", _write)
