"""Decides whether an OSM condition holds at a moment: ``Mo-Fr 07:00-09:00,16:00-18:00``, ``Nov-Mar; PH off``, ….

Read is the part of the opening hours syntax that occurs in conditional restrictions: months and dates, weekdays,
public holidays, hours (also over midnight, and whole hours such as ``7-18``), ``24/7``, ``off``, several rules
separated by semicolons, and conditions joined by ``AND``. What depends on anything but time (weight, weather, sunrise)
cannot be told here.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_HOLIDAY = "PH"
_MINUTES_OF_DAY = 24 * 60

_MONTH, _DAY = "|".join(_MONTHS), "|".join((*_DAYS, _HOLIDAY))
_DATE_RANGE = rf"(?:{_MONTH})(?:\s+\d{{1,2}})?(?:\s*-\s*(?:(?:{_MONTH})(?:\s+\d{{1,2}})?|\d{{1,2}}))?"
_DAY_RANGE = rf"(?:{_DAY})(?:\s*-\s*(?:{_DAY}))?"
_TIME_RANGE = r"\d{1,2}(?::\d\d)?\s*-\s*\d{1,2}(?::\d\d)?"


def _list_of(item: str) -> str:
    return rf"{item}(?:\s*,\s*{item})*"


_RULE = re.compile(
    rf"(?P<dates>{_list_of(_DATE_RANGE)})?:?\s*(?P<days>{_list_of(_DAY_RANGE)})?\s*"
    rf"(?P<times>{_list_of(_TIME_RANGE)}|24/7)?\s*(?P<off>off|closed)?"
)
_DATE = re.compile(rf"({_MONTH})?\s*(\d{{1,2}})?")
# A comma before a weekday or month that follows hours begins another rule.
_RULE_END = re.compile(rf";|(?<=\d)\s*,\s*(?={_DAY}|{_MONTH})")


class _Rule(NamedTuple):
    """One rule: it covers a minute where each of its lists that is not empty does."""

    dates: tuple[tuple[tuple[int, int], tuple[int, int]], ...]
    weekdays: frozenset[int]
    on_holidays: bool
    minutes: tuple[tuple[int, int], ...]
    is_off: bool


def condition_holds(condition: str, when: datetime, *, is_public_holiday: bool = False) -> bool | None:
    """Say whether a condition holds.

    Parameters
    ----------
    condition
        As in ``RoadNetwork.conditions``.
    when
        The moment, in local time of the place.
    is_public_holiday
        Whether its day is one.

    Returns
    -------
    bool or None
        None where that cannot be told: the condition depends on more than time, or cannot be read.
    """
    answer: bool | None = True
    for part in re.split(r"\s+(?:AND|and)\s+", condition.strip("() ")):
        rules = _parse(part)
        if rules is None:
            answer = None
        elif not _is_covered(rules, when, is_public_holiday=is_public_holiday):
            return False
    return answer


def _is_covered(rules: tuple[_Rule, ...], when: datetime, *, is_public_holiday: bool) -> bool:
    """Whether the rules cover a moment: of those that do, the last one decides."""
    covered = False
    for rule in rules:
        minute = when.hour * 60 + when.minute
        yesterday = when.date() - timedelta(days=1)
        is_today = _fits_day(rule, when.date(), is_public_holiday=is_public_holiday)
        # Hours that pass midnight belong to the day on which they begin. Whether that was a holiday is not known.
        began_yesterday = _fits_day(rule, yesterday, is_public_holiday=False)
        fits = any(
            (is_today and first <= minute < last) or (began_yesterday and minute < last - _MINUTES_OF_DAY)
            for first, last in rule.minutes
        )
        if fits:
            covered = not rule.is_off
    return covered


def _fits_day(rule: _Rule, day: date, *, is_public_holiday: bool) -> bool:
    month_and_day = (day.month, day.day)
    if rule.dates and not any(
        first <= month_and_day <= last if first <= last else (month_and_day >= first or month_and_day <= last)
        for first, last in rule.dates
    ):
        return False
    if rule.on_holidays and is_public_holiday:
        return True
    return day.weekday() in rule.weekdays


@lru_cache(maxsize=1024)
def _parse(text: str) -> tuple[_Rule, ...] | None:
    rules = []
    for part in _RULE_END.split(text):
        found = _RULE.fullmatch(part.strip())
        if found is None or not (found["dates"] or found["days"] or found["times"]):
            return None
        days = _weekdays(found["days"])
        minutes = _minutes(found["times"])
        dates = _dates(found["dates"])
        if minutes is None or dates is None:
            return None
        on_holidays = _HOLIDAY in (found["days"] or "")
        rules.append(_Rule(dates, days, on_holidays, minutes, found["off"] is not None))
    return tuple(rules)


def _weekdays(text: str | None) -> frozenset[int]:
    if text is None:
        return frozenset(range(7))
    weekdays: set[int] = set()
    for item in re.split(r"\s*,\s*", text):
        ends = [_DAYS.index(day) for day in re.split(r"\s*-\s*", item) if day in _DAYS]
        if ends:
            length = (ends[-1] - ends[0]) % 7
            weekdays.update((ends[0] + day) % 7 for day in range(length + 1))
    return frozenset(weekdays)


def _minutes(text: str | None) -> tuple[tuple[int, int], ...] | None:
    """Minutes of the day, end excluded; ends beyond midnight are above 24 hours."""
    if text is None or text == "24/7":
        return ((0, _MINUTES_OF_DAY),)
    spans = []
    for item in text.split(","):
        first, last = (_minute(clock) for clock in item.split("-"))
        if max(first, last) > 2 * _MINUTES_OF_DAY:
            return None
        spans.append((first, last if last > first else last + _MINUTES_OF_DAY))
    return tuple(spans)


def _minute(clock: str) -> int:
    hours, _, minutes = clock.strip().partition(":")
    return 60 * int(hours) + int(minutes or 0)


def _dates(text: str | None) -> tuple[tuple[tuple[int, int], tuple[int, int]], ...] | None:
    """Ranges of (month, day), both ends included; a range may pass the end of the year."""
    if text is None:
        return ()
    ranges = []
    for item in re.split(r"\s*,\s*", text):
        first_text, _, last_text = (part.strip() for part in item.partition("-"))
        first, last = _DATE.fullmatch(first_text), _DATE.fullmatch(last_text or first_text)
        if first is None or last is None:
            return None
        first_month = _MONTHS.index(first[1]) + 1
        last_month = _MONTHS.index(last[1]) + 1 if last[1] else first_month
        ranges.append(((first_month, int(first[2] or 1)), (last_month, int(last[2] or 31))))
    return tuple(ranges)
