"""How much memory a call takes."""

import tracemalloc
from collections.abc import Callable


def peak_memory(call: Callable[[], object]) -> float:
    """Most memory that a call held at once beyond what was there before, in GB (numpy reports to tracemalloc)."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1] / 1e9
    finally:
        tracemalloc.stop()
