"""``make paper``: the PDF, the EPUB and the offline copy of the built book."""

import argparse
import sys
import time
from pathlib import Path

from ..imprint import NoImprint, imprint
from . import epub, pages, pdf

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bookbuild.paper", description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT, help="the folder of the book's sources")
    parser.add_argument("--html", type=Path, help="the built book (default: _build/html of the root)")
    parser.add_argument("--out", type=Path, help="where the files go (default: _build/paper of the root)")
    given = parser.parse_args()
    root = given.root.resolve()
    html = (given.html or root / "_build" / "html").resolve()
    out = (given.out or root / "_build" / "paper").resolve()
    started = time.perf_counter()
    try:
        about = imprint(root)
        made = []
        for maker in (pdf.make, epub.make):  # each works on pages of its own, which it changes
            made.append(maker(*pages.edition(root, html, about.address), html / "_static", about, out))
    except (NoImprint, pages.Unfit, pdf.NoBrowser) as problem:
        print(f"make paper: {problem}", file=sys.stderr)
        return 1
    for path in made:
        print(f"{path} ({path.stat().st_size / 1e6:.1f} MB)")
    print(f"made in {time.perf_counter() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
