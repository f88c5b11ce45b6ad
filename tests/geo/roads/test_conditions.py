"""When OSM's conditions hold."""

from __future__ import annotations

from datetime import datetime

import pytest

from geo.roads.conditions import ConditionKind, condition_holds, condition_kind

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
    ("Dec 24,Dec 25 10:00-12:00", "2026-12-24 11:00", True),  # dates in a list have their hours together
    ("Dec 24,Dec 25 10:00-12:00", "2026-12-24 13:00", False),
    ("Dec 24,Dec 25 10:00-12:00", "2026-12-25 11:00", True),
    ("Dec 24-26,Dec 31", "2026-12-26 11:00", True),
    ("Dec 24-26,Dec 31", "2026-12-30 11:00", False),
    ("Dec 45", "2026-12-31 11:00", None),  # no such day
    ("Sa 10-12, Su 14-16", "2026-03-08 15:00", True),  # a comma between rules of whole hours
    ("Mo-Fr, PH 08:00-18:00", "2026-03-02 08:00", True),
    ("Mo-Fr: 08:00-18:00", "2026-03-02 08:00", True),
    ("Mo-Fr 07:00-19:00; We 10:00-12:00", "2026-03-04 08:00", False),  # Wednesday has hours of its own
    ("Mo-Fr 07:00-19:00; We 10:00-12:00", "2026-03-03 08:00", True),
    ("Mo-Fr 07:00-19:00, We 20:00-22:00", "2026-03-04 08:00", True),  # after a comma they are added
    ("Mo-Fr 07:00-09:00; Mo-Fr 16:00-18:00", "2026-03-02 08:00", True),  # so are those of the same days
    ("07:00-10:00; 16:00-19:00", "2026-03-02 08:00", True),
    ("Mo-Fr 07:00-19:00; We off", "2026-03-04 08:00", False),
    ("Mo-Fr 07:00-19:00; We 10:00-12:00 off", "2026-03-04 11:00", False),
    ("Mo-Fr 07:00-19:00; We 10:00-12:00 off", "2026-03-04 13:00", True),  # off for its hours only
    ("Fr 22:00-06:00; Sa 10:00-12:00", "2026-03-07 05:00", True),  # Friday's night is not Saturday's
    ("Mo-Fr 07:00-09:00 AND 16:00-18:00", "2026-03-02 08:00", False),  # AND means both
    ("(Mo-Fr 07:00-09:00; Sa) AND (08:00-20:00)", "2026-03-02 08:30", True),
    ("(Mo-Fr 07:00-09:00; Sa) AND (08:00-20:00)", "2026-03-02 07:30", False),
    ("Mo-Fr" + " " * 200 + "07:00-09:00", "2026-03-02 08:00", True),
    ("Mo-Fr 07:00-09:00 or so", "2026-03-02 08:00", None),
    ("Mo-Fr 07:00-09:00,", "2026-03-02 08:00", True),
    ("Mo-Fr 07:00-09:00; SH off", "2026-03-02 08:00", True),  # of school holidays nothing is known
    ("Mo-Fr 07:00-09:00; PH,SH off", "2026-03-02 08:00", True),
    ("Mo-Fr 07:00-09:00; SH Mo-Fr 10:00-12:00", "2026-03-02 11:00", False),
    ("Mo-Fr 07:00-09:00; SH 10:00-12:00", "2026-03-02 08:00", True),
    ("SH,Sa 10:00-12:00", "2026-03-07 11:00", True),
    ("SH", "2026-03-02 08:00", False),
    ("NOT (Mo-Fr 07:00-09:00)", "2026-03-02 08:00", False),  # what the import itself writes
    ("NOT (Mo-Fr 07:00-09:00)", "2026-03-02 10:00", True),
    ("(08:00-20:00) AND NOT (Sa; Su) AND NOT (We)", "2026-03-02 08:30", True),
    ("(08:00-20:00) AND NOT (Sa; Su) AND NOT (We)", "2026-03-04 08:30", False),
    ("NOT (wet)", "2026-03-02 08:00", None),
]


@pytest.mark.parametrize(("condition", "when", "expected"), TABLE)
def test_a_condition_holds_when_it_says(condition: str, when: str, expected: bool | None) -> None:
    """Months, days, hours and their combinations, and None for what is no matter of time."""
    assert condition_holds(condition, datetime.fromisoformat(when)) is expected


@pytest.mark.parametrize(
    ("condition", "kind"),
    [
        ("Mo-Fr 07:00-09:00", ConditionKind.TIME),
        ("Fr 22:00-06:00 AND Sa 00:00-05:00", ConditionKind.TIME),  # they meet on Saturday morning
        ("PH AND Mo", ConditionKind.TIME),
        ("Mo-Fr 07:00-09:00 AND 16:00-18:00", ConditionKind.NEVER),
        ("Mo-Fr 08:00-18:00 AND Sa 08:00-12:00", ConditionKind.NEVER),
        ("weight>7.5", ConditionKind.VEHICLE),
        ("Mo-Fr 07:00-09:00 AND weight>7.5", ConditionKind.VEHICLE),
        ("wet", ConditionKind.WEATHER),
        ("sunset-sunrise", ConditionKind.DAYLIGHT),
        ("residents", ConditionKind.PEOPLE),
        ("stay < 2 hours", ConditionKind.PEOPLE),
        ("SH", ConditionKind.SCHOOL_HOLIDAYS),
        ("Mo-Fr 07:00-09:00; SH off", ConditionKind.SCHOOL_HOLIDAYS),
        ("SH AND Mo-Fr", ConditionKind.NEVER),
        ("SH AND wet", ConditionKind.WEATHER),
        ("NOT (Mo-Fr 07:00-09:00)", ConditionKind.UNREADABLE),  # no word of OSM
        ("2025 Mar 01-2026 Dec 31", ConditionKind.UNREADABLE),
        ("", ConditionKind.UNREADABLE),
    ],
)
def test_a_condition_says_what_it_depends_on(condition: str, kind: ConditionKind) -> None:
    """Only what depends on the time alone, and can come true, is a condition of time."""
    assert condition_kind(condition) is kind


def test_public_holidays_are_the_callers_to_know() -> None:
    """``PH`` and ``PH off`` follow what the caller says of the day."""
    monday = datetime.fromisoformat("2026-03-02 08:00")
    assert condition_holds("PH,Sa,Su", monday, is_public_holiday=True) is True
    assert condition_holds("PH,Sa,Su", monday) is False
    assert condition_holds("Mo-Fr 07:00-09:00; PH off", monday) is True
    assert condition_holds("Mo-Fr 07:00-09:00; PH off", monday, is_public_holiday=True) is False
