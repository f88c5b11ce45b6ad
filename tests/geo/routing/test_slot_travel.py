"""Travel times that never overtake, although speeds change on the way."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from geo.errors import InvalidGeoInputError
from geo.roads.network import RoadClass
from geo.roads.snapping import Snapper
from geo.routing.router import Router
from geo.routing.slot_travel import SlotTravel, matrix_over_slots
from geo.routing.speed_overlay import SpeedOverlay
from geo.routing.time_profiles import TimeProfile
from tests.ascii_road_map import ascii_road_map
from tests.geo.routing.drawn_networks import Piece, make_network, places_on

HOUR_MS = 3_600_000
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
TWO_WAYS_ROUND = make_network(
    [(41.0, -8.0), (41.1, -8.0), (41.1, -8.1), (41.0, -8.1)],
    [Piece(0, 1, 2_400_000), Piece(1, 2, 1_500_000), Piece(2, 3, 700_000), Piece(3, 0, 4_000_000)],
)


def arrivals_ms(slots: list[tuple[int, float]], departures_ms: list[int]) -> list[int]:
    """Arrivals on one way; each slot says how long the whole way takes in it, and when it ends."""
    travel = SlotTravel(np.array(departures_ms))
    for full_ms, end_ms in slots:
        travel.drive(np.full(len(departures_ms), full_ms), end_ms)
    return [int(arrival_ms) for arrival_ms in travel.arrival_ms()]


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
    assert arrivals_ms([(first_ms, HOUR_MS), (second_ms, math.inf)], [departure_ms]) == [expected_ms]


@given(st.lists(st.integers(-1, 20), min_size=1, max_size=6), st.lists(st.integers(0, 60), min_size=2, max_size=12))
def test_nobody_overtakes(slot_minutes: list[int], departures: list[int]) -> None:
    """Who departs later never arrives earlier, and who cannot arrive could not have later either."""
    ends_ms = [600_000.0 * (slot + 1) for slot in range(len(slot_minutes) - 1)] + [math.inf]
    full_ms = [minutes * 61_007 if minutes >= 0 else -1 for minutes in slot_minutes]
    slots = list(zip(full_ms, ends_ms, strict=True))
    arrivals = np.array(arrivals_ms(slots, [60_013 * minute for minute in sorted(departures)]))
    comparable = np.where(arrivals < 0, np.iinfo(np.int64).max, arrivals)
    assert np.all(np.diff(comparable.astype(np.float64)) >= 0)


def test_a_matrix_over_slots_asks_for_no_more_than_it_needs() -> None:
    """Ten seconds at full speed: five in the first slot and then half as fast; a third slot is never asked for."""
    network = make_network([(41.0, -8.0), (41.001, -8.0)], [Piece(0, 1)])
    router = Router.build(network)
    factors = np.ones(len(RoadClass))
    factors[RoadClass.RESIDENTIAL] = 0.5
    slow = router.with_speeds(SpeedOverlay.of_network(network).with_speed_factors(network, factors))
    places = places_on(network, [0, 0], [0.0, 1.0])
    asked: list[float] = []

    def slots() -> Iterator[tuple[float, Router]]:
        for end_ms, each in ((5_000.0, router), (60_000.0, slow), (math.inf, router)):
            asked.append(end_ms)
            yield end_ms, each

    plain, matrix = router.travel_matrix(places, places), matrix_over_slots(slots(), places, places)
    assert plain.duration_ms.tolist() == [[0, 10_000], [10_000, 0]]
    assert matrix.duration_ms.tolist() == [[0, 15_000], [15_000, 0]]
    assert asked == [5_000.0, 60_000.0]
    np.testing.assert_array_equal(matrix.length_cm, plain.length_cm)
    np.testing.assert_array_equal(matrix.reachable, plain.reachable)


@settings(max_examples=20)
@given(st.lists(st.sampled_from([0.2, 0.5, 1.0, 2.0]), min_size=24, max_size=24), st.integers(0, 23 * 60))
def test_nobody_overtakes_whatever_the_profile(factors: list[float], first_minute: int) -> None:
    """With another speed in every hour and ways of more than an hour, who departs later arrives no earlier."""
    router, network = Router.build(TWO_WAYS_ROUND), TWO_WAYS_ROUND
    profile = TimeProfile.of_classes({RoadClass.RESIDENTIAL: factors})
    places = places_on(network, [0, 1, 2, 3], [0.1, 0.5, 0.9, 0.3])

    def arrivals_ms(departure: datetime) -> NDArray[np.int64]:
        slots = ((slot.end_ms, router.at(departure, factors=slot.factors)) for slot in profile.slots_from(departure))
        duration_ms = matrix_over_slots(slots, places, places).duration_ms.astype(np.int64)
        return duration_ms + round(departure.timestamp() * 1000)

    departures = [MONDAY + timedelta(minutes=first_minute + 7 * later) for later in range(12)]
    arrivals = np.stack([arrivals_ms(departure) for departure in departures])
    assert (np.diff(arrivals, axis=0) >= 0).all()


def test_one_slot_is_the_plain_matrix() -> None:
    """Where speeds never change, the matrix is that of the router."""
    network = make_network([(41.0, -8.0), (41.001, -8.0), (41.001, -8.001)], [Piece(0, 1), Piece(1, 2)])
    router, places = Router.build(network), places_on(network, [0, 2, -1], [0.3, 0.7, 0.0])
    plain, matrix = router.travel_matrix(places, places), matrix_over_slots([(math.inf, router)], places, places)
    np.testing.assert_array_equal(matrix.duration_ms, plain.duration_ms)
    np.testing.assert_array_equal(matrix.length_cm, plain.length_cm)


@pytest.mark.parametrize("is_short_first", [True, False])
def test_a_length_over_slots_is_that_of_the_way_of_the_first_slot(*, is_short_first: bool) -> None:
    """Of two roads side by side the other one is the faster from the second slot on: the length is not its length."""
    town = ascii_road_map(
        """
        E---F---G---H
        |           |
        B-----------C
        |           |
        A           D
        """,
        {"AB": {}, "CD": {}, "BC": {"highway": "primary"}, "BEFGHC": {"highway": "tertiary"}},
        grid_m=100.0,
    )
    router, ends = Router.build(town.network), Snapper(town.network).snap(*town.points("AD"))
    overlay = SpeedOverlay.of_network(town.network)
    slow, fast = 0.1, 10.0

    def at_speeds(primary: float, tertiary: float) -> Router:
        factors = np.ones(len(RoadClass))
        factors[RoadClass.PRIMARY], factors[RoadClass.TERTIARY] = primary, tertiary
        return router.with_speeds(overlay.with_speed_factors(town.network, factors))

    short, long = at_speeds(fast, slow), at_speeds(slow, fast)
    first, then = (short, long) if is_short_first else (long, short)
    plain_first, plain_then = first.travel_matrix(ends, ends), then.travel_matrix(ends, ends)
    assert abs(int(plain_first.length_cm[0, 1]) - int(plain_then.length_cm[0, 1])) > 30_000
    # Nearly all of the way is driven in the second slot, and the third is that of the first again.
    for end_ms in (1.0, plain_first.duration_ms[0, 1] - 1.0):
        slots = [(end_ms, first), (end_ms + 600_000.0, then), (math.inf, first)]
        matrix = matrix_over_slots(slots, ends, ends)
        assert matrix.duration_ms[0, 1] > end_ms
        np.testing.assert_array_equal(matrix.length_cm, plain_first.length_cm)


def test_there_is_at_least_one_slot() -> None:
    """No slots are refused."""
    network = make_network([(41.0, -8.0), (41.001, -8.0)], [Piece(0, 1)])
    with pytest.raises(InvalidGeoInputError, match="slots"):
        matrix_over_slots([], places_on(network, [0], [0.0]), places_on(network, [0], [0.0]))
