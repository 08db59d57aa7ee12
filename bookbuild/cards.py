"""Cards: what a linked term, claim, table or reference is, shown beside the link without leaving the page.

A page carries, as JSON, the cards of exactly those places that it links to; ``assets/js/4-cards.js`` shows one when a
link is pointed at, focused or tapped. Without scripts a link is a link. sphinx-hoverxref and sphinx-tippy do something
alike, but fetch whole pages or a library from other hosts, and neither can be dismissed by keyboard without moving on
(WCAG 1.4.13).
"""

import csv
import html
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import pybtex.plugin
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from . import claims, dictionary
from .glossary import anchors
from .markup import json_in_html

GLOSSARY, BIBLIOGRAPHY = "pages/glossary", "pages/bibliography"
Card = dict[str, str]
_LINK = re.compile(r'<a\b[^>]*?\bhref="([^"#]*?(pages/)?(glossary|claims|data|bibliography)\.html#([^"]+))"')


@lru_cache(maxsize=4)
def _glossary(path: Path, changed: float) -> dict[str, Card]:
    found: dict[str, Card] = {}
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            card = {"kind": "Glossary", "title": row["term_en"], "text": row["definition_en"]}
            card |= {key: row[f"term_{key}"] for key in ("fr", "ar") if row[f"term_{key}"]}
            for anchor in anchors(row["term_en"]):
                found.setdefault(anchor, card)
    return found


def glossary(env: BuildEnvironment) -> dict[str, Card]:
    """Anchor -> card of a term."""
    path = Path(env.srcdir) / "datasets" / "glossary.csv"
    return _glossary(path, path.stat().st_mtime) if path.exists() else {}


def _claims(env: BuildEnvironment) -> dict[str, Card]:
    return {
        f"claim-{i}": {"kind": f"Claim {i}", "title": row["paraphrase"], "text": f"Our check: {row['check_status']}."}
        for i, row in claims.known(env).items()
    }


def _data(env: BuildEnvironment) -> dict[str, Card]:
    return {
        r["name"]: {
            "kind": "Synthetic data" if r.get("synthetic") else "Data",
            "title": r["title"],
            "text": f"A row is {r['row_is'].rstrip('.')}.",
        }
        for r in dictionary.resources(env)
    }


def _references(env: BuildEnvironment) -> dict[str, Card]:
    plain = pybtex.plugin.find_plugin("pybtex.backends", "plaintext")()
    found = {}
    for citation in env.get_domain("cite").citations:
        text = citation.formatted_entry.text.render(plain).replace("\\url ", "")
        found[citation.citation_id] = {"kind": "Reference", "title": "", "text": text}
    return found


def of_page(env: BuildEnvironment, pagename: str, body: str) -> dict[str, Card]:
    """Address, as the page writes it -> card, for each place that a page links to on another page."""
    makers = {"glossary": glossary, "claims": _claims, "data": _data, "bibliography": _references}
    known: dict[str, dict[str, Card]] = {}
    found: dict[str, Card] = {}
    for address, _, page, anchor in _LINK.findall(body):
        if pagename == f"pages/{page}":
            continue
        if page not in known:
            known[page] = makers[page](env)
        if card := known[page].get(html.unescape(anchor)):
            found[html.unescape(address)] = card
    return found


def _page(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    if doctree is not None and app.builder.format == "html":
        found = of_page(app.env, pagename, context.get("body", ""))
        if found:
            text = json_in_html(found, separators=(",", ":"))
            context["cards"] = text


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", _page, priority=600)  # after the last change to the body
