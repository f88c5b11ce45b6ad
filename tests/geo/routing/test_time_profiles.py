"""Speeds by the hour of the week."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from geo.errors import InvalidGeoInputError
from geo.roads.network import RoadClass
from geo.routing.time_profiles import HOURS_OF_WEEK, TimeProfile, hour_of_week


def test_a_profile_has_one_factor_per_hour_and_class() -> None:
    """Another shape is refused."""
    with pytest.raises(InvalidGeoInputError, match="shape"):
        TimeProfile(np.ones((24, len(RoadClass))))


def test_hours_count_from_monday() -> None:
    """Monday midnight is hour 0, Sunday's last hour is 167."""
    assert hour_of_week(datetime(2026, 3, 2, 0, 30)) == 0  # noqa: DTZ001 - local time of the place
    assert hour_of_week(datetime(2026, 3, 8, 23, 59)) == 167  # noqa: DTZ001


def test_a_class_is_given_by_one_factor_a_day_or_a_week() -> None:
    """One factor holds at all hours, 24 on every day, 168 once; classes that are not named keep their speed."""
    week = np.linspace(0.5, 1.5, HOURS_OF_WEEK)
    day = np.linspace(0.2, 0.9, 24)
    profile = TimeProfile.of_classes(
        {RoadClass.PRIMARY: (0.5,), RoadClass.TRUNK: tuple(day), RoadClass.MOTORWAY: tuple(week)}
    )
    assert (profile.factors[:, RoadClass.PRIMARY] == 0.5).all()
    np.testing.assert_array_equal(profile.factors[5 * 24 : 6 * 24, RoadClass.TRUNK], day)
    np.testing.assert_array_equal(profile.factors[:, RoadClass.MOTORWAY], week)
    assert (profile.factors[:, RoadClass.SECONDARY] == 1.0).all()


def test_hours_with_the_same_speeds_are_one_slot() -> None:
    """From Sunday 22:30 on, speeds change at midnight and at one, then in a day again, and never after a week."""
    factors = np.ones(24)
    factors[0] = 0.5
    profile = TimeProfile.of_classes({RoadClass.PRIMARY: tuple(factors)})
    slots = list(profile.slots_from(datetime(2026, 3, 8, 22, 30)))  # noqa: DTZ001 - local time of the place
    minutes = [slot.end_ms / 60_000 for slot in slots]
    assert minutes[:4] == [90, 150, 150 + 23 * 60, 210 + 23 * 60]
    assert (len(slots), minutes[-1]) == (15, float("inf"))
    assert [slot.factors[RoadClass.PRIMARY] for slot in slots[:3]] == [1.0, 0.5, 1.0]
    assert all((slot.factors[RoadClass.TRUNK] == 1.0).all() for slot in slots)
