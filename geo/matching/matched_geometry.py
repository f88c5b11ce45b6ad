"""Where a matched path runs: lines of latitude and longitude for maps, exports and lengths."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.matching.match import Match, MatchSegment, SegmentKind
from geo.roads.edge_shapes import edge_shapes, gone_up_to, wrapped_degrees
from geo.roads.network import RoadNetwork
from geo.tracks.track import Track


class TimedLine(NamedTuple):
    """A line, and when the track was where on it.

    Parameters
    ----------
    points
        ``(p, 2)`` latitude and longitude in degrees.
    time_ms
        ``(p,)`` int64 Unix milliseconds, not descending.
    """

    points: NDArray[np.float64]
    time_ms: NDArray[np.int64]


def segment_line(network: RoadNetwork, track: Track, match: Match, segment: MatchSegment) -> TimedLine:
    """Line of one segment of a match.

    Parameters
    ----------
    network, track, match
        What the match was made from, and the match.
    segment
        One of its segments.

    Returns
    -------
    TimedLine
        Along the roads (matched), through the believed raw points (off the road), the two ends (gap), the centre of the
        points at the start of the segment (stay).
    """
    if segment.kind is SegmentKind.MATCHED:
        return path_line(network, segment)
    believed = np.arange(segment.first_point, segment.last_point + 1)
    believed = believed[match.point_drop_reason[believed] == 0]
    points = np.column_stack([track.latitude_degrees[believed], track.longitude_degrees[believed]])
    if segment.kind is SegmentKind.STAY:
        return TimedLine(np.median(points, axis=0, keepdims=True), np.array([segment.start_ms], np.int64))
    return TimedLine(points, track.time_ms[believed])


def path_line(network: RoadNetwork, segment: MatchSegment) -> TimedLine:
    """Line of a matched path along the roads.

    Parameters
    ----------
    network
        The roads.
    segment
        A matched segment.

    Returns
    -------
    TimedLine
        At least two places; none twice in a row. Along each edge the speed is even.
    """
    corners = path_corners(network, segment.edges, segment.edge_from_fraction, segment.edge_to_fraction)
    line = np.column_stack([corners.latitude_degrees, corners.longitude_degrees])
    is_new = np.append(True, (np.diff(line, axis=0) != 0.0).any(axis=1))[: len(line)]
    is_new[-1:] |= is_new.sum() == 1  # a path without length keeps its two ends
    return TimedLine(np.asarray(line[is_new]), _corner_times(segment, corners)[is_new])


def _corner_times(segment: MatchSegment, corners: PathCorners) -> NDArray[np.int64]:
    """When the path was at its corners: between entering and leaving an edge, by the share of the part travelled."""
    part = corners.part
    from_fraction, to_fraction = segment.edge_from_fraction[part], segment.edge_to_fraction[part]
    entry_ms = np.append(segment.edge_entry_ms, segment.end_ms)
    span = to_fraction - from_fraction
    along = np.divide(corners.fraction - from_fraction, span, out=np.zeros(len(part)), where=span > 0.0)
    time_ms = entry_ms[part] + np.round(along * (entry_ms[part + 1] - entry_ms[part])).astype(np.int64)
    if len(time_ms):
        time_ms[-1] = segment.end_ms
    return np.asarray(time_ms)


def edge_part_line(network: RoadNetwork, edge: int, from_fraction: float, to_fraction: float) -> NDArray[np.float64]:
    """Line of a part of an edge, in the edge's direction.

    Parameters
    ----------
    network
        The roads.
    edge
        The edge.
    from_fraction, to_fraction
        The part, as shares of the edge's length.

    Returns
    -------
    NDArray[np.float64]
        ``(p, 2)`` latitude and longitude in degrees, ``p`` at least 2.
    """
    corners = path_corners(network, np.array([edge]), np.array([from_fraction]), np.array([to_fraction]))
    return np.column_stack([corners.latitude_degrees, corners.longitude_degrees])


class PathCorners(NamedTuple):
    """The corners of a path, part by part: where each part begins, its bends, and where it ends.

    Parameters
    ----------
    latitude_degrees, longitude_degrees
        ``(p,)`` float64.
    fraction
        ``(p,)`` float64: the corner's place on its edge, as a share of the edge's length.
    part
        ``(p,)`` int64: the part that the corner belongs to, ascending; each has at least two corners.
    """

    latitude_degrees: NDArray[np.float64]
    longitude_degrees: NDArray[np.float64]
    fraction: NDArray[np.float64]
    part: NDArray[np.int64]


def path_corners(
    network: RoadNetwork,
    edges: NDArray[np.integer[Any]],
    from_fraction: NDArray[np.float64],
    to_fraction: NDArray[np.float64],
) -> PathCorners:
    """Corners of a path along the roads, all its parts in one pass.

    Parameters
    ----------
    network
        The roads.
    edges
        ``(e,)`` edges in order of travel.
    from_fraction, to_fraction
        ``(e,)`` the part of each edge that the path takes, as shares of its length, the first not above the second.

    Returns
    -------
    PathCorners
        At least two per part.
    """
    if len(edges) == 0:
        return PathCorners(np.empty(0), np.empty(0), np.empty(0), np.empty(0, np.int64))
    shapes = edge_shapes(network, edges)
    part, share, start = shapes.part, shapes.share, shapes.start
    latitude = network.shape_latitude_degrees[shapes.point]
    longitude = network.shape_longitude_degrees[shapes.point]
    east = gone_up_to(wrapped_degrees(np.diff(longitude)))
    unwrapped = longitude[start][part] + east - east[start][part]

    ends_part = np.tile(np.arange(len(edges)), 2)
    ends_share = np.concatenate([from_fraction, to_fraction])
    low = shapes.pieces_at(ends_part, ends_share)
    span = share[low + 1] - share[low]
    between = np.where(span > 0.0, (ends_share - share[low]) / np.where(span > 0.0, span, 1.0), 0.0)

    def with_ends(values: NDArray[np.float64], at_ends: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.concatenate([at_ends[: len(edges)], values[inner], at_ends[len(edges) :]])[order]

    inner = (share > from_fraction[part]) & (share < to_fraction[part])
    key, keys = 2.0 * part + share, 2.0 * ends_part + ends_share
    order = np.argsort(np.concatenate([keys[: len(edges)], key[inner], keys[len(edges) :]]), kind="stable")
    at_latitude = latitude[low] + between * (latitude[low + 1] - latitude[low])
    at_longitude = unwrapped[low] + between * (unwrapped[low + 1] - unwrapped[low])
    return PathCorners(
        with_ends(latitude, at_latitude),
        wrapped_degrees(with_ends(unwrapped, at_longitude)),
        with_ends(share, ends_share),
        np.concatenate([ends_part[: len(edges)], part[inner], ends_part[len(edges) :]])[order],
    )
