"""What vega draws of a chart, with other values of its sliders and menus, read back from the SVG (by vl-convert)."""

import re
from xml.etree import ElementTree

import altair as alt
import numpy as np
import vl_convert

from integrated_care import charts


def drawn(chart: alt.TopLevelMixin, **values: float | str) -> ElementTree.Element:
    """The SVG that vega draws with other values of the parameters."""
    spec = chart.to_dict()
    params = {param["name"]: param for param in spec.get("params", [])}
    assert set(values) <= set(params)
    for name, value in values.items():
        params[name]["value"] = value
    major = re.search(r"/v(\d+)", spec["$schema"])[1]
    newest = max(
        (v for v in vl_convert.get_vegalite_versions() if v.split(".")[0] == major), key=lambda v: int(v.split(".")[1])
    )
    return ElementTree.fromstring(vl_convert.vegalite_to_svg(spec, vl_version=newest, allowed_base_urls=[]))


def lines(svg: ElementTree.Element) -> list[np.ndarray]:
    """The points of each drawn line, in pixels, in the order in which the chart lays them."""
    groups = [g for g in svg.iter() if "mark-line" in g.get("class", "").split()]
    paths = [path.get("d") for g in groups for path in g.iter() if path.tag.endswith("path")]
    return [np.array(re.findall(r"[ML]([-\d.e]+),([-\d.e]+)", d or ""), dtype=float).reshape(-1, 2) for d in paths]


def words(svg: ElementTree.Element) -> list[str]:
    return [node.text for node in svg.iter() if node.tag.endswith("text") and node.text]


def data_of(chart: alt.TopLevelMixin) -> list[list[dict]]:
    return list(charts.render({**chart.to_dict(), "description": "d"})[charts.MIME]["datasets"].values())


def fills(svg: ElementTree.Element, mark: str) -> list[str]:
    """The colours in which the marks of one kind ("rect", "symbol") are filled, in the order in which the chart lays them."""
    groups = [g for g in svg.iter() if f"mark-{mark}" in g.get("class", "").split()]
    return [path.get("fill") for g in groups for path in g.iter() if path.tag.endswith("path") and path.get("fill")]
