"""A PDF of half the weight that looks the same: what Chromium writes at length is said briefly.

Before it prints (:func:`simplify`): it draws a circle as 32 curves where four are as round, a line with a dash pattern as
its single dashes even if they leave no gap, and a mark that is not opaque as a picture of its own. After (:func:`lighten`):
it places each letter by itself, and writes places to a millionth of a pixel.
"""

import re
from collections.abc import Callable

import pikepdf
from bs4 import Tag

# Letter as it is written -> how far it moves the pen, in thousandths of the size; b"" -> that of all others.
Widths = dict[bytes, float]

KAPPA = 4 / 3 * (2**0.5 - 1)  # how far along its tangent a quarter of a circle is controlled, in radii (error 1/3700)
_NO_GAP = re.compile(r"[\d.]+\s*,\s*0")
MOST_KERNING = 0.9  # of the size: what is further is not kerning, and Td says it
SEEN = 0.02  # pixels by which a letter may stand beside its place before it is moved; it never adds up
_PATHS = re.compile(rb"(?:^[-\d. ]+ (?:m|l|c|v|y|re)\n)+", re.MULTILINE)
_BEYOND = re.compile(rb"(\.\d\d)\d+")  # what a place says beyond a hundredth of a pixel
_TEXT = re.compile(rb"^BT\n.*?^ET$", re.MULTILINE | re.DOTALL)
_FONT = re.compile(rb"(/\S+) ([-\d.]+) Tf")
_SHOW = re.compile(rb"(?:([-\d.]+) ([-\d.]+) Td )?<([0-9A-F]+)> Tj")


# ---- before


def _inherited(tag: Tag, name: str, default: str) -> str:
    """The value of an attribute that SVG inherits."""
    return next((t[name] for t in [tag, *tag.parents] if t.get(name)), default)


def simplify(drawing: Tag) -> None:
    """Give an SVG the elements that Chromium prints in the fewest bytes, in place."""
    for tag in drawing.select("[stroke-dasharray]"):
        if _NO_GAP.fullmatch(tag["stroke-dasharray"]):
            del tag["stroke-dasharray"]
    for tag in drawing.select(":is(circle, path, line, rect, text)[opacity]"):
        filled = tag.name != "line" and _inherited(tag, "fill", "black") not in ("none", "transparent")
        lined = _inherited(tag, "stroke", "none") not in ("none", "transparent")
        if filled and lined:
            continue  # where line and filling meet, both would shine through
        what = "fill-opacity" if filled else "stroke-opacity"
        tag[what] = f"{float(tag.attrs.pop('opacity')) * float(_inherited(tag, what, '1')):g}"
    for tag in drawing.select("circle[r]"):
        if not (_inherited(tag, "fill", "") or _inherited(tag, "stroke", "")):
            continue  # a style sheet says how circles look
        x, y, r = (float(tag.attrs.pop(name, 0)) for name in ("cx", "cy", "r"))
        tag.name, k = "path", r * KAPPA
        quarters = [(r, k, k, r, 0, r), (-k, r, -r, k, -r, 0), (-r, -k, -k, -r, 0, -r), (k, -r, r, -k, r, 0)]
        curves = "".join("C" + ",".join(f"{v + (y if i % 2 else x):.2f}" for i, v in enumerate(q)) for q in quarters)
        tag["d"] = f"M{x + r:.2f},{y:.2f}{curves}Z"


# ---- after


def lighten(pdf: pikepdf.Pdf) -> None:
    """Rewrite what draws the pages and the forms of a PDF that Chromium wrote, in place."""
    known: dict[tuple[int, int], Widths] = {}

    def widths(font: pikepdf.Object) -> Widths:
        if font.objgen not in known:
            known[font.objgen] = _widths(font)
        return known[font.objgen]

    for page in pdf.pages:
        contents = page.obj.Contents
        for stream in contents if isinstance(contents, pikepdf.Array) else [contents]:
            _rewrite(stream, page.resources, widths)
    for drawn in pdf.objects:
        if isinstance(drawn, pikepdf.Stream) and drawn.get("/Subtype") == "/Form":
            _rewrite(drawn, drawn.get("/Resources") or pikepdf.Dictionary(), widths)


def _rewrite(stream: pikepdf.Stream, resources: pikepdf.Dictionary, widths: Callable[[pikepdf.Object], Widths]) -> None:
    fonts = {name.encode(): widths(font) for name, font in (resources.get("/Font") or {}).items()}
    old = stream.read_bytes()
    new = _PATHS.sub(lambda lines: _BEYOND.sub(rb"\1", lines[0]), old)
    new = _TEXT.sub(lambda block: _joined(block[0], fonts), new)
    if new != old:
        stream.write(new)


def _widths(font: pikepdf.Object) -> Widths:
    """The widths of a font's letters; none where they are drawings, or written otherwise than in four figures."""
    if font.get("/Subtype") != "/Type0" or font.get("/Encoding") != "/Identity-H":
        return {}
    letters = font.DescendantFonts[0]
    found: dict[int, float] = {}
    given = iter(letters.get("/W") or [])
    for first in given:
        then = next(given)
        if isinstance(then, pikepdf.Array):
            found.update(enumerate(then, int(first)))
        else:
            found.update(dict.fromkeys(range(int(first), int(then) + 1), next(given)))
    widths = {b"%04X" % letter: float(width) for letter, width in found.items()}
    return widths | {b"": float(letters.get("/DW", 1000))}


def _joined(block: bytes, fonts: dict[bytes, Widths]) -> bytes:
    """A block of text in which the letters that follow one another on a line are one array.

    What stands between two of them is by how much less than its width the first moves the pen, in thousandths of the size.
    """
    out: list[bytes] = []
    run: list[bytes] = []
    widths, size = {}, 0.0
    x = y = line_x = line_y = pen = 0.0  # where the last step led; where the written line began; where the pen is on it
    drift = 0.0  # how far it is there for a reader that knows whole widths only, as Chromium's own

    def close() -> None:
        if run:
            out.append(b"[<%b>]TJ" % b"".join(run) if len(run) > 1 else b"<%b> Tj" % run[0])
            run.clear()

    for line in block.split(b"\n"):
        if not (shown := _SHOW.fullmatch(line)):
            close()
            if font := _FONT.fullmatch(line):
                widths, size = fonts.get(font[1], {}), float(font[2])
            elif line.endswith(b" Tm"):
                x = y = line_x = line_y = pen = drift = 0.0
            out.append(line)
            continue
        if shown[1]:
            x, y = x + float(shown[1]), y + float(shown[2])
            off = line_x + pen - x
            if run and widths and y == line_y and abs(off) < MOST_KERNING * size and drift < SEEN:
                if abs(off) > SEEN:
                    step = round(off * 1000 / size)
                    run.append(b">%d<" % step)
                    pen -= step * size / 1000
            else:
                close()
                out.append(b"%.3f %.3f Td" % (x - line_x, y - line_y))
                line_x, line_y, pen, drift = x, y, 0.0, 0.0
        run.append(shown[3])  # where no step was given, at the pen
        if widths:
            for i in range(0, len(shown[3]), 4):
                width = widths.get(shown[3][i : i + 4], widths[b""])
                pen += width * size / 1000
                drift += width % 1 * size / 1000
    close()
    return b"\n".join(out)
