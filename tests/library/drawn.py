"""What vega draws of a chart, read back from its SVG: so that sliders and menus can be held against the methods."""

import re
from xml.etree import ElementTree

import altair as alt
import numpy as np
import vl_convert


def drawn(chart: alt.TopLevelMixin, **values: float) -> ElementTree.Element:
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
