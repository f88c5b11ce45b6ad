"""The simulated day does what its script says, and its truth is exact."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from geo.geodesy import chord_lengths_m, great_circles_m
from geo.roads.snapping import Snapper
from geo.routing.router import Router
from geo.tracks.track import Track
from server.demo.executed_day import DayScript, Roads, execute_day
from server.demo.movement import Movement
from server.demo.receiver import Receiver
from server.use_cases.day_plan import DayBreak, DayLeg, DayRoute, DayStop
from server.use_cases.planning_request import Place, TimeSpan
from tests.ascii_road_map import ascii_road_map

START_S = 1_789_453_800
SERVICE_S = 600
TOWN = """
    0-A-----1-----B
      |     |     |
      |     |     |
      C--3--D--2--E
      |           |
      |     4     |
      F-----G-----H
"""
TOWN_WAYS = {"ABEHGF": {}, "FCA": {}, "CDE": {}}


@cache
def town() -> tuple[Roads, dict[str, Place]]:
    """Roads of a small town, and its places by digit."""
    road_map = ascii_road_map(TOWN, TOWN_WAYS, grid_m=60)
    places = {sign: Place(*map(float, where)) for sign, where in road_map.places.items() if sign.isdigit()}
    return Roads(Router.build(road_map.network), Snapper(road_map.network)), places


def planned_route() -> DayRoute:
    """A route from 0 past 1 and 2 to 3, and back, with half an hour for lunch."""
    roads, places = town()
    way = [places[sign] for sign in "01230"]
    legs, stops, now_s = [], [], START_S
    for number, (start, end) in enumerate(pairwise(way)):
        points, duration_s = roads.way(start, end)
        length_m = float(chord_lengths_m(*points.T).sum())
        legs.append(DayLeg(None, None, round(duration_s), length_m, points[:, 0], points[:, 1]))
        now_s += round(duration_s)
        if number < 3:
            window = TimeSpan(START_S, START_S + 8 * 3600)
            stops.append(DayStop(f"v{number}", "", end, now_s, now_s, now_s + SERVICE_S, window))
            now_s += SERVICE_S
    shift = TimeSpan(START_S, START_S + 8 * 3600)
    breaks = (DayBreak(START_S + 700, 1800, TimeSpan(START_S, START_S + 3600)),)
    return DayRoute("w", "", "town", "", shift, START_S, now_s, tuple(stops), tuple(legs), breaks, 0.0, None, None)


def seconds_near(track: Track, place: Place) -> int:
    """How long a track is within 25 m of a place: its points, five seconds each."""
    distances_m = great_circles_m(
        track.latitude_degrees, track.longitude_degrees, place.latitude_degrees, place.longitude_degrees
    )
    return int((distances_m < 25.0).sum()) * 5


def test_the_same_seed_makes_the_same_track() -> None:
    """A day is repeatable to the last digit, and another seed makes another day."""
    roads, _ = town()
    tracks = [execute_day(planned_route(), roads, DayScript(), seed=seed).track for seed in (4, 4, 5)]
    np.testing.assert_array_equal(tracks[0].latitude_degrees, tracks[1].latitude_degrees)
    np.testing.assert_array_equal(tracks[0].time_ms, tracks[1].time_ms)
    assert len(tracks[0]) != len(tracks[2]) or (tracks[0].latitude_degrees != tracks[2].latitude_degrees).all()


def test_a_day_as_planned_is_as_long_as_the_plan() -> None:
    """Without anything special, the distance really driven is the planned one and every stop is reached."""
    roads, places = town()
    day = execute_day(planned_route(), roads, DayScript(claimed_share=1.25), seed=1)
    assert day.driven_m == pytest.approx(planned_route().distance_m, abs=0.5)
    assert day.claimed_m == pytest.approx(1.25 * day.driven_m)
    assert day.events == ("claimed 25% too much",)
    assert [seconds_near(day.track, places[sign]) > 0.9 * SERVICE_S for sign in "123"] == [True, True, True]


def test_nobody_stays_at_a_missed_stop() -> None:
    """A day that leaves out a stop passes it at most, and stays at the others."""
    roads, places = town()
    day = execute_day(planned_route(), roads, DayScript(missed_stop=2), seed=1)
    assert day.events == ("left out stop 3",)
    assert seconds_near(day.track, places["3"]) < 0.2 * SERVICE_S
    assert seconds_near(day.track, places["2"]) > 0.9 * SERVICE_S


def test_a_detour_makes_the_day_longer() -> None:
    """The way past a place aside adds distance and is told as an event."""
    roads, _ = town()
    day = execute_day(planned_route(), roads, DayScript(detour_before_stop=1), seed=1)
    assert day.events == ("took a detour on the way to stop 2",)
    assert day.driven_m > planned_route().distance_m + 100.0


def test_a_day_that_runs_late_says_so() -> None:
    """Whoever reaches a stop more than a minute after its window is told to be late there, and nowhere else."""
    roads, _ = town()
    route = planned_route()
    tight = replace(route.stops[2], time_window=TimeSpan(START_S, route.stops[2].start_s - 600))
    day = execute_day(replace(route, stops=(*route.stops[:2], tight)), roads, DayScript(), seed=1)
    late = re.fullmatch(r"ran (\d+) minutes late for stop 3, as days do", "; ".join(day.events))
    assert late is not None
    assert int(late[1]) >= 10


def test_an_unplanned_stop_is_a_stay_at_that_place() -> None:
    """The worker spends the scripted time at the unplanned place."""
    roads, places = town()
    script = DayScript(unplanned_place=places["4"], unplanned_after_stop=0, unplanned_stay_s=600)
    day = execute_day(planned_route(), roads, script, seed=1)
    assert seconds_near(day.track, places["4"]) == pytest.approx(600, abs=100)
    assert day.events == ("made an unplanned stop after stop 1",)


def test_a_gap_holds_no_points_and_changes_nothing_else() -> None:
    """In a gap nothing is recorded; the points outside it are those of the day without one."""
    roads, _ = town()
    whole = execute_day(planned_route(), roads, DayScript(), seed=1)
    day = execute_day(planned_route(), roads, DayScript(gap_before_stop=1, gap_s=900), seed=1)
    assert np.diff(day.track.time_ms).max() == pytest.approx(905_000, abs=5_000)
    assert set(day.track.time_ms.tolist()) < set(whole.track.time_ms.tolist())
    assert day.driven_m == whole.driven_m


def test_the_receiver_errs_as_much_as_it_says() -> None:
    """Around a worker who stands still, the points scatter by the slow and the white error together."""
    movement = Movement()
    movement.begin(START_S, 60.17, 24.94)
    movement.stay(50_000.0)
    receiver = Receiver(slow_sigma_m=3.0, slow_time_s=60.0, white_sigma_m=4.0)
    track = receiver.record(movement, np.random.default_rng(2))
    north_m = (track.latitude_degrees - 60.17) * 111_195.0
    assert len(track) == 10_000
    assert north_m.std() == pytest.approx(5.0, rel=0.1)
    assert movement.length_m == 0.0
    assert np.isnan(track.bearing_degrees).all()
