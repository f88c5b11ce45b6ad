"""Lays a track on roads in one compiled call, from the believed points to segments and the places of all points.

One call instead of one per step, because short tracks are many: handing arrays from kernel to kernel through Python
costs a quarter of a millisecond a track, as much as matching two minutes of driving.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.kernel_types import inner_kernel, int64
from geo.matching.candidate_kernels import RoadCells, SearchReach, find_candidates
from geo.matching.confidence_kernels import link_probabilities
from geo.matching.emission_kernels import EmissionModel, judge_candidates
from geo.matching.end_kernels import settle_ends
from geo.matching.hurried_way_kernels import leave_hurried_ways, shorten_reach
from geo.matching.match import PointState, SegmentKind
from geo.matching.observation_kernels import Points, StayPlaces, Thinning, observe
from geo.matching.path_kernels import LINK_NONE, LINK_ROAD, Path, trace_path
from geo.matching.placement_kernels import RoadShapes, place_on_edge, place_points
from geo.matching.records import SEGMENT, Record, Records
from geo.matching.road_search_kernels import Roads, SearchRoom
from geo.matching.segment_kernels import Observed, confidence_between, road_between
from geo.matching.viterbi_kernels import WayNats, fill_trellis
from geo.matching.walk_kernels import WalkLimits, stays_by_vehicle
from geo.tracks.local_plane_kernels import plane_distance_m

_DROPPED = int(PointState.DROPPED)
_MATCHED = int(SegmentKind.MATCHED)
_STAY = int(SegmentKind.STAY)
_GAP = int(SegmentKind.GAP)
_OFF_ROAD = int(SegmentKind.OFF_ROAD)
_STRAIGHT_M = 1000.0
"""A track is believed to wind as little as if it had gone so far straight, beside what it shows."""
_MOST_WINDING = 1.12
"""Roads are not longer than so many times the straight lines between fixes: ways around a road that the map lacks."""


class RoadTables(NamedTuple):
    """One road network as matching reads it."""

    cells: RoadCells
    roads: Roads
    shapes: RoadShapes


class Beliefs(NamedTuple):
    """What the model believes, and the ``(7,)`` weights of `geo.matching.confidence`."""

    thinning: Thinning
    walking: WalkLimits
    reach: SearchReach
    emission: EmissionModel
    ways: WayNats
    weights: NDArray[np.float64]


class Solution(NamedTuple):
    """A filled trellis and the best path through it: ``(t,)`` `LAYER`, ``(c,)`` `CANDIDATE`, ``(w,)`` `STEP`."""

    layers: Records
    candidates: Records
    steps: Records
    path: Path


class RoadParts(NamedTuple):
    """Parts of edges of all segments of a track, one after the other.

    Parameters
    ----------
    edge, from_fraction, to_fraction, entry_ms, is_forbidden
        ``(e,)``: the edge, shares at which it is entered and left, time of entry, whether the profile may not use it.
    """

    edge: NDArray[np.int32]
    from_fraction: NDArray[np.float64]
    to_fraction: NDArray[np.float64]
    entry_ms: NDArray[np.int64]
    is_forbidden: NDArray[np.bool_]


class Laid(NamedTuple):
    """A track on roads.

    Parameters
    ----------
    state, edge, fraction, distance_m
        ``(n,)`` per raw point, as in `geo.matching.match.Match`.
    segments
        ``(s,)`` `SEGMENT`, in order of time.
    parts
        The parts of edges that they are made of.
    drift_m, observations
        Slow part of the receiver's error as it was used (NaN where the device named all accuracies), and the number
        of observations.
    """

    state: NDArray[np.uint8]
    edge: NDArray[np.int32]
    fraction: NDArray[np.float64]
    distance_m: NDArray[np.float64]
    segments: Records
    parts: RoadParts
    drift_m: float
    observations: int


@njit(nogil=True, cache=True)
def find_path(points: Points, stays: StayPlaces, tables: RoadTables, beliefs: Beliefs, room: SearchRoom) -> Solution:
    """Find the most likely path of a track.

    Parameters
    ----------
    points, stays
        At least one believed point, and the stays among them.
    tables, beliefs
        The roads and the model.
    room
        Room for searches, of this thread.

    Returns
    -------
    Solution
        The path with the trellis that it was found in.
    """
    edges = tables.roads.edges
    stays = stays_by_vehicle(points, stays, beliefs.thinning.white_noise_m, beliefs.walking)
    layers = observe(points, stays, beliefs.thinning)
    candidates = find_candidates(tables.cells, edges, layers, beliefs.reach)
    candidates = judge_candidates(edges, layers, candidates, beliefs.emission)
    steps = fill_trellis(tables.roads, layers, candidates, beliefs.ways, room)
    path = trace_path(edges, layers, candidates, steps)
    if shorten_reach(edges, points.time_ms, layers, path):
        steps = fill_trellis(tables.roads, layers, candidates, beliefs.ways, room)
        path = trace_path(edges, layers, candidates, steps)
        leave_hurried_ways(edges, points.time_ms, layers, path)
    settle_ends(edges, points.time_ms, layers, path)
    return Solution(layers, candidates, steps, path)


@njit(nogil=True, cache=True)
def lay_track(
    points: Points,
    stays: StayPlaces,
    kept: NDArray[np.int64],
    raw_count: int,
    tables: RoadTables,
    beliefs: Beliefs,
    room: SearchRoom,
) -> Laid:
    """Lay a track on roads.

    Parameters
    ----------
    points, stays
        At least one believed point, and the stays among them.
    kept
        ``(k,)`` places of the believed points among the raw ones.
    raw_count
        Number of raw points.
    tables, beliefs
        The roads and the model.
    room
        Room for searches, of this thread.

    Returns
    -------
    Laid
        The track on roads; points that are not believed are dropped.
    """
    layers, candidates, steps, path = find_path(points, stays, tables, beliefs, room)
    state, edge = np.full(raw_count, _DROPPED, np.uint8), np.full(raw_count, -1, np.int32)
    fraction, distance_m = np.full(raw_count, math.nan), np.full(raw_count, math.nan)
    placement = place_points(tables.shapes, points, layers, path)
    for place in range(len(kept)):
        raw = kept[place]
        state[raw], edge[raw] = placement.state[place], placement.edge[place]
        fraction[raw], distance_m[raw] = placement.fraction[place], placement.distance_m[place]
    confidence = link_probabilities(layers, candidates, steps, path, beliefs.weights)
    segments, parts = cut_segments(points, kept, tables.shapes, layers, path, confidence)
    drift_m, observations = _seen_drift(layers)
    return Laid(state, edge, fraction, distance_m, segments, parts, drift_m, observations)


@inner_kernel
def _seen_drift(layers: Records) -> tuple[float, int]:
    """Slow part of the receiver's error, where the device did not name all accuracies, from so many observations."""
    for number in range(len(layers)):
        layer = layers[number]
        if math.isnan(layer["device_m"]):
            return math.sqrt(max(0.0, layer["sigma_m"] ** 2 - layer["white_m"] ** 2)), len(layers)
    return math.nan, 0


@inner_kernel
def cut_segments(
    points: Points,
    kept: NDArray[np.int64],
    shapes: RoadShapes,
    layers: Records,
    path: Path,
    confidence: NDArray[np.float64],
) -> tuple[Records, RoadParts]:
    """Cut the path at stays and where the way between observations changes its kind.

    Straight lines between sparse fixes cut the bends of a road that the map lacks: they count as much longer as the
    roads of the same track are longer than the straight lines between its fixes.
    """
    # Long because it fills the columns of segments and parts in one pass.
    count = len(layers)
    observed = _observed(points, layers, confidence)
    segments = np.zeros(2 * count, SEGMENT)
    capacity = len(path.edge) + count
    parts = RoadParts(
        np.empty(capacity, np.int32),
        np.empty(capacity),
        np.empty(capacity),
        np.empty(capacity, np.int64),
        np.empty(capacity, np.bool_),
    )
    used, part, start = 0, 0, int64(0)
    road_m, straight_m = _STRAIGHT_M, _STRAIGHT_M
    for end in range(count):
        is_stay = layers[end]["first"] < layers[end]["last"]
        is_cut = is_stay or end == count - 1 or path.link[end] != path.link[end + 1]
        if end > 0 and is_cut:
            segment = segments[used]
            _bound(segment, points, kept, layers[start]["last"], layers[end]["first"])
            segment["first_part"] = part
            if path.link[end] == LINK_ROAD:
                segment["kind"] = _MATCHED
                road = road_between(shapes.edges, path, observed, start, end)
                for place in range(len(road.edge)):
                    parts.edge[part], parts.entry_ms[part] = road.edge[place], road.entry_ms[place]
                    parts.from_fraction[part] = road.from_fraction[place]
                    parts.to_fraction[part] = road.to_fraction[place]
                    parts.is_forbidden[part] = shapes.edges[road.edge[place]]["is_forbidden"]
                    part += 1
                segment["length_m"], segment["link_count"] = road.length_m, end - start
                segment["confidence"], segment["doubt_m"] = confidence_between(observed, start, end)
                segment["white_m"] = _white_m(layers, start, end)
                road_m += road.length_m
                for link in range(start + 1, end + 1):
                    straight_m += observed.step_m[link]
            else:
                is_gap = path.link[end] == LINK_NONE
                segment["kind"], segment["confidence"] = _GAP if is_gap else _OFF_ROAD, math.nan
                segment["length_m"] = math.nan if is_gap else _off_road_m(shapes, layers, path, start, end)
            segment["stop_part"] = part
            used += 1
        if is_stay:
            segment = segments[used]
            _bound(segment, points, kept, layers[end]["first"], layers[end]["last"])
            segment["kind"], segment["confidence"] = _STAY, math.nan
            used += 1
        if is_cut:
            start = end
    winding = min(max(road_m / straight_m, 1.0), _MOST_WINDING)
    for number in range(used):
        if segments[number]["kind"] == _OFF_ROAD:
            segments[number]["length_m"] *= winding
    return segments[:used], parts


@inner_kernel
def _bound(segment: Record, points: Points, kept: NDArray[np.int64], first: int, last: int) -> None:
    """Say at which believed points a segment starts and ends."""
    segment["first_point"], segment["last_point"] = kept[first], kept[last]
    segment["start_ms"], segment["end_ms"] = points.time_ms[first], points.time_ms[last]


@inner_kernel
def _observed(points: Points, layers: Records, confidence: NDArray[np.float64]) -> Observed:
    count = len(layers)
    first_ms, last_ms, step_m = np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count)
    for number in range(count):
        layer = layers[number]
        first_ms[number], last_ms[number] = points.time_ms[layer["first"]], points.time_ms[layer["last"]]
        step_m[number] = layer["step_m"]
    return Observed(first_ms, last_ms, step_m, confidence)


@inner_kernel
def _white_m(layers: Records, start: int, end: int) -> float:
    """White noise of the observations after the first, added up as squares; none where it is not known."""
    total = 0.0
    for number in range(start + 1, end + 1):
        white_m = layers[number]["white_m"]
        if not math.isnan(white_m):
            total += white_m * white_m
    return math.sqrt(total)


@inner_kernel
def _off_road_m(shapes: RoadShapes, layers: Records, path: Path, start: int, end: int) -> float:
    """Metres of the straight lines from where the road is left to the observations and back to the road."""
    latitude, longitude = _place_of(shapes, layers, path, start)
    if path.arrive[start] >= 0 and path.leave[start] != path.arrive[start]:
        part = path.leave[start]
        latitude, longitude = place_on_edge(shapes, int64(path.edge[part]), path.from_m[part])
    total_m = 0.0
    for number in range(start + 1, end + 1):
        next_latitude, next_longitude = _place_of(shapes, layers, path, number)
        total_m += plane_distance_m(latitude, longitude, next_latitude, next_longitude)
        latitude, longitude = next_latitude, next_longitude
    return total_m


@inner_kernel
def _place_of(shapes: RoadShapes, layers: Records, path: Path, number: int) -> tuple[float, float]:
    """Latitude and longitude of an observation: on its road, or where it was observed."""
    part = path.arrive[number]
    if part < 0:
        return layers[number]["latitude"], layers[number]["longitude"]
    return place_on_edge(shapes, int64(path.edge[part]), path.along_m[number])
