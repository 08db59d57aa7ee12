"""Many strings at once find what each of them finds alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom.needles import Needles

words = st.text("aab\u00e9\u0639\U0001f600\udc80", min_size=1, max_size=24)


@given(st.lists(words, max_size=6), st.lists(words, max_size=6), st.data())
def test_they_find_what_each_finds_alone(strings, others, data):
    text = "".join(data.draw(st.permutations([*strings[::2], *others])))
    alone = [number for number, string in enumerate(strings) if string in text]
    needles = Needles(strings)
    assert needles.within(text) == needles.within(text.encode("utf-8", "surrogatepass")) == alone


@pytest.mark.parametrize("length", range(1, 18))
def test_a_string_of_any_length_is_found_at_both_ends(length):
    string = "an answer in words"[:length]
    needles = Needles(["another", string])
    for text in (string, f".{string}", f"{string}.", f"..{string}.."):
        assert needles.within(text) == [1]
        assert needles.within(text.replace(string, string[:-1] + "!")) == []


@pytest.mark.parametrize("place", [0, 1, 2**16 - 1, 2**18])
def test_a_string_is_found_wherever_it_stands(place):
    needles = Needles(["nowhere to be seen", "here it is", "here it was", "here it is"])
    text = "." * place + "here it is" + "." * 100
    assert needles.within(text) == [1, 3]
    assert needles.within(text.replace("here it is", "here it. is")) == []


def test_nothing_to_look_for_is_not_found():
    assert Needles([]).within("anything") == []
