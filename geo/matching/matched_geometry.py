"""Where a matched path runs: lines of latitude and longitude for maps, exports and lengths."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.matching.match import Match, MatchSegment, SegmentKind
from geo.roads.network import RoadNetwork
from geo.tracks.track import Track


def segment_line(network: RoadNetwork, track: Track, match: Match, segment: MatchSegment) -> NDArray[np.float64]:
    """Line of one segment of a match.

    Parameters
    ----------
    network, track, match
        What the match was made from, and the match.
    segment
        One of its segments.

    Returns
    -------
    NDArray[np.float64]
        ``(p, 2)`` latitude and longitude in degrees: along the roads (matched), through the believed raw points (off
        the road), the two ends (gap), the centre of the points (stay).
    """
    if segment.kind is SegmentKind.MATCHED:
        return path_line(network, segment)
    believed = np.arange(segment.first_point, segment.last_point + 1)
    believed = believed[match.point_drop_reason[believed] == 0]
    points = np.column_stack([track.latitude_degrees[believed], track.longitude_degrees[believed]])
    return np.median(points, axis=0, keepdims=True) if segment.kind is SegmentKind.STAY else points


def path_line(network: RoadNetwork, segment: MatchSegment) -> NDArray[np.float64]:
    """Line of a matched path along the roads.

    Parameters
    ----------
    network
        The roads.
    segment
        A matched segment.

    Returns
    -------
    NDArray[np.float64]
        ``(p, 2)`` latitude and longitude in degrees, ``p`` at least 2; no place twice in a row.
    """
    parts = [
        edge_part_line(network, int(edge), from_fraction, to_fraction)
        for edge, from_fraction, to_fraction in zip(
            segment.edges, segment.edge_from_fraction, segment.edge_to_fraction, strict=True
        )
    ]
    line = np.concatenate(parts) if parts else np.zeros((0, 2))
    is_new = np.append(True, (np.diff(line, axis=0) != 0.0).any(axis=1))[: len(line)]
    is_new[-1:] |= is_new.sum() == 1  # a path without length keeps its two ends
    return np.asarray(line[is_new])


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
    points = network.edge_points(edge)
    steps = np.diff(points, axis=0)
    steps[:, 1] = (steps[:, 1] + 540.0) % 360.0 - 180.0
    middle = np.radians(points[:-1, 0] + steps[:, 0] / 2.0)
    share = np.append(0.0, np.cumsum(np.hypot(steps[:, 0], steps[:, 1] * np.cos(middle))))
    share = share / share[-1] if share[-1] > 0.0 else np.linspace(0.0, 1.0, len(points))
    unwrapped = points[0] + np.vstack([np.zeros((1, 2)), np.cumsum(steps, axis=0)])
    inner = (share > from_fraction) & (share < to_fraction)
    at = np.concatenate([[from_fraction], share[inner], [to_fraction]])
    line = np.column_stack([np.interp(at, share, unwrapped[:, 0]), np.interp(at, share, unwrapped[:, 1])])
    line[:, 1] = (line[:, 1] + 540.0) % 360.0 - 180.0
    return line
