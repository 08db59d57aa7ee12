"""axe, as its makers ship it but for speed: it finds the same, in half the time (``test_access.py`` holds one to the other).

Nine tenths of its time go into the contrast of every word with its ground, and most of those into two things: the same few
colours are parsed anew for each element that stands behind a word, and the parts of each colour are kept in weak maps, as a
compiler for old browsers wrote private fields.
"""

import re

from axe_playwright_python.base import AXE_SCRIPT
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]  # what axe calls WCAG 2.2, levels A and AA
# Before axe looks: what is not laid out yet has places that are guesses, and would seem to overlap.
LAY_OUT = "* { content-visibility: visible !important; }"
# How many elements scroll by themselves and cannot be reached by keyboard; the page measures them when the browser is idle.
UNREACHABLE = """() => [...document.querySelectorAll("pre, .ic-table, .ic-math")]
  .filter((e) => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1 && e.tabIndex < 0).length"""

_KEPT_ON_THE_OBJECT = """class {
  #key = Symbol();
  has(object) { return Object.hasOwn(object, this.#key); }
  get(object) { return object[this.#key]; }
  set(object, value) { object[this.#key] = value; return this; }
  add(object) { return this.set(object, true); }
  delete(object) { return this.has(object) && delete object[this.#key]; }
}"""
_PARSE_ONCE = """{
  const colour = axe.commons.color.Color.prototype, parse = colour.parseString, known = new Map();
  colour.parseString = function (text) {
    if (!known.has(text)) {
      parse.call(this, text);
      known.set(text, [this.r, this.g, this.b, this.alpha]);
    }
    [this.r, this.g, this.b, this.alpha] = known.get(text);
    return this;
  };
  undefined;  // Playwright would call a script that ends in a function
}"""
# Axe keeps what its functions gave in lists, and looks through them from the start for each of ten thousand elements.
_REMEMBER = """((f) => {
  let kept = new Map(), size = f.length;
  const remembering = function () {
    let place = kept;
    for (let i = 0; i < size - 1; i++) {
      if (!place.has(arguments[i])) place.set(arguments[i], new Map());
      place = place.get(arguments[i]);
    }
    const last = size ? arguments[size - 1] : undefined;
    if (!place.has(last)) place.set(last, f.apply(this, arguments));
    return place.get(last);
  };
  remembering.clear = () => kept = new Map();
  return remembering;
})"""
_SCRIPT, _replaced = re.subn(
    r"\(0,\w+\.default\)(?=\((\w)\),axe\._memoizedFns\.push\(\1\))", lambda _: _REMEMBER, AXE_SCRIPT
)
assert _replaced == 1
FAST = f"((WeakMap, WeakSet) => {{{_SCRIPT}\n}})({_KEPT_ON_THE_OBJECT}, {_KEPT_ON_THE_OBJECT});\n{_PARSE_ONCE}"

COLOUR_RULES = ["color-contrast", "link-in-text-block"]


def prepare(page: Page) -> Page:
    """A page that was walked through, laid out and unfolded; but of the charts' tables, which are alike, only two."""
    page.add_style_tag(content=LAY_OUT)
    page.evaluate(
        """() => {
          const all = (what) => [...document.querySelectorAll(what)];
          const folded = [...all(".ic-options details, .ic-code"), ...all(".ic-more details").slice(0, 4)];
          for (const details of folded) details.open = true;
        }"""
    )
    page.wait_for_function(f"({UNREACHABLE})() === 0", timeout=20_000)
    return page


def violations(page: Page, *, only_colours: bool = False, script: str = FAST) -> list[dict]:
    """What axe has against a page, by the rules of WCAG or by those of them that look at colours."""
    only = {"type": "rule", "values": COLOUR_RULES} if only_colours else {"type": "tag", "values": WCAG}
    return Axe(script).run(page, options={"runOnly": only, "resultTypes": ["violations"]}).response["violations"]
