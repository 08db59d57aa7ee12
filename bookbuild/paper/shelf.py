"""The PDF, the EPUB and the offline copy put into the built site, and offered on its landing page with their sizes."""

import html as markup
import shutil
from pathlib import Path

import pikepdf

from .. import take


def size(path: Path) -> str:
    """ "2.5 MB"."""
    count = path.stat().st_size
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(1, round(count / 1e3))} KB"


def _entry(path: Path) -> str:
    if path.suffix == ".pdf":
        with pikepdf.open(path) as pdf:
            name, words = "PDF", f"{len(pdf.pages)} pages A4, tagged for screen readers"
    elif path.suffix == ".epub":
        name, words = "EPUB", "for an e-reader or a phone; set in your own type and size"
    else:
        name, words = (
            "Offline copy",
            "the whole site as a zip file: unpack it and open index.html; charts move, search works",
        )
    link = f'<a href="{take.FOLDER}/{markup.escape(path.name)}" download>{name}</a>'
    return f"<li>{link} {words} ({size(path)})</li>"


def put(html: Path, made: list[Path]) -> None:
    """Copy the files into the site and fill the place on its landing page."""
    folder = html / take.FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for path in made:
        shutil.copy2(path, folder)
    (folder / take.RECORD).write_text(take.digest(html) + "\n", encoding="utf-8")
    take.fill(html / "index.html", f"<ul>{''.join(_entry(path) for path in made)}</ul>")
