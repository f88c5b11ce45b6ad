"""Decides whether an OSM condition holds at a moment: ``Mo-Fr 07:00-09:00,16:00-18:00``, ``Nov-Mar; PH off``, ….

Read is the part of the opening hours syntax that occurs in conditional restrictions: months and dates, weekdays,
public holidays, hours (also over midnight, and whole hours such as ``7-18``), ``24/7``, ``off``, several rules
separated by semicolons or commas, and conditions joined by ``AND``, all of which must hold. A rule after a semicolon
replaces those before it on its days, as the syntax says, unless it names the same days: then it adds hours, for nobody
would have written the rule before. What depends on anything but time (weight, weather, sunrise) cannot be told here.
School holidays (``SH``) are not known: a rule for them never applies, and the others do.

Conditions that the import writes may also hold ``NOT (…)`` among those joined, see `geo.roads.condition_logic`. OSM
knows no such word: a condition of a map that holds it is none of time.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_HOLIDAY, _SCHOOL_HOLIDAY = "PH", "SH"
NEGATION = "NOT "
"""Begins a part that must not hold, of a condition that the import writes."""
_MINUTES_OF_DAY = 24 * 60
_DAYS_OF_MONTH = 31

_MONTH, _DAY = "|".join(_MONTHS), "|".join(_DAYS)
_DATE_RANGE = rf"(?:{_MONTH})(?:\s+\d{{1,2}})?(?:\s*-\s*(?:(?:{_MONTH})(?:\s+\d{{1,2}})?|\d{{1,2}}))?"
_DAY_RANGE = rf"(?:{_HOLIDAY}|{_SCHOOL_HOLIDAY}|(?:{_DAY})(?:\s*-\s*(?:{_DAY}))?)"
_TIME_RANGE = r"\d{1,2}(?::\d\d)?\s*-\s*\d{1,2}(?::\d\d)?"


def _list_of(item: str) -> str:
    return rf"{item}(?:\s*,\s*{item})*"


_RULE = re.compile(
    rf"\s*(?P<dates>{_list_of(_DATE_RANGE)})?:?\s*(?P<school>{_SCHOOL_HOLIDAY}\s+)?(?P<days>{_list_of(_DAY_RANGE)})?:?\s*"
    rf"(?P<times>{_list_of(_TIME_RANGE)}|24/7)?\s*(?P<off>off|closed)?\s*(?P<end>[;,]|$)"
)
_DATE = re.compile(rf"({_MONTH})?\s*(\d{{1,2}})?")
_AND = re.compile(r"\)?\s+(?:AND|and)\s+\(?")


class ConditionKind(StrEnum):
    """What the condition of a tag depends on."""

    TIME = "time"
    """On the time alone: applied where a departure is given."""
    SCHOOL_HOLIDAYS = "school_holidays"
    """On the time and on school holidays: applied as on days of school. All others are not applied."""
    VEHICLE = "vehicle"
    WEATHER = "weather"
    DAYLIGHT = "daylight"
    PEOPLE = "people"
    """On who travels, what for, or how long they stay."""
    NEVER = "never"
    """On times that have no moment in common."""
    UNREADABLE = "unreadable"
    """It, or the value that it is to bring, cannot be read."""
    SURPLUS = "surplus"
    """A way or barrier has more conditions of time than are applied together."""


APPLIED_KINDS = frozenset({ConditionKind.TIME, ConditionKind.SCHOOL_HOLIDAYS})
"""Kinds of the conditions that are applied."""

_KIND_BY_WORDS = (
    (ConditionKind.VEHICLE, re.compile(r"weight|height|width|length|axle|trailer|hazmat|emission|hgv|wheels|maxspeed")),
    (ConditionKind.WEATHER, re.compile(r"wet|snow|ice\b|icy|rain|fog|winter|flood|wind")),
    (ConditionKind.DAYLIGHT, re.compile(r"sunrise|sunset|dawn|dusk|dark|daylight")),
    (
        ConditionKind.PEOPLE,
        re.compile(
            r"occupants|disabled|resident|destination|delivery|permi|private|customer|employee|emergency|doctor|"
            r"stay|charg|load|psv|bus\b|taxi|agricultural|forestry|member|visitor"
        ),
    ),
)


class _Rule(NamedTuple):
    """One rule: it covers a minute of a day where each of its lists that is not empty does.

    An additional one, after a comma, replaces nothing.
    """

    dates: tuple[tuple[tuple[int, int], tuple[int, int]], ...]
    weekdays: frozenset[int]
    on_holidays: bool
    minutes: tuple[tuple[int, int], ...]
    is_off: bool
    is_additional: bool

    @property
    def days(self) -> tuple[object, ...]:
        """What the rule says of days."""
        return self.dates, self.weekdays, self.on_holidays


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
    for part in condition_parts(condition):
        is_negated = part.startswith(NEGATION)
        rules = _parse(part.removeprefix(NEGATION))
        if rules is None:
            answer = None
        elif _is_covered(rules, when, is_public_holiday=is_public_holiday) == is_negated:
            return False
    return answer


def holds_without_departure(condition: str) -> bool:
    """Say whether a condition holds where no departure is given: then nothing that OSM names does.

    Parameters
    ----------
    condition
        As in ``RoadNetwork.conditions``.

    Returns
    -------
    bool
        True where all that is joined in it is what must not hold.
    """
    return all(part.startswith(NEGATION) for part in condition_parts(condition))


@lru_cache(maxsize=4096)
def condition_kind(condition: str) -> ConditionKind:
    """Say what a condition depends on.

    Parameters
    ----------
    condition
        As OSM has it.

    Returns
    -------
    ConditionKind
        Of several conditions joined by ``AND``, the first that is not of time decides.
    """
    parts = [(part, _parse(part)) for part in condition_parts(condition)]
    for part, rules in parts:
        if rules is None:
            said = part.lower()
            return next((kind for kind, words in _KIND_BY_WORDS if words.search(said)), ConditionKind.UNREADABLE)
    are_apart = any(not _may_meet(one or (), other or ()) for (_, one), (_, other) in combinations(parts, 2))
    if are_apart:
        return ConditionKind.NEVER
    return ConditionKind.SCHOOL_HOLIDAYS if _SCHOOL_HOLIDAY in condition else ConditionKind.TIME


def condition_parts(condition: str) -> list[str]:
    """Split a condition into the parts that must all hold.

    Parameters
    ----------
    condition
        As in ``RoadNetwork.conditions``.

    Returns
    -------
    list[str]
        The parts without parentheses; those that must not hold begin with `NEGATION`.
    """
    parts = [part.strip("() ") for part in _AND.split(condition)]
    return [
        NEGATION + part.removeprefix(NEGATION).strip("() ") if part.startswith(NEGATION) else part for part in parts
    ]


def _may_meet(one: tuple[_Rule, ...], other: tuple[_Rule, ...]) -> bool:
    """Whether two parts of a condition have an hour of the week in common, holidays and dates left aside."""
    return any(_meet(rule, with_rule) for rule in one for with_rule in other if not (rule.is_off or with_rule.is_off))


def _meet(one: _Rule, other: _Rule) -> bool:
    shifts = (-_MINUTES_OF_DAY, 0, _MINUTES_OF_DAY)
    on_clock = any(
        max(first, other_first + shift) < min(last, other_last + shift)
        for first, last in one.minutes
        for other_first, other_last in other.minutes
        for shift in shifts
    )
    passes_midnight = any(last > _MINUTES_OF_DAY for _, last in (*one.minutes, *other.minutes))
    is_holiday = one.on_holidays or other.on_holidays
    return on_clock and (passes_midnight or is_holiday or bool(one.weekdays & other.weekdays))


def _is_covered(rules: tuple[_Rule, ...], when: datetime, *, is_public_holiday: bool) -> bool:
    """Whether the rules cover a moment.

    Hours that pass midnight belong to the day on which they begin. Whether that was a holiday is not known.
    """
    minute = when.hour * 60 + when.minute
    yesterday = when.date() - timedelta(days=1)
    return _covers(rules, when.date(), minute, is_public_holiday=is_public_holiday) or _covers(
        rules, yesterday, minute + _MINUTES_OF_DAY, is_public_holiday=False
    )


def _covers(rules: tuple[_Rule, ...], day: date, minute: int, *, is_public_holiday: bool) -> bool:
    """Whether the rules for a day cover a minute counted from its beginning."""
    covered, deciding = False, None
    for rule in rules:
        if not _fits_day(rule, day, is_public_holiday=is_public_holiday):
            continue
        is_inside = any(first <= minute < last for first, last in rule.minutes)
        if rule.is_off:
            covered = covered and not is_inside
        elif rule.is_additional or deciding in {None, rule.days}:
            covered = covered or is_inside
        else:
            covered = is_inside
        deciding = rule.days
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


@lru_cache(maxsize=4096)
def _parse(text: str) -> tuple[_Rule, ...] | None:
    text = " ".join(text.split())  # no long runs of spaces, on which the pattern would be slow
    rules: list[_Rule] = []
    position, is_additional = 0, False
    while position < len(text) or not rules:
        found = _RULE.match(text, position)
        if found is None or not (found["dates"] or found["school"] or found["days"] or found["times"]):
            return None
        minutes, dates = _minutes(found["times"]), _dates(found["dates"])
        if minutes is None or dates is None:
            return None
        # "SH Mo-Fr" are the weekdays of school holidays, "SH,Sa" those holidays and Saturdays.
        days = _SCHOOL_HOLIDAY if found["school"] else found["days"]
        on_holidays = _HOLIDAY in (days or "")
        is_off = found["off"] is not None
        rules.append(_Rule(dates, _weekdays(days), on_holidays, minutes, is_off, is_additional))
        position, is_additional = found.end(), found["end"] == ","
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
        begin, end = (first_month, int(first[2] or 1)), (last_month, int(last[2] or _DAYS_OF_MONTH))
        if not (1 <= begin[1] <= _DAYS_OF_MONTH and 1 <= end[1] <= _DAYS_OF_MONTH):
            return None
        ranges.append((begin, end))
    return tuple(ranges)
