"""Where the chapters use what the book explains elsewhere: terms, claims, tables, methods and authors.

    {book-index} terms     (or claims, data, methods, authors) on the page *Index*: each entry, and links to the sections
                           of the chapters that use it

The uses are read from the chapters as Sphinx holds them, so a chapter that lands is in the index by itself. Two more
uses become links here: a claim's id in the cell of a table, and the name of a table in ``load("…")``.
"""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from . import cards, claims, dictionary
from .chapter import DOCNAME, number_of

PAGE = "pages/book-index"
NOT_METHODS = {"__init__", "arguments", "charts", "datasets", "guard", "prose", "tables"}  # what every chapter uses
_LOAD = re.compile(r"""\bload\(\s*["'](\w+)["']""")
_CALL = re.compile(r"\b([a-z_]+)\.([a-z]\w*)\(")
_ALIAS = re.compile(r"\bfrom integrated_care import (\w+) as (\w+)")


class Use(NamedTuple):
    """One section of a chapter; ``anchor`` is empty for its opening."""

    docname: str
    anchor: str
    title: str


Uses = dict[tuple[str, str], list[Use]]  # ("terms", "icb") -> where


class index_list(nodes.General, nodes.Element):
    """The place of a list that is made once all chapters are read."""


@lru_cache(maxsize=32)
def _functions(path: Path, changed: float) -> dict[str, str]:
    """Public function of a module -> first line of its docstring, as plain text."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
    lines = {node.name: (ast.get_docstring(node) or "").split("\n")[0] for node in found}
    return {name: re.sub(r":\w+:(?=`)|`", "", line) for name, line in lines.items()}


def methods(env: BuildEnvironment) -> dict[str, str]:
    """ "inequality.slope_index" -> what it does, for each method module of the library."""
    found = {}
    for path in sorted((Path(env.srcdir) / "integrated_care").glob("*.py")):
        if path.stem not in NOT_METHODS:
            for name, does in _functions(path, path.stat().st_mtime).items():
                found[f"{path.stem}.{name}"] = does
    return found


def _aliases(env: BuildEnvironment, docname: str) -> dict[str, str]:
    """The other names that a chapter gives to modules of the library, in a cell that the book may leave out."""
    source = Path(env.doc2path(docname)).read_text(encoding="utf-8")
    return {alias: module for module, alias in _ALIAS.findall(source)}


def _section(node: nodes.Node, docname: str) -> Use:
    while node is not None and not isinstance(node, nodes.section):
        node = node.parent
    if node is None or not isinstance(node.parent, nodes.section):
        return Use(docname, "", "opening")
    return Use(docname, node["ids"][0], node.next_node(nodes.title).astext())


def _keys(
    doctree: nodes.document, known_methods: dict[str, str], aliases: dict[str, str]
) -> Iterator[tuple[tuple[str, str], nodes.Node]]:
    for link in doctree.findall(addnodes.pending_xref):
        target, anchor = link.get("reftarget", ""), link.get("reftargetid") or link.get("anchor")
        if link.get("refdomain") == "cite":
            yield from ((("authors", key.strip()), link) for key in target.split(","))
        elif target == cards.GLOSSARY and anchor:
            yield ("terms", anchor), link
        elif target == claims.PAGE and anchor:
            yield ("claims", anchor.removeprefix("claim-")), link
        elif target == dictionary.PAGE and anchor:
            yield ("data", anchor), link
    for raw in doctree.findall(nodes.raw):  # tables that cells made; the last of a chapter lists all its claims
        if "html" in raw.get("format", "") and _section(raw, "").title != "State of the world":
            yield from ((("claims", match[2]), raw) for match in _CELL.finditer(raw.astext()))
    for code in doctree.findall(nodes.literal_block):
        text = code.astext()
        yield from ((("data", name), code) for name in _LOAD.findall(text))
        called = (f"{aliases.get(module, module)}.{name}" for module, name in _CALL.findall(text))
        yield from ((("methods", name), code) for name in called if name in known_methods)


def find(env: BuildEnvironment) -> Uses:
    """Every use in every chapter, in the order of the book."""
    found: Uses = {}
    known = methods(env)
    for docname in sorted((d for d in env.all_docs if DOCNAME.search(d)), key=lambda d: number_of(d) or 0):
        for key, node in _keys(env.get_doctree(docname), known, _aliases(env, docname)):
            where = found.setdefault(key, [])
            use = _section(node, docname)
            if use not in where:
                where.append(use)
    return found


# ---- the page


class Entry(NamedTuple):
    """A line of the index: its words, where they are explained, and the keys of its uses."""

    words: str
    home: str | None
    keys: list[tuple[str, str]]
    also: str = ""


def _terms(env: BuildEnvironment, uses: Uses) -> Iterable[Entry]:
    cards_of: dict[str, list[str]] = {}
    for anchor, card in cards.glossary(env).items():
        cards_of.setdefault(card["title"], []).append(anchor)
    for title, anchors in cards_of.items():
        yield Entry(title, f"{cards.GLOSSARY}#{anchors[0]}", [("terms", a) for a in anchors])


def _claims(env: BuildEnvironment, uses: Uses) -> Iterable[Entry]:
    for name, row in claims.known(env).items():
        if ("claims", name) in uses:
            yield Entry(name, f"{claims.PAGE}#claim-{name}", [("claims", name)], row["paraphrase"])


def _data(env: BuildEnvironment, uses: Uses) -> Iterable[Entry]:
    for resource in dictionary.resources(env):
        kind = "synthetic" if resource.get("synthetic") else ""
        yield Entry(resource["title"], f"{dictionary.PAGE}#{resource['name']}", [("data", resource["name"])], kind)


def _methods(env: BuildEnvironment, uses: Uses) -> Iterable[Entry]:
    for name, does in methods(env).items():
        if ("methods", name) in uses:
            yield Entry(name.split(".")[1], None, [("methods", name)], does.rstrip("."))


def _authors(env: BuildEnvironment, uses: Uses) -> Iterable[Entry]:
    works: dict[str, list[tuple[str, str, str]]] = {}
    for citation in env.get_domain("cite").citations:
        people = citation.entry.persons.get("author") or citation.entry.persons.get("editor") or []
        for person in people:
            last = " ".join([*person.prelast_names, *person.last_names]).strip("{}")
            first = " ".join(name[:1] + "." for name in person.first_names if name)
            name = f"{last}, {first}" if first else last
            year = citation.entry.fields.get("year", "")
            works.setdefault(name, []).append((year, citation.key, citation.citation_id))
    for name, mine in works.items():
        for year, key, anchor in sorted(mine):
            yield Entry(f"{name} ({year})", f"{cards.BIBLIOGRAPHY}#{anchor}", [("authors", key)])


KINDS: dict[str, Callable[[BuildEnvironment, Uses], Iterable[Entry]]] = {
    "terms": _terms,
    "claims": _claims,
    "data": _data,
    "methods": _methods,
    "authors": _authors,
}


class BookIndex(SphinxDirective):
    """``{book-index} KIND``: the place of one list."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        if self.arguments[0] not in KINDS:
            raise self.error(f"book-index knows {', '.join(KINDS)}, not {self.arguments[0]!r}")
        return [index_list(kind=self.arguments[0])]


def _link(app: Sphinx, fromdocname: str, to: str, words: str, css: str = "") -> nodes.Node:
    docname, _, anchor = to.partition("#")
    if docname not in app.env.all_docs:
        return nodes.inline("", words)
    address = app.builder.get_relative_uri(fromdocname, docname) + (f"#{anchor}" if anchor else "")
    return nodes.reference("", "", nodes.inline("", words), internal=True, refuri=address, classes=[css] if css else [])


def _line(app: Sphinx, fromdocname: str, entry: Entry, where: list[Use]) -> nodes.list_item:
    line = nodes.paragraph()
    words = nodes.inline("", entry.words)
    line += _link(app, fromdocname, entry.home, entry.words, "ic-entry") if entry.home else nodes.literal("", "", words)
    if entry.also:
        line += nodes.Text(f" {entry.also}")
    item = nodes.list_item("", line)
    if where:
        below = nodes.paragraph(classes=["ic-where"])
        last = None
        for use in where:
            number = number_of(use.docname)
            if use.docname != last:
                below += [nodes.Text("; " if last else ""), nodes.Text(f"Chapter {number}: ")]
            else:
                below += nodes.Text(", ")
            last = use.docname
            below += _link(app, fromdocname, f"{use.docname}#{use.anchor}".rstrip("#"), use.title)
        item += below
    return item


def _fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    places = list(doctree.findall(index_list))
    if not places:
        return
    uses = find(app.env)
    for place in places:
        entries = sorted(KINDS[place["kind"]](app.env, uses), key=lambda entry: entry.words.lower())
        out = nodes.bullet_list(classes=["ic-index", f"ic-index-{place['kind']}"])
        for entry in entries:
            where = list(dict.fromkeys(use for key in entry.keys for use in uses.get(key, [])))
            out += _line(app, docname, entry, where)
        place.replace_self(out if entries else nodes.paragraph("", "None yet."))


def _rewrite(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """The index is written at each build: any chapter may have changed it."""
    return [PAGE] if PAGE in env.all_docs else []


# ---- links in tables and code

_CELL = re.compile(r"(<t[dh]\b[^>]*>)([AB]\d{2})(</t[dh]>)")
_CODE = re.compile(
    r'(<span class="n">load</span><span class="p">\(</span><span class="s[12]">)(&quot;|&#39;|["\'])(\w+)\2(</span>)'
)


def _page(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    if doctree is None or not DOCNAME.search(pagename):
        return
    known, tables = claims.known(app.env), dictionary.names(app.env)
    to_claims, to_data = (app.builder.get_relative_uri(pagename, page) for page in (claims.PAGE, dictionary.PAGE))

    def claim(match: re.Match[str]) -> str:
        if match[2] not in known:
            return match[0]
        return f'{match[1]}<a class="ic-claim-link" href="{to_claims}#claim-{match[2]}">{match[2]}</a>{match[3]}'

    def table(match: re.Match[str]) -> str:
        before, quote, name, after = match.groups()
        if name not in tables:
            return match[0]
        return f'{before}{quote}<a class="ic-data-link" href="{to_data}#{name}">{name}</a>{quote}{after}'

    body = context.get("body", "")
    if claims.PAGE in app.env.all_docs:
        body = _CELL.sub(claim, body)
    if dictionary.PAGE in app.env.all_docs:
        body = _CODE.sub(table, body)
    context["body"] = body


def setup(app: Sphinx) -> None:
    app.add_node(index_list)
    app.add_directive("book-index", BookIndex)
    app.connect("env-updated", _rewrite)
    app.connect("doctree-resolved", _fill)
    app.connect("html-page-context", _page, priority=550)  # before the cards, which look for links
