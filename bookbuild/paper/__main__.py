"""``make paper``: the PDF, the EPUB and the offline copy of the built book, offered on its landing page."""

import argparse
import sys
import time
from pathlib import Path

from ..imprint import NoImprint, imprint
from . import epub, offline, pages, pdf, shelf

ROOT = Path(__file__).resolve().parents[2]


def make(root: Path, html: Path, out: Path) -> list[Path]:
    """Make the three editions of a built book into a folder."""
    about = imprint(root)
    static = html / "_static"
    # Each maker changes the pages that it is given.
    made = [maker(*pages.edition(root, html, about.address), static, about, out) for maker in (pdf.make, epub.make)]
    return [*made, offline.make(html, about, out)]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bookbuild.paper", description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT, help="the folder of the book's sources")
    parser.add_argument("--html", type=Path, help="the built book (default: _build/html of the root)")
    parser.add_argument("--out", type=Path, help="where the files go (default: _build/paper of the root)")
    parser.add_argument("--no-shelf", action="store_true", help="leave the built book as it is")
    given = parser.parse_args()
    root = given.root.resolve()
    html = (given.html or root / "_build" / "html").resolve()
    out = (given.out or root / "_build" / "paper").resolve()
    started = time.perf_counter()
    try:
        made = make(root, html, out)
    except (NoImprint, pages.Unfit, pdf.NoBrowser) as problem:
        print(f"make paper: {problem}", file=sys.stderr)
        return 1
    if not given.no_shelf:
        shelf.put(html, made)
    for path in made:
        print(f"{path} ({shelf.size(path)})")
    print(f"made in {time.perf_counter() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
