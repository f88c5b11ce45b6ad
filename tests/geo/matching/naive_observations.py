"""The observations of a track made the obvious way: cut into runs, choose in each run, fit and judge one by one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from geo.matching.observation_kernels import Points, StayPlaces, Thinning
from tests.naive_matching import METRES_PER_DEGREE

Place = tuple[float, float]
"""Latitude and longitude in degrees."""
Stop = tuple[int, int]
"""First and last point: the same of a point on the move, different ones of a stay."""
Vector = tuple[float, float]
"""East and north."""

SHARE_WITHIN_ONE_SIGMA = math.erf(math.sqrt(0.5))
RADIUS_SIGMAS = math.sqrt(-2.0 * math.log(1.0 - SHARE_WITHIN_ONE_SIGMA))
"""Rayleigh's law solved for the radius that holds as much of a plane as one standard deviation holds of a line."""


@dataclass
class NaiveObservation:
    """One observation, with the names of `LAYER`; headings as vectors."""

    first: int
    last: int
    starts_run: bool
    latitude: float
    longitude: float
    white_m: float
    device_m: float
    step_m: float = 0.0
    reach_m: float = 0.0
    before: Vector = (0.0, 0.0)
    after: Vector = (0.0, 0.0)
    heading_weight: float = 0.0


def naive_observations(points: Points, stays: StayPlaces, thinning: Thinning) -> list[NaiveObservation]:
    """Make the observations of a track."""
    places = list(zip(points.latitude_degrees.tolist(), points.longitude_degrees.tolist(), strict=True))
    observations = []
    for run in runs(points, places, stays, thinning):
        moving = {first for first, last in run if first == last}
        made = []
        for first, last in chosen_stops(run, places, thinning):
            if last > first:
                number = stays.first.tolist().index(first)
                place = float(stays.latitude_degrees[number]), float(stays.longitude_degrees[number])
                white_m = float(stays.radius_m[number]) / 2.0
            else:
                place, white_m = fitted(points, places, shared_points(first, moving, places, thinning), first, thinning)
            device_m = float(points.accuracy_m[first]) / RADIUS_SIGMAS
            made.append(NaiveObservation(first, last, not made, *place, white_m, device_m))
        set_headings(points, made)
        observations += made
    set_reaches(points, observations, thinning)
    return observations


def east_north(one: Place, other: Place) -> Vector:
    """Metres from one place to another on the plane at their middle latitude."""
    east_degrees = (other[1] - one[1] + 180.0) % 360.0 - 180.0
    metres_per_degree_east = METRES_PER_DEGREE * math.cos(math.radians((one[0] + other[0]) / 2.0))
    return east_degrees * metres_per_degree_east, (other[0] - one[0]) * METRES_PER_DEGREE


def apart_m(one: Place, other: Place) -> float:
    """Metres between two places."""
    return math.hypot(*east_north(one, other))


def runs(points: Points, places: list[Place], stays: StayPlaces, thinning: Thinning) -> list[list[Stop]]:
    """Cut a track into the stops of each run: a hole in time or space between two stops ends one."""
    last_of = dict(zip(stays.first.tolist(), stays.last.tolist(), strict=True))
    stops: list[Stop] = []
    while not stops or stops[-1][1] + 1 < len(places):
        first = stops[-1][1] + 1 if stops else 0
        stops.append((first, last_of.get(first, first)))
    cut: list[list[Stop]] = [[stops[0]]]
    for (_, here), stop in pairwise(stops):
        is_late = points.time_ms[stop[0]] - points.time_ms[here] > thinning.max_gap_ms
        if is_late or apart_m(places[here], places[stop[0]]) > thinning.max_gap_m:
            cut.append([])
        cut[-1].append(stop)
    return cut


def chosen_stops(run: list[Stop], places: list[Place], thinning: Thinning) -> list[Stop]:
    """Choose ends, stays, stops a spacing away from the one before, and where the track turns back before that."""
    chosen, passed = [run[0]], list[Stop]()

    def away_m(stop: Stop) -> float:
        return apart_m(places[chosen[-1][1]], places[stop[0]])

    for stop in run[1:]:
        farthest = max(passed, key=away_m, default=stop)
        if away_m(farthest) - away_m(stop) > thinning.turn_m:
            chosen.append(farthest)
            passed = []
        passed.append(stop)
        if stop == run[-1] or stop[1] > stop[0] or away_m(stop) >= thinning.spacing_m:
            chosen.append(stop)
            passed = []
    return chosen


def shared_points(position: int, moving: set[int], places: list[Place], thinning: Thinning) -> range:
    """Points on the move that share in the fit: equally many on both sides, at an end twice as many on one."""
    low = high = position
    while low - 1 in moving:
        low -= 1
    while high + 1 in moving:
        high += 1
    if thinning.white_noise_m == 0.0:
        return range(position, position + 1)
    sides = max(low, position - 3), min(high, position + 3)
    step_m = max(apart_m(places[position], places[side]) for side in sides) / 3.0
    each_side = min(10, math.floor(thinning.window_m / step_m)) if step_m > 0.0 else 10
    if position == low:
        return range(position, min(position + 2 * each_side, high) + 1)
    if position == high:
        return range(max(position - 2 * each_side, low), position + 1)
    each_side = min(each_side, position - low, high - position)
    return range(position - each_side, position + each_side + 1)


def fitted(
    points: Points, places: list[Place], shared: range, position: int, thinning: Thinning
) -> tuple[Place, float]:
    """Fit place against time by least squares: the place at the point's time, and its standard error."""
    if len(shared) == 1:
        return places[position], thinning.white_noise_m
    seconds = (points.time_ms[shared] - points.time_ms[position]) / 1000.0
    design = np.column_stack([np.ones(len(shared)), seconds])
    offsets = np.array([east_north_degrees(places[position], places[other]) for other in shared])
    east, north = np.linalg.lstsq(design, offsets, rcond=None)[0][0]
    variance = float(np.linalg.inv(design.T @ design)[0, 0])
    latitude, longitude = places[position]
    there = latitude + float(north), (longitude + float(east) + 180.0) % 360.0 - 180.0
    return there, thinning.white_noise_m * math.sqrt(variance)


def east_north_degrees(one: Place, other: Place) -> Vector:
    """Return the differences of longitude and latitude."""
    return (other[1] - one[1] + 180.0) % 360.0 - 180.0, other[0] - one[0]


def set_headings(points: Points, run: list[NaiveObservation]) -> None:
    """Set the steps of a run, its headings, and how far they are believed."""
    ways = [
        east_north((one.latitude, one.longitude), (other.latitude, other.longitude)) for one, other in pairwise(run)
    ]
    lengths_m = [math.hypot(*way) for way in ways]
    headings = [
        (east / length_m, north / length_m) if length_m > 0.0 else (0.0, 0.0)
        for (east, north), length_m in zip(ways, lengths_m, strict=True)
    ]
    for number, seen in enumerate(run):
        around = headings[max(0, number - 1) : number + 1]
        if not around:
            continue
        seen.before, seen.after = around[0], around[-1]
        seen.step_m = lengths_m[number - 1] if number > 0 else 0.0
        near_m, *_, far_m = sorted(lengths_m[max(0, number - 1) : number + 1] * 2)
        if seen.last > seen.first or far_m == 0.0:
            continue
        bearing = math.radians(float(points.bearing_degrees[seen.first]))
        if points.speed_mps[seen.first] > 2.0 and not math.isnan(bearing):
            seen.before = seen.after = math.sin(bearing), math.cos(bearing)
            seen.heading_weight = 1.0
            continue
        clear = (near_m / 4.0) ** 2 / ((near_m / 4.0) ** 2 + seen.white_m**2 + 4.0**2)
        seen.heading_weight = clear / (1.0 + (far_m / 150.0) ** 2)


def set_reaches(points: Points, observations: list[NaiveObservation], thinning: Thinning) -> None:
    """Set how far one could well have gone since the observation before: as fast as within two steps, with noise."""
    pairs = list(pairwise(observations))
    seconds = [float(points.time_ms[seen.first] - points.time_ms[before.last]) / 1000.0 for before, seen in pairs]
    speeds = [seen.step_m / took_s if took_s > 0.0 else 0.0 for (_, seen), took_s in zip(pairs, seconds, strict=True)]
    for number, (before, seen) in enumerate(pairs):
        fastest = thinning.speed_margin * max(speeds[max(0, number - 2) : number + 3])
        driven_m = max(fastest, thinning.min_speed_mps) * seconds[number]
        seen.reach_m = driven_m + 3.0 * (before.white_m + seen.white_m) + 20.0
