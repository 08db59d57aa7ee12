import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from integrated_care import glue
from integrated_care.prose import GLUE_MIME


def test_glue_publishes_names_and_text_in_a_notebook():
    InteractiveShell.instance()
    try:
        with capture_output() as captured:
            glue(core20="20.2%", boards="42")
    finally:
        InteractiveShell.clear_instance()
    (output,) = captured.outputs
    assert output.data[GLUE_MIME] == {"core20": "20.2%", "boards": "42"}
    assert output.data["text/plain"] == "core20: 20.2%\nboards: 42"


def test_glue_prints_outside_a_notebook(capsys):
    glue(core20="20.2%")
    assert capsys.readouterr().out == "core20: 20.2%\n"


@pytest.mark.parametrize("values, names", [({"core20": 20.2}, "core20=20.2"), ({"Core20": "20%"}, "'Core20'")])
def test_glue_refuses_what_it_cannot_print(values, names):
    with pytest.raises(ValueError, match=names):
        glue(**values)
