"""Numbers in prose are computed, never typed.

A cell publishes a value with :func:`glue`; the Markdown holds ``<span data-glue="NAME">VALUE</span>``; ``make notebooks``
writes VALUE. The number therefore reads the same in the book, JupyterLab, JupyterLite and Colab, and a test fails
when text and computation part.
"""

import re

GLUE_MIME = "application/vnd.integrated-care.glue+json"
_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


def glue(**values: str) -> None:
    """Publish formatted values for the prose of this notebook, one keyword a value.

    >>> glue(core20=f"{0.2021:.1%}")
    core20: 20.2%

    Raises
    ------
    ValueError
        If a value is not a string (format it, so that the text shows the digits that you chose) or a name is not
        lower-case snake_case.
    """
    for name, value in values.items():
        if not _NAME.match(name):
            raise ValueError(f"glue: name {name!r} must be lower-case snake_case")
        if not isinstance(value, str):
            raise ValueError(f'glue: {name}={value!r} is not text; format it, for instance f"{{value:.1f}}"')
    lines = "\n".join(f"{name}: {value}" for name, value in values.items())
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:  # plain Python: nothing to publish to
        get_ipython = None
    if get_ipython is None or get_ipython() is None:
        print(lines)
    else:
        display({GLUE_MIME: values, "text/plain": lines}, raw=True)
