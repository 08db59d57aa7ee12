"""The style sheet of the site with its fonts inside, for documents that must stand alone."""

import base64
import re
from pathlib import Path

from .pages import Unfit

STYLES = Path(__file__).resolve().parent


def own_css(name: str) -> str:
    """A style sheet that lies beside this file."""
    return (STYLES / name).read_text(encoding="utf-8")


def css_with_fonts(static: Path) -> str:
    """``book.css`` with each font as a data address.

    A browser that opens a page from a folder may take each file for another site and refuse fonts (Firefox does).
    """
    css = (static / "book.css").read_text(encoding="utf-8")
    # They are inside: there is nothing to wait for, and none to do without.
    css = css.replace("font-display: optional", "font-display: block").replace(":root.ic-faces", ":root")

    def inside(match: re.Match[str]) -> str:
        path = static / match[1]
        if not path.exists():
            raise Unfit(f"book.css asks for {match[1]}, which is not in {static}")
        return f"url(data:font/woff2;base64,{base64.b64encode(path.read_bytes()).decode()})"

    return re.sub(r"""url\(["']?(fonts/[^"')]+)["']?\)""", inside, css)
