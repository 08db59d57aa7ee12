"""``make slides``: a deck a chapter from the built book."""

import argparse
import sys
import time
from pathlib import Path

from ..imprint import NoImprint, imprint
from ..paper.pages import Unfit
from . import folder

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bookbuild.slides", description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT, help="the folder of the book's sources")
    parser.add_argument("--html", type=Path, help="the built book (default: _build/html of the root)")
    parser.add_argument("--out", type=Path, help="where the decks go (default: _build/slides of the root)")
    given = parser.parse_args()
    root = given.root.resolve()
    html = (given.html or root / "_build" / "html").resolve()
    out = (given.out or root / "_build" / "slides").resolve()
    started = time.perf_counter()
    try:
        made = folder.make(root, html, imprint(root), out)
    except (NoImprint, Unfit) as problem:
        print(f"make slides: {problem}", file=sys.stderr)
        return 1
    print(f"{len(made)} decks in {time.perf_counter() - started:.0f} s: open {out / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
