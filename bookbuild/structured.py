"""What a page is, in the words of schema.org, for search engines and catalogues of teaching material."""

import re
from math import ceil
from typing import Any

from docutils import nodes

from .boxes import box
from .imprint import Imprint, Paper
from .plan import Entry

LEVEL = "Master's"
AUDIENCE = "students of public health and health policy"
WORDS_A_MINUTE = 150  # a text with figures to read and code to run
_LICENCES = {"CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/"}


def licence(name: str) -> str:
    """The address of a licence from its SPDX name."""
    return _LICENCES.get(name, f"https://spdx.org/licenses/{name}.html")


def _article(paper: Paper) -> dict[str, Any]:
    return {"@type": "ScholarlyArticle", "@id": paper.address, "name": paper.title, "url": paper.address}


def objectives(doctree: nodes.document) -> list[str]:
    """What the box *In this chapter* says that the reader will do."""
    found = []
    for aims in doctree.findall(box):
        if "ic-box-aims" in aims["classes"]:
            for item in aims.findall(nodes.list_item):
                found.append(" ".join(item.astext().split()).rstrip(";.,"))
    return found


def minutes(doctree: nodes.document) -> int:
    """How long a page takes to read, estimated from the number of its words."""
    words = sum(len(p.astext().split()) for p in doctree.findall(nodes.paragraph))
    return max(1, ceil(words / WORDS_A_MINUTE))


def duration(whole: int) -> str:
    """Minutes as ISO 8601: 120 -> "PT2H", 95 -> "PT1H35M"."""
    hours, rest = divmod(whole, 60)
    return "PT" + (f"{hours}H" if hours else "") + (f"{rest}M" if rest or not hours else "")


def page(
    about: Imprint,
    name: str,
    title: str,
    summary: str,
    chapter: Entry | None,
    is_landing: bool,
    doctree: nodes.document,
    chapters: list[tuple[str, str]],
) -> dict[str, Any]:
    """The description of one page. Without a published address nothing in it pretends to have one."""
    people = [{"@type": "Organization" if a.startswith("The ") else "Person", "name": a} for a in about.authors]
    facts: dict[str, Any] = {
        "@context": "https://schema.org",
        "name": re.sub(r"^\d+ · ", "", title),
        "description": summary or about.title,
        "inLanguage": "en",
        "author": people,
        "license": licence("CC-BY-4.0" if "CC-BY-4.0" in about.licences else about.licences[0]),
        "version": about.version,
        "dateModified": about.date.isoformat(),
        "isAccessibleForFree": True,
        "isBasedOn": [_article(paper) for paper in about.papers],
    }
    if about.address:
        facts["url"] = facts["@id"] = about.url(name)
    book = {"@type": ["Book", "Course"], "name": about.name} | (
        {"@id": about.url(), "url": about.url()} if about.address else {}
    )
    teaching = {
        "educationalLevel": LEVEL,
        "audience": {"@type": "EducationalAudience", "educationalRole": "student", "audienceType": AUDIENCE},
    }
    if is_landing:
        facts |= {
            "@type": ["Book", "Course"],
            "learningResourceType": "textbook",
            "bookEdition": about.edition,
            **teaching,
        }
        facts |= {"provider": people, "keywords": ", ".join(about.keywords)}
        facts["hasPart"] = [
            {"@type": ["Chapter", "LearningResource"], "name": re.sub(r"^\d+ · ", "", words)}
            | ({"url": about.url(docname)} if about.address else {})
            for words, docname in chapters
        ]
    elif chapter:
        facts |= {
            "@type": ["Chapter", "LearningResource"],
            "learningResourceType": "chapter",
            "position": chapter.number,
            **teaching,
        }
        facts |= {"timeRequired": duration(round(60 * chapter.read)), "teaches": objectives(doctree), "isPartOf": book}
    else:
        facts |= {
            "@type": ["WebPage", "LearningResource"],
            "learningResourceType": "reference",
            "isPartOf": book,
            **teaching,
        }
        facts["timeRequired"] = duration(minutes(doctree))
    return facts
