"""The line a worker drew: matched roads, straight lines over gaps, raw points off the road, each with its times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.matching.match import Match, MatchSegment, PointState, SegmentKind
from geo.matching.matched_geometry import edge_part_line
from geo.roads.network import RoadNetwork
from geo.tracks.track import Track
from server.reports.local_plane import FloatArray, LocalPlane

_LEAST_POINTS = 2


@dataclass(frozen=True, eq=False)
class TimedLine:
    """A piece of the way, and when it was where.

    Parameters
    ----------
    kind
        What this part of the track was.
    time_ms
        ``(p,)`` float64 Unix milliseconds, not descending; ``p`` at least 2.
    points
        ``(p, 2)`` metres on the plane of the report.
    """

    kind: SegmentKind
    time_ms: FloatArray
    points: FloatArray

    def between(self, start_ms: float, end_ms: float) -> FloatArray:
        """Cut out the part between two times.

        Parameters
        ----------
        start_ms, end_ms
            Unix milliseconds.

        Returns
        -------
        FloatArray
            ``(p, 2)`` metres; empty where the line has no part in between.
        """
        start_ms, end_ms = max(start_ms, self.time_ms[0]), min(end_ms, self.time_ms[-1])
        if start_ms >= end_ms:
            return np.empty((0, 2))
        inside = self.points[(self.time_ms > start_ms) & (self.time_ms < end_ms)]
        ends = [[np.interp(time, self.time_ms, column) for column in self.points.T] for time in (start_ms, end_ms)]
        return np.vstack([ends[:1], inside, ends[1:]])


def driven_lines(network: RoadNetwork, track: Track, match: Match, plane: LocalPlane) -> tuple[TimedLine, ...]:
    """Draw a match.

    Parameters
    ----------
    network, track, match
        The match of the track on the network.
    plane
        Where to draw.

    Returns
    -------
    tuple[TimedLine, ...]
        One per segment that has a line, in order of time. Stays have none.
    """
    raw = plane.points(track.latitude_degrees, track.longitude_degrees)
    lines = []
    for segment in match.segments:
        if segment.kind is SegmentKind.MATCHED:
            lines.append(_along_roads(network, segment, plane))
        elif segment.kind is SegmentKind.GAP:
            ends = [segment.first_point, segment.last_point]
            lines.append(TimedLine(segment.kind, track.time_ms[ends].astype(np.float64), raw[ends]))
        elif segment.kind is SegmentKind.OFF_ROAD:
            kept = _believed_points(match, segment)
            lines.append(TimedLine(segment.kind, track.time_ms[kept].astype(np.float64), raw[kept]))
    return tuple(line for line in lines if len(line.points) >= _LEAST_POINTS and np.isfinite(line.points).all())


def _believed_points(match: Match, segment: MatchSegment) -> NDArray[np.intp]:
    points = np.arange(segment.first_point, segment.last_point + 1)
    believed: NDArray[np.intp] = points[match.point_state[points] != PointState.DROPPED]
    return believed


def _along_roads(network: RoadNetwork, segment: MatchSegment, plane: LocalPlane) -> TimedLine:
    """Draw a matched path; within an edge the speed is constant."""
    times, pieces = [np.empty(0)], [np.empty((0, 2))]
    leaves_ms = np.append(segment.edge_entry_ms[1:], segment.end_ms)
    parts = zip(segment.edges.tolist(), segment.edge_from_fraction, segment.edge_to_fraction, strict=True)
    for (edge, start, end), enters, leaves in zip(parts, segment.edge_entry_ms, leaves_ms, strict=True):
        degrees = edge_part_line(network, edge, float(start), float(end))
        pieces.append(plane.points(degrees[:, 0], degrees[:, 1]))
        times.append(enters + _share_along(pieces[-1]) * (leaves - enters))
    return TimedLine(segment.kind, np.concatenate(times), np.vstack(pieces))


def _share_along(points: FloatArray) -> FloatArray:
    """Share of the length of a line at each of its points, from 0 to 1."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    return along / along[-1] if along[-1] > 0 else np.linspace(0.0, 1.0, len(points))
