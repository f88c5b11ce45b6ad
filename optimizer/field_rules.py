"""What single numbers of a problem must be, said with the path of their field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from optimizer.errors import Violation, ViolationCode

MAX_TIME_S: Final = 366 * 86_400
"""Largest time or duration, either side of the origin: a year."""
MAX_LOAD: Final = 1_000_000_000
_WHOLE: Final = (int, np.integer)


def in_range(path: str, value: int, smallest: int, largest: int) -> Iterator[Violation]:
    """Yield a violation where a value is not whole, or out of its range."""
    if not (is_whole(value) and smallest <= value <= largest):
        yield Violation(
            path, ViolationCode.OUT_OF_RANGE, f"must be a whole number within {smallest} and {largest} (got {value!r})"
        )


def ranges_kept(path: str, owner: object, ranges: Iterable[tuple[str, int, int]]) -> Iterator[Violation]:
    """Yield a violation for each named field of an owner that is not whole, or out of its range.

    Paths are written only for what is wrong: there may be thousands of visits.
    """
    for name, smallest, largest in ranges:
        value = getattr(owner, name)
        if not (is_whole(value) and smallest <= value <= largest):
            yield from in_range(f"{path}.{name}", value, smallest, largest)


def index_violations(path: str, index: int, owners: str, count: int) -> Iterator[Violation]:
    """Yield a violation where an index is none into so many workers, visits, locations or matrices."""
    if not (is_whole(index) and 0 <= index < count):
        yield Violation(
            path, ViolationCode.UNKNOWN_REFERENCE, f"must be an index into the {count} {owners} (got {index!r})"
        )


def is_whole(value: object) -> bool:
    """Tell whether a value is a whole number; annotations promise it, but a caller's arithmetic may leave a NaN."""
    return isinstance(value, _WHOLE) and not isinstance(value, bool)
