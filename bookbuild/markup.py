"""What HTML needs of a text: a name that can be an anchor or a file's, and data that can stand inside a script element."""

import json
import re
from typing import Any


def slug(text: str) -> str:
    """ "Learning from Reform, with Data" -> "learning-from-reform-with-data"."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def json_in_html(data: Any, **how: Any) -> str:
    """JSON for a script element, which "</" would end; ``how`` as for :func:`json.dumps`, Unicode as it stands."""
    return json.dumps(data, **{"ensure_ascii": False, **how}).replace("</", "<\\/")


def plain(markdown: str) -> str:
    """The words of a line of Markdown: links without their targets, no span of a published number, no stars or ticks.

    A formula in a line stays as it is written.
    """
    text = re.sub(r"</?span\b[^>]*>", "", markdown)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return " ".join(re.sub(r"(?<!\\)[*`]+", "", text).split())
