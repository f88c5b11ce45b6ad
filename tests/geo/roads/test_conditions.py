"""When OSM's conditions hold."""

from __future__ import annotations

from datetime import datetime

import pytest

from geo.roads.conditions import condition_holds

# 2026-03-02 is a Monday.
TABLE = [
    ("Mo-Fr 07:00-09:00", "2026-03-02 07:00", True),  # first minute
    ("Mo-Fr 07:00-09:00", "2026-03-02 09:00", False),  # the end is excluded
    ("Mo-Fr 07:00-09:00", "2026-03-07 08:00", False),  # Saturday
    ("(Mo-Fr 07:00-09:00)", "2026-03-02 08:00", True),  # with its parentheses
    ("Mo-Fr 07:00-09:00,16:00-18:00", "2026-03-02 17:00", True),  # two spans
    ("Mo-Fr 07:00-09:00; Sa 10:00-12:00", "2026-03-07 11:00", True),  # two rules
    ("Mo-Fr 07:00-09:00, Sa 10:00-12:00", "2026-03-07 11:00", True),  # the same with a comma
    ("Mo,We,Fr", "2026-03-04 23:59", True),  # a list of days
    ("Sa-Mo", "2026-03-02 12:00", True),  # a range over the end of the week
    ("Fr 22:00-06:00", "2026-03-07 05:00", True),  # over midnight, belongs to Friday
    ("Fr 22:00-06:00", "2026-03-06 05:00", False),  # Friday morning belongs to Thursday
    ("22:00-06:00", "2026-03-02 23:00", True),  # every day
    ("Mo-Fr 7-18", "2026-03-02 17:59", True),  # whole hours
    ("24/7", "2026-03-02 03:00", True),
    ("Nov-Mar", "2026-03-31 12:00", True),  # over the end of the year
    ("Nov-Mar", "2026-04-01 12:00", False),
    ("Nov 15-Mar 15", "2026-03-16 12:00", False),  # dates
    ("May-Sep: Sa,Su 10:00-20:00", "2026-06-07 12:00", True),  # months and days
    ("Mo-Fr 07:00-19:00 AND weight>7.5", "2026-03-07 08:00", False),  # one part is false, whatever the other
    ("Mo-Fr 07:00-19:00 AND weight>7.5", "2026-03-02 08:00", None),  # depends on the vehicle
    ("weight>7.5", "2026-03-02 08:00", None),
    ("sunset-sunrise", "2026-03-02 08:00", None),
    ("wet", "2026-03-02 08:00", None),
    ("Mo-Fr 07:00-90:00", "2026-03-02 08:00", None),  # no such hour
    ("", "2026-03-02 08:00", None),
]


@pytest.mark.parametrize(("condition", "when", "expected"), TABLE)
def test_a_condition_holds_when_it_says(condition: str, when: str, expected: bool | None) -> None:
    """Months, days, hours and their combinations, and None for what is no matter of time."""
    assert condition_holds(condition, datetime.fromisoformat(when)) is expected


def test_public_holidays_are_the_callers_to_know() -> None:
    """``PH`` and ``PH off`` follow what the caller says of the day."""
    monday = datetime.fromisoformat("2026-03-02 08:00")
    assert condition_holds("PH,Sa,Su", monday, is_public_holiday=True) is True
    assert condition_holds("PH,Sa,Su", monday) is False
    assert condition_holds("Mo-Fr 07:00-09:00; PH off", monday) is True
    assert condition_holds("Mo-Fr 07:00-09:00; PH off", monday, is_public_holiday=True) is False
