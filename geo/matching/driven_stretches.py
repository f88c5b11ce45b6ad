"""Cuts matched tracks into stretches with a time at each end, for `geo.routing.learnt_speeds`.

A stretch begins and ends where the track has a point on the path, so that its time was recorded and not interpolated.
It lasts at least `LEAST_STRETCH_S` (one step of a sparse recording, or many of a dense one, whose noise then matters
little). Stays are not driven and belong to no stretch; what the profile may not drive has no speed to compare with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, tzinfo
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.matching.match import Match, MatchSegment, PointState, SegmentKind
from geo.roads.network import EdgeFlag, RoadNetwork
from geo.routing.learnt_speeds import DrivenStretches
from geo.routing.time_profiles import hour_of_week
from geo.routing.turn_graph import TurnGraph
from geo.tracks.track import Track

LEAST_STRETCH_S = 60.0
LEAST_CONFIDENCE = 0.7
"""Of a segment that speeds are learnt from."""


class Anchor(NamedTuple):
    """A recorded point on the path: its time, which edge of the path it lies on, and where along that edge."""

    time_ms: int
    part: int
    fraction: float


def driven_stretches(
    network: RoadNetwork, turn_graph: TurnGraph, drives: Iterable[tuple[Track, Match]], zone: tzinfo
) -> DrivenStretches:
    """Cut matched tracks into stretches.

    Parameters
    ----------
    network, turn_graph
        What the tracks were matched on.
    drives
        The tracks and their matches.
    zone
        Time zone of the roads.

    Returns
    -------
    DrivenStretches
        All stretches of all drives.
    """
    rows: list[tuple[int, int, float, float]] = []
    parts: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]] = []
    for drive, (track, match) in enumerate(drives):
        for segment in match.segments:
            if segment.kind is not SegmentKind.MATCHED or segment.confidence < LEAST_CONFIDENCE:
                continue
            for start, end in _stretches(network, track, match, segment):
                edges, shares = _travelled(segment, start, end)
                turns_s = float(_turn_ms(turn_graph, edges).sum()) / 1000
                part_s = network.edge_duration_ms[edges] / 1000 * shares
                parts.append((np.full(len(edges), len(rows)), network.edge_road_class[edges].astype(np.int64), part_s))
                hour = hour_of_week(datetime.fromtimestamp((start.time_ms + end.time_ms) / 2000, UTC).astimezone(zone))
                rows.append((drive, hour, (end.time_ms - start.time_ms) / 1000, turns_s))
    table = np.array(rows, np.float64).reshape(-1, 4)
    nothing = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    stretch, road_class, part_s = (np.concatenate(column) for column in zip(nothing, *parts, strict=True))
    drive_of, hours = table[:, 0].astype(np.int64), table[:, 1].astype(np.int64)
    return DrivenStretches(drive_of, hours, table[:, 2], table[:, 3], stretch, road_class, part_s)


def _stretches(
    network: RoadNetwork, track: Track, match: Match, segment: MatchSegment
) -> Iterator[tuple[Anchor, Anchor]]:
    """Yield the ends of each stretch of a segment that leads over roads with a speed."""
    is_closed = (network.edge_flags[segment.edges] & EdgeFlag.FORBIDDEN) != 0
    chosen: list[Anchor] = []
    for anchor in _anchors(track, match, segment):
        if not chosen or anchor.time_ms - chosen[-1].time_ms >= LEAST_STRETCH_S * 1000:
            chosen.append(anchor)
    for start, end in pairwise(chosen):
        if not is_closed[start.part : end.part + 1].any():
            yield start, end


def _anchors(track: Track, match: Match, segment: MatchSegment) -> Iterator[Anchor]:
    """Yield the points that lie on the path where it is at their time, in order of time and of the path."""
    last = (0, -1.0)
    for point in range(segment.first_point, segment.last_point + 1):
        if match.point_state[point] != PointState.MATCHED:
            continue
        time_ms, edge = int(track.time_ms[point]), int(match.point_edge[point])
        now = int(np.searchsorted(segment.edge_entry_ms, time_ms, side="right")) - 1
        # A point at the end of an edge may already be counted to the next one, or still to the one before.
        part = next((each for each in (now, now - 1, now + 1) if _lies_on(segment, each, edge)), None)
        if part is None:
            continue
        place = float(match.point_fraction[point])
        place = min(max(place, segment.edge_from_fraction[part]), segment.edge_to_fraction[part])
        if (part, place) > last:
            last = (part, place)
            yield Anchor(time_ms, part, place)


def _lies_on(segment: MatchSegment, part: int, edge: int) -> bool:
    return 0 <= part < len(segment.edges) and int(segment.edges[part]) == edge


def _travelled(segment: MatchSegment, start: Anchor, end: Anchor) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Edges of a stretch, and which share of each was travelled."""
    span = slice(start.part, end.part + 1)
    enters, leaves = segment.edge_from_fraction[span].copy(), segment.edge_to_fraction[span].copy()
    enters[0], leaves[-1] = start.fraction, end.fraction
    return segment.edges[span], np.maximum(leaves - enters, 0.0)


def _turn_ms(turn_graph: TurnGraph, edges: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return what the turn from each edge to the next costs; nothing where no turn is known."""
    costs = np.zeros(max(len(edges) - 1, 0), np.int64)
    for number, (edge, following) in enumerate(pairwise(edges.tolist())):
        state = turn_graph.edge_first_state[edge]
        if state == turn_graph.edge_first_state[edge + 1]:
            continue
        arcs = slice(turn_graph.first_arc[state], turn_graph.first_arc[state + 1])
        found = np.flatnonzero(turn_graph.state_edge[turn_graph.arc_head[arcs]] == following)
        if len(found):
            costs[number] = turn_graph.arc_turn_ms[arcs][found[0]]
    return costs
