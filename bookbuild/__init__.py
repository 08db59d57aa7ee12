"""What Jupyter Book loads: charts, mathematics, boxes, generated pages, and the theme.

``_config.yml`` names this package among its extensions. Each part registers itself with Sphinx in its ``setup``;
:data:`PARTS` says what each is for. They share rooms that register nothing: ``chapter`` (what can be read of a chapter),
``plan`` (the course as planned and as written), ``prose`` (numbers in the text), ``notebooks`` (form and execution),
``drawing`` and ``chartdata`` (a chart as picture and as table), ``imprint``, ``social``, ``structured``, ``markup``.

``lite`` is no part of Sphinx: it makes the folder in which the notebooks run in the browser, beside the built pages.

Nothing here is imported by a notebook, and a built page asks no other host for anything.
"""

import hashlib
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from integrated_care import __version__

HERE = Path(__file__).resolve().parent
PARTS = (
    "places",  # where in a notebook something stands, for messages; the check of typed numbers
    "charts",  # a stored Vega-Lite spec -> a figure
    "maths",  # TeX -> MathML
    "boxes",  # portable quotations -> styled boxes; claim ids and data set names -> links
    "checks",  # verdicts in words for the questions *Check yourself*
    "dictionary",  # the page *Data dictionary*
    "claims",  # the page *Claims*
    "glossary",  # the page *Glossary*
    "opening",  # the picture of the landing page
    "course",  # parts, routes, the list of chapters, the contents
    "routes",  # the page *Ways through the book*: hours, what is left out, what chapters take from one another
    "systems",  # the page *Where each system is worked with*
    "notation",  # the page *Symbols and conventions*
    "references",  # author-year citations
    "ways",  # the three ways into a notebook: in the browser, on Binder, as a file
    "exercises",  # links to an exercise -> downloads of its student edition, and a panel with its tasks
    "uses",  # the page *Index*: where terms, claims, tables, methods and authors are at work
    "cards",  # what a linked term, claim, table or reference is, beside the link
    "search",  # records of every place in the book, and the page that looks through them
    "theme",  # templates, style sheet, scripts, fonts
    "edition",  # version and day, citation, previews and descriptions of each page
    "addresses",  # old addresses lead on; sitemap
    "take",  # the PDF, EPUB and offline copy on the landing page (made by ``paper``, after the build)
)


def _fingerprint() -> str:
    """Changes when the code that makes doctrees or the chart colours change; then Sphinx reads all pages again."""
    from integrated_care.charts import COLOURS

    digest = hashlib.sha256(repr(sorted(COLOURS.items())).encode())
    for path in sorted(HERE.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def setup(app: Sphinx) -> dict[str, Any]:
    # jupyter-book always sets this one, for an extension that we do not load.
    app.add_config_value("comments_config", {}, "", types=[dict])
    app.connect("config-inited", lambda app, config: config.__setattr__("version", __version__))
    app.add_config_value("bookbuild_fingerprint", _fingerprint(), "env", types=[str])
    for part in PARTS:
        app.setup_extension(f"{__name__}.{part}")
    return {"version": __version__, "env_version": 1, "parallel_read_safe": False, "parallel_write_safe": True}
