"""Measures how many points per second one core lays on roads, called from Python, after warm-up.

Command line
    python -m benchmarks.measure_matching_speed [--quick] [--json]

The simulated drives over Porto of `measure_matching_accuracy` (environment variable ODOGRAPH_DATA). A match is the
whole answer: cleaning, stays, path, a place for every point, segments with times. Wall time of the fastest of several
rounds over all drives, in one thread.

What the numbers mean
    points_per_s_{1,5,30,60}s   at 5 m of noise; points_per_s_{…}s_15m at 15 m
    fmm_points_per_s_{…}s       the same drives by the library fastmm (FMM with its precomputed table, made beforehand;
                                8 candidates within 50 m, its defaults, and the true error), where it is installed;
                                fmm_lost_tracks_{…}s: drives of which it returned no match that covers three quarters
                                of the points
    points_per_s_largest        the recording on the largest network of Kubička et al. (66,122 edges) at 1 Hz
    growth_exponent             of time with the length of the track, from an eighth of the longest drive at 1 Hz to all
                                of it: 1 is linear
    matcher_memory_mb           what a matcher holds beside the network, one thread's room included
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import matching_data as data
from geo.geodesy import METRES_PER_DEGREE
from geo.matching.map_matcher import MapMatcher
from geo.roads.network import EdgeFlag, RoadNetwork
from geo.tracks.track import Track

LARGEST_KUBICKA = "00000025"
GROWTH_TIMES = 8
FMM_REACH_M = {1: 400.0, 5: 600.0, 30: 2_500.0}
"""The table of FMM holds the ways up to so many metres. At 60 s it would need 4 km: more than 100 million ways and
12 GB of memory for Porto, so it is not built."""
FMM_QUICK_RATES = (1, 5)


def points_per_s(match: Callable[[Track], object], tracks: Sequence[Track], *, rounds: int) -> float:
    """Points per second of the fastest round, after one that warms up."""
    seconds = math.inf
    for number in range(rounds + 1):
        start = time.perf_counter()
        for track in tracks:
            match(track)
        if number > 0:
            seconds = min(seconds, time.perf_counter() - start)
    return sum(len(track) for track in tracks) / seconds


def matcher_memory_mb(matcher: MapMatcher) -> float:
    """Megabytes of all arrays that a matcher holds beside its network."""
    seen: dict[int, int] = {}
    network_parts = {id(_owner(value)) for value in vars(matcher.network).values() if isinstance(value, np.ndarray)}

    def collect(value: object) -> None:
        if isinstance(value, np.ndarray):
            owner = _owner(value)
            if id(owner) not in network_parts:
                seen[id(owner)] = owner.nbytes
        elif isinstance(value, tuple):
            for part in value:
                collect(part)

    for value in vars(matcher).values():
        collect(value)
    for value in vars(matcher._rooms).values():  # noqa: SLF001 - it is the memory that is measured
        collect(value)
    return sum(seen.values()) / 1e6


def _owner(array: Any) -> Any:  # noqa: ANN401 - arrays of any kind, memory-mapped or not
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def growth_exponent(matcher: MapMatcher, track: Track) -> float:
    """Exponent by which time grows with the length of a track."""
    seconds = []
    for count in (len(track) // GROWTH_TIMES, len(track)):
        part = Track(**{name: values[:count] for name, values in vars(track).items()})
        seconds.append(len(part) / points_per_s(matcher.match, [part], rounds=10))
    return math.log(seconds[1] / seconds[0]) / math.log(GROWTH_TIMES)


class FmmPeer:
    """The library fastmm on the same roads; forbidden edges left out, as it has no price for them."""

    def __init__(self, network: RoadNetwork, reach_m: float, folder: Path) -> None:
        import fastmm  # noqa: PLC0415 - only where it is installed

        self._fastmm = fastmm
        self._scale = METRES_PER_DEGREE * np.array([math.cos(math.radians(network.node_latitude_degrees[0])), 1.0])
        roads = fastmm.Network()
        allowed = np.flatnonzero((network.edge_flags & EdgeFlag.FORBIDDEN) == 0)
        for edge in allowed.tolist():
            points = network.edge_points(edge)[:, ::-1] * self._scale
            roads.add_edge(
                edge,
                source=int(network.edge_tail[edge]),
                target=int(network.edge_head[edge]),
                geom=list(map(tuple, points.tolist())),
            )
        roads.finalize()
        self._roads = roads  # the matcher only refers to it
        self._matcher = fastmm.FastMapMatch(
            roads, fastmm.TransitionMode.SHORTEST, max_distance_between_candidates=reach_m, cache_dir=folder
        )

    def prepared(self, track: Track) -> Any:  # noqa: ANN401 - a type of the library
        """Turn a track into the library's own form, outside the time measured."""
        places = np.column_stack([track.longitude_degrees, track.latitude_degrees]) * self._scale
        return self._fastmm.Trajectory.from_xy_tuples(list(map(tuple, places.tolist())))

    def measures(self, tracks: Sequence[Track], noise_m: float, *, rounds: int) -> tuple[float, int]:
        """Points per second, and drives that were lost."""
        prepared = [self.prepared(track) for track in tracks]

        def match(trajectory: object) -> Any:  # noqa: ANN401 - a type of the library
            return self._matcher.match(
                trajectory, max_candidates=8, candidate_search_radius=50.0, gps_error=noise_m, reverse_tolerance=10.0
            )

        lost = 0
        for trajectory, track in zip(prepared, tracks, strict=True):
            found = [
                part.end_index - part.start_index + 1
                for part in match(trajectory).subtrajectories
                if part.error_code == self._fastmm.MatchErrorCode.SUCCESS
            ]
            lost += sum(found) < 0.75 * len(track)
        seconds = math.inf
        for _ in range(rounds):
            start = time.perf_counter()
            for trajectory in prepared:
                match(trajectory)
            seconds = min(seconds, time.perf_counter() - start)
        return sum(len(track) for track in tracks) / seconds, lost


def fmm_measures(rates_s: Sequence[int], *, rounds: int) -> dict[str, float]:
    """Measure the peer in the same run, one table per reach."""
    measures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for rate_s in rates_s:
            peer = FmmPeer(data.porto_network(), FMM_REACH_M[rate_s], Path(folder))
            tracks = [drive.track for drive in data.porto_drives(rate_s, 5)]
            speed, lost = peer.measures(tracks, 5.0, rounds=rounds)
            measures[f"fmm_points_per_s_{rate_s}s"] = speed
            measures[f"fmm_lost_tracks_{rate_s}s"] = lost
    return measures


def print_measures(measures: dict[str, float]) -> None:
    """Print one measure per line."""
    for name, value in measures.items():
        print(f"{name:28s} {value:,.3f}" if value < 1000 else f"{name:28s} {value:,.0f}", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the speed of map matching on one core.")
    parser.add_argument("--quick", action="store_true", help="fewer rounds: under a minute")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    arguments = parser.parse_args()
    if not data.data_folder().exists():
        sys.exit(f"{data.data_folder()} is missing: set ODOGRAPH_DATA to the data folder")
    rounds = 3 if arguments.quick else 10
    matcher = MapMatcher(data.porto_network())
    measures: dict[str, float] = {}
    for noise_m in data.PORTO_NOISES_M:
        for rate_s in data.PORTO_RATES_S:
            tracks = [drive.track for drive in data.porto_drives(rate_s, noise_m)]
            key = f"points_per_s_{rate_s}s" + ("" if noise_m == data.PORTO_NOISES_M[0] else f"_{noise_m}m")
            measures[key] = points_per_s(matcher.match, tracks, rounds=rounds)
    longest = max((drive.track for drive in data.porto_drives(1, 5)), key=len)
    measures["growth_exponent"] = growth_exponent(matcher, longest)
    measures["matcher_memory_mb"] = matcher_memory_mb(matcher)
    if not arguments.quick:
        largest = MapMatcher(data.kubicka_network(LARGEST_KUBICKA))
        track = data.kubicka_drive(LARGEST_KUBICKA).track
        measures["points_per_s_largest"] = points_per_s(largest.match, [track], rounds=rounds)
    print_measures(measures)
    rates_s = FMM_QUICK_RATES if arguments.quick else tuple(FMM_REACH_M)
    peer = fmm_measures(rates_s, rounds=rounds) if importlib.util.find_spec("fastmm") is not None else {}
    print_measures(peer)
    if arguments.json:
        print(json.dumps({name: round(value, 3) for name, value in (measures | peer).items()}))


if __name__ == "__main__":
    main()
