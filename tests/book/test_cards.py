"""Cards beside links: WCAG 1.4.13 (dismissible, hoverable, persistent), by mouse, keyboard and finger."""

import json
import re
from html import unescape

import pytest

from .conftest import CHAPTER, CHAPTERS

TERM = 'a[href$="glossary.html#gst"]'


def test_pointing_at_a_term_shows_definition_french_and_arabic(read):
    page = read(CHAPTER).page
    page.hover(TERM)
    card = page.locator(".ic-card")
    card.wait_for(state="visible", timeout=5000)
    assert "Territorial Health Group (GST)" in card.inner_text()
    assert card.locator("[lang=fr]").inner_text() == "Groupement sanitaire territorial (GST)"
    arabic = card.locator("[lang=ar]")
    assert arabic.get_attribute("dir") == "rtl" and re.search("[\u0600-\u06ff]", arabic.inner_text())
    link, box = page.locator(TERM).first, card.bounding_box()
    assert link.get_attribute("aria-describedby") == card.locator("[id]").first.get_attribute("id")
    # it can be pointed at, and stays
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=8)
    page.wait_for_timeout(600)
    assert card.is_visible()
    # and it goes when the pointer does
    page.mouse.move(box["x"] + box["width"] + 150, box["y"] + box["height"] + 150, steps=4)
    card.wait_for(state="hidden", timeout=5000)
    assert link.get_attribute("aria-describedby") is None


def test_focus_shows_a_card_and_escape_dismisses_it_without_moving(read):
    page = read(CHAPTER).page
    page.locator(".ic-kicker .ic-ways a").last.focus()
    page.keyboard.press("Tab")  # the heading's own link, or the first term
    for _ in range(4):
        if page.locator(".ic-card").is_visible():
            break
        page.keyboard.press("Tab")
    card = page.locator(".ic-card")
    assert card.is_visible()
    focused = "document.activeElement.getAttribute('href')"
    before, scrolled = page.evaluate(focused), page.evaluate("scrollY")
    page.wait_for_timeout(800)
    assert card.is_visible(), "a card stays until its reader moves on"
    page.keyboard.press("Escape")
    assert not card.is_visible()
    assert page.evaluate(focused) == before and page.evaluate("scrollY") == scrolled
    page.keyboard.press("Enter")  # the link is still a link
    page.wait_for_url("**/pages/**")


def test_a_tap_shows_the_card_with_a_link_and_a_second_leads_on(read):
    page = read(CHAPTER, width=390, height=844, has_touch=True, is_mobile=True).page
    page.tap(TERM)
    card = page.locator(".ic-card")
    assert card.is_visible() and page.url.endswith(CHAPTER)
    box = card.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    card.get_by_role("link").tap()
    page.wait_for_url("**/pages/glossary.html#gst")


def test_a_tap_elsewhere_closes_the_card(read):
    page = read(CHAPTER, width=390, height=844, has_touch=True, is_mobile=True).page
    page.tap(TERM)
    page.tap("h1")
    assert not page.locator(".ic-card").is_visible()


def test_at_320_px_a_card_fits(read):
    page = read(CHAPTER, width=320, height=640).page
    page.hover(TERM)
    page.locator(".ic-card").wait_for(state="visible", timeout=5000)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 320


def test_references_claims_and_tables_have_cards_too(read):
    page = read(CHAPTER).page
    for link, words in (
        ('a[href*="bibliography.html#"]', "International Journal of Health Policy"),
        ('a[href$="claims.html#claim-A30"]', "Our check: confirmed"),
        ('a[href$="data.html#synth_england_persons"]', "A row is"),
    ):
        page.locator(f"p {link}").first.scroll_into_view_if_needed()
        page.locator(f"p {link}").first.hover()
        page.locator(".ic-card", has_text=words).wait_for(state="visible", timeout=5000)


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_link_to_a_term_has_its_card(book, name):
    text = (book / name).read_text(encoding="utf-8")
    cards = json.loads(re.search(r'<script type="application/json" id="ic-cards">(.*?)</script>', text, re.DOTALL)[1])
    article = text.split("<article")[1].split("</article>")[0]
    links = {unescape(link) for link in re.findall(r'href="([^"]*glossary\.html#[^"]+)"', article)}
    assert links
    for link in links:
        assert cards[link]["title"] and cards[link]["text"], link


def test_without_scripts_a_term_is_a_link(read):
    page = read(CHAPTER, scripts=False).page
    page.locator(TERM).first.click()
    assert page.url.endswith("glossary.html#gst")
    assert page.locator(".ic-term:has(#gst)").is_visible()
