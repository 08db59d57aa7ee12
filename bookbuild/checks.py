"""*Check yourself*: each answer that a reader opens says in words whether it is right, and the page remembers.

An author writes a quotation with one ``<details>`` an option, which works in JupyterLab, without scripts and by
keyboard. The feedback of a right option begins with "Yes." (or "Right." or "Correct."); that word is all that marks it:

    > **Check yourself.** Which gap closed?
    >
    > <details><summary>The ratio</summary>
    >
    > Yes. Both groups improved, and the poor faster.
    >
    > </details>

Here each feedback gets its verdict, "Right." or "Not this one.", as words in front. A question with options of which
none is right is a warning. A question with one ``<details>`` only is an answer to look up, without verdict.

``assets/js/3-checks.js`` does the rest: it notes on the reader's own device which questions were answered, says how
many of a page, marks the contents, and forgets on request. Nothing is sent anywhere and nothing is graded. Libraries for
this (jupyterquiz, H5P, SurveyJS) draw their questions with a script, so that nothing is left without one, in JupyterLab
or on paper; what was missing here is ninety lines.
"""

import hashlib
import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from .boxes import box
from .places import warn

RIGHT, WRONG = "Right.", "Not this one."
_YES = re.compile(r"(?:Yes|Right|Correct|Exactly|True)[.,:!]\s*|(?:Yes|Right|Correct)\s*\Z")
_NO = re.compile(r"No[.,:!]\s+(?=[A-Z])|Not this one[.:]\s*")


def _is(node: nodes.Node, tag: str) -> bool:
    return isinstance(node, nodes.raw) and re.match(rf"\s*<{tag}\b", node.astext(), re.IGNORECASE) is not None


class Verdicts(SphinxTransform):
    """In the boxes *Check yourself*: a name for the question, and a verdict in words for each option."""

    default_priority = 515  # after the boxes are made

    def apply(self, **_: Any) -> None:
        number = 0
        for note in self.document.findall(box):
            if "ic-box-check" not in note["classes"]:
                continue
            number += 1
            words = " ".join(child.astext() for child in note.children[1:] if isinstance(child, nodes.paragraph))
            # The name changes with the words, so that no stored answer is held against another question.
            digest = hashlib.sha256(re.sub(r"<[^>]+>", "", words).encode()).hexdigest()[:8]
            note["ids"].append(f"check-{number}")
            note["names"] = []
            frame = next((c for c in note.children if "ic-options" in c.get("classes", [])), None)
            if frame is not None:
                note["question"] = digest
                self._judge(note, frame)

    def _judge(self, note: box, frame: nodes.container) -> None:
        options = [i for i, child in enumerate(frame.children) if _is(child, "details")]
        first = [next((c for c in frame.children[i + 1 :] if not isinstance(c, nodes.raw)), None) for i in options]
        if len(options) < 2:
            return
        right = [isinstance(p, nodes.paragraph) and _YES.match(p.astext()) is not None for p in first]
        if not any(right):
            warn(self.env, note, "no option of this question is right; begin the feedback of the right one with 'Yes.'")
            return
        for i, paragraph, is_right in zip(options, first, right, strict=True):
            old = frame.children[i].astext()
            opened = re.sub(r"<details\b", f'<details data-verdict="{"right" if is_right else "wrong"}"', old, count=1)
            frame.children[i].replace_self(nodes.raw("", opened, format="html"))
            self._tell(paragraph, is_right)

    @staticmethod
    def _tell(paragraph: nodes.paragraph, is_right: bool) -> None:
        """Put the verdict in front of the feedback, in place of the author's own "Yes." or "No."."""
        start = next((child for child in paragraph.children if child.astext()), None)
        if isinstance(start, nodes.Text):
            rest = (_YES if is_right else _NO).sub("", start.astext().lstrip(), count=1)
            start.parent.replace(start, nodes.Text(rest))
        verdict = nodes.strong(
            "", RIGHT if is_right else WRONG, classes=["ic-told", "ic-right" if is_right else "ic-wrong"]
        )
        paragraph.insert(0, [verdict, nodes.Text(" ")])


def _page(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    if doctree is not None:
        context["questions"] = sum("question" in note for note in doctree.findall(box))
        context["docname"] = pagename


def setup(app: Sphinx) -> None:
    app.add_transform(Verdicts)
    app.connect("html-page-context", _page)
