"""The book that a course belongs to: which section of which chapter a message names, and where that is to be read.

A message of a test ends in ``Chapter 5, "A gap has two sizes"``. If the course has that chapter (``chapters/05_*.ipynb``)
with that section, and says where its book is published, the words become a link. In a course without chapters, or with a
book that is nowhere published, they stay words. What a student wrote cannot lead elsewhere: every address is made here.
"""

import json
import os
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from classroom.model import Trouble

NAMED = re.compile(r"\bchapter (\d{1,2}), [\"“]([^\"“”\n]{1,120})[\"”]", re.IGNORECASE)
HEADING = re.compile(r"^#{2,4}[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
ADDRESS = re.compile(r"https?://[^\s/<>\"'`\\]+(?:/[^\s<>\"'`\\?#]*)?")


@dataclass(frozen=True)
class Book:
    """Where the book is published ("" if that is not known), and its sections: (chapter, folded title) -> page#anchor."""

    address: str = ""
    sections: Mapping[tuple[int, str], str] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Path, address: str = "") -> "Book":
        """The book of the course in a folder.

        Its address is ``address``, else ``BOOK_URL`` in the environment, else ``html: baseurl`` in ``_config.yml``, as
        for the book itself. Trouble for one that is no address.
        """
        sections = {}
        for path in sorted((root / "chapters").glob("[0-9]*_*.ipynb")):
            if number := re.match(r"(\d{1,2})_", path.name):
                for title in _headings(path):
                    place = f"chapters/{path.stem}.html#{anchor(title)}"
                    sections.setdefault((int(number[1]), _folded(title)), place)
        return cls(_address(root, address), sections)

    def find(self, chapter: int, section: str) -> str:
        """The address of a section, by its title or by what stands in it after "Measure:"; "" if it is not to be had.

        The end of a title is enough if no other section of the chapter ends so.
        """
        if not self.address:
            return ""
        wanted = _folded(section)
        mine = {title: place for (number, title), place in self.sections.items() if number == chapter}
        found = [place for title, place in mine.items() if wanted in (title, title.partition(": ")[2])]
        found = found or [place for title, place in mine.items() if title.endswith(f" {wanted}")]
        return self.address + found[0] if len(found) == 1 else ""

    def pieces(self, text: str) -> Iterator[tuple[str, str]]:
        """A message in pieces: (words, the address that they name, or "")."""
        at = 0
        for named in NAMED.finditer(text):
            if place := self.find(int(named[1]), named[2]):
                yield text[at : named.start()], ""
                yield named[0], place
                at = named.end()
        yield text[at:], ""


def anchor(title: str) -> str:
    """The id that Jupyter Book gives to a heading, by the rule of docutils: words of ASCII with hyphens between them."""
    plain = unicodedata.normalize("NFKD", title.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"^[\d-]+|-+$", "", re.sub(r"[^a-z0-9]+", "-", plain))


def _headings(path: Path) -> Iterator[str]:
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    except (OSError, ValueError, KeyError, TypeError):
        return
    for text in texts:
        yield from HEADING.findall(text)


def _folded(title: str) -> str:
    return " ".join(title.replace("’", "'").casefold().split())


def _address(root: Path, given: str) -> str:
    config, said = root / "_config.yml", ""
    if config.is_file():
        found = re.search(r"^[ \t]+baseurl:[ \t]*[\"']?([^\"'\s#]*)", config.read_text(encoding="utf-8"), re.MULTILINE)
        said = found[1] if found else ""
    address = (given or os.environ.get("BOOK_URL") or said).strip()
    if address and not ADDRESS.fullmatch(address):
        raise Trouble(f"{address!r} is no address of a book: write it with its scheme, as https://example.org/book/")
    return address.rstrip("/") + "/" if address else ""
