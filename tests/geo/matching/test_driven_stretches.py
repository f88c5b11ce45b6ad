"""Stretches of matched tracks, and the speeds of an hour learnt from them from end to end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from numpy.typing import NDArray

from geo.matching.driven_stretches import LEAST_STRETCH_S, driven_stretches
from geo.matching.map_matcher import MapMatcher
from geo.roads.network import RoadClass, RoadNetwork
from geo.routing.learnt_speeds import DrivenStretches, learn_speeds
from geo.routing.router import Router
from geo.routing.speed_overlay import SpeedOverlay
from geo.tracks.track import Track
from tests.ascii_road_map import ascii_road_map
from tests.geo.routing.drawn_networks import places_on

ZONE = timezone(timedelta(hours=2))
MONDAY_MS = int(datetime(2026, 3, 2, tzinfo=ZONE).timestamp() * 1000)
METERS_PER_DEGREE = 111_195.0
NOISE_M = 4.0
HOUR_TIMES = {8: {RoadClass.PRIMARY: 2.0, RoadClass.RESIDENTIAL: 1.25}, 12: {}}
MAP = ascii_road_map(
    """
    A-------------------------B-------------------------C
    |                         |                         |
    |                         |                         |
    |                         |                         |
    |                         |                         |
    |                         |                         |
    D-------------------------E-------------------------F
    |                         |                         |
    |                         |                         |
    |                         |                         |
    |                         |                         |
    |                         |                         |
    G-------------------------H-------------------------I
    """,
    {
        **{name: {"highway": "primary"} for name in ("AB", "BC", "DE", "EF", "GH", "HI")},
        **{name: {"highway": "residential"} for name in ("AD", "DG", "BE", "EH", "CF", "FI")},
    },
    grid_m=100.0,
)
ROUND_TRIP = "ABEDGHEFCBEHIFEDA"
"""A way round the town without turning back."""


def recorded(network: RoadNetwork, router: Router, *, start_ms: int, step_s: float, seed: int) -> Track:
    """A track of the round trip, driven at the speeds and with the turn costs of a router, with a receiver's noise."""
    legs = [MAP.edge(ROUND_TRIP[number : number + 2]) for number in range(len(ROUND_TRIP) - 1)]
    times_s, places, now_s = [], [], 0.0
    for number, edge in enumerate(legs):
        # From the beginning of the edge to its end, and then round the corner.
        here = places_on(network, [edge, edge], [0.0, 1.0])
        drive_s = router.travel_cost(here, here, destination=1).duration_ms / 1000
        points = network.edge_points(edge)
        times_s += [now_s, now_s + drive_s]
        places += [points[0], points[-1]]
        now_s += drive_s
        if number + 1 < len(legs):
            ends = places_on(network, [edge, legs[number + 1]], [1.0, 0.0])
            now_s += router.travel_cost(ends, ends, destination=1).duration_ms / 1000
    seconds, line = np.arange(0.0, now_s, step_s), np.array(places)
    noise = np.random.default_rng(seed).normal(0.0, NOISE_M / METERS_PER_DEGREE, (len(seconds), 2))
    latitude, longitude = (np.interp(seconds, times_s, line[:, axis]) + noise[:, axis] for axis in range(2))
    return track_of((start_ms + seconds * 1000).astype(np.int64), latitude, longitude)


def track_of(time_ms: NDArray[np.int64], latitude: NDArray[np.float64], longitude: NDArray[np.float64]) -> Track:
    """A track without anything but times and places."""
    unknown = np.full(len(time_ms), np.nan)
    return Track(time_ms, latitude, longitude, unknown, unknown, unknown)


def stretches_of_week(*, step_s: float, drives: int) -> DrivenStretches:
    """Drives of both hours, laid on roads and cut."""
    network, plain = MAP.network, Router.build(MAP.network)
    matcher, drawn = MapMatcher(network), []
    for hour, times in HOUR_TIMES.items():
        factors = np.ones(len(RoadClass))
        for road_class, slower in times.items():
            factors[road_class] = 1.0 / slower
        router = plain.with_speeds(SpeedOverlay.of_network(network).with_speed_factors(network, factors))
        for number in range(drives):
            start_ms = MONDAY_MS + hour * 3_600_000 + 60_000 * number
            track = recorded(network, router, start_ms=start_ms, step_s=step_s, seed=100 * hour + number)
            drawn.append((track, matcher.match(track)))
    return driven_stretches(network, plain.turn_graph, drawn, ZONE)


@pytest.mark.parametrize("step_s", [1.0, 15.0, 45.0])
def test_the_speeds_of_an_hour_are_learnt_from_tracks(step_s: float) -> None:
    """Primary roads at half their speed at eight are found from noisy tracks of any rate; noon stays as it is."""
    learnt = learn_speeds(stretches_of_week(step_s=step_s, drives=30))
    primary, residential = (learnt.profile.factors[:, each] for each in (RoadClass.PRIMARY, RoadClass.RESIDENTIAL))
    assert primary[8] == pytest.approx(0.5, rel=0.08)
    assert residential[8] == pytest.approx(0.8, rel=0.08)
    assert primary[12] == pytest.approx(1.0, rel=0.08)
    assert residential[12] == pytest.approx(1.0, rel=0.08)


def test_stretches_are_long_enough_and_within_the_drive() -> None:
    """Each lasts a minute or more, in the hour on the clocks of the road, and together they fit in the drives."""
    stretches = stretches_of_week(step_s=5.0, drives=2)
    assert (stretches.driven_s >= LEAST_STRETCH_S).all()
    assert set(stretches.hour.tolist()) == {8, 12}
    assert set(stretches.drive.tolist()) == {0, 1, 2, 3}
    assert len(np.unique(stretches.part_stretch)) == len(stretches.hour)


def test_what_may_not_be_driven_teaches_nothing() -> None:
    """A drive against a one-way street is matched, and has no stretch."""
    one_way = ascii_road_map(
        "A------------------------------------------------------------B",
        {"AB": {"highway": "residential", "oneway": "yes"}},
        grid_m=100.0,
    )
    points = one_way.network.edge_points(0)
    seconds = np.arange(0.0, 600.0, 10.0)
    place = lambda first, last: np.interp(seconds, [0.0, 600.0], [first, last])  # noqa: E731 - twice
    for backwards in (False, True):
        ends = (points[-1], points[0]) if backwards else (points[0], points[-1])
        track = track_of(
            (MONDAY_MS + seconds * 1000).astype(np.int64),
            place(ends[0][0], ends[1][0]),
            place(ends[0][1], ends[1][1]),
        )
        drives = [(track, MapMatcher(one_way.network).match(track))]
        stretches = driven_stretches(one_way.network, Router.build(one_way.network).turn_graph, drives, UTC)
        assert bool(len(stretches.hour) == 0) is backwards
