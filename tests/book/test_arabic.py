"""Arabic in a table of a chapter: it stands from right to left, joined, and apart from what is beside it."""

CHAPTER = "chapters/08_linkage.html"
NAME = "فاطمة"  # the given name in one of the clerk's files
# Where each letter of the first Arabic name stands, and the cells round it.
PLACES = """() => {
  const name = document.querySelector('.ic-table bdi[lang="ar"]'), letters = [];
  for (let k = 0; k < name.textContent.length; k++) {
    const range = document.createRange();
    range.setStart(name.firstChild, k); range.setEnd(name.firstChild, k + 1);
    const box = range.getBoundingClientRect();
    letters.push((box.left + box.right) / 2);
  }
  return {text: name.textContent, letters, direction: getComputedStyle(name).direction,
          born: name.closest('tr').cells[3].textContent, width: name.getBoundingClientRect().width};
}"""
# How wide the name would be if its letters did not join.
APART = """() => {
  const name = document.querySelector('.ic-table bdi[lang="ar"]'), copy = name.cloneNode();
  copy.textContent = [...name.textContent].join('\\u200c');
  name.parentNode.append(copy);
  const width = copy.getBoundingClientRect().width;
  copy.remove();
  return width;
}"""


def test_an_arabic_name_runs_from_right_to_left_and_its_letters_join(read):
    page = read(CHAPTER).page
    seen = page.evaluate(PLACES)
    assert seen["text"] == NAME and seen["direction"] == "rtl"
    assert seen["letters"] == sorted(seen["letters"], reverse=True) and seen["letters"][0] > seen["letters"][-1]
    assert seen["born"] == "1987-03-12"  # the date beside it is not turned round
    assert seen["width"] < 0.97 * page.evaluate(APART)


def test_a_screenshot_shows_ink_where_the_name_is(read):
    page = read(CHAPTER).page
    name = page.locator('.ic-table bdi[lang="ar"]').first
    name.scroll_into_view_if_needed()
    with_name = name.screenshot()
    name.evaluate("node => { node.style.color = 'transparent'; }")
    assert with_name != name.screenshot()
