"""Numbers in prose are computed, never typed.

The Markdown says which value stands there, in the grammar of an f-string's braces: an author types ``{{npv[2]:.2f}}``,
and ``make notebooks`` makes ``<span data-glue="npv[2]:.2f">0.68</span>`` of it and one call of :func:`numbers`, at the
notebook's end, that publishes every value. The number therefore reads the same in the book, JupyterLab, JupyterLite and
Colab, and a test fails when text and computation part.
"""

import re
import sys
from typing import Any

GLUE_MIME = "application/vnd.integrated-care.glue+json"
_MINUS = re.compile(r"(?<![\w.])-(?=[\d.])")


def numbers(*places: str) -> None:
    """Publish what the prose of this notebook says: each place, such as ``"npv[2]:.2f"``, with its value as text.

    A place is what stands between the braces of an f-string, evaluated with the notebook's names: an expression and,
    after a colon, a format. Strings in it take single quotation marks. A number below zero gets a true minus sign.

    >>> share, gap = 0.2021, -3.25
    >>> numbers("share:.1%", "abs(gap)", "gap:.1f")
    share:.1% = 20.2%
    abs(gap) = 3.25
    gap:.1f = −3.2

    Raises
    ------
    ValueError
        If a place cannot be evaluated; it names the place and the error.
    """
    names = sys._getframe(1).f_globals
    values = {place: _text(place, names) for place in places}
    lines = "\n".join(f"{place} = {text}" for place, text in values.items())
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:  # plain Python: nothing to publish to
        get_ipython = None
    if get_ipython is None or get_ipython() is None:
        print(lines)
    else:
        display({GLUE_MIME: values, "text/plain": lines}, raw=True)


def _text(place: str, names: dict[str, Any]) -> str:
    try:
        said = eval(f'f"{{{place}}}"', names)
    except Exception as error:
        raise ValueError(f"places: {place!r} has no value: {type(error).__name__}: {error}") from error
    return _MINUS.sub("−", said)
