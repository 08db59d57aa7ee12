"""Who made which version when, and how to cite it: all from ``CITATION.cff``, never from the clock of the machine.

The version is ``integrated_care.__version__``, the day is ``date-released``. Whoever publishes a copy sets the
environment variable ``BOOK_URL`` (or ``html: baseurl`` in ``_config.yml``); without it nothing in the book claims to know
where it is published.
"""

import datetime
import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from integrated_care import __version__

from .markup import slug


class NoImprint(Exception):
    """``CITATION.cff`` lacks something or contradicts the code; the text says what."""


@dataclass(frozen=True)
class Paper:
    """One of the papers that the course works through."""

    title: str
    authors: str
    year: int
    journal: str
    doi: str

    @property
    def address(self) -> str:
        return f"https://doi.org/{self.doi}"


@dataclass(frozen=True)
class Imprint:
    """What the title page of a book says on its back."""

    title: str
    authors: tuple[str, ...]
    version: str
    date: datetime.date
    licences: tuple[str, ...]
    keywords: tuple[str, ...]
    papers: tuple[Paper, ...]
    address: str  # where this copy is published, ending in a slash; empty where nobody has said
    doi: str = ""

    @property
    def name(self) -> str:
        """The title without its subtitle."""
        return self.title.split(":")[0]

    @property
    def day(self) -> str:
        """ "28 November 2026"."""
        return f"{self.date.day} {self.date:%B %Y}"

    @property
    def edition(self) -> str:
        """ "Version 0.2.0, 28 November 2026"."""
        return f"Version {self.version}, {self.day}"

    @property
    def file_name(self) -> str:
        """The start of the names of files to take along: "learning-from-reform-with-data-0.2.0"."""
        return f"{slug(self.name)}-{self.version}"

    def url(self, page: str = "") -> str:
        """The published address of a page, or "" where the book has none."""
        if not self.address:
            return ""
        return self.address if page in ("", "index") else f"{self.address}{page}.html"

    def citation(self, title: str = "", page: str = "", chapter: int | None = None) -> str:
        """How to cite the book, or one page of it, in words."""
        who = _join(self.authors)
        part = f"{title}. " if title else ""
        within = f"Chapter {chapter} of {self.name}" if chapter else (f"In {self.name}" if title else self.name)
        where = f" {self.url(page)}" if self.address else ""
        return f"{who} ({self.date.year}). {part}{within} ({self.edition[0].lower()}{self.edition[1:]}).{where}"

    def bibtex(self, title: str = "", page: str = "", chapter: int | None = None) -> str:
        """The same as an entry for BibTeX."""
        last = slug(page.split("/")[-1]) if page else "book"
        key = f"reform{self.date.year}-{re.sub(r'^0*(?=.)', '', last)}"
        fields = {"author": " and ".join(f"{{{a}}}" for a in self.authors), "title": f"{{{title or self.name}}}"}
        if title:
            fields["booktitle"] = f"{{{self.name}}}"
        if chapter:
            fields["chapter"] = str(chapter)
        fields |= {"year": str(self.date.year), "month": self.date.strftime("%b").lower(), "edition": self.edition}
        if self.address:
            fields["url"] = self.url(page)
        if self.doi:
            fields["doi"] = self.doi
        kind = "incollection" if title else "book"
        bare = {"month"}  # months are macros of BibTeX, and stand without braces
        lines = [f"  {k:<9} = {v if k in bare else '{' + v + '}'}" for k, v in fields.items()]
        return f"@{kind}{{{key},\n" + ",\n".join(lines) + "\n}"


def subtitle(about: Imprint) -> str:
    """What stands after the colon of the title."""
    words = about.title.partition(":")[2].strip()
    return words[:1].upper() + words[1:]


def _join(names: tuple[str, ...]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _name(author: dict[str, Any]) -> str:
    return author.get("name") or " ".join(filter(None, (author.get("given-names"), author.get("family-names"))))


def address(given: str | None = None) -> str:
    """Where this copy is published: ``BOOK_URL``, else what ``_config.yml`` says, else ""; it ends in a slash."""
    found = (os.environ.get("BOOK_URL") or given or "").strip()
    if not found:
        return ""
    if not re.match(r"https?://[^\s/]+", found):
        raise NoImprint(f"BOOK_URL={found!r} is no address: write it with its scheme, as https://example.org/book/")
    return found.rstrip("/") + "/"


def imprint(root: Path, published: str | None = None) -> Imprint:
    """The imprint of the book in a folder. ``published`` is the address that ``_config.yml`` gives, if it gives one."""
    path = root / "CITATION.cff"
    if not path.exists():
        raise NoImprint(f"{path} is not there")
    return _read(path.read_text(encoding="utf-8"), address(published))


@cache
def _read(text: str, published: str) -> Imprint:
    data = yaml.safe_load(text)
    try:
        version, day = str(data["version"]), datetime.date.fromisoformat(str(data["date-released"]))
        licences = data["license"] if isinstance(data["license"], list) else [data["license"]]
        papers = tuple(
            Paper(p["title"], _join(tuple(_name(a) for a in p["authors"])), int(p["year"]), p["journal"], p["doi"])
            for p in data.get("references", [])
            if p.get("type") == "article" and p.get("doi")
        )
        authors = tuple(_name(author) for author in data["authors"])
        found = Imprint(
            data["title"], authors, version, day, tuple(licences), tuple(data.get("keywords", [])), papers, published,
            data.get("doi", ""),
        )  # fmt: skip
    except (KeyError, ValueError, TypeError) as error:
        raise NoImprint(f"CITATION.cff: {type(error).__name__} {error}") from error
    if version != __version__:
        raise NoImprint(f"CITATION.cff says version {version}, integrated_care.__version__ says {__version__}")
    return found
