import doctest

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from integrated_care import numbers, prose
from integrated_care.prose import GLUE_MIME

share, boards, fall = 0.2021, [42, 36], -0.125


def test_numbers_publishes_places_and_texts_in_a_notebook():
    InteractiveShell.instance()
    try:
        with capture_output() as captured:
            numbers("boards[0]", "share:.1%")
    finally:
        InteractiveShell.clear_instance()
    (output,) = captured.outputs
    assert output.data[GLUE_MIME] == {"boards[0]": "42", "share:.1%": "20.2%"}
    assert output.data["text/plain"] == "boards[0] = 42\nshare:.1% = 20.2%"


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("max(boards) - min(boards)", "6"),
        ("dict(a=share)['a']:.2f", "0.20"),
        ("', '.join(str(n) for n in boards)", "42, 36"),
        ("fall:.1%", "−12.5%"),
        ("fall:+.2f", "−0.12"),
        ("-boards[1]:,", "−36"),
        ("'2015-17, A-1, 1e-05 and -3'", "2015-17, A-1, 1e-05 and −3"),
    ],
)
def test_a_place_is_an_f_string_with_a_true_minus_sign(capsys, place, text):
    numbers(place)
    assert capsys.readouterr().out == f"{place} = {text}\n"


@pytest.mark.parametrize(
    ("place", "error"), [("nowhere:.1f", "NameError"), ("share:.1q", "ValueError"), ("boards[9]", "IndexError")]
)
def test_a_place_without_a_value_is_named(place, error):
    with pytest.raises(ValueError) as told:
        numbers(place)
    assert str(told.value).startswith(f"places: {place!r} has no value: {error}")


def test_the_example_of_the_docstring():
    assert doctest.testmod(prose).failed == 0
    assert doctest.testmod(prose).attempted >= 2
