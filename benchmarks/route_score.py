"""Scores a matched path against the true route: by road arcs, and on the ground.

Both are the route mismatch of Newson and Krumm (ACM GIS 2009, section 5): metres missed plus metres wrongly added,
divided by the metres of the true route.

* By arcs: truth and match as multisets of directed arcs between OSM nodes. An arc counts whole, as in the truth, so
  the first and the last arc do not depend on where exactly a recording began.
* On the ground: both lines are sampled, and a sample is covered where the other line passes near by in about the same
  direction. This works between systems with different edges; where the truth reaches beyond the recording, the
  difference counts as missed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geo.geodesy import METRES_PER_DEGREE, chord_lengths_m
from geo.matching.match import Match, SegmentKind
from geo.matching.matched_geometry import segment_line
from geo.roads.network import RoadNetwork
from geo.tracks.track import Track

SAMPLE_STEP_M = 2.0
TOLERANCE_M = 4.0
MAX_HEADING_DEGREES = 60.0
NEIGHBOURS = 12
LEAST_OVERLAP_M = 0.5
END_M = 500.0
"""The first and last point of a recording lie within this distance of the ends of its true route."""

Arc = tuple[int, int]


@dataclass(frozen=True)
class Score:
    """How a match compares with the truth, in metres."""

    missed_m: float
    added_m: float
    true_m: float
    matched_m: float

    @property
    def mismatch(self) -> float:
        """Share of the true length that is missed or wrongly added."""
        return (self.missed_m + self.added_m) / self.true_m

    @property
    def mileage_error(self) -> float:
        """Share by which the matched length is too long."""
        return self.matched_m / self.true_m - 1.0


def total_mismatch(scores: Sequence[Score]) -> float:
    """Mismatch over all tracks, weighted by length."""
    return sum(score.missed_m + score.added_m for score in scores) / sum(score.true_m for score in scores)


def median_mileage_error(scores: Sequence[Score]) -> float:
    """Median over tracks of the absolute share by which the length is wrong."""
    return float(np.median([abs(score.mileage_error) for score in scores]))


def score_by_arcs(network: RoadNetwork, match: Match, true_arcs: Mapping[Arc, float], route: Sequence[Arc]) -> Score:
    """Compare a match with the truth arc by arc.

    Parameters
    ----------
    network, match
        The match and the roads it lies on.
    true_arcs
        Length in metres of every arc of the true route.
    route
        The true route: arcs in order, as often as they were driven.

    Returns
    -------
    Score
        In whole arcs.
    """
    matched, lengths = matched_arcs(network, match)
    truth = Counter(route)
    lengths = {**lengths, **true_arcs}
    return Score(
        missed_m=_metres(truth - matched, lengths),
        added_m=_metres(matched - truth, lengths),
        true_m=_metres(truth, lengths),
        matched_m=_metres(matched, lengths),
    )


def _metres(arcs: Counter[Arc], lengths: Mapping[Arc, float]) -> float:
    return sum(lengths[arc] * count for arc, count in arcs.items())


def matched_arcs(network: RoadNetwork, match: Match) -> tuple[Counter[Arc], dict[Arc, float]]:
    """List the arcs that a match uses, and their lengths in metres."""
    arcs: Counter[Arc] = Counter()
    lengths: dict[Arc, float] = {}
    for edge, from_fraction, to_fraction in _travelled_parts(match):
        shape = network.edge_shape[edge]
        piece = slice(network.shape_first[shape], network.shape_first[shape + 1])
        nodes = network.shape_osm_node_id[piece]
        chords_m = chord_lengths_m(network.shape_latitude_degrees[piece], network.shape_longitude_degrees[piece])
        if network.edge_is_backward[edge]:
            nodes, chords_m = nodes[::-1], chords_m[::-1]
        ends_m = np.cumsum(chords_m)
        from_m, to_m = from_fraction * ends_m[-1], to_fraction * ends_m[-1]
        overlap_m = np.minimum(ends_m, to_m) - np.maximum(ends_m - chords_m, from_m)
        for place in np.flatnonzero(overlap_m > np.minimum(LEAST_OVERLAP_M, chords_m / 2.0)):
            arc = (int(nodes[place]), int(nodes[place + 1]))
            arcs[arc] += 1
            lengths[arc] = float(chords_m[place])
    return arcs, lengths


def _travelled_parts(match: Match) -> list[tuple[int, float, float]]:
    """List edges with the shares at which they were entered and left; going on after a stay is one part, not two."""
    parts: list[tuple[int, float, float]] = []
    for segment in match.segments:
        for edge, from_fraction, to_fraction in zip(
            segment.edges.tolist(),
            segment.edge_from_fraction.tolist(),
            segment.edge_to_fraction.tolist(),
            strict=True,
        ):
            if parts and parts[-1][0] == edge and parts[-1][2] == from_fraction < 1.0:
                parts[-1] = (edge, parts[-1][1], to_fraction)
            else:
                parts.append((edge, from_fraction, to_fraction))
    return parts


def score_on_ground(network: RoadNetwork, track: Track, match: Match, truth: NDArray[np.float64]) -> Score:
    """Compare a match with the truth on the ground.

    Parameters
    ----------
    network, track, match
        The match and what it was made from.
    truth
        ``(p, 2)`` latitude and longitude of the true route.

    Returns
    -------
    Score
        Gaps count as missed, parts off the road by their own line.
    """
    true_samples = sampled([truth], truth[0])
    our_samples = sampled(travelled_lines(network, track, match), truth[0])
    return Score(
        missed_m=SAMPLE_STEP_M * float((~is_covered(true_samples, our_samples)).sum()),
        added_m=SAMPLE_STEP_M * float((~is_covered(our_samples, true_samples)).sum()),
        true_m=float(chord_lengths_m(truth[:, 0], truth[:, 1]).sum()),
        matched_m=sum(segment.length_m for segment in match.segments if segment.kind is not SegmentKind.GAP),
    )


def travelled_lines(network: RoadNetwork, track: Track, match: Match) -> list[NDArray[np.float64]]:
    """Lines of the parts of a match on roads and off them.

    Parameters
    ----------
    network, track, match
        The match and what it was made from.

    Returns
    -------
    list[NDArray[np.float64]]
        Each ``(p, 2)`` latitude and longitude in degrees.
    """
    return [
        segment_line(network, track, match, segment).points
        for segment in match.segments
        if segment.kind in {SegmentKind.MATCHED, SegmentKind.OFF_ROAD}
    ]


def recorded_part(truth: NDArray[np.float64], track: Track) -> NDArray[np.float64]:
    """Cut a true route to the part between the places of the first and the last point of its recording.

    Parameters
    ----------
    truth
        ``(p, 2)`` latitude and longitude of the true route.
    track
        The recording.

    Returns
    -------
    NDArray[np.float64]
        ``(q, 2)`` latitude and longitude. A route that comes by its ends again is cut near its ends.
    """
    cut = _from_place_on(truth, float(track.latitude_degrees[0]), float(track.longitude_degrees[0]))
    return _from_place_on(cut[::-1], float(track.latitude_degrees[-1]), float(track.longitude_degrees[-1]))[::-1]


def unrecorded_ends_m(truth: NDArray[np.float64], track: Track) -> tuple[float, float]:
    """Measure how far a true route reaches beyond its recording.

    Parameters
    ----------
    truth, track
        As for `recorded_part`.

    Returns
    -------
    tuple[float, float]
        Metres before the place of the first and after that of the last point.
    """
    begun = _from_place_on(truth, float(track.latitude_degrees[0]), float(track.longitude_degrees[0]))
    lengths_m = [chord_lengths_m(*line.T).sum() for line in (truth, begun, recorded_part(truth, track))]
    return float(lengths_m[0] - lengths_m[1]), float(lengths_m[1] - lengths_m[2])


def _from_place_on(line: NDArray[np.float64], latitude: float, longitude: float) -> NDArray[np.float64]:
    """Leave out what lies before the place nearest to a point, looked for on the first `END_M` metres."""
    scale = METRES_PER_DEGREE * np.array([1.0, np.cos(np.radians(latitude))])
    metres = (line - [latitude, longitude]) * scale
    steps = np.diff(metres, axis=0)
    length_2 = np.maximum((steps**2).sum(axis=1), 1e-12)
    share = np.clip(-(metres[:-1] * steps).sum(axis=1) / length_2, 0.0, 1.0)
    distance_m = np.hypot(*(metres[:-1] + share[:, None] * steps).T)
    starts_m = np.cumsum(np.sqrt(length_2)) - np.sqrt(length_2)
    step = int(np.argmin(np.where(starts_m <= END_M, distance_m, np.inf)))
    place = line[step] + share[step] * (line[step + 1] - line[step])
    return np.vstack([place, line[step + 1 :]])


def sampled(
    lines: Sequence[NDArray[np.float64]], origin: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sample lines.

    Parameters
    ----------
    lines
        Each ``(p, 2)`` latitude and longitude.
    origin
        Latitude and longitude in degrees that metres are counted from.

    Returns
    -------
    tuple[NDArray[np.float64], NDArray[np.float64]]
        ``(s, 2)`` places each `SAMPLE_STEP_M` in metres east and north, and the unit vectors of their directions.
    """
    scale = METRES_PER_DEGREE * np.array([np.cos(np.radians(origin[0])), 1.0])
    places, directions = [np.zeros((0, 2))], [np.zeros((0, 2))]
    for line in lines:
        metres = (line[:, ::-1] - origin[::-1]) * scale
        steps = np.diff(metres, axis=0)
        length = np.hypot(steps[:, 0], steps[:, 1])
        has_length = length > 1e-3
        starts, steps, length = metres[:-1][has_length], steps[has_length], length[has_length]
        ends = np.cumsum(length)
        if not len(ends):
            continue
        at = np.arange(SAMPLE_STEP_M / 2.0, ends[-1], SAMPLE_STEP_M)
        step = np.minimum(np.searchsorted(ends, at), len(ends) - 1)
        share = ((at - ends[step]) / length[step] + 1.0)[:, None]
        places.append(starts[step] + share * steps[step])
        directions.append(steps[step] / length[step][:, None])
    return np.concatenate(places), np.concatenate(directions)


def is_covered(
    samples: tuple[NDArray[np.float64], NDArray[np.float64]], others: tuple[NDArray[np.float64], NDArray[np.float64]]
) -> NDArray[np.bool_]:
    """Say of which samples another line passes near by in about the same direction.

    Parameters
    ----------
    samples, others
        Of `sampled`, from the same origin.

    Returns
    -------
    NDArray[np.bool_]
        ``(s,)``.
    """
    if len(samples[0]) == 0 or len(others[0]) == 0:
        return np.zeros(len(samples[0]), np.bool_)
    neighbours = range(1, min(NEIGHBOURS, len(others[0])) + 1)
    distance, index = cKDTree(others[0]).query(samples[0], k=neighbours, distance_upper_bound=TOLERANCE_M)
    is_near = np.isfinite(distance)
    cosine = (samples[1][:, None, :] * others[1][np.where(is_near, index, 0)]).sum(axis=2)
    return np.asarray((is_near & (cosine > np.cos(np.radians(MAX_HEADING_DEGREES)))).any(axis=1))
