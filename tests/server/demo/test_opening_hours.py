"""Opening hours as OpenStreetMap writes them."""

from __future__ import annotations

import pytest

from server.demo.opening_hours import UnknownOpeningHoursError, opening_hours_on

MONDAY, WEDNESDAY, FRIDAY, SATURDAY, SUNDAY = 0, 2, 4, 5, 6


@pytest.mark.parametrize(
    ("text", "weekday", "hours"),
    [
        ("Mo-Fr 09:00-17:00", WEDNESDAY, [(9, 17)]),
        ("Mo-Fr 09:00-17:00", SATURDAY, []),
        ("Mo-Fr 09:00-20:00; Sa 10:00-19:00; Su 11:00-18:00", SUNDAY, [(11, 18)]),
        ("Mo-Th 10:30-23:00, Fr 10:30-24:00, Sa 11:00-24:00", FRIDAY, [(10.5, 24)]),
        ("Mo-Fr 07:00-19:00; Sa, Su 09:00-16:00", SATURDAY, [(9, 16)]),
        ("Mo-Fr 08:00-10:30, 11:00-16:00", MONDAY, [(8, 10.5), (11, 16)]),
        ("Mo-Fr 7:00-21; Sa-Su 12:00-18:00", MONDAY, [(7, 21)]),
        ("Fr-Su 16:00-03:00", SUNDAY, [(16, 27)]),
        ("Sa-Mo 10-12", MONDAY, [(10, 12)]),
        ("24/7", SUNDAY, [(0, 24)]),
        ("08:00-16:15", SUNDAY, [(8, 16.25)]),
        ("Mo-Fr 10:00-18:00; Sa 11:00-14:00; PH off", SATURDAY, [(11, 14)]),
        ("Mo-Su,PH 10:00-22:00", WEDNESDAY, [(10, 22)]),
        ("Mo-Fr 10:00-18:00; We off", WEDNESDAY, []),
        ("Mo-Tu 10:00-18:00;We-Fr 10:00-19:00;", WEDNESDAY, [(10, 19)]),
    ],
)
def test_common_opening_hours_are_read(text: str, weekday: int, hours: list[tuple[float, float]]) -> None:
    """Each common form gives the hours a person would read on that day."""
    assert [(span.start_s / 3600, span.end_s / 3600) for span in opening_hours_on(text, weekday)] == hours


@pytest.mark.parametrize(
    "text", ["", "by appointment", "Apr-Sep: Mo-Fr 09:00-18:00", "sunrise-sunset", 'Mo-Fr 9:00-17:00 "ring"']
)
def test_what_is_not_understood_is_refused(text: str) -> None:
    """A text with anything beyond the known part is refused as a whole, not read in part."""
    with pytest.raises(UnknownOpeningHoursError, match="not understood from character"):
        opening_hours_on(text, MONDAY)
