"""What each page of the built book weighs and how it reads: ``make report`` prints the table.

page        gzip kB of the page and all that it asks for before the reader moves, and how many files
LCP s       largest contentful paint on a slow phone (1.6 Mbit/s, 150 ms, CPU ÷ 4), best of three
axe         violations of WCAG 2.2 A and AA, in light and dark
words       in the text of the page, code and tables included, drawings not
charts      those that are described in words, of all
"""

import os
import sys
from pathlib import Path

from playwright.sync_api import Browser, Response

from ..conftest import chromium
from . import axe, measure
from .conftest import ROOT, names

TEXT = """() => { const copy = document.querySelector("article").cloneNode(true);
  copy.querySelectorAll("svg, script, .headerlink").forEach((e) => e.remove());
  return copy.textContent.split(/\\s+/).filter(Boolean).length; }"""
DESCRIBED = """() => [...document.querySelectorAll(".ic-chart")].map((chart) =>
  (chart.querySelector(".ic-frame > svg")?.getAttribute("aria-label") || "").length >= 40)"""


HEAD = ["page", "page kB", "all kB", "files", "LCP s", "load s", "CLS", "axe l/d", "words", "charts"]
WIDTHS = [34, 8, 7, 6, 6, 7, 6, 8, 7, 7]


def row(browser: Browser, book: Path, site: str, name: str) -> list[str]:
    """The figures of one page."""
    sizes: dict[str, int] = {}
    violations = []
    for scheme in ("light", "dark"):
        context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme)
        page = context.new_page()
        responses: list[Response] = []
        page.on("response", lambda response, seen=responses: seen.append(response))
        page.goto(site + name)
        page.wait_for_load_state("networkidle")
        sizes = sizes or {r.url: measure.packed(r.url, r.body()) for r in responses}
        page.add_style_tag(content=axe.LAY_OUT)
        violations.append(len(axe.violations(page)))
        words, charts = page.evaluate(TEXT), page.evaluate(DESCRIBED)
        context.close()
    wait = measure.on_a_slow_phone(browser, site + name)
    return [
        name,
        f"{measure.packed(name, (book / name).read_bytes()) / 1000:.0f}",
        f"{sum(sizes.values()) / 1000:.0f}",
        f"{len(sizes)}",
        f"{wait.largest or wait.paint:.1f}",
        f"{wait.load:.1f}",
        f"{wait.shift:.3f}",
        "/".join(map(str, violations)),
        f"{words:,}",
        f"{sum(charts)}/{len(charts)}" if charts else "-",
    ]


def say(cells: list[str]) -> None:
    first, *others = (
        cell.ljust(w) if not i else cell.rjust(w) for i, (cell, w) in enumerate(zip(cells, WIDTHS, strict=True))
    )
    print(first, *others, sep="", flush=True)


def main() -> int:
    book = Path(os.environ.get("IC_BOOK_HTML", ROOT / "_build" / "html"))
    if not (book / "index.html").exists():
        print(f"{book} holds no built book; run make book", file=sys.stderr)
        return 1
    say(HEAD)
    with chromium() as browser, measure.serve(book) as site:
        for name in names(book):
            say(row(browser, book, site, name))
    load = os.getloadavg()[0]
    print(f"Seconds are the best of three, on {os.cpu_count()} processors with a load of {load:.1f}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
