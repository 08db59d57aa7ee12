"""Folders that tests keep for as long as their process lives."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path


def lasting(prefix: str) -> Path:
    """A new folder, gone when this process ends; a fork of it that ends as Python does leaves it."""
    root, ours = Path(tempfile.mkdtemp(prefix=prefix)), os.getpid()
    atexit.register(lambda: ours == os.getpid() and shutil.rmtree(root, ignore_errors=True))
    return root
