"""Check yourself: told in words, by mouse and by keyboard, with scripts and without; kept, forgotten, never graded."""

import json
import re

import pytest

from .conftest import CHAPTER, CHAPTERS

STORE = "localStorage.getItem('ic-answers')"


@pytest.mark.parametrize("name", CHAPTERS)
def test_each_option_says_in_words_whether_it_is_right(book, name):
    text = (book / name).read_text(encoding="utf-8")
    boxes = text.split('class="ic-box ic-box-check"')[1:]
    assert len(boxes) >= 3
    for box in boxes:
        options = re.findall(r'<details data-verdict="(\w+)"><summary>(.*?)</summary>(.*?)</details>', box, re.DOTALL)
        if not options:
            continue  # an answer to look up
        assert "right" in {verdict for verdict, _, _ in options}
        for verdict, option, feedback in options:
            told = re.sub(r"<[^>]+>", "", feedback).strip()
            assert told.startswith({"right": "Right. ", "wrong": "Not this one. "}[verdict]), (option, told)
            assert not re.match(r"Right\. (Yes|Right)\b", told), "the verdict stands twice"
            assert len(told) > 40, f"{option!r} gets no feedback"


def test_an_answer_is_told_by_keyboard_kept_and_marked_in_the_contents(read):
    reader = read(CHAPTER)
    page = reader.page
    boxes = page.locator(".ic-box-check")
    of = boxes.count()
    option = boxes.first.locator("details[data-verdict=wrong] summary").first
    option.focus()
    page.keyboard.press("Enter")
    assert (
        boxes.first.locator("[role=status]").inner_text()
        == f"Not this one; open another. 1 of {of} answered on this page."
    )
    boxes.first.locator("details[data-verdict=right] summary").focus()
    page.keyboard.press("Space")
    assert boxes.first.locator("[role=status]").inner_text() == f"Right. 1 of {of} answered on this page."
    boxes.nth(1).locator("summary").first.click()
    assert page.locator(".ic-progress-count").inner_text() == f"2 of {of} answered on this page."
    mark = page.locator(f'.ic-contents a[data-questions="{of}"] .ic-mark-answered')
    assert mark.inner_text() == f"2 of {of} answered"
    reader.open("pages/glossary.html")
    assert page.locator(".ic-mark-answered").inner_text() == f"2 of {of} answered"
    reader.open(CHAPTER)
    assert page.locator(".ic-progress-count").inner_text() == f"2 of {of} answered on this page."
    assert not re.search(r"\b(score|points|grade[ds]?\b(?<!not a grade))", page.locator(".ic-progress").inner_text())


def test_answers_are_forgotten_on_request(read):
    reader = read(CHAPTER)
    page = reader.page
    page.evaluate("localStorage.setItem('ic-answers', JSON.stringify({ 'chapters/99_other': ['x'] }))")
    page.reload()
    page.locator(".ic-box-check summary").first.click()
    page.get_by_role("button", name="Forget the answers on this page").click()
    assert page.evaluate(STORE) == '{"chapters/99_other":["x"]}'
    assert page.locator(".ic-options details[open]").count() == 0
    assert page.locator(".ic-mark-answered").count() == 0
    page.get_by_role("button", name="Forget those of every page").click()
    assert page.evaluate(STORE) is None


@pytest.mark.parametrize("rubbish", ["not JSON", "[1, 2]", '{"chapters/05_inequality": 7}', "null"])
def test_rubbish_on_the_device_does_no_harm(read, rubbish):
    reader = read(CHAPTER)
    reader.page.evaluate(f"localStorage.setItem('ic-answers', {json.dumps(rubbish)})")
    reader.page.reload()
    reader.page.locator(".ic-box-check summary").first.click()
    assert reader.page.locator(".ic-progress-count").inner_text().startswith("1 of ")
    assert not reader.complaints


def test_a_question_that_was_rewritten_counts_as_not_answered(read):
    reader = read(CHAPTER)
    reader.page.evaluate(
        "localStorage.setItem('ic-answers', JSON.stringify({ 'chapters/05_inequality': ['0000abcd'] }))"
    )
    reader.page.reload()
    assert reader.page.locator(".ic-progress-count").inner_text().startswith("0 of ")
    assert reader.page.locator(".ic-mark-answered").count() == 0  # nor in the contents


def test_a_device_that_is_full_forgets_nothing_while_the_page_is_open(read):
    """Such storage can be read and not written."""
    reader = read("index.html")
    reader.page.add_init_script(
        "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };"
    )
    reader.open(CHAPTER)
    boxes = reader.page.locator(".ic-box-check")
    for number in (1, 2):
        boxes.nth(number).locator("summary").first.click()
        assert f"{number} of " in boxes.nth(number).locator("[role=status]").inner_text()
        assert reader.page.locator(".ic-progress-count").inner_text().startswith(f"{number} of ")


def test_a_browser_that_keeps_nothing_is_told_so_and_works(read):
    reader = read("index.html")
    reader.page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } });"
    )
    reader.open(CHAPTER)
    reader.page.locator(".ic-box-check summary").first.click()
    assert reader.page.locator(".ic-progress-count").inner_text().startswith("1 of ")
    assert "keeps nothing" in reader.page.locator(".ic-progress").inner_text()
    assert not reader.complaints


def test_printing_opens_the_answers_and_answers_none(read):
    page = read(CHAPTER).page
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_timeout(100)
    assert page.locator(".ic-options details[open]").count() > 3
    assert page.evaluate(STORE) is None
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator(".ic-options details[open]").count() == 0  # nobody finds them answered


def test_without_scripts_the_verdict_is_there_and_no_promise_to_remember(read):
    page = read(CHAPTER, scripts=False).page
    page.locator(".ic-box-check summary").nth(1).click()
    assert page.locator(".ic-told >> visible=true").count() == 1
    assert not page.locator(".ic-progress").is_visible()
