"""Speeds by the hour: learning them, and travel times that never overtake."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import InvalidGeoInputError
from geo.roads.network import RoadClass
from geo.routing.time_profiles import PRIOR_DRIVE_S, SlotMatrices, TimeProfile, hour_of_week, learn_time_profile
from tests.geo.routing.drawn_networks import Piece, make_network

NETWORK = make_network([(41.0, -8.0), (41.001, -8.0)], [Piece(0, 1)])
HOUR_MS = 3_600_000


def two_slots(first_ms: int, second_ms: int) -> SlotMatrices:
    """One pair of places over two slots: until one o'clock, and after."""
    return SlotMatrices(np.array([0, HOUR_MS]), np.array([[[first_ms]], [[second_ms]]], np.int32))


def arrival(slots: SlotMatrices, departure_ms: int) -> int:
    """Arrival of one traveller between the first pair."""
    zero = np.zeros(1, np.int64)
    return int(slots.arrival_ms(zero, zero, np.array([departure_ms]))[0])


@pytest.mark.parametrize(
    ("first_ms", "second_ms", "departure_ms", "expected_ms"),
    [
        (1000, 5000, 0, 1000),  # all in the first slot
        (1000, 5000, HOUR_MS, HOUR_MS + 5000),  # all in the second
        (1000, 5000, HOUR_MS - 500, HOUR_MS + 2500),  # half of the way in each
        (4000, 2000, HOUR_MS - 1000, HOUR_MS + 1500),  # a quarter slowly, the rest fast
        (-1, 2000, HOUR_MS - 1000, HOUR_MS + 2000),  # no way yet: waits
        (2000, -1, HOUR_MS - 1000, -1),  # the way closes before the end
        (2000, -1, HOUR_MS - 2000, HOUR_MS),  # arrives as it closes
        (1000, 5000, -500, 500),  # the first slot also holds before its start
    ],
)
def test_a_way_is_driven_at_the_speed_of_each_slot(
    first_ms: int, second_ms: int, departure_ms: int, expected_ms: int
) -> None:
    """The arrival is that of driving each slot's share of the way in that slot."""
    assert arrival(two_slots(first_ms, second_ms), departure_ms) == expected_ms


@given(st.lists(st.integers(-1, 20), min_size=1, max_size=6), st.lists(st.integers(0, 60), min_size=2, max_size=12))
def test_nobody_overtakes(slot_minutes: list[int], departures: list[int]) -> None:
    """Who departs later never arrives earlier, and who cannot arrive could not have later either."""
    slots = SlotMatrices(
        np.arange(len(slot_minutes)) * 600_000,
        np.array([[[minutes * 61_007 if minutes >= 0 else -1]] for minutes in slot_minutes], np.int32),
    )
    zeros = np.zeros(len(departures), np.int64)
    arrivals = slots.arrival_ms(zeros, zeros, np.array(sorted(departures)) * 60_013)
    comparable = np.where(arrivals < 0, np.iinfo(np.int64).max, arrivals)
    assert np.all(np.diff(comparable.astype(np.float64)) >= 0)


def test_learnt_factors_are_expected_over_driven_time() -> None:
    """Ten-second edges driven in twenty give a factor near one half when there is much evidence, near one when not."""
    much = 100_000
    profile = learn_time_profile(NETWORK, np.zeros(much, int), np.full(much, 30), np.full(much, 20.0))
    little = learn_time_profile(NETWORK, np.zeros(1, int), np.array([30]), np.array([20.0]))
    expected = (much * 10 + PRIOR_DRIVE_S) / (much * 20 + PRIOR_DRIVE_S)
    assert profile.factors[30, RoadClass.RESIDENTIAL] == pytest.approx(expected)
    assert 0.98 < little.factors[30, RoadClass.RESIDENTIAL] < 1.0
    assert profile.factors[31, RoadClass.RESIDENTIAL] == 1.0
    assert profile.factors[30, RoadClass.PRIMARY] == 1.0


def test_impossible_observations_are_all_named() -> None:
    """An unknown edge, an hour after the week and a time of zero are named together."""
    with pytest.raises(InvalidGeoInputError) as raised:
        learn_time_profile(NETWORK, np.array([0, 99]), np.array([168, 0]), np.array([1.0, 0.0]))
    assert [violation.field for violation in raised.value.violations] == ["edges[1]", "hours[0]", "driven_s[1]"]


def test_a_profile_has_one_factor_per_hour_and_class() -> None:
    """Another shape is refused."""
    with pytest.raises(InvalidGeoInputError, match="shape"):
        TimeProfile(np.ones((24, len(RoadClass))))


@pytest.mark.parametrize(
    ("starts", "field"), [([0, 0], "slot_start_ms"), ([5], "slot_start_ms"), ([3, 1], "slot_start_ms")]
)
def test_slots_must_ascend(starts: list[int], field: str) -> None:
    """Slots are one per matrix and in order."""
    with pytest.raises(InvalidGeoInputError, match=field):
        SlotMatrices(np.array(starts), np.zeros((2, 1, 1), np.int32))


def test_hours_count_from_monday() -> None:
    """Monday midnight is hour 0, Sunday's last hour is 167."""
    assert hour_of_week(datetime(2026, 3, 2, 0, 30)) == 0  # noqa: DTZ001 - local time of the place
    assert hour_of_week(datetime(2026, 3, 8, 23, 59)) == 167  # noqa: DTZ001
