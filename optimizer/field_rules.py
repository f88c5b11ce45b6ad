"""What single numbers of a problem must be, said with the path of their field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from optimizer.errors import Violation

MAX_TIME_S: Final = 366 * 86_400
"""Largest time or duration, either side of the origin: a year."""
MAX_LOAD: Final = 1_000_000_000


def in_range(path: str, value: int, smallest: int, largest: int) -> Iterator[Violation]:
    """Yield a violation where a value is not whole, or out of its range."""
    if not (is_whole(value) and smallest <= value <= largest):
        yield Violation(path, f"must be a whole number within {smallest} and {largest} (got {value!r})")


def index_violations(path: str, index: int, owners: str, count: int) -> Iterator[Violation]:
    """Yield a violation where an index is none into so many workers, visits, locations or matrices."""
    if not (is_whole(index) and 0 <= index < count):
        yield Violation(path, f"must be an index into the {count} {owners} (got {index!r})")


def is_whole(value: object) -> bool:
    """Tell whether a value is a whole number; annotations promise it, but a caller's arithmetic may leave a NaN."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)
