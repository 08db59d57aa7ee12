"""A Vega-Lite spec drawn as SVG at build time, fitted to a width, its colours left to the style sheet.

Everything here works on plain dictionaries and strings; nothing knows Sphinx.
"""

import copy
import hashlib
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import vl_convert
from fontTools.ttLib import TTFont

from integrated_care.charts import COLOURS

Spec = dict[str, Any]
FONTS = Path(__file__).resolve().parent / "assets" / "fonts"
WIDE, NARROW = 620, 350  # px: the text column, and a phone's
SMALLEST_PLOT = 120  # px: below this a plot is not narrowed further
# Quoted, because "3" cannot start a name in CSS: unquoted, browsers drop the whole list and measure with another font.
FONT = "'Source Sans 3', 'Helvetica Neue', Arial, sans-serif"
DRAWN_WITH = "BookSans"  # the same font for vl-convert, which finds no family that has a figure in its name
_SIZE = re.compile(r'<svg[^>]*?\bwidth="([\d.]+)"[^>]*?\bheight="([\d.]+)"')
_VARIABLE = {light.lower(): f"var(--c-{role})" for role, (light, _) in COLOURS.items()}


def parts(spec: Spec) -> Iterator[Spec]:
    """A spec and every view inside it."""
    yield spec
    for key in ("layer", "vconcat", "hconcat", "concat"):
        for child in spec.get(key, []):
            yield from parts(child)
    if isinstance(spec.get("spec"), dict):
        yield from parts(spec["spec"])


def is_interactive(spec: Spec) -> bool:
    """Whether a reader can do more with this chart than look: a parameter, or a tooltip."""
    for part in parts(spec):
        mark = part.get("mark")
        if part.get("params") or "tooltip" in part.get("encoding", {}):
            return True
        if isinstance(mark, dict) and mark.get("tooltip"):
            return True
    return False


def controls(spec: Spec) -> int:
    """How many sliders, menus and other inputs stand below the chart."""
    return sum(1 for part in parts(spec) for param in part.get("params", []) if "bind" in param and _is_input(param))


def _is_input(param: dict[str, Any]) -> bool:
    bind = param["bind"]
    if not isinstance(bind, dict):
        return False  # "scales" or "legend"
    return "input" in bind or any(isinstance(value, dict) and "input" in value for value in bind.values())


def prepare(spec: Spec) -> Spec:
    """A copy for the page: no title (the page prints it), no background, colours as CSS variables.

    A colour stays a colour where Vega computes with it: in the range of a continuous scale.
    """
    spec = copy.deepcopy(spec)
    spec.pop("title", None)
    config = spec.setdefault("config", {})
    config["aria"] = False  # the drawing is one image with one description
    config["background"] = None
    config["font"] = FONT
    spec["background"] = None
    spec["padding"] = {"left": 1, "right": 2, "top": 4, "bottom": 4}
    return _paint(spec)


def _paint(node: Any, continuous: bool = False) -> Any:
    if isinstance(node, dict):
        if "field" in node or "type" in node or "aggregate" in node:
            continuous = node.get("type") in ("quantitative", "temporal") and isinstance(node.get("scale"), dict)
        return {
            key: value if key in ("data", "datasets") or (key == "scale" and continuous) else _paint(value)
            for key, value in node.items()
        }
    if isinstance(node, list):
        return [_paint(value) for value in node]
    if isinstance(node, str):
        return _VARIABLE.get(node.lower(), node)
    return node


def _is_continuous(spec: Spec) -> bool:
    """Whether a view without a stated width has the default one, and not one step a category."""
    channels = [part["encoding"]["x"] for part in parts(spec) if "x" in part.get("encoding", {})]
    return bool(channels) and all(x.get("type") in ("quantitative", "temporal") for x in channels if "type" in x)


def widen(spec: Spec, by: float, default: float = 200) -> bool:
    """Make the plots of a spec wider by ``by`` px in all, in place. False where nothing can give (bands of fixed step).

    ``default`` is the width of a view that states none.

    Views side by side share the change; views on top of each other each take it whole.
    """
    default = spec.get("config", {}).get("view", {}).get("continuousWidth", default)
    for key in ("hconcat", "concat"):
        if children := spec.get(key):
            columns = min(spec.get("columns") or len(children), len(children))
            return max(widen(child, by / columns, default) for child in children)
    if children := spec.get("vconcat"):
        return max(widen(child, by, default) for child in children)
    if "facet" in spec or "repeat" in spec:
        columns = spec.get("columns")
        return bool(columns) and widen(spec["spec"], by / columns, default)
    width = spec.get("width", default if _is_continuous(spec) else None)
    if isinstance(width, int | float) and not isinstance(width, bool):
        spec["width"] = round(max(width + by, SMALLEST_PLOT))
        return spec["width"] != width
    return False


def size(svg: str) -> tuple[float, float]:
    """Width and height in px of an SVG that vl-convert wrote."""
    match = _SIZE.search(svg)
    if not match:
        raise ValueError(f"svg={svg[:80]!r}… states no width and height")
    return float(match[1]), float(match[2])


def fit(spec: Spec, target: float) -> str:
    """The SVG of a prepared spec, ``target`` px wide in all where its plots can give or take, else as near as they can.

    Labels that hang over the edge move with the plot, but not one for one, so the search follows the slope it finds.
    ``assets/js/2-charts.js`` does the same in the browser.
    """
    spec = copy.deepcopy(spec)
    svg, slope = _draw(spec), 1.0
    for _ in range(5):
        width = size(svg)[0]
        step = (target - width) / slope
        if abs(target - width) <= 1.5 or not widen(spec, step):
            break
        svg = _draw(spec)
        slope = min(1.0, (size(svg)[0] - width) / step)
        if slope < 0.2:  # something else is the widest: a legend, a row of bands
            break
    return svg


def narrow(spec: Spec) -> Spec:
    """A prepared spec for a phone: one legend entry below the other."""
    spec = copy.deepcopy(spec)
    spec["config"]["legend"] = {**spec["config"].get("legend", {}), "columns": 1}
    return spec


def draw(spec: Spec, cache_folder: Path) -> list[str]:
    """The SVGs of a prepared spec: one for the column, and one for a phone where the plots can shrink.

    Drawings are kept in ``cache_folder`` under a hash of all that shapes them, this file included.
    """
    key = json.dumps([spec, vl_convert.__version__, Path(__file__).read_text(encoding="utf-8")], sort_keys=True)
    path = cache_folder / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.json"
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    use_fonts(cache_folder / "fonts")
    drawn = [fit(spec, WIDE)]
    small = fit(narrow(spec), NARROW)
    if size(small)[0] < 0.8 * size(drawn[0])[0]:
        drawn.append(small)
    cache_folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(drawn), encoding="utf-8")
    return drawn


def _draw(spec: Spec) -> str:
    match = re.search(r"/v(\d+)", spec.get("$schema", ""))
    # The newest grammar of the spec's own major version.
    newest = max(v for v in _versions() if not match or v[0] == int(match[1]))
    spec = {**spec, "config": {**spec["config"], "font": DRAWN_WITH}}
    svg = vl_convert.vegalite_to_svg(spec, vl_version=".".join(map(str, newest)), allowed_base_urls=[])
    return svg.replace(f' font-family="{DRAWN_WITH}"', "")  # the style sheet says it


@cache
def _versions() -> list[tuple[int, ...]]:
    return [tuple(map(int, version.split("."))) for version in vl_convert.get_vegalite_versions()]


@cache
def use_fonts(folder: Path) -> None:
    """Let vl-convert measure text with the page's own fonts (it reads TrueType, the page has WOFF2)."""
    folder.mkdir(parents=True, exist_ok=True)
    for source in FONTS.glob("source-sans-3-latin-*-*.woff2"):
        target = folder / f"{source.stem}.ttf"
        if target.exists() or "-ext-" in source.stem:
            continue
        font = TTFont(source)
        font.flavor = None
        weight = font["OS/2"].usWeightClass
        style = {400: "Regular", 600: "SemiBold"}[weight] + (" Italic" if "italic" in source.stem else "")
        for number, text in {1: DRAWN_WITH, 2: style, 16: DRAWN_WITH, 17: style}.items():
            font["name"].setName(text, number, 3, 1, 0x409)
        font.save(target)
    vl_convert.register_font_directory(str(folder))


_PLACES = re.compile(r' (?:d|transform)="[^"]*"')
_LONG = re.compile(r"-?\d+\.\d{2,}")
_DISC = re.compile(
    r'<path transform="translate\((-?[\d.]+),(-?[\d.]+)\)" d="M([\d.]+),0A\3,\3,0,1,1,-\3,0A\3,\3,0,1,1,\3,0"'
)
_NO_LINE = re.compile(r'(<(?:circle|path)\b(?:(?! stroke=)[^>])*?) stroke-width="[\d.]+"((?:(?! stroke=)[^>])*>)')
CROWD = 500  # discs in a picture from which on nobody sees where exactly one of them stands


def lightened(svg: str) -> str:
    """The same picture in fewer bytes, which a slow line feels and nobody sees.

    Paths and places are rounded to a tenth of a pixel; discs are circles, in a crowd on half a pixel; a line that has no
    colour has no width, and what is opaque need not say so.
    """

    def tenth(match: re.Match[str]) -> str:
        return f"{round(float(match[0]), 1) + 0.0:g}"

    svg = _PLACES.sub(lambda m: m[0] if "scale(" in m[0] else _LONG.sub(tenth, m[0]), svg)
    grid = 2 if len(_DISC.findall(svg)) > CROWD else 10

    def disc(match: re.Match[str]) -> str:
        x, y = (f"{round(float(match[i]) * grid) / grid:g}" for i in (1, 2))
        return f'<circle cx="{x}" cy="{y}" r="{match[3]}"'

    return _NO_LINE.sub(r"\1\2", _DISC.sub(disc, svg)).replace(' opacity="1"', "")


def inline(svg: str, name: str, label: str, css_class: str) -> str:
    """An SVG made fit to stand in a page: an accessible name, ids of its own, a size that can shrink."""
    width, height = size(svg)
    body = lightened(svg[svg.index(">", svg.index("<svg")) + 1 :])
    body = re.sub(r' (?:role="graphics-[a-z-]+"|aria-[a-z]+="[^"]*")', "", body)  # one image, one description
    for found in set(re.findall(r'\bid="([^"]+)"', body)):
        new = f"{name}-{found}"
        body = body.replace(f'id="{found}"', f'id="{new}"').replace(f"url(#{found})", f"url(#{new})")
        body = body.replace(f'href="#{found}"', f'href="#{new}"')
    return (
        f'<svg class="{css_class}" role="img" aria-label="{label}" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" xmlns="http://www.w3.org/2000/svg">{body}'
    )
