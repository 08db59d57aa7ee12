"""The look of the book: templates (``theme/``), one style sheet, one script, fonts, and the vega bundle for charts.

The files are put together at each build, so that the chart colours and the page share one table and one name for each
colour, ``--c-blue``, in light and dark.
"""

import hashlib
import re
import shutil
from pathlib import Path
from typing import Any

import vl_convert
from docutils import nodes
from pygments.formatters import HtmlFormatter
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from integrated_care.charts import COLOURS

from .chapter import number_of
from .plan import PLAN
from .ways import ways

HERE = Path(__file__).resolve().parent
ASSETS = HERE / "assets"
# The faces that a page is set in, all of them or none; the others come when a page uses them. File -> the font in CSS.
FACES = {
    "source-sans-3-latin-400-normal.woff2": "400 1em 'Source Sans 3'",
    "source-sans-3-latin-400-italic.woff2": "italic 400 1em 'Source Sans 3'",
    "source-sans-3-latin-600-normal.woff2": "600 1em 'Source Sans 3'",
    "source-serif-4-latin-600-normal.woff2": "600 1em 'Source Serif 4'",
}
DARK = ':root[data-theme="dark"]'
SYSTEM_DARK = ":root:not([data-theme])"


def _by_theme(light: str, dark: str) -> str:
    """Rules for light pages, for pages turned dark, and for readers whose system is dark.

    ``dark`` writes ``@`` where the selector of the root goes.
    """
    turned = dark.replace("@", DARK)
    system = dark.replace("@", SYSTEM_DARK)
    return f"{light}\n@media screen {{\n{turned}\n}}\n@media screen and (prefers-color-scheme: dark) {{\n{system}\n}}\n"


def colour_css() -> str:
    """Each role of the chart colours as a CSS variable."""
    light, dark = (" ".join(f"--c-{role}: {pair[i]};" for role, pair in COLOURS.items()) for i in range(2))
    return _by_theme(f":root {{ {light} }}", f"@ {{ {dark} }}")


def code_css() -> str:
    """The colours of code, for light and dark pages."""

    def rules(style: str, root: str) -> str:
        lines = HtmlFormatter(style=style).get_style_defs(f"{root}.highlight").splitlines()
        # Backgrounds are the page's business.
        return "\n".join(re.sub(r"background(-color)?: #\w+;?", "", line) for line in lines if ".highlight" in line)

    return _by_theme(rules("a11y-high-contrast-light", ""), rules("a11y-high-contrast-dark", "@ "))


def style_sheet() -> str:
    """The whole style sheet: colours, then the files of ``assets/css`` in the order of their names."""
    own = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ASSETS / "css").glob("*.css")))
    css = f"{colour_css()}\n{own}\n{code_css()}"
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return re.sub(r"\s*\n\s*", "\n", css).strip() + "\n"


def script() -> str:
    """The whole script: the files of ``assets/js`` in the order of their names, without the lines that are comments."""
    own = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ASSETS / "js").glob("*.js")))
    return re.sub(r"^\s*//.*\n", "", own, flags=re.MULTILINE)


def write(path: Path, text: str) -> None:
    """Write a file only if that changes it, so that nothing downstream is made anew without need."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def fingerprint() -> str:
    """Changes with any template, style, script or font; Sphinx then writes all pages anew, and copies these files."""
    digest = hashlib.sha256()
    for path in sorted([*(HERE / "theme").rglob("*"), *ASSETS.rglob("*")]):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _assemble(app: Sphinx) -> None:
    if app.builder.format != "html":
        return
    folder = Path(app.doctreedir) / "static"
    css, js = style_sheet(), script()
    write(folder / "book.css", css)
    write(folder / "book.js", js)
    bundle = folder / "vega.js"
    stamp = f"/* vega, vega-lite and vega-embed, of vl-convert {vl_convert.__version__} */\n"
    if not bundle.exists() or not bundle.read_text(encoding="utf-8").startswith(stamp):
        write(bundle, stamp + vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;"))
    shutil.copy2(ASSETS / "mark.svg", folder / "mark.svg")
    shutil.copytree(ASSETS / "fonts", folder / "fonts", dirs_exist_ok=True)
    app.config.html_static_path.append(str(folder))
    version = hashlib.sha256((css + js + stamp).encode()).hexdigest()[:8]
    app.config.html_context["assets_version"] = version


def _page(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    context["faces"] = FACES
    context["chapter"] = number_of(pagename)
    context["chapters_planned"] = len(PLAN)
    context["page_class"] = "ic-landing" if pagename == app.config.root_doc else f"ic-p-{pagename.split('/')[-1]}"
    context["here"] = _sections(context.get("toc") or "")
    if context.get("sourcename", "").endswith(".ipynb"):
        file = context["pathto"](f"_sources/{context['sourcename']}", True)
        up = "../" * pagename.count("/")
        context["ways"] = [way.html() for way in ways(app.config, f"{pagename}.ipynb", up, file)]
    if doctree is not None:
        first = next((p for p in doctree.findall(nodes.paragraph) if len(p.astext()) > 60), None)
        if first is not None:
            words = " ".join(re.sub(r"</?span\b[^>]*>", "", first.astext()).split())  # of numbers that cells published
            context["summary"] = words if len(words) <= 160 else words[:157].rsplit(" ", 1)[0] + " …"


def _sections(toc: str) -> str:
    """The second-level headings of a page as a list of links; empty when there is only one."""
    inner = re.search(r"<ul>.*?(<ul>.*</ul>).*</ul>", toc, re.DOTALL)
    if not inner:
        return ""
    items, depth = [], 0
    for tag, link in re.findall(r"(</?ul>)|(<a class=\"reference internal\".*?</a>)", inner[1], re.DOTALL):
        depth += {"<ul>": 1, "</ul>": -1}.get(tag, 0)
        if link and depth == 1:
            items.append(f"<li>{link}</li>")
    return f"<ul>{''.join(items)}</ul>" if len(items) >= 2 else ""


class NumberChapter(SphinxTransform):
    """ "The most deprived fifth" -> "5 · The most deprived fifth", wherever the title is shown."""

    default_priority = 420

    def apply(self, **_: Any) -> None:
        number = number_of(self.env.docname)
        title = next(iter(self.document.findall(nodes.title)), None)
        if number and title is not None:
            title.insert(0, nodes.inline("", f"{number} · ", classes=["ic-no"]))


class ScrollTables(SphinxTransform):
    """Each Markdown table may scroll sideways by itself; the page does not."""

    default_priority = 800

    def apply(self, **_: Any) -> None:
        for table in list(self.document.findall(nodes.table)):
            frame = nodes.container(classes=["ic-table"])
            table.replace_self(frame)
            frame += table


def _forget_a_failed_build(app: Sphinx, error: Exception | None) -> None:
    """After a warning, let the next build read every page again.

    Sphinx keeps what it has read even when ``-W --keep-going`` fails, and would not repeat the warnings of unchanged
    pages: the second strict build would pass.
    """
    pickled = Path(app.doctreedir) / "environment.pickle"
    if app._warncount and pickled.exists():
        pickled.unlink()


def setup(app: Sphinx) -> None:
    app.add_config_value("bookbuild_look", fingerprint(), "html", types=[str])
    app.add_html_theme("bookbuild", str(HERE / "theme"))
    app.add_transform(NumberChapter)
    app.add_transform(ScrollTables)
    app.connect("builder-inited", _assemble)
    app.connect("html-page-context", _page)
    app.connect("build-finished", _forget_a_failed_build)
