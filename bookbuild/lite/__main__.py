"""``python -m bookbuild.lite _build/html``: make ``lite/`` of a built site."""

import sys

from .make import main

sys.exit(main())
