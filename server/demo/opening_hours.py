"""Opening hours: decides when a place is open on one weekday, from the common part of OSM's ``opening_hours``.

Understood: rules of weekdays (``Mo-Fr``, ``Sa,Su``, none for every day) with times (``09:00-17:00``, ``9-17``, several,
past midnight), ``24/7``, ``off`` and ``closed``, and ``PH`` and ``SH``, which are read as "not on an ordinary day".
A later rule replaces an earlier one for the days it names, unless only a comma stands between them, which adds.
Anything else (months, dates, sunrise, week numbers, comments) is not guessed at.

The grammar: https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SECONDS_PER_DAY = 86_400
_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_DAY = r"(?:Mo|Tu|We|Th|Fr|Sa|Su|PH|SH)"
_TIME = r"\d{1,2}(?::\d{2})?"
_TIMES = rf"{_TIME}\s*-\s*{_TIME}(?:\s*,\s*{_TIME}\s*-\s*{_TIME})*"
_RULE = re.compile(rf"(?P<days>{_DAY}(?:\s*[-,]\s*{_DAY})*)?:?\s*(?P<times>{_TIMES}|24/7|off|closed)")
_SEPARATOR = re.compile(r"\s*([;,])\s*")


@dataclass(frozen=True)
class OpenHours:
    """One span in which a place is open: seconds from midnight; the end may lie on the next day."""

    start_s: int
    end_s: int


class UnknownOpeningHoursError(ValueError):
    """The text uses a part of the grammar that is not understood here."""


def opening_hours_on(text: str, weekday: int) -> tuple[OpenHours, ...]:
    """When a place is open on one day of the week.

    Parameters
    ----------
    text
        Value of the OSM tag ``opening_hours``.
    weekday
        0 is Monday, as in `datetime.date.weekday`.

    Returns
    -------
    tuple[OpenHours, ...]
        In the order of the text; empty where the place is closed.

    Raises
    ------
    UnknownOpeningHoursError
        Where any part of the text is not understood.
    """
    spans: tuple[OpenHours, ...] = ()
    position, separator = 0, ";"
    text = text.strip().rstrip(";")
    while True:
        rule = _RULE.match(text, position)
        if rule is None:
            message = f"opening_hours is not understood from character {position}"
            raise UnknownOpeningHoursError(message)
        if weekday in _weekdays(rule["days"]):
            added = _spans(rule["times"])
            spans = spans + added if separator == "," else added
        if rule.end() == len(text):
            return spans
        gap = _SEPARATOR.match(text, rule.end())
        if gap is None:
            message = f"opening_hours is not understood from character {rule.end()}"
            raise UnknownOpeningHoursError(message)
        position, separator = gap.end(), gap[1]


def _weekdays(days: str | None) -> set[int]:
    """Weekdays of a selector such as ``Mo-We,Fr``; public and school holidays name no weekday."""
    if days is None:
        return set(range(7))
    named: set[int] = set()
    for part in re.split(r"\s*,\s*", days):
        first, _, last = (name.strip() for name in part.partition("-"))
        if first not in _DAYS:
            continue
        start = _DAYS.index(first)
        count = (_DAYS.index(last) - start) % 7 if last in _DAYS else 0
        named |= {(start + step) % 7 for step in range(count + 1)}
    return named


def _spans(times: str) -> tuple[OpenHours, ...]:
    """Spans of ``09:00-12:00,13:00-17:00``; ``off`` has none."""
    if times in {"off", "closed"}:
        return ()
    if times == "24/7":
        return (OpenHours(0, SECONDS_PER_DAY),)
    return tuple(_span(*re.split(r"\s*-\s*", span)) for span in re.split(r"\s*,\s*", times))


def _span(start: str, end: str) -> OpenHours:
    """One span; an end before its start is on the next day."""
    start_s, end_s = _seconds(start), _seconds(end)
    return OpenHours(start_s, end_s if end_s > start_s else end_s + SECONDS_PER_DAY)


def _seconds(time: str) -> int:
    """Seconds from midnight of ``9``, ``09:00`` or ``24:00``."""
    hours, _, minutes = time.partition(":")
    return int(hours) * 3600 + int(minutes or 0) * 60
