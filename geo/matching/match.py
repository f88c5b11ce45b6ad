"""A match: the track laid on roads, point by point and segment by segment."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from geo.matching.receiver import UNKNOWN_RECEIVER, ReceiverError
from geo.tracks.track import DropReason

__all__ = ["DropReason", "Match", "MatchSegment", "PointState", "SegmentKind"]


class PointState(IntEnum):
    """What became of a recorded point."""

    MATCHED = 0
    STAY = 1
    """Part of a stay: the worker stood still, so the point adds no mileage."""
    INTERPOLATED = 2
    """Not used to find the path, but laid on it afterwards (a thinned point)."""
    OFF_ROAD = 3
    DROPPED = 4
    """Not believed; `Match.point_drop_reason` says why."""


class SegmentKind(IntEnum):
    """What a part of the track's time was."""

    MATCHED = 0
    STAY = 1
    GAP = 2
    """No believable points: what happened in between was not seen."""
    OFF_ROAD = 3
    """Moving where the map has no road: raw geometry, own mileage."""


@dataclass(frozen=True, eq=False)
class MatchSegment:
    """One part of the track's time. Segments follow one another and cover the time of all believed points together.

    Neighbours share a point: the last point of one segment is the first point of the next, so the times of its two
    points are the times of the segment. A path may turn back in the middle of an edge, therefore each edge of the
    path says which part of it was travelled.

    Parameters
    ----------
    kind
        What this part was.
    start_ms, end_ms
        Unix milliseconds; the end of one segment is the start of the next.
    first_point, last_point
        Indices of the raw points where the segment starts and ends.
    edges
        ``(e,)`` int32 edges in order of travel (matched segments); empty otherwise.
    edge_from_fraction, edge_to_fraction
        ``(e,)`` float64: where on each edge the path enters and leaves it, as shares of its length: 0 and 1 except at
        the ends of the path and around a turn in the middle of an edge.
    edge_entry_ms
        ``(e,)`` int64 Unix milliseconds at which the path enters each edge, interpolated between the points.
    length_m
        Metres travelled: along the roads (matched), along the cleaned points (off-road), 0 (stay), NaN (gap: the
        gap policy of `geo.audit.real_mileage` decides).
    confidence
        Calibrated probability in [0, 1] that a metre of the path was driven (`geo.matching.confidence`); NaN where
        nothing was matched.
    forbidden_edges
        ``(f,)`` int32 positions in `edges` that the profile may not use (driven against a one-way, …), conditions left
        aside: `geo.matching.forbidden_passages` judges those.
    doubt_m
        Metres by which wrong ways may have changed the length: ``√(Σ (1 - p) d²)`` over the links between observations,
        with the metres ``d`` of each and the probability ``p`` that they were driven.
    link_count, white_m
        Number of links between observations that the path is made of, and the white noise of these observations in
        metres, added up as squares.
    """

    kind: SegmentKind
    start_ms: int
    end_ms: int
    first_point: int
    last_point: int
    edges: NDArray[np.int32]
    edge_from_fraction: NDArray[np.float64]
    edge_to_fraction: NDArray[np.float64]
    edge_entry_ms: NDArray[np.int64]
    length_m: float
    confidence: float
    forbidden_edges: NDArray[np.int32]
    doubt_m: float = 0.0
    link_count: int = 0
    white_m: float = 0.0

    @property
    def first_fraction(self) -> float:
        """Where the path starts on its first edge; NaN without edges."""
        return float(self.edge_from_fraction[0]) if len(self.edges) else math.nan

    @property
    def last_fraction(self) -> float:
        """Where the path ends on its last edge; NaN without edges."""
        return float(self.edge_to_fraction[-1]) if len(self.edges) else math.nan


@dataclass(frozen=True, eq=False)
class Match:
    """The track laid on roads. Arrays have one entry per raw point, dropped ones included.

    Parameters
    ----------
    point_state
        ``(n,)`` uint8 (`PointState`).
    point_drop_reason
        ``(n,)`` uint8 (`DropReason`); `DropReason.NONE` for every point that was believed.
    point_edge
        ``(n,)`` int32 edge; ``-1`` where the point lies on none.
    point_fraction
        ``(n,)`` float64 place along the edge; NaN without an edge.
    point_distance_m
        ``(n,)`` float64 metres between the raw point and its place on the road; NaN without an edge.
    segments
        In order of time, covering the whole track.
    receiver
        The errors of the receiver as this track shows them, and what was known of them before.
    """

    point_state: NDArray[np.uint8]
    point_drop_reason: NDArray[np.uint8]
    point_edge: NDArray[np.int32]
    point_fraction: NDArray[np.float64]
    point_distance_m: NDArray[np.float64]
    segments: tuple[MatchSegment, ...]
    receiver: ReceiverError = UNKNOWN_RECEIVER
