"""The page *Data dictionary*, made from ``datasets/datapackage.json``; and the tables themselves, to download."""

import csv
import json
import shutil
from functools import lru_cache
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

PAGE = "pages/data"
Resource = dict[str, Any]


@lru_cache(maxsize=4)
def _read(path: Path, changed: float) -> list[Resource]:
    return json.loads(path.read_text(encoding="utf-8"))["resources"]


def resources(env: BuildEnvironment) -> list[Resource]:
    """The tables of the data package, in its order; none when the book has no data package."""
    path = Path(env.srcdir) / "datasets" / "datapackage.json"
    return _read(path, path.stat().st_mtime) if path.exists() else []


def names(env: BuildEnvironment) -> set[str]:
    """The names of the tables."""
    return {resource["name"] for resource in resources(env)}


def table(heads: list[str], rows: list[list[nodes.Node | str]], css: str = "") -> nodes.table:
    """A docutils table; a cell is text or an inline node."""
    out = nodes.table(classes=["ic-plain", css] if css else ["ic-plain"])
    group = nodes.tgroup(cols=len(heads))
    group += [nodes.colspec(colwidth=1) for _ in heads]
    head, body = nodes.thead(), nodes.tbody()
    for part, lines in ((head, [heads]), (body, rows)):
        for line in lines:
            row = nodes.row()
            for cell in line:
                content = nodes.Text(cell) if isinstance(cell, str) else cell
                row += nodes.entry("", nodes.paragraph("", "", content))
            part += row
    group += [head, body]
    out += group
    return out


def _paragraph(label: str, *content: nodes.Node | str) -> nodes.paragraph:
    out = nodes.paragraph("", "", nodes.inline("", f"{label} ", classes=["ic-field"]))
    out += [nodes.Text(part) if isinstance(part, str) else part for part in content]
    return out


def _linked(text: str, address: str | None) -> nodes.Node:
    return nodes.reference("", text, refuri=address) if address else nodes.Text(text)


@lru_cache(maxsize=64)
def _count(path: Path, changed: float) -> int:
    with open(path, encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.reader(file)) - 1


def _kind(resource: Resource) -> str:
    """What a table is: synthetic, compiled for this book, or real (a public figure)."""
    if resource.get("synthetic"):
        return "synthetic"
    ours = any("made for this book" in licence.get("title", "") for licence in resource.get("licenses", []))
    return "compiled" if ours else "real"


def _bounds(field: Resource) -> str:
    """What the values are confined to, in words; empty when to nothing but a type."""
    rules = field.get("constraints", {})
    if "enum" in rules:
        return "One of " + ", ".join(map(str, rules["enum"])) + "."
    if "minimum" in rules and "maximum" in rules:
        return f"{rules['minimum']} to {rules['maximum']}."
    if "minimum" in rules:
        return f"At least {rules['minimum']}."
    return f"At most {rules['maximum']}." if "maximum" in rules else ""


class Dictionary(SphinxDirective):
    """``{data-dictionary}``: an overview, then one section a table, whose anchor is the name of the table."""

    def run(self) -> list[nodes.Node]:
        folder, found = Path(self.env.srcdir) / "datasets", resources(self.env)
        for name in ("datapackage.json", *(f"{r['name']}.csv" for r in found)):
            self.env.note_dependency(str(folder / name))
        overview = [[self._entry(r), self._rows(r), self._badge(r)] for r in found]
        return [table(["Table", "Rows", "Kind"], overview, "ic-overview"), *(self._section(r) for r in found)]

    @staticmethod
    def _entry(resource: Resource) -> nodes.inline:
        link = nodes.reference("", resource["title"], refuri=f"#{resource['name']}", internal=True)
        return nodes.inline("", "", link, nodes.raw("", "<br>", format="html"), nodes.literal("", resource["name"]))

    @staticmethod
    def _badge(resource: Resource) -> nodes.inline:
        kind = _kind(resource)
        return nodes.inline("", kind, classes=["ic-badge", f"ic-{kind}"])

    def _rows(self, resource: Resource) -> str:
        path = Path(self.env.srcdir) / "datasets" / f"{resource['name']}.csv"
        return f"{_count(path, path.stat().st_mtime):,}" if path.exists() else "?"

    def _section(self, r: Resource) -> nodes.section:
        section = nodes.section(ids=[r["name"]], names=[])
        section += nodes.title("", r["title"])
        file = f"{r['name']}.csv"
        rows = self._rows(r)
        about = nodes.paragraph("", "", self._badge(r), nodes.Text(" "), nodes.literal("", r["name"]), nodes.Text(". "))
        about += nodes.Text(f"A row is {r['row_is']}" + f"; {rows} rows. ")
        about += nodes.reference("", f"Download {file}", refuri=f"../datasets/{file}", internal=True)
        section += about
        if r.get("description"):
            section += nodes.paragraph("", r["description"])
        fields = [
            [
                nodes.literal("", field["name"]),
                f"{field.get('type', '')}{', ' + field['unit'] if field.get('unit') else ''}",
                " ".join(filter(None, [field.get("description", "").rstrip(".") + ".", _bounds(field)])),
            ]
            for field in r["schema"]["fields"]
        ]
        section += table(["Field", "Type, unit", "Meaning"], fields, "ic-fields")
        if missing := [m for m in r["schema"].get("missingValues", []) if m]:
            section += _paragraph("Missing values", "are written " + ", ".join(missing) + ".")
        key = r["schema"].get("primaryKey")
        if key:
            section += _paragraph("Key:", ", ".join([key] if isinstance(key, str) else key) + ".")
        if r.get("synthetic"):
            section += self._calibration(r)
        sources = nodes.bullet_list()
        for source in r.get("sources", []):
            text = ". ".join(str(source[k]) for k in ("publisher", "year") if source.get(k))
            item = nodes.paragraph("", "", _linked(source["title"], source.get("path")), nodes.Text(f". {text}."))
            if source.get("via"):
                item += nodes.Text(f" Read through {source['via']}.")
            sources += nodes.list_item("", item)
        if sources.children:
            section += [_paragraph("Sources"), sources]
        licences: list[nodes.Node | str] = []
        for licence in r.get("licenses", []):
            licences += [_linked(licence.get("title") or licence["name"], licence.get("path")), "; "]
        if licences:
            section += _paragraph("Licence:", *licences[:-1], ".")
        return section

    @staticmethod
    def _calibration(r: Resource) -> list[nodes.Node]:
        recipe = _paragraph("Recipe:", nodes.literal("", f"datasets/{r.get('recipe', '')}"), f", seed {r.get('seed')}.")
        rows = [
            [
                target["description"],
                f"{target['expected']:g}" + (f" ± {target['tolerance']:g}" if target.get("tolerance") else ""),
                target.get("source", ""),
            ]
            for target in r.get("calibration", [])
        ]
        return [recipe, table(["Calibrated to", "Target", "From"], rows)] if rows else [recipe]


def _publish(app: Sphinx, error: Exception | None) -> None:
    """Copy the data package beside the pages, so that each download link has a lasting address."""
    if error or app.builder.format != "html":
        return
    source, target = Path(app.srcdir) / "datasets", Path(app.outdir) / "datasets"
    if not (source / "datapackage.json").exists():
        return
    target.mkdir(exist_ok=True)
    listed = [source / "datapackage.json", *(source / f"{r['name']}.csv" for r in resources(app.env))]
    for path in listed:
        copy = target / path.name
        if path.exists() and (not copy.exists() or copy.stat().st_mtime_ns != path.stat().st_mtime_ns):
            shutil.copy2(path, copy)


def setup(app: Sphinx) -> None:
    app.add_directive("data-dictionary", Dictionary)
    app.connect("build-finished", _publish)
