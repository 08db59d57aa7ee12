"""The site as one zip file that is opened from a folder, without a server and without a network.

Three things differ from the site. Fonts stand inside the style sheet, because a browser may refuse to load a font from a
folder. Search shows titles without excerpts, because a page in a folder may not read another. And links to what is not in
the file (the notebooks that run in the browser, the other editions) lead to the published site, where there is one.
"""

import html as markup
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from .. import take
from ..imprint import Imprint
from .assets import css_with_fonts
from .pages import Unfit

ELSEWHERE = ("lite", take.FOLDER)  # folders of the site that do not come along
NOT_NEEDED = {"sitemap.xml", "robots.txt", "objects.inv", ".buildinfo", ".nojekyll"}
_LINK = re.compile(r"<a\b[^>]*?\bhref=\"([^\"#?]*)([^\"]*)\"[^>]*>(.*?)</a>", re.DOTALL)
_FONT_PRELOAD = re.compile(r"<link rel=\"preload\" as=\"font\"[^>]*>\n?")
README = """{title}
{edition}

Open index.html in a browser. Nothing needs to be installed, and nothing is fetched from anywhere.
Text CC BY 4.0, code MIT, tables under the licences of their publishers.
"""


def _page(text: str, imprint: Imprint) -> str:
    """A page made fit for a folder."""

    def lead(match: re.Match[str]) -> str:
        path = re.sub(r"^(?:\.\./|\./)*", "", match[1])
        if not path.startswith(tuple(f"{folder}/" for folder in ELSEWHERE)):
            return match[0]
        if not imprint.address:
            return match[3]
        return match[0].replace(match[1], markup.escape(imprint.address + path), 1)

    here = f"<p>This is the copy to read without a network: {markup.escape(imprint.edition)}."
    if imprint.address:
        where = markup.escape(imprint.address)
        here += f' The newest version, and the PDF and EPUB, are at <a href="{where}">{where}</a>.'
    text = take.PLACE.sub(lambda _: take.BEGIN + here + "</p>" + take.END, text)
    return _LINK.sub(lead, _FONT_PRELOAD.sub("", text))


def files(html: Path, imprint: Imprint) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file of the offline copy."""
    for path in sorted(p for p in html.rglob("*") if p.is_file()):
        name = path.relative_to(html).as_posix()
        if name.split("/")[0] in ELSEWHERE or path.name in NOT_NEEDED or name.startswith("_static/social/"):
            continue
        if path.suffix == ".html":
            text = path.read_text(encoding="utf-8")
            text = re.sub(r'<meta property="og:image[^>]*>\n?', "", text)
            yield name, _page(text, imprint).encode()
        elif name == "_static/book.css":
            yield name, css_with_fonts(html / "_static").encode()
        elif name == "_static/documentation_options.js":
            text, count = re.subn(
                r"SHOW_SEARCH_SUMMARY: true", "SHOW_SEARCH_SUMMARY: false", path.read_text(encoding="utf-8")
            )
            if not count:
                raise Unfit("documentation_options.js has no SHOW_SEARCH_SUMMARY: the search would read files")
            yield name, text.encode()
        elif not name.startswith("_static/fonts/") or path.suffix == ".txt":
            yield name, path.read_bytes()


def make(html: Path, imprint: Imprint, folder: Path) -> Path:
    """Write the zip file into a folder and give its path; the same site gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{imprint.file_name}-offline.zip"
    when = (*imprint.date.timetuple()[:3], 0, 0, 0)
    readme = README.format(title=imprint.title, edition=imprint.edition)
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in [("README.txt", readme.encode()), *files(html, imprint)]:
            entry = zipfile.ZipInfo(f"{imprint.file_name}/{name}", when)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, content)
    return target
