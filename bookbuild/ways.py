"""The three ways into a notebook: run it in the browser, open it on Binder, download it.

Each leads to that very notebook. ``lite/`` is made by :mod:`bookbuild.lite`; Binder opens the branch ``student`` of the
repository that ``bookbuild_repository`` in ``_config.yml`` names; a build on GitHub knows its own and takes that, unless
``STUDENT_REPOSITORY`` names another.
"""

import os
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from sphinx.application import Sphinx
from sphinx.config import Config

BRANCH = "student"


@dataclass(frozen=True)
class Way:
    """A link: its words, its address, what the words leave out, and whether it saves a file."""

    label: str
    href: str
    title: str
    download: bool = False

    def html(self, more: str = "") -> str:
        """The link as HTML; ``more`` tells links with the same words apart for who hears them."""
        hidden = f'<span class="ic-hidden"> {escape(more)}</span>' if more else ""
        attributes = f'href="{escape(self.href)}" title="{escape(self.title)}"{" download" if self.download else ""}'
        return f"<a {attributes}>{escape(self.label)}{hidden}</a>"


def repository(config: Config) -> str:
    """OWNER/NAME of the repository that Binder opens."""
    return os.environ.get("STUDENT_REPOSITORY") or os.environ.get("GITHUB_REPOSITORY") or config.bookbuild_repository


def ways(config: Config, notebook: str, up: str, file: str) -> list[Way]:
    """The ways into ``notebook`` (its path in ``lite/`` and in the student edition) on a page that is ``up`` from the root.

    ``file`` is the address of the notebook as a file.
    """
    edition = repository(config)
    binder = f"https://mybinder.org/v2/gh/{edition}/{BRANCH}?urlpath=lab/tree/{quote(notebook)}"
    library = f"pip install git+https://github.com/{edition}@{BRANCH}"
    here = f"{up}lite/notebooks/index.html?path={quote(notebook)}"
    return [
        Way("Run in the browser", here, "Nothing to install; about 24 MB the first time, next to nothing after"),
        Way("Open on Binder", binder, "A computer that is lent to you for a while; starting takes some minutes"),
        Way("Download", file, f"The notebook as a file; {library} once, to run it on your own computer", download=True),
    ]


def setup(app: Sphinx) -> None:
    app.add_config_value("bookbuild_repository", "learning-from-reform/learning-from-reform", "env", types=[str])
