"""What a learner's notebook imports: data, charts, tables and one module of methods for each chapter.

>>> import integrated_care
>>> integrated_care.load("england_icb_profile").shape[0]
42
"""

from .datasets import describe, is_synthetic, load, names
from .prose import numbers

__all__ = ["describe", "is_synthetic", "load", "names", "numbers"]
__version__ = "0.3.0"
