"""New ids, the rules for given ids, days and texts, and the time now."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator
from datetime import date

from server.errors import FieldViolation, ViolationCode

MAX_ID_LENGTH = 200
LONGEST_TEXT = 1000
"""In characters. What is kept is listed by the hundred, and a client reads four megabytes at a time."""
_CONTROL_CHARACTER = re.compile("[\x00-\x1f\x7f-\x9f]")


def new_id() -> str:
    """Return a new id: 32 hexadecimal digits."""
    return uuid.uuid4().hex


def now_ms() -> int:
    """Return Unix milliseconds."""
    return time.time_ns() // 1_000_000


def id_violations(given: str, path: str) -> Iterator[FieldViolation]:
    """Yield the broken rules of an id that a request must name.

    Parameters
    ----------
    given
        The id.
    path
        Path of its field.

    Yields
    ------
    FieldViolation
        At most one: it is missing, or longer than any that the service knows.
    """
    if not given:
        yield FieldViolation(path, ViolationCode.REQUIRED, "is required")
    elif len(given) > MAX_ID_LENGTH:
        yield FieldViolation(
            path, ViolationCode.OUT_OF_RANGE, f"must have at most {MAX_ID_LENGTH} characters (got {len(given)})"
        )


def day_violations(given: str, path: str) -> Iterator[FieldViolation]:
    """Yield the broken rules of a calendar date that a request must name.

    Parameters
    ----------
    given
        The date, ISO 8601.
    path
        Path of its field.

    Yields
    ------
    FieldViolation
        At most one.
    """
    try:
        is_date = date.fromisoformat(given).isoformat() == given
    except ValueError:
        is_date = False
    if not is_date:
        yield FieldViolation(
            path, ViolationCode.MALFORMED, f"must be a calendar date like 2026-03-02 (got {given[:MAX_ID_LENGTH]!r})"
        )


def text_violations(given: str, path: str, *, most: int = LONGEST_TEXT) -> Iterator[FieldViolation]:
    """Yield the broken rules of any text: an id, a label, a name.

    Parameters
    ----------
    given
        The text.
    path
        Path of its field.
    most
        Characters that it may have.

    Yields
    ------
    FieldViolation
        At most one: databases, tables and terminals choke on control characters.
    """
    if len(given) > most:
        yield FieldViolation(
            path, ViolationCode.OUT_OF_RANGE, f"must have at most {most:,} characters (got {len(given):,})"
        )
    elif _CONTROL_CHARACTER.search(given):
        yield FieldViolation(path, ViolationCode.MALFORMED, "must be one line of text, without control characters")
