"""Splits a stay that covers several customers: who serves five shops of one block may never leave the stay's area.

Within such a stay the points are gathered into bins, and each bin is given to a customer so that the distances are
small and the customer changes seldom: the most likely path of a hidden Markov model whose states are the customers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from geo.audit.planned_day import PlannedStop
from geo.audit.seen_points import SeenPoints
from geo.audit.visit_options import VisitOptions
from geo.geodesy import great_circles_m
from geo.tracks.stays import Stay

FloatArray = NDArray[np.float64]

BIN_MS = 15_000
"""The noise of a fix hangs together for some seconds: a bin is about one independent observation."""

CHANGE_COST = 10.0
"""Cost of going to another customer, in units of half a squared standard deviation: a drift of the position towards a
neighbour for a minute does not pay for going there and back."""

FAR_COST = 8.0
"""A bin costs at most this much at any customer, so that one wild bin decides nothing."""

LONGEST_LEAST_S = 300.0
"""Part of a stay must last as long as a visit that is not too short, but never needs more than this."""

_RAYLEIGH_68_PERCENT = 1.515
_RADIUS_QUANTILE = 0.95


@dataclass(frozen=True, eq=False)
class _Bins:
    """Some seconds of a stay each: ``(b + 1,)`` where they start in the seen points, ``(b,)`` centres and errors."""

    start: NDArray[np.int64]
    latitude_degrees: FloatArray
    longitude_degrees: FloatArray
    error_m: FloatArray


def split_stays(
    stays: Sequence[Stay], stops: Sequence[PlannedStop], seen: SeenPoints, options: VisitOptions
) -> tuple[Stay, ...]:
    """Split the stays that cover several customers.

    Parameters
    ----------
    stays
        Stays of the track, in order of time.
    stops
        Customers of the plan.
    seen
        Believed points of the same track.
    options
        What counts as a visit.

    Returns
    -------
    tuple[Stay, ...]
        In order of time. A stay that covers no two customers that can be told apart comes back as it is.
    """
    return tuple(part for stay in stays for part in _split(stay, stops, seen, options))


def _split(stay: Stay, stops: Sequence[PlannedStop], seen: SeenPoints, options: VisitOptions) -> list[Stay]:
    near = [stop for stop in stops if _distance_m(stay, stop) <= stop.radius_m + stay.radius_m]
    customers = _distinct_customers(near, options.same_place_m)
    inside = seen.within(stay)
    if len(customers) <= 1 or inside.stop - inside.start <= 1:
        return [stay]
    bins = _bins(seen, inside)
    places = np.array([(stop.latitude_degrees, stop.longitude_degrees) for stop in customers])
    least_ms = np.array([1000.0 * min(options.enough_share * stop.duration_s, LONGEST_LEAST_S) for stop in customers])
    least_ms = np.maximum(least_ms, 1000.0 * options.min_presence_s)
    runs = _long_runs(_likeliest_places(bins, places), bins, seen, least_ms)
    if len(runs) <= 1:
        return [stay]
    return [_part(seen, first, end) for first, end in runs]


def _distance_m(stay: Stay, stop: PlannedStop) -> float:
    return float(
        great_circles_m(stay.latitude_degrees, stay.longitude_degrees, stop.latitude_degrees, stop.longitude_degrees)
    )


def _distinct_customers(stops: Sequence[PlannedStop], same_place_m: float) -> list[PlannedStop]:
    """Take one customer of those that cannot be told apart."""
    distinct: list[PlannedStop] = []
    for stop in stops:
        distances_m = (
            great_circles_m(
                stop.latitude_degrees, stop.longitude_degrees, other.latitude_degrees, other.longitude_degrees
            )
            for other in distinct
        )
        if all(distance_m > same_place_m for distance_m in distances_m):
            distinct.append(stop)
    return distinct


def _bins(seen: SeenPoints, inside: slice) -> _Bins:
    bin_number = (seen.time_ms[inside] - seen.time_ms[inside.start]) // BIN_MS
    start = inside.start + np.flatnonzero(np.diff(bin_number, prepend=-1))
    start = np.append(start, inside.stop)
    pieces = [slice(first, end) for first, end in pairwise(start.tolist())]
    return _Bins(
        start,
        np.array([np.median(seen.latitude_degrees[piece]) for piece in pieces]),
        np.array([np.median(seen.longitude_degrees[piece]) for piece in pieces]),
        np.array([np.median(seen.accuracy_m[piece]) for piece in pieces]) / _RAYLEIGH_68_PERCENT,
    )


def _likeliest_places(bins: _Bins, places: FloatArray) -> NDArray[np.int64]:
    """``(b,)`` index of the customer of each bin: the cheapest path (Viterbi 1967)."""
    distance_m = great_circles_m(
        bins.latitude_degrees[:, None], bins.longitude_degrees[:, None], places[:, 0], places[:, 1]
    )
    cost = np.minimum((distance_m / bins.error_m[:, None]) ** 2 / 2.0, FAR_COST)
    count = len(cost)
    best = cost[0]
    came_from = np.empty(cost.shape, np.int64)
    stay_put = np.arange(len(places))
    for step in range(1, count):
        cheapest = int(np.argmin(best))
        changes = best > best[cheapest] + CHANGE_COST
        came_from[step] = np.where(changes, cheapest, stay_put)
        best = np.where(changes, best[cheapest] + CHANGE_COST, best) + cost[step]
    path = np.empty(count, np.int64)
    path[-1] = np.argmin(best)
    for step in range(count - 1, 0, -1):
        path[step - 1] = came_from[step, path[step]]
    return path


def _long_runs(path: NDArray[np.int64], bins: _Bins, seen: SeenPoints, least_ms: FloatArray) -> list[tuple[int, int]]:
    """First and end position in `seen` of each run at one customer; short ones are no stay and interrupt none."""
    first_bin = np.flatnonzero(np.diff(path, prepend=-1))
    bounds = pairwise(bins.start[np.append(first_bin, len(path))].tolist())
    runs: list[tuple[int, int]] = []
    last_place = None
    for (first, end), place in zip(bounds, path[first_bin].tolist(), strict=True):
        if seen.time_ms[end - 1] - seen.time_ms[first] < least_ms[place]:
            continue
        if place == last_place:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((first, end))
        last_place = place
    return runs


def _part(seen: SeenPoints, first: int, end: int) -> Stay:
    latitude = float(np.median(seen.latitude_degrees[first:end]))
    longitude = float(np.median(seen.longitude_degrees[first:end]))
    from_centre_m = seen.distances_m(latitude, longitude)[first:end]
    return Stay(
        first_point=int(seen.index[first]),
        last_point=int(seen.index[end - 1]),
        start_ms=int(seen.time_ms[first]),
        end_ms=int(seen.time_ms[end - 1]),
        latitude_degrees=latitude,
        longitude_degrees=longitude,
        radius_m=float(np.quantile(from_centre_m, _RADIUS_QUANTILE)),
    )
