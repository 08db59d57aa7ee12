"""``{take-it-with-you}``: where the landing page offers the PDF, the EPUB and the offline copy.

They are made from the built book, so the book cannot know them while it is built: the directive leaves a marked place,
and ``make paper`` (:mod:`bookbuild.paper.shelf`) fills it. When the book changes later, the next build takes down what was
made from the older one.
"""

import hashlib
import re
import shutil
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

FOLDER = "downloads"
RECORD = "made-from.txt"
BEGIN, END = "<!-- take it with you -->", "<!-- until here -->"
PLACE = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
NOT_MADE = "<p>This copy of the book has no files to take along. <code>make paper</code> makes them.</p>"
# What differs from one build to the next without a difference in the book.
_NOISE = {"searchindex.js", "objects.inv", ".buildinfo"}


class TakeItWithYou(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        return [nodes.raw("", f'<div class="ic-take">{BEGIN}{NOT_MADE}{END}</div>', format="html")]


def fill(index: Path, content: str) -> bool:
    """Put content into the marked place of a built page; False where the page has none."""
    text = index.read_text(encoding="utf-8")
    new, count = PLACE.subn(lambda _: BEGIN + content + END, text)
    if new != text:
        index.write_text(new, encoding="utf-8")
    return bool(count)


def digest(html: Path) -> str:
    """Changes when the built book changes; what was put into it to take along does not count."""
    found = hashlib.sha256()
    for path in sorted(p for p in html.rglob("*") if p.is_file()):
        name = path.relative_to(html).as_posix()
        if path.name in _NOISE or name.startswith((FOLDER + "/", "lite/")):
            continue
        content = path.read_bytes()
        if name == "index.html":
            content = PLACE.sub("", content.decode()).encode()
        found.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    return found.hexdigest()


def _take_down(app: Sphinx, error: Exception | None) -> None:
    html = Path(app.outdir)
    folder = html / FOLDER
    if error or app.builder.name != "html" or not folder.exists():
        return
    record = folder / RECORD
    if not record.exists() or record.read_text(encoding="utf-8").strip() != digest(html):
        shutil.rmtree(folder)
        fill(html / f"{app.config.root_doc}.html", NOT_MADE)


def setup(app: Sphinx) -> None:
    app.add_directive("take-it-with-you", TakeItWithYou)
    app.connect("build-finished", _take_down, priority=900)  # when everything else is in its place
