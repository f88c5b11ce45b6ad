"""Measures how well matching tells what the map forbids: lawful drives must show nothing, backward ones everything.

The 40 given drives over Porto are lawful. Each is matched as it is: every forbidden passage is false. Then its points
are put into the opposite order, as if somebody had driven the same roads back. The roads of its matched path at a fix
each second, which is nearly free of mistakes, say how many metres of that lie against one-ways; those that are found on
the same roads are right. Where a lawful road of the same direction lies within `BESIDE_M`, as on dual carriageways, a
drive on the right side of the road is the better explanation of noisy points: these metres are counted apart.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track as shown
from scipy.spatial import cKDTree

from benchmarks import matching_data as data
from geo.geodesy import METRES_PER_DEGREE
from geo.matching.forbidden_passages import forbidden_passages
from geo.matching.map_matcher import MapMatcher
from geo.matching.match import Match
from geo.matching.matched_geometry import path_corners
from geo.roads.network import EdgeFlag, RoadNetwork
from geo.tracks.track import Track

BESIDE_M = 60.0
SAME_DIRECTION = 0.87
"""Cosine of some 30 degrees."""


def backwards(track: Track) -> Track:
    """Return the same places in the opposite order, at the same intervals."""
    places = {name: values[::-1].copy() for name, values in vars(track).items()}
    return replace(Track(**places), time_ms=track.time_ms[0] + track.time_ms[-1] - track.time_ms[::-1])


def edge_metres(network: RoadNetwork, match: Match, *, is_forbidden_only: bool) -> Counter[int]:
    """Metres of each edge of the matched path."""
    metres: Counter[int] = Counter()
    for segment in match.segments:
        chosen = segment.forbidden_edges if is_forbidden_only else np.arange(len(segment.edges))
        share = segment.edge_to_fraction[chosen] - segment.edge_from_fraction[chosen]
        edges = segment.edges[chosen]
        for edge, length_m in zip(edges.tolist(), share * network.edge_length_cm[edges] / 100.0, strict=True):
            metres[edge] += length_m
    return metres


def edges_alone(network: RoadNetwork) -> NDArray[np.bool_]:
    """Whether each edge has no lawful road of its own direction beside it."""
    edges = np.arange(network.edge_count)
    corners = path_corners(network, edges, np.zeros(len(edges)), np.ones(len(edges)))
    north = corners.latitude_degrees * METRES_PER_DEGREE
    east = corners.longitude_degrees * METRES_PER_DEGREE * np.cos(np.radians(corners.latitude_degrees.mean()))
    step = np.column_stack([np.diff(north), np.diff(east)])
    length_m = np.hypot(*step.T)
    is_piece = (np.diff(corners.part) == 0) & (length_m > 0.0)
    middle = np.column_stack([north[:-1], east[:-1]])[is_piece] + step[is_piece] / 2.0
    heading, part = step[is_piece] / length_m[is_piece, None], corners.part[:-1][is_piece]
    is_lawful = (network.edge_flags[part] & EdgeFlag.FORBIDDEN) == 0
    lawful = np.flatnonzero(is_lawful)
    near = cKDTree(middle[~is_lawful]).query_ball_tree(cKDTree(middle[is_lawful]), BESIDE_M)
    alone = np.ones(network.edge_count, np.bool_)
    for piece, others in zip(np.flatnonzero(~is_lawful).tolist(), near, strict=True):
        if (heading[lawful[others]] @ heading[piece] > SAME_DIRECTION).any():
            alone[part[piece]] = False
    return alone


def measures_at(matcher: MapMatcher, alone: NDArray[np.bool_], rate_s: int, noise_m: int) -> dict[str, float]:
    """Measure one rate and noise."""
    network = matcher.network
    passages, false_m, driven_m, true_m, found_m = 0, 0.0, 0.0, np.zeros(2), np.zeros(2)
    for drive, dense in zip(data.porto_drives(rate_s, noise_m), data.porto_drives(1, 5), strict=True):
        match = matcher.match(drive.track)
        found = [one for segment in match.segments for one in forbidden_passages(network, segment, None)]
        passages, false_m = passages + len(found), false_m + sum(one.length_m for one in found)
        driven_m += sum(edge_metres(network, match, is_forbidden_only=False).values())

        lawful = edge_metres(network, matcher.match(dense.track), is_forbidden_only=False)
        back = {int(network.edge_reverse[edge]): length_m for edge, length_m in lawful.items()}
        true = {edge: length_m for edge, length_m in back.items() if network.edge_flags[edge] & EdgeFlag.FORBIDDEN}
        told = edge_metres(network, matcher.match(backwards(drive.track)), is_forbidden_only=True)
        for edge, length_m in true.items():
            true_m[int(alone[edge])] += length_m
            found_m[int(alone[edge])] += min(told[edge], length_m)
    key = f"{rate_s}s_{noise_m}m"
    return {
        f"false_forbidden_per_1000km_{key}": passages / driven_m * 1e6,
        f"false_forbidden_share_{key}": false_m / driven_m,
        f"one_way_recall_alone_{key}": found_m[1] / true_m[1],
        f"one_way_recall_beside_{key}": found_m[0] / true_m[0],
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="two rates")
    parser.add_argument("--json", action="store_true", help="last line: one JSON object")
    options = parser.parse_args()
    if not data.data_folder().exists():
        sys.exit(f"{data.data_folder()} is missing: set ODOGRAPH_DATA to the data folder")
    matcher = MapMatcher(data.porto_network())
    alone = edges_alone(matcher.network)
    cells = [(rate_s, noise_m) for rate_s in data.PORTO_RATES_S for noise_m in data.PORTO_NOISES_M]
    measures: dict[str, float] = {}
    for cell in shown(cells[::4] if options.quick else cells, console=Console(stderr=True), transient=True):
        measures |= measures_at(matcher, alone, *cell)
    for name, value in measures.items():
        print(f"{name:42} {value:10.5f}")
    if options.json:
        print(json.dumps({name: round(value, 6) for name, value in measures.items()}))


if __name__ == "__main__":
    main()
