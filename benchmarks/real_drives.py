"""What real recordings with a hand-corrected true route show when they are matched and measured (Kubička et al.).

The truth of a thinned recording reaches from the place of its own first fix to that of its own last one: thinned to a
fix a minute, a recording ends up to a minute's drive before the road that was recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from benchmarks.drive_evidence import link_parts
from benchmarks.matching_data import TrueDrive, kubicka_drive, kubicka_names, kubicka_network
from benchmarks.route_score import Arc
from geo.audit.planned_path import PlannedPath
from geo.audit.planned_path_kernels import nearest_in_stretch
from geo.audit.track_audit import Mileage
from geo.audit_track import audit_track
from geo.geodesy import chord_lengths_m
from geo.matching.confidence import link_confidence
from geo.matching.map_matcher import MapMatcher
from geo.roads.edge_shapes import edge_shapes
from geo.roads.network import RoadNetwork
from geo.routing.router import Router
from geo.tracks.cleaning import clean_track
from geo.tracks.stays import stays_among
from geo.tracks.track import Track

FloatArray = NDArray[np.float64]

INTERVALS_S = (1, 5, 15, 30, 60)
LEFT_OUT = {"00000013"}
"""Another size of network than the others, and position jumps."""
END_M = 500.0
"""The first and last fix lie within this distance of the ends of the true route."""
STEP_SLACK_M = 60.0
"""From fix to fix, the place on the true route moves by at most three times their distance and so much."""
CENTIMETRES = 100.0


@dataclass(frozen=True, eq=False)
class RealDrive:
    """A real recording, thinned and measured.

    Parameters
    ----------
    name, every_s
        Which recording, and the seconds between its fixes.
    true_m, mileage
        Length of the true route between its first and last fix, and what was measured.
    link_m, link_confidence, link_right
        ``(l,)`` metres of each link between observations, the probability that they were driven, and the share of them
        on arcs of the true route in its direction.
    """

    name: str
    every_s: int
    true_m: float
    mileage: Mileage
    link_m: FloatArray
    link_confidence: FloatArray
    link_right: FloatArray


def real_drives(count: int) -> Iterator[RealDrive]:
    """Measure real recordings at every interval.

    Parameters
    ----------
    count
        At most so many recordings.

    Yields
    ------
    RealDrive
        Recording by recording.
    """
    for name in _names(count):
        network, drive = kubicka_network(name), kubicka_drive(name)
        matcher, router = MapMatcher(network), Router.build(network)
        for every_s in INTERVALS_S:
            yield _measured(drive, network, matcher, router, every_s)


def thinned_recordings(count: int) -> Iterator[tuple[RoadNetwork, dict[int, Track]]]:
    """Return the roads and the fixes of real recordings.

    Parameters
    ----------
    count
        At most so many recordings.

    Yields
    ------
    tuple[RoadNetwork, dict[int, Track]]
        Recording by recording; the track by the seconds between its fixes.
    """
    for name in _names(count):
        track = kubicka_drive(name).track
        yield kubicka_network(name), {every_s: _thinned(track, every_s) for every_s in INTERVALS_S}


def _names(count: int) -> list[str]:
    return [name for name in kubicka_names() if name not in LEFT_OUT][:count]


def _thinned(track: Track, every_s: int) -> Track:
    return Track(**{name: column[::every_s] for name, column in vars(track).items()})


def _measured(drive: TrueDrive, network: RoadNetwork, matcher: MapMatcher, router: Router, every_s: int) -> RealDrive:
    track = _thinned(drive.track, every_s)
    cleaned = clean_track(track, matcher.options.cleaning)
    stays = stays_among(track, cleaned.kept, matcher.options.stays, cleaned.noise_m)
    solution = matcher.solve(cleaned, stays)
    confidence = link_confidence(*solution)
    rights = _RightMetres(network, drive.arcs)
    rows = []
    for number, parts in link_parts(solution):
        metres = sum(end_m - start_m for _, start_m, end_m in parts)
        right_m = sum(rights.between(edge, start_m, end_m) for edge, start_m, end_m in parts)
        if metres > 0.0:
            rows.append((metres, confidence[number], right_m / metres))
    link_m, sure, right = np.array(rows).reshape(-1, 3).T
    return RealDrive(
        name=drive.name,
        every_s=every_s,
        true_m=true_length_m(drive, every_s),
        mileage=audit_track(track, None, matcher, router).mileage,
        link_m=link_m,
        link_confidence=sure,
        link_right=right,
    )


class _RightMetres:
    """Which metres of edges lie on the true route."""

    def __init__(self, network: RoadNetwork, arcs: dict[Arc, float]) -> None:
        self._network, self._arcs = network, arcs
        self._known: dict[int, tuple[FloatArray, FloatArray]] = {}

    def between(self, edge: int, start_m: float, end_m: float) -> float:
        """Metres of the true route between two places of an edge."""
        if edge not in self._known:
            self._known[edge] = self._of_edge(edge)
        along_m, right_m = self._known[edge]
        return float(np.interp(end_m, along_m, right_m) - np.interp(start_m, along_m, right_m))

    def _of_edge(self, edge: int) -> tuple[FloatArray, FloatArray]:
        shapes = edge_shapes(self._network, np.array([edge]))
        along_m = shapes.share * self._network.edge_length_cm[edge] / CENTIMETRES
        nodes = self._network.shape_osm_node_id[shapes.point].tolist()
        is_true = [arc in self._arcs for arc in pairwise(nodes)]
        return along_m, np.append(0.0, np.cumsum(np.diff(along_m) * is_true))


def true_length_m(drive: TrueDrive, every_s: int) -> float:
    """Length of the true route between the first and the last fix of a thinned recording.

    Parameters
    ----------
    drive
        The recording and its true route.
    every_s
        Every so many-th fix is left.

    Returns
    -------
    float
        Metres.
    """
    path = PlannedPath.through(drive.truth[:, 0], drive.truth[:, 1])
    latitude, longitude = drive.track.latitude_degrees, drive.track.longitude_degrees
    whole_m = float(path.line.along_m[-1])
    _, first_m = nearest_in_stretch(path.line, float(latitude[0]), float(longitude[0]), 0.0, END_M)
    _, last_m = nearest_in_stretch(path.line, float(latitude[-1]), float(longitude[-1]), whole_m - END_M, whole_m)
    last = (len(latitude) - 1) // every_s * every_s
    steps_m = chord_lengths_m(latitude, longitude)
    for fix in range(len(latitude) - 2, last - 1, -1):  # fix by fix, so that a road driven twice is not confused
        stretch = (last_m - 3.0 * float(steps_m[fix]) - STEP_SLACK_M, last_m + STEP_SLACK_M)
        _, last_m = nearest_in_stretch(path.line, float(latitude[fix]), float(longitude[fix]), *stretch)
    return float(last_m - first_m) * sum(drive.arcs[arc] for arc in drive.route) / whole_m
