"""The way that was travelled, cut into short pieces: what deviations and adherence are measured on.

Pieces lie on the matched path, not on the recorded points, so that what is measured does not depend on how often
a device records or how much it jitters. Only where the map has no road are they taken from the points themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.geodesy import chord_lengths_m
from geo.matching.match import Match, MatchSegment, PointState, SegmentKind
from geo.matching.matched_geometry import path_corners
from geo.roads.network import RoadNetwork
from geo.tracks.track import Track

FloatArray = NDArray[np.float64]

PIECE_M = 20.0
"""Longest piece: half the default corridor."""

NO_EDGE = -1


@dataclass(frozen=True, eq=False)
class TravelledPieces:
    """The observed way in order of travel, one entry per piece. Gaps and stays have no pieces.

    Parameters
    ----------
    start_ms, end_ms
        ``(n,)`` int64 Unix milliseconds.
    length_m
        ``(n,)`` float64 metres.
    latitude_degrees, longitude_degrees
        ``(n,)`` float64: the middle of the piece.
    edge
        ``(n,)`` int32 edge; ``-1`` off the road network.
    segment
        ``(n,)`` int32 index into `Match.segments`.
    """

    start_ms: NDArray[np.int64]
    end_ms: NDArray[np.int64]
    length_m: FloatArray
    latitude_degrees: FloatArray
    longitude_degrees: FloatArray
    edge: NDArray[np.int32]
    segment: NDArray[np.int32]

    def __len__(self) -> int:
        """Return the number of pieces."""
        return len(self.length_m)

    @property
    def travelled_m(self) -> FloatArray:
        """``(n,)`` metres travelled until the middle of each piece."""
        return np.cumsum(self.length_m) - self.length_m / 2.0


def cut_into_pieces(track: Track, match: Match, network: RoadNetwork) -> TravelledPieces:
    """Cut the matched and off-road parts of a match into short pieces.

    Parameters
    ----------
    track
        The track that was matched.
    match
        The track laid on roads.
    network
        The road network of the match.

    Returns
    -------
    TravelledPieces
        In order of travel. Pieces of a segment add up to its length.
    """
    rows = [
        _pieces_of(chords, index, segment)
        for index, segment in enumerate(match.segments)
        if (chords := _chords_of(track, match, network, segment)) is not None
    ]
    if not rows:
        times, metres, indices = np.empty(0, np.int64), np.empty(0), np.empty(0, np.int32)
        return TravelledPieces(times, times, metres, metres, metres, indices, indices)
    start_ms, end_ms, length_m, latitude, longitude, edge, segment_index = (
        np.concatenate(column) for column in zip(*rows, strict=True)
    )
    return TravelledPieces(start_ms, end_ms, length_m, latitude, longitude, edge, segment_index)


@dataclass(frozen=True, eq=False)
class _Chords:
    """Straight parts of a segment: ``(c + 1,)`` corners with their times, ``(c,)`` edges."""

    time_ms: FloatArray
    latitude_degrees: FloatArray
    longitude_degrees: FloatArray
    edge: NDArray[np.int32]


def _chords_of(track: Track, match: Match, network: RoadNetwork, segment: MatchSegment) -> _Chords | None:
    if segment.kind is SegmentKind.MATCHED and len(segment.edges):
        return _chords_along_edges(network, segment)
    if segment.kind is SegmentKind.OFF_ROAD:
        return _chords_between_points(track, match, segment)
    return None


def _chords_along_edges(network: RoadNetwork, segment: MatchSegment) -> _Chords:
    corners = path_corners(network, segment.edges, segment.edge_from_fraction, segment.edge_to_fraction)
    part = corners.part
    from_fraction, to_fraction = segment.edge_from_fraction[part], segment.edge_to_fraction[part]
    taken = to_fraction - from_fraction
    share = np.where(taken > 0.0, (corners.fraction - from_fraction) / np.where(taken > 0.0, taken, 1.0), 0.0)
    enter_ms, leave_ms = segment.edge_entry_ms, np.append(segment.edge_entry_ms[1:], segment.end_ms)
    time_ms = enter_ms[part] + share * (leave_ms - enter_ms)[part]
    is_new = np.append(True, part[1:] == part[:-1])  # a part begins where the one before ends
    return _Chords(
        time_ms[is_new],
        corners.latitude_degrees[is_new],
        corners.longitude_degrees[is_new],
        segment.edges[part[is_new]][1:],
    )


def _chords_between_points(track: Track, match: Match, segment: MatchSegment) -> _Chords | None:
    inside = np.arange(segment.first_point, segment.last_point + 1)
    believed = inside[match.point_state[inside] != PointState.DROPPED]
    if len(believed) <= 1:
        return None
    return _Chords(
        track.time_ms[believed].astype(np.float64),
        track.latitude_degrees[believed],
        track.longitude_degrees[believed],
        np.full(len(believed) - 1, NO_EDGE, np.int32),
    )


def _pieces_of(chords: _Chords, index: int, segment: MatchSegment) -> tuple[NDArray[np.generic], ...]:
    """Cut chords into pieces; their metres add up to those of the segment."""
    chord_m = chord_lengths_m(chords.latitude_degrees, chords.longitude_degrees)
    counts = np.maximum(1, np.ceil(chord_m / PIECE_M)).astype(np.int64)
    chord = np.repeat(np.arange(len(counts)), counts)
    number = np.arange(len(chord)) - np.repeat(np.cumsum(counts) - counts, counts)

    def at(values: FloatArray, shift: float) -> FloatArray:
        return np.asarray(values[chord] + (number + shift) / counts[chord] * np.diff(values)[chord])

    total_m = chord_m.sum()
    scale = segment.length_m / total_m if total_m > 0.0 else 1.0
    return (
        at(chords.time_ms, 0.0).astype(np.int64),
        at(chords.time_ms, 1.0).astype(np.int64),
        scale * chord_m[chord] / counts[chord],
        at(chords.latitude_degrees, 0.5),
        at(chords.longitude_degrees, 0.5),
        chords.edge[chord],
        np.full(len(chord), index, np.int32),
    )
