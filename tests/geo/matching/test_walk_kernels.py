"""What is walked between a vehicle and a door belongs to the stay: the kernel against its naive twin, and on maps."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.geodesy import METRES_PER_DEGREE
from geo.matching.map_matcher import MapMatcher
from geo.matching.match import Match, PointState
from geo.matching.observation_kernels import Points, StayPlaces
from geo.matching.options import MatchingOptions, WalkingModel
from geo.matching.walk_kernels import WalkLimits, stays_by_vehicle
from geo.roads.profiles import FOOT
from geo.tracks.track_input import recorded_track
from tests.ascii_road_map import AsciiRoadMap, ascii_road_map
from tests.geo.matching.match_reading import START_MS, kinds, length_m

LATITUDE_DEGREES, LONGITUDE_DEGREES = 41.1, -8.6
EAST_DEGREE_M = METRES_PER_DEGREE * math.cos(math.radians(LATITUDE_DEGREES))
LIMITS = WalkLimits(120.0, 80.0, 1.6, 2.2, 12.0, 25.0, 20.0, 300_000.0)

NAIVE_SIGMAS_OF_95 = math.sqrt(-2.0 * math.log(0.05))


class Plane(NamedTuple):
    """A track on a plane: seconds, places as complex metres (east + north i), the device's speeds, noise."""

    time_s: np.ndarray
    place: np.ndarray
    device_mps: np.ndarray
    white_m: float


class NaiveStay(NamedTuple):
    """A stay on the plane."""

    first: int
    last: int
    place: complex
    radius_m: float


def naive_is_fast(track: Plane, numbers: list[int], noise_m: float) -> bool:
    """Whether points, the first of which is asked about, move faster than people walk, by any of five windows."""
    for steps in (1, 2, 4, 8, 16):
        window = numbers[: steps + 1]
        seconds = track.time_s[window]
        if len(window) <= steps or (steps > 1 and abs(seconds[-1] - seconds[0]) > 16.0):
            return False
        spread = float(((seconds - seconds.mean()) ** 2).sum())
        speed = abs(np.polyfit(seconds - seconds.mean(), track.place[window], 1)[0])
        limit = 1.6 + 2.0 * math.hypot(noise_m / math.sqrt(spread), 0.4)
        if speed > limit and limit < 8.0:
            return True
    return False


def naive_noise_m(track: Plane, stay: NaiveStay) -> float:
    """Noise of the track, or of the stay where that of the track is not known."""
    return track.white_m or stay.radius_m / NAIVE_SIGMAS_OF_95


def naive_is_walked(track: Plane, begin: NaiveStay, one: NaiveStay, other: NaiveStay) -> bool:
    """Whether nobody drove between two stays."""
    between = list(range(one.last, other.first + 1))
    reach_m = 120.0 if (np.diff(track.time_s[between]) <= 20.0).all() else 80.0
    return (
        max(one.radius_m, other.radius_m) <= 20.0
        and abs(one.place - other.place) <= reach_m
        and abs(begin.place - other.place) <= 2.0 * reach_m
        and bool((np.diff(track.time_s[between]) <= 300.0).all())
        and not (track.device_mps[between[1:-1]] > 2.2).any()
        and not any(naive_is_fast(track, between[start:], naive_noise_m(track, one)) for start in range(len(between)))
    )


def naive_walk_end(track: Plane, stay: NaiveStay, numbers: list[int], onward: list[int]) -> int | None:
    """Last of some points, in order away from a stay, that was reached on foot; None where the walk's end is not seen.

    `onward` are all points in that order, up to the end of the track.
    """
    noise_m = naive_noise_m(track, stay)
    walked = None
    for place, number in enumerate(numbers if stay.radius_m <= 20.0 else []):
        if walked is not None and abs(track.time_s[number] - track.time_s[walked]) > 20.0:
            return None
        if (
            abs(track.place[number] - stay.place) > 120.0 + 2.0 * noise_m
            or track.device_mps[number] > 2.2
            or naive_is_fast(track, onward[place:], noise_m)
        ):
            return walked
        walked = number
    return None


def naive_behind_driving(track: Plane, stay: NaiveStay, numbers: list[int]) -> int:
    """First of the points of a stay, in order from one of its ends, behind the last far and fast one soon after it."""
    since_s = np.abs(track.time_s[numbers] - track.time_s[numbers[0]])
    half_s = since_s[-1] * 1000 // 2 / 1000
    away_m = np.abs(track.place[numbers] - stay.place)
    until_s = np.abs(track.time_s[numbers] - track.time_s[numbers[-1]])
    scatter_m = float(away_m[(until_s < half_s) | (np.arange(len(numbers)) == len(numbers) - 1)].mean())
    driven = [
        place
        for place in np.flatnonzero((since_s < min(180.0, half_s)) & (away_m > 25.0 + 2.0 * scatter_m)).tolist()
        if naive_is_fast(track, numbers[place:], track.white_m or scatter_m)
    ]
    if not driven:
        return numbers[0]
    onward = range(driven[-1] + 1, len(numbers))
    return numbers[next((place for place in onward if away_m[place] <= 12.0 + scatter_m), len(numbers) - 1)]


def naive_without_driving(track: Plane, stay: NaiveStay) -> NaiveStay:
    """Cut off what was driven near the ends of a stay."""
    numbers = list(range(stay.first, stay.last + 1))
    first, last = naive_behind_driving(track, stay, numbers), naive_behind_driving(track, stay, numbers[::-1])
    return stay._replace(first=first, last=last) if first < last else stay


def naive_stays(track: Plane, stays: list[NaiveStay]) -> list[NaiveStay]:
    """Join the stays between which was only walked, then put each to the vehicle where both walks show it."""
    chains: list[list[NaiveStay]] = []
    for stay in [naive_without_driving(track, stay) for stay in stays]:
        if chains and naive_is_walked(track, chains[-1][0], chains[-1][-1], stay):
            chains[-1].append(stay)
        else:
            chains.append([stay])
    moved: list[NaiveStay] = []
    count = len(track.time_s)
    for number, chain in enumerate(chains):
        begin, end = chain[0], chain[-1]
        low = moved[-1].last + 1 if moved else 0
        high = chains[number + 1][0].first - 1 if number + 1 < len(chains) else count - 1
        back, on = list(range(begin.first, -1, -1)), list(range(end.last, count))
        begun = naive_walk_end(track, begin, [point for point in back if point >= low], back)
        ended = naive_walk_end(track, end, [point for point in on if point <= high], on)
        beside = np.abs(track.time_s - track.time_s[:, None]) <= 4.0
        numbers = np.arange(count)
        left = begin.place if begun is None else track.place[beside[begun] & (numbers >= low) & (numbers <= begin.last)]
        found = end.place if ended is None else track.place[beside[ended] & (numbers >= end.first) & (numbers <= high)]
        places = complex(np.mean(left)), complex(np.mean(found))
        apart_m = abs(places[0] - places[1])
        is_seen = begun is not None and ended is not None
        is_aside = min(abs(place - begin.place) for place in places) >= 12.0
        whole = NaiveStay(begin.first, end.last, begin.place, begin.radius_m)
        if len(chain) > 1 or (is_seen and apart_m <= 25.0 and is_aside):
            whole = NaiveStay(
                begin.first if begun is None else begun,
                end.last if ended is None else ended,
                sum(places) / 2.0,
                max(apart_m, min(begin.radius_m, 12.0)),
            )
        moved.append(whole)
    return moved


@st.composite
def tracks(draw: st.DrawFn) -> tuple[Plane, list[NaiveStay]]:
    """Draw a track that drives, walks and stands, with stays where it stands."""
    told = np.random.default_rng(draw(st.integers(0, 999)))
    time_s, place, stays = [0.0], [0j], []
    rate_s = draw(st.sampled_from([1.0, 1.0, 5.0, 15.0, 60.0]))
    for speed_mps, way, seconds in draw(
        st.lists(
            st.tuples(
                st.sampled_from([0.0, 0.0, 1.2, 1.5, 4.0, 11.0]), st.integers(0, 3), st.sampled_from([10, 25, 45])
            ),
            min_size=1,
            max_size=9,
        )
    ):
        first = len(time_s)
        for _ in range(max(2, int(seconds / rate_s))):
            time_s.append(time_s[-1] + rate_s)
            place.append(place[-1] + speed_mps * rate_s * 1j**way)
        if speed_mps == 0.0:
            if stays and draw(st.booleans()) and stays[-1].last + 1 < first:  # what was between belongs to the stay
                first = stays.pop().last + 1
            stays.append(NaiveStay(first, len(time_s) - 1, place[-1] + 0.3, float(told.choice([4.1, 9.7, 15.3, 23.9]))))
    noise_m = draw(st.sampled_from([0.0, 2.0, 5.0]))
    noisy = np.array(place) + noise_m * (told.normal(size=len(place)) + 1j * told.normal(size=len(place)))
    device_mps = np.where(told.random(len(place)) < 0.8, math.nan, told.uniform(0.0, 3.0, len(place)))
    return Plane(np.array(time_s), noisy, device_mps, draw(st.sampled_from([0.0, noise_m]))), stays


@pytest.mark.twin_of("geo.matching.walk_kernels")
@pytest.mark.interpreted
@settings(max_examples=150)
@given(drawn=tracks())
def test_stays_are_moved_to_the_vehicle_as_point_by_point(drawn: tuple[Plane, list[NaiveStay]]) -> None:
    """Which stays are joined, how far the walks reach and where the vehicle stood agree with lists and polynomials."""
    track, stays = drawn
    first = np.array([stay.first for stay in stays], np.int64)
    last = np.array([stay.last for stay in stays], np.int64)
    place = np.array([stay.place for stay in stays], np.complex128)
    places = StayPlaces(first, last, *_degrees(place), np.array([stay.radius_m for stay in stays], np.float64))
    unknown = np.full(len(track.time_s), math.nan)
    milliseconds = (1000.0 * track.time_s).astype(np.int64)
    points = Points(milliseconds, *_degrees(track.place), unknown, track.device_mps, unknown)
    moved = stays_by_vehicle(points, places, track.white_m, LIMITS)
    expected = naive_stays(track, stays)
    assert moved.first.tolist() == [stay.first for stay in expected]
    assert moved.last.tolist() == [stay.last for stay in expected]
    np.testing.assert_allclose(moved.radius_m, [stay.radius_m for stay in expected], rtol=1e-3, atol=1e-3)
    latitude, longitude = _degrees(np.array([stay.place for stay in expected], np.complex128))
    np.testing.assert_allclose(moved.latitude_degrees, latitude, rtol=0.0, atol=1e-7)
    np.testing.assert_allclose(moved.longitude_degrees, longitude, rtol=0.0, atol=1e-7)


def _degrees(place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return LATITUDE_DEGREES + place.imag / METRES_PER_DEGREE, LONGITUDE_DEGREES + place.real / EAST_DEGREE_M


def block(profile: str = "car") -> AsciiRoadMap:
    """Draw a road that is driven along and another one behind the houses; figures are doors, but for 2."""
    return ascii_road_map(
        """
          E-------6-------F
          |       7       |
          |               |
          |               |
          |       5       |
          A-------2-------B
        """,
        {"AB": {}, "AEFB": {}},
        profile=profile,
    )


def journey(road_map: AsciiRoadMap, steps: list[tuple[str, float, float]], *, every_s: float = 5.0) -> Match:
    """Go from A straight to one place after the other, at so many metres a second, and stand there so many seconds."""
    time_s, places = [0.0], [np.array(road_map.place("A"))]
    for symbol, speed_mps, stand_s in steps:
        there = np.array(road_map.place(symbol))
        north, east = METRES_PER_DEGREE * (there - places[-1])
        time_s.append(time_s[-1] + math.hypot(north, east * math.cos(math.radians(there[0]))) / speed_mps)
        time_s.append(time_s[-1] + stand_s)
        places += [there, there]
    at_s = np.append(np.arange(0.0, time_s[-1], every_s), time_s[-1])
    latitude, longitude = (np.interp(at_s, time_s, column) for column in np.array(places).T)
    track = recorded_track(START_MS + np.round(1000.0 * at_s).astype(np.int64), latitude, longitude)
    return MapMatcher(road_map.network).match(track)


def visit(road_map: AsciiRoadMap, doors: str, *, every_s: float = 5.0, walk_mps: float = 1.3) -> Match:
    """Drive from A to 2, walk to some doors and back to 2, five minutes at each, and drive on to B."""
    walked = [(door, walk_mps, 300.0) for door in doors]
    return journey(road_map, [("2", 8.0, 0.0), *walked, ("2", walk_mps, 0.0), ("B", 8.0, 0.0)], every_s=every_s)


@pytest.mark.parametrize("every_s", [1.0, 5.0])
def test_the_steps_to_a_door_near_another_road_are_no_way_by_that_road(every_s: float) -> None:
    """Who parks in one street and walks to a door at the next has driven along the first, straight through."""
    match = visit(block(), "7", every_s=every_s)
    assert kinds(match) == ["MATCHED", "STAY", "MATCHED"]
    assert length_m(match) == pytest.approx(160.0, abs=8.0)


def test_the_walk_belongs_to_the_stay() -> None:
    """Its points have the state of the stay, and most of its time is that of the stay."""
    match = visit(block(), "7")
    stay = match.segments[1]
    walk_s = 2 * 40.0 / 1.3
    assert stay.end_ms - stay.start_ms == pytest.approx(1000.0 * (300.0 + walk_s), abs=30_000.0)
    assert set(match.point_state[stay.first_point : stay.last_point + 1]) == {PointState.STAY}


def test_doors_between_which_the_worker_walks_are_one_stay_for_the_vehicle() -> None:
    """From door to door on foot nothing is driven."""
    match = visit(block(), "75")
    assert kinds(match) == ["MATCHED", "STAY", "MATCHED"]
    assert length_m(match) == pytest.approx(160.0, abs=8.0)


@pytest.mark.parametrize("every_s", [1.0, 5.0])
def test_a_loop_around_the_block_to_the_door_just_passed_is_driven(every_s: float) -> None:
    """Who passes a door and comes back to it round the block within a minute has driven the block before the stay."""
    loop = [("B", 8.0, 0.0), ("F", 8.0, 0.0), ("E", 8.0, 0.0), ("A", 8.0, 0.0), ("2", 8.0, 300.0), ("B", 8.0, 0.0)]
    match = journey(block(), [("2", 8.0, 0.0), *loop], every_s=every_s)
    assert length_m(match) == pytest.approx(80.0 + 2 * (160.0 + 50.0) + 80.0, abs=16.0)


def test_what_is_driven_to_a_door_counts() -> None:
    """Who drives round the block to the next street, stops before the door and drives back, has driven all of it."""
    match = journey(block(), [("E", 8.0, 0.0), ("6", 8.0, 300.0), ("E", 8.0, 0.0), ("A", 8.0, 0.0)])
    assert length_m(match) == pytest.approx(2 * (50.0 + 80.0), abs=12.0)


def test_who_walks_anyway_has_no_vehicle() -> None:
    """On foot, the steps to the door belong to the way, not to the stay."""
    car, foot = (visit(block(profile), "7", walk_mps=1.3).segments[1] for profile in ("car", FOOT.name))
    assert foot.end_ms - foot.start_ms < car.end_ms - car.start_ms - 20_000


@pytest.mark.parametrize("name", WalkingModel.__dataclass_fields__)
def test_senseless_limits_are_refused(name: str) -> None:
    """Every limit is positive."""
    with pytest.raises(ValueError, match=name):
        MatchingOptions(walking=WalkingModel(**{name: 0.0}))
