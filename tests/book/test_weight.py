"""What a chapter costs its reader: bytes, files, hosts, complaints, jumps, and how long a slow phone waits.

Bytes, files and jumps are the same on any machine, and held strictly. Seconds are not, where other work runs beside: so
what must come before the first paint is held in bytes and files, and the measured seconds are printed and held loosely.
What comes with all charts is weighed in test_walk.py.
"""

import re

import pytest

from . import measure
from .conftest import CHAPTERS

PAINT_SECONDS, LOAD_SECONDS = 1.8, 4.0  # on a machine that does nothing else
PATIENCE = 3  # how much longer a machine that does may take
SHIFT = 0.01


@pytest.mark.parametrize("name", CHAPTERS)
def test_little_stands_before_the_first_paint(book, name):
    """Before anything is painted come the page and one style sheet; scripts wait, fonts have stand-ins of their size."""
    text = (book / name).read_text(encoding="utf-8")
    head = text.split("</head>")[0]
    blocking = re.findall(r'<link rel="stylesheet" href="([^"?]+)', head)
    assert len(blocking) == 1
    assert all("defer" in tag for tag in re.findall(r"<script\b[^>]*\bsrc=[^>]*>", head))
    css = (book / name).parent / blocking[0]
    sheet = css.read_text(encoding="utf-8")
    kilobytes = (measure.packed(name, text.encode()) + measure.packed("book.css", sheet.encode())) / 1000
    # At 1.6 Mbit/s and two round trips of 150 ms, 240 kB take 1.5 s: the rest of the 1.8 s is the phone's own work.
    assert kilobytes <= 240, f"{kilobytes:.0f} kB must come before {name} is painted whole"
    assert measure.packed("book.css", sheet.encode()) <= 15_000
    faces = re.findall(r"@font-face\s*{[^}]*}", sheet)
    assert faces and all("font-display" in face for face in faces if "url(" in face)
    preloaded = re.findall(r'<link rel="preload" as="font"[^>]* href="([^"]+)"', head)
    weight = sum(((book / name).parent / font).stat().st_size for font in preloaded) / 1000
    assert preloaded and weight <= 70, (
        f"{weight:.0f} kB of fonts compete with the page"
    )  # all faces or none: test_faces.py


def soon(wait: measure.Wait) -> bool:
    return 0 < wait.paint < PAINT_SECONDS * PATIENCE and wait.load < LOAD_SECONDS * PATIENCE


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_slow_phone_does_not_wait_long_and_nothing_moves(browser, book, capsys, name):
    with measure.serve(book) as site:
        wait = measure.on_a_slow_phone(browser, site + name, enough=soon)  # test_faces.py visits on this line, too
    with capsys.disabled():
        print(
            f"\n  {name} on a slow phone: first paint {wait.paint:.1f} s, load {wait.load:.1f} s, shift {wait.shift:.3f}"
        )
    assert wait.shift < SHIFT
    assert soon(wait), wait
